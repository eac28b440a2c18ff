"""The gradient of a convolution with respect to its input: the reference, the definition, and numbers."""

from typing import Any

import convx
import hypothesis.strategies as st
import numpy as np
import pytest
from cases import CONV_BY_NAME, CONV_CASES, ConvCase
from checks import Array, assert_equal_values, assert_integers, assert_result, assert_same_bits, use_isa
from convx import _core, reference
from hypothesis import given, settings
from random_cases import conv_cases, seeded_conv

NAMES = "3x3_c17_k15 3x3_stride2 3x2_same_lower_stride3 3x3_pad_asym_stride2_dil2 groups2 depthwise_c33_stride2"
SOME = [CONV_BY_NAME[name] for name in f"{NAMES} 1d_causal_dil3 3d_same_stride2 3x3_unbatched 1x1_stride2".split()]


def gradient(case: ConvCase, dtype: Any, *, integers: bool = True) -> tuple[Array, Array]:
    """A weight, and a gradient of the output of the case's convolution."""
    x, w, _ = case.data(dtype, integers=integers)
    shape = getattr(convx, case.plan)(w, **case.parameters).output_shape(x.shape)
    rng = np.random.default_rng(len(case.name))
    values = rng.integers(-4, 5, shape) if integers else rng.uniform(-1, 1, shape)
    return w, values.astype(dtype)


def takes(case: ConvCase, name: str) -> bool:
    """Whether a named algorithm is for the phases of this gradient: each group's outputs are what it reads."""
    if name == "depthwise":
        return case.weight[0] == case.groups
    return name not in ("winograd", "separable")


@pytest.mark.parametrize("case", CONV_CASES, ids=lambda case: case.name)
def test_integers_are_exact(isa: str, dtype: np.dtype, case: ConvCase) -> None:
    w, g = gradient(case, dtype)
    expected = getattr(reference, f"{case.function}_input")(case.input, w, g, **case.parameters)
    for name in _core.algorithms():
        if takes(case, name):
            actual = getattr(convx, f"{case.function}_input")(case.input, w, g, **case.parameters, algorithm=name)
            assert_result(actual, case.input, dtype)
            assert_integers(actual, expected, name, f"{case.name} {name}")


@settings(max_examples=100)
@given(case=conv_cases(), dtype=st.sampled_from(["float32", "float64"]))
def test_any_parameters(isa_name: str, case: ConvCase, dtype: str) -> None:
    w, g = gradient(case, dtype)
    with use_isa(isa_name):
        actual = getattr(convx, f"{case.function}_input")(case.input, w, g, **case.parameters)
    expected = getattr(reference, f"{case.function}_input")(case.input, w, g, **case.parameters)
    assert_result(actual, case.input, dtype)
    assert_integers(actual, expected, "auto", case.name)


@settings(max_examples=100)
@given(case=conv_cases())
def test_it_is_the_adjoint(case: ConvCase) -> None:
    """<conv(x), g> = <x, conv_input(g)>, exact in integers."""
    x, _, _ = case.data("float64", integers=True)
    w, g = gradient(case, "float64")
    forward = getattr(convx, case.function)(x, w, None, **case.parameters)
    backward = getattr(convx, f"{case.function}_input")(case.input, w, g, **case.parameters)
    assert float((forward * g).sum()) == float((x * backward).sum())


@pytest.mark.parametrize("seed", range(50))
def test_central_differences(seed: int) -> None:
    case = seeded_conv(seed)
    x, w, b = case.data("float64")
    if not x.size:
        case = case._replace(input=(1, *case.input[1:]))
        x, w, b = case.data("float64")
    g = gradient(case, "float64", integers=False)[1]
    function = getattr(convx, case.function)
    actual = getattr(convx, f"{case.function}_input")(case.input, w, g, **case.parameters)
    rng, step = np.random.default_rng(seed), 1e-3
    for _ in range(6):
        at = tuple(int(rng.integers(n)) for n in x.shape)
        moved = [x.copy(), x.copy()]
        moved[0][at] += step
        moved[1][at] -= step
        up, down = (float((function(z, w, b, **case.parameters) * g).sum()) for z in moved)
        assert abs((up - down) / (2 * step) - actual[at]) < 1e-8 * (1 + abs(up)), (case, at)


def test_bits_do_not_depend_on_threads(isa: str, keep_threads: int) -> None:
    layer = ConvCase("layer", (3, 64, 28, 28), (64, 64, 3, 3), padding=1)
    for case in (*SOME, layer):
        w, g = gradient(case, "float32", integers=False)
        results = []
        for threads in (1, 2, 3):
            convx.set_num_threads(threads)
            results.append(getattr(convx, f"{case.function}_input")(case.input, w, g, **case.parameters))
        for result in results[1:]:
            assert_same_bits(result, results[0], case.name)


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_channels_last(case: ConvCase) -> None:
    w, g = gradient(case, "float32", integers=False)
    function = getattr(convx, f"{case.function}_input")

    def to_last(a: Array) -> Array:
        return np.ascontiguousarray(np.moveaxis(a, -case.rank - 1, -1))

    expected = to_last(function(case.input, w, g, **case.parameters))
    last = {**case.parameters, "data_format": "channels_last"}
    assert_same_bits(function(expected.shape, w, to_last(g), **last), expected)
    twin = getattr(reference, f"{case.function}_input")(expected.shape, w, to_last(g), **last)
    np.testing.assert_allclose(expected, twin, rtol=0, atol=1e-3)
    out = np.full(expected.shape, np.nan, "float32")
    assert function(expected.shape, w, to_last(g), **last, out=out) is out
    assert_same_bits(out, expected)


def test_half_types_and_promotion() -> None:
    w, g = gradient(CONV_BY_NAME["3x3_stride2"], "float32")
    arguments: dict[str, Any] = {"stride": 2, "padding": 1}
    expected = convx.conv2d_input((2, 16, 13, 14), w, g, **arguments)
    half = convx.conv2d_input((2, 16, 13, 14), w.astype("float16"), g.astype("float16"), **arguments)
    assert half.dtype == np.float16
    assert_equal_values(half, expected.astype("float16"))
    assert convx.conv2d_input((2, 16, 13, 14), w, g.astype("float16"), **arguments).dtype == np.float32
    assert convx.conv2d_input((2, 16, 13, 14), w.astype("float64"), g, **arguments).dtype == np.float64


def test_inputs_that_no_window_saw_are_zero() -> None:
    g = convx.conv2d_input((1, 1, 9, 9), np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)), stride=5)
    seen = np.flatnonzero(g[0, 0].any(axis=0)).tolist()
    assert seen == [0, 1, 5, 6]
    assert not g[0, 0, 2:5].any()
    assert not g[0, 0, 7:].any()


def test_empty_batch_and_sizes_of_any_kind() -> None:
    w = np.ones((4, 3, 3, 3))
    assert convx.conv2d_input((0, 3, 9, 9), w, np.ones((0, 4, 7, 7))).shape == (0, 3, 9, 9)
    for size in ([2, 3, 9, 9], np.array([2, 3, 9, 9]), tuple(np.int16(n) for n in (2, 3, 9, 9))):
        assert convx.conv2d_input(size, w, np.ones((2, 4, 7, 7))).shape == (2, 3, 9, 9)
