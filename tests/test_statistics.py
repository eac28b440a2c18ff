"""Norms, reductions and places of extremes by the core: beside NumPy in long double, on every instruction set."""

from collections.abc import Callable
from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_same_bits
from convx import _statistics as st
from layouts import LAYOUTS

FORMULAS: dict[str, Callable[[Array], Any]] = {
    "sum": lambda x: x.sum(-1),
    "mean": lambda x: x.mean(-1),
    "l1": lambda x: abs(x).sum(-1),
    "l2": lambda x: np.sqrt((x * x).sum(-1)),
    "squares": lambda x: (x * x).sum(-1),
    "max": lambda x: x.max(-1),
    "min": lambda x: x.min(-1),
}
SHAPES = [(5,), (3, 1), (2, 3, 7), (1, 6, 14, 15), (3, 40000), (1, 100001), (300, 2, 2)]
NORMS: dict[str, Callable[[Array], Any]] = {
    "standard": lambda x: (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5),
    "root_mean_square": lambda x: x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5),
    "l1": lambda x: x / abs(x).sum(-1, keepdims=True),
    "l2": lambda x: x / np.sqrt((x * x).sum(-1, keepdims=True)),
    "none": lambda x: x,
}


def numbers(shape: tuple[int, ...], dtype: Any, offset: float = 0.0) -> Array:
    return (np.random.default_rng(0).standard_normal(shape) + offset).astype(dtype)


