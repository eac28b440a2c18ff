"""Kernels of rank one: found in the weight, summed along columns and then along rows."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_same_bits, assert_within
from convx import reference

WHOLE = [(1, 4, 6, 4, 1), (1, 3, 3, 1), (-1, 0, 1), (3, 6, 9, 7), (0, 2, 0)]


def gaussian(taps: int, dtype: np.dtype | str = "float32") -> Array:
    line = np.exp(-((np.arange(taps) - taps // 2) ** 2) / (2 * (taps / 6) ** 2))
    kernel = np.outer(line, line)
    return (kernel / kernel.sum())[None, None].astype(dtype)


def chosen(w: Array, size: int = 512) -> str:
    return str(convx.Conv2d(w, padding=w.shape[-1] // 2).algorithm_for((1, 1, size, size)))


@pytest.mark.parametrize("taps", [9, 15, 31])
def test_auto_finds_it(isa: str, dtype: np.dtype, taps: int) -> None:
    w = gaussian(taps, dtype)
    assert chosen(w) == "separable"
    assert chosen((w / w.sum(dtype=dtype)).astype(dtype)) == "separable", "normalised in its dtype"
    assert chosen(np.ones_like(w)) == "separable"
    assert chosen(-w[..., ::-1]) == "separable"


@pytest.mark.parametrize("what", ["tail", "zero", "nan", "inf", "second map"])
def test_auto_leaves_other_kernels_alone(isa: str, dtype: np.dtype, what: str) -> None:
    w = gaussian(15, dtype)
    if what == "second map":
        w = np.concatenate([w, w + np.eye(15, dtype=dtype)])
    else:
        w[0, 0, 0, 0] = {"tail": w[0, 0, 0, 0] * 1.01, "zero": 0, "nan": np.nan, "inf": np.inf}[what]
    assert chosen(w) != "separable"


def test_auto_gives_the_bits_of_the_named(isa: str, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).standard_normal((2, 1, 200, 210)).astype(dtype)
    w = gaussian(9, dtype)
    named = convx.conv2d(x, w, padding=4, algorithm="separable")
    plan = convx.Conv2d(w, padding=4)
    assert plan.algorithm_for(x.shape) == "separable"
    assert_same_bits(plan(x), named)
    assert_same_bits(convx.conv2d(x, w, padding=4), named)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular", "symmetric"])
@pytest.mark.parametrize("width", [50, 2500])
def test_within_the_bound_of_direct_sums(isa: str, dtype: np.dtype, mode: Any, width: int) -> None:
    x = np.random.default_rng(0).standard_normal((1, 1, 90, width)).astype(dtype)
    for taps in (5, 31):
        w = gaussian(taps, dtype)
        actual = convx.conv2d(x, w, padding=taps // 2, padding_mode=mode, algorithm="separable")
        wide = x.astype("float64"), w.astype("float64")
        expected = convx.conv2d(*wide, padding=taps // 2, padding_mode=mode, algorithm="reference")
        # Of the sum of magnitudes: a rounding for each term of either sum, and those of the two factors.
        bound = (2 * taps + 16) * np.finfo(dtype).eps * float(np.abs(x).max())
        assert_within(actual, expected, bound, f"{taps} taps")


@pytest.mark.parametrize("column", WHOLE, ids=str)
@pytest.mark.parametrize("row", WHOLE, ids=str)
def test_whole_numbers_are_exact(isa: str, dtype: np.dtype, column: tuple[int, ...], row: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(-99, 100, (1, 1, 40, 45)).astype(dtype)
    for scale in (1, 1 / 16):
        w = (np.outer(column, row) * scale)[None, None].astype(dtype)
        actual = convx.conv2d(x, w, padding=2, algorithm="separable")
        assert_equal_values(actual, reference.conv2d(x, w, padding=2).astype(dtype))


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular", "symmetric"])
@pytest.mark.parametrize("stride", [2, (1, 2), (2, 1)], ids=str)
def test_every_second_result(isa: str, dtype: np.dtype, stride: Any, mode: Any) -> None:
    plan = convx.Conv2d(gaussian(9, dtype), padding=4, stride=2)
    assert plan.algorithm_for((1, 1, 1024, 1024)) == "separable"
    rows, columns = stride if isinstance(stride, tuple) else (stride, stride)
    for size, taps in (((60, 2500), (5, 5)), ((9, 31), (3, 6)), ((150, 7), (9, 4))):
        x = np.random.default_rng(0).integers(-99, 100, (2, 1, *size)).astype(dtype)
        w = np.outer(np.arange(taps[0]) + 1, np.arange(taps[1]) - 2)[None, None].astype(dtype)
        padding = [(taps[0] // 2, 1), (2, taps[1] // 2)]
        every = convx.conv2d(x, w, padding=padding, padding_mode=mode, algorithm="reference")
        actual = convx.conv2d(x, w, padding=padding, padding_mode=mode, stride=stride, algorithm="separable")
        assert_equal_values(actual, every[:, :, ::rows, ::columns])


@pytest.mark.parametrize("row", [(1, 4, 6, 4, 1), (1, 0, -2, 0, 1), (0, 0, 0)], ids=str)
def test_nan_and_infinity_are_those_of_the_window(isa: str, dtype: np.dtype, row: tuple[int, ...]) -> None:
    w = np.outer((1, 3, 0, 3, -1), row)[None, None].astype(dtype)
    x = np.ones((1, 1, 40, 45), dtype)
    x[0, 0, [3, 3, 20, 30, 31], [4, 20, 5, 30, 31]] = np.nan, np.inf, -np.inf, np.inf, np.inf
    with np.errstate(invalid="ignore"):
        expected = convx.conv2d(x, w, padding=2, algorithm="reference")
    assert_equal_values(convx.conv2d(x, w, padding=2, algorithm="separable"), expected)


def test_same_bits_for_any_threads_and_batch(isa: str, dtype: np.dtype, keep_threads: int) -> None:
    x = np.random.default_rng(0).standard_normal((3, 2, 150, 3000)).astype(dtype)
    plan = convx.Conv2d(np.repeat(gaussian(9, dtype), 2, 0), padding=4, groups=2, algorithm="separable")
    convx.set_num_threads(1)
    expected = [plan(image) for image in x]
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        assert_same_bits(plan(x), np.stack(expected))


@pytest.mark.parametrize("weight", ["rank one", "any"])
def test_scratch_is_told(isa: str, weight: str) -> None:
    w = gaussian(15) if weight == "rank one" else np.random.default_rng(0).standard_normal((1, 1, 15, 15))
    plan = convx.Conv2d(w.astype("float32"), padding=7, algorithm="separable")
    assert 0 < plan.workspace_bytes((1, 1, 20_000, 20_000)) <= convx.get_num_threads() * (8 << 20)


def test_by_name_it_takes_any_weight(isa: str, dtype: np.dtype) -> None:
    case = np.random.default_rng(0).integers(-4, 5, (2, 3, 20, 21)).astype(dtype)
    w = np.random.default_rng(1).integers(-4, 5, (6, 1, 5, 3)).astype(dtype)
    actual = convx.conv2d(case, w, padding=2, groups=3, algorithm="separable")
    assert_equal_values(actual, reference.conv2d(case, w, padding=2, groups=3).astype(dtype))


@pytest.mark.parametrize("changed", [{"stride": 3}, {"dilation": 2}, {"stride": (2, 3)}], ids=str)
def test_refuses_what_moves_too_far(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'separable' needs two axes, one input channel in each group"):
        convx.conv2d(np.ones((1, 1, 20, 20)), np.ones((1, 1, 3, 3)), **changed, algorithm="separable")


def test_explain_says_why_not() -> None:
    def choice_of(w: Array) -> Any:
        return convx.explain(convx.conv2d, (1, 1, 64, 64), weight=w).choice

    w = gaussian(9)
    assert "separable" in choice_of(w).slots
    other = w + np.eye(9, dtype="float32")
    assert "not the outer product" in choice_of(other).excluded["separable"]
    assert "fewer than 3 taps along an axis" in choice_of(w[:, :, :1]).excluded["separable"]