@pytest.mark.parametrize("kind", FORMULAS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_reductions_round_once(isa: str, dtype: np.dtype, kind: Any, shape: tuple[int, ...]) -> None:
    x = numbers(shape, dtype, 0.25)
    for axis in range(len(shape)):
        wide = x.reshape((*shape[:axis], -1)).astype("longdouble")
        expected = np.asarray(FORMULAS[kind](wide))
        actual = st.reduce(kind, x, axis)
        assert actual.shape == shape[:axis]
        assert st.reduce(kind, x, axis, True).shape == shape[:axis] + (1,) * (len(shape) - axis)
        # half of a unit in the last place and, of doubles, what their sums err by
        eps = float(np.finfo(dtype).eps)
        size = np.abs(wide).sum(-1) * (64 * eps if eps < 1e-10 else 1e-14)
        assert (np.abs(actual - expected) <= 0.51 * eps * np.abs(expected) + size).all()


@pytest.mark.parametrize("kind", ["max", "min"])
def test_an_extreme_is_nan_where_an_element_is(isa: str, dtype: np.dtype, kind: Any) -> None:
    for length in (1, 5, 70, 40000):
        x = numbers((4, length), dtype)
        x[1, length // 2] = np.nan
        x[2, -1] = np.inf
        x[3, 0] = -np.inf
        assert_equal_values(st.reduce(kind, x, 1), FORMULAS[kind](x))


@pytest.mark.parametrize("kind", NORMS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_norms(isa: str, dtype: np.dtype, kind: Any, shape: tuple[int, ...]) -> None:
    x = numbers(shape, dtype, 0.25)
    eps = float(np.finfo(dtype).eps)
    for axis in range(len(shape)):
        wide = x.reshape((*shape[:axis], -1)).astype("longdouble")
        scale, bias = numbers(shape[axis:], dtype), numbers(shape[axis:], dtype, 1.0)
        expected = np.asarray(NORMS[kind](wide)).reshape(shape)
        # a mean of doubles is rounded, at its own size
        rounded = 2.0**-51 * np.abs(wide).max() / np.sqrt(wide.var(-1).min() + 1e-5)
        error = np.abs(st.normalize(kind, x, axis, epsilon=1e-5) - expected).max()
        assert error <= 4 * eps * np.abs(expected).max() + rounded
        rounded *= np.abs(scale).max()
        expected = expected * scale + bias
        out = x.copy()
        assert st.normalize(kind, out, axis, scale, bias, 1e-5, out=out) is out
        assert np.abs(out - expected).max() <= 8 * eps * np.abs(expected).max() + rounded


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("spatial", [(), (5, 7), (90, 100)], ids=str)
def test_groups_of_maps(isa: str, dtype: np.dtype, groups: int, spatial: tuple[int, ...]) -> None:
    x = numbers((2, 6, *spatial), dtype, 3.0)
    scale, bias = numbers((6,), dtype), numbers((6,), dtype, 1.0)
    wide = NORMS["standard"](x.reshape(2, groups, -1).astype("longdouble")).reshape(2, 6, -1)
    expected = (wide * scale[:, None] + bias[:, None]).reshape(x.shape)
    actual = st.normalize_maps("standard", x, groups, scale, bias, 1e-5)
    assert np.abs(actual - expected).max() <= 8 * float(np.finfo(dtype).eps) * max(np.abs(expected).max(), 1)


def test_a_large_mean_costs_no_digits(isa: str) -> None:
    """The mean is taken in two parts: NumPy's, rounded once, would leave an error of 1e-3."""
    x = numbers((4, 5000), "float32", 3e4)
    expected = NORMS["standard"](x.astype("longdouble"))
    assert np.abs(st.normalize("standard", x, 1, epsilon=1e-5) - expected).max() < 1e-6


@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_norms_of_zeros_and_of_the_smallest_numbers(isa: str, kind: Any) -> None:
    x = np.zeros((3, 4), "float32")
    x[1] = 1e-44
    x[2] = 1e30
    expected = [0, 0.25, 0.25] if kind == "l1" else [0, 0.5, 0.5]
    np.testing.assert_allclose(st.normalize(kind, x, 1), np.repeat(expected, 4).reshape(3, 4), rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 7), (3, 70), (2, 21, 33), (1, 5, 40, 41), (4, 3000)], ids=str)
@pytest.mark.parametrize("kind", ["first_max", "last_max", "first_min", "last_min"])
def test_places(isa: str, dtype: np.dtype, shape: tuple[int, ...], kind: Any) -> None:
    """With many equal elements, and some NaN."""
    rng = np.random.default_rng(0)
    x = rng.integers(-4, 4, shape).astype(dtype)
    x[rng.random(shape) < 0.003] = np.nan
    function = np.argmax if kind.endswith("max") else np.argmin
    for axis in range(len(shape)):
        expected = function(x, axis)
        if kind.startswith("last"):
            expected = shape[axis] - 1 - function(np.flip(x, axis), axis)
        assert_same_bits(st.places(kind, x, axis), expected.astype("int64"))
        assert st.places(kind, x, axis, True).shape == np.expand_dims(expected, axis).shape


@pytest.mark.parametrize("shape", [(9,), (3, 70), (2, 5, 1000), (1, 70000)], ids=str)
@pytest.mark.parametrize("end", ["largest", "smallest"])
def test_top(dtype: np.dtype, shape: tuple[int, ...], end: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(-40, 40, shape).astype(dtype)
    x[rng.random(shape) < 0.003] = np.nan
    order = np.argsort(x, -1, stable=True)
    if end == "largest":
        order = shape[-1] - 1 - np.flip(np.argsort(np.flip(x, -1), -1, stable=True), -1)
    for k in (0, 1, 5, shape[-1]):
        values, indices = st.top(end, x, k)
        assert_same_bits(indices, order[..., :k])
        assert_equal_values(values, np.take_along_axis(x, order[..., :k], -1))


@pytest.mark.parametrize("taps", [2, 4, 8])
@pytest.mark.parametrize("shape", [(5, 7), (40, 3, 33), (2, 300, 70), (3, 20, 1), (70,)], ids=str)
def test_resample(isa: str, dtype: np.dtype, shape: tuple[int, ...], taps: int) -> None:
    """Whole numbers, of which sums are exact."""
    rng = np.random.default_rng(0)
    x = rng.integers(-9, 9, shape).astype(dtype)
    for axis in range(len(shape)):
        for resized in (1, 19, 64):
            indices, weight = rng.integers(0, shape[axis], (taps, resized)), rng.integers(-3, 4, (taps, resized))
            shares = weight.reshape(taps, *[1] * axis, resized, *[1] * (len(shape) - 1 - axis))
            parts = np.moveaxis(np.take(x, indices, axis), axis, 0) * shares
            actual = convx._core.resample("f", x, axis, indices, weight.astype("float64"))
            assert_equal_values(actual, parts.sum(0).astype(dtype))


def test_bits_depend_on_no_threads(keep_threads: int) -> None:
    x, maps = numbers((2, 6, 130, 140), "float32"), numbers((6,), "float32")

    def results() -> list[Any]:
        reduced = [st.reduce(kind, x, axis) for kind in FORMULAS for axis in (0, 2)]
        norms = [st.normalize("standard", x, axis) for axis in (0, 1, 2, 3)]
        return [*reduced, *norms, st.normalize_maps("standard", x, 1, maps, maps), st.places("first_max", x, 1)]

    convx.set_num_threads(1)
    expected = results()
    for threads in (2, 3, 5):
        convx.set_num_threads(threads)
        for one, other in zip(results(), expected, strict=True):
            assert_same_bits(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_any_strides(layout: Any) -> None:
    x = layout(numbers((2, 5, 7), "float32"))
    plain = np.array(x, "float32")
    assert_equal_values(st.normalize("standard", x, 1, epsilon=1e-5), st.normalize("standard", plain, 1, epsilon=1e-5))
    assert_equal_values(st.reduce("mean", x, 2), st.reduce("mean", plain, 2))
    assert_equal_values(st.places("first_max", x, 1), st.places("first_max", plain, 1))


def test_half_types_round_once() -> None:
    x = numbers((3, 500), "float16", 2.0)
    wide = x.astype("float32")
    assert_same_bits(st.reduce("sum", x, 1), st.reduce("sum", wide, 1).astype("float16"))
    assert_same_bits(st.normalize("standard", x, 1), st.normalize("standard", wide, 1).astype("float16"))


def test_out_may_be_the_scale() -> None:
    x, scale = numbers((8,), "float32"), numbers((8,), "float32", 2.0)
    expected = st.normalize("standard", x, 0, scale)
    st.normalize("standard", x, 0, scale, out=scale)
    assert_same_bits(scale, expected)


def test_empty_arrays() -> None:
    assert st.normalize("standard", np.zeros((0, 3), "float32"), 1).shape == (0, 3)
    assert st.normalize_maps("standard", np.zeros((2, 0, 3), "float32"), 1, [], []).shape == (2, 0, 3)
    assert st.reduce("max", np.zeros((0, 3), "float32"), 1).shape == (0,)
    assert st.places("first_max", np.zeros((0, 3), "float32"), 1).shape == (0,)


def test_wrong_arguments() -> None:
    x = np.zeros((2, 6, 3), "float32")
    core = convx._core
    with pytest.raises(ValueError, match="reduce: axis must be one of the 3 of input, got 4"):
        st.reduce("sum", x, 4)
    with pytest.raises(ValueError, match="normalize_maps: groups must divide the maps of input"):
        st.normalize_maps("standard", x, 4)
    with pytest.raises(ValueError, match=r"normalize: weight must have 18 elements, got shape \(3,\)"):
        st.normalize("standard", x, 1, x[0, 0])
    with pytest.raises(ValueError, match="reduce: input must have elements to reduce"):
        st.reduce("sum", x[:, :0], 1)
    with pytest.raises(ValueError, match="places: input must have 1 to"):
        st.places("first_max", x[:, :0], 1)
    with pytest.raises(ValueError, match="top: n must be at most the 3 elements of a row, got 4"):
        st.top("largest", x, 4)
    indices, weight = np.zeros((2, 4), "int64"), np.zeros((2, 4))
    with pytest.raises(ValueError, match="f: indices must lie along axis, of 3 elements"):
        core.resample("f", x, 2, indices + 3, weight)
    with pytest.raises(ValueError, match="f: indices and weight must have one shape"):
        core.resample("f", x, 2, indices, weight[1:])
    with pytest.raises(ValueError, match="f: taps must be at least 1, along the last axis 2, 4 or 8, got 3"):
        core.resample("f", x, 2, np.zeros((3, 4), "int64"), np.zeros((3, 4)))
    with pytest.raises(ValueError, match="f: axis must be one of the 3 of input"):
        core.resample("f", x, 3, indices, weight)
    with pytest.raises(ValueError, match="f: kind must be one of sum, mean"):
        core.reduce("f", "median", x, 0, False)
