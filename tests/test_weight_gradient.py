"""Gradients of convolution with respect to weight and bias, against NumPy, differences and themselves."""

import functools
import math
import zlib
from typing import Any

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, CONV_CASES, ConvCase
from checks import (
    Array,
    assert_equal_values,
    assert_result,
    assert_same_bits,
    assert_within,
    use_isa,
)
from convx import _core, reference
from hypothesis import given, settings
from layouts import LAYOUTS, OUT_LAYOUTS
from random_cases import conv_cases, seeded_conv, winograd_cases

ALGORITHMS = _core.conv_weight_algorithms()
EXACT = [name for name in ALGORITHMS if name not in ("auto", "winograd")]
# Factor of the documented bound in place of 4 where Winograd may have been used; the most that was measured is 6.7.
WINOGRAD_FACTOR = 16.0
# Beyond the shapes of the forward: many pixels, tap blocks, single channels beside many, long kernels.
MORE = [
    ConvCase("grad_many_pixels", (2, 20, 61, 67), (17, 20, 3, 3), padding=1),
    ConvCase("grad_first_layer", (1, 3, 60, 61), (33, 3, 7, 7), stride=2, padding=3),
    ConvCase("grad_31x31", (1, 17, 40, 33), (18, 17, 31, 31), padding=15),
    ConvCase("grad_far_taps", (1, 20, 5, 900), (15, 20, 2, 2), dilation=(3, 700)),
    ConvCase("grad_k150_c150", (3, 150, 6, 7), (150, 150, 3, 3), padding=1),
    ConvCase("grad_rows_of_300", (1, 18, 3, 300), (20, 18, 3, 3), stride=(1, 2), padding=1),
    ConvCase("grad_volume", (2, 19, 9, 10, 11), (17, 19, 3, 3, 3), stride=(2, 1, 1), padding=1),
    ConvCase("grad_groups_of_4", (1, 32, 15, 16), (32, 4, 3, 3), padding=1, groups=8),
    ConvCase("grad_7x7_n8", (8, 33, 7, 7), (31, 33, 3, 3), padding=1),
]
CASES = CONV_CASES + MORE


def takes(case: ConvCase, algorithm: str) -> bool:
    """Whether the algorithm can be named: Winograd's gradient is for 3x3 kernels of stride and dilation 1."""
    plane = [value[-2:] if isinstance(value, tuple) else (value,) for value in (case.stride, case.dilation)]
    square = case.weight[2:] in ((3, 3), (1, 3, 3))
    return algorithm != "winograd" or (square and all(set(value) == {1} for value in plane))


def output_shape(case: ConvCase) -> tuple[int, ...]:
    plan = getattr(convx, case.plan)(np.zeros(case.weight, "float32"), **case.parameters)
    return plan.output_shape(case.input)


def products(case: ConvCase) -> int:
    """Terms of the sum in one element of the gradient."""
    shape = output_shape(case)
    return math.prod(shape) // shape[-case.rank - 1]


def data(case: ConvCase, dtype: Any, *, integers: bool = False) -> tuple[Array, Array]:
    """Input and gradient of the output."""
    rng = np.random.default_rng(zlib.crc32(case.name.encode()) + 1)

    def draw(shape: tuple[int, ...]) -> Array:
        return (rng.integers(-4, 5, shape) if integers else rng.uniform(-1, 1, shape)).astype(dtype)

    assert not integers or 16 * products(case) < 2**24
    return draw(case.input), draw(output_shape(case))


@functools.cache
def expected(case: ConvCase, dtype: Any, integers: bool = False) -> Array:
    x, gy = (a.astype("float64") for a in data(case, dtype, integers=integers))
    return getattr(reference, f"{case.function}_weight")(x, case.weight, gy, **case.parameters)


def weight_gradient(case: ConvCase, x: Array, gy: Array, **arguments: Any) -> Array:
    return getattr(convx, f"{case.function}_weight")(x, case.weight, gy, **case.parameters, **arguments)


def bound(case: ConvCase, algorithm: str, x: Array, gy: Array) -> float:
    mixes = algorithm == "winograd" or (algorithm == "auto" and x.dtype == np.float32)
    factor = WINOGRAD_FACTOR if mixes and takes(case, "winograd") else 4.0
    largest = float(np.abs(x).max(initial=0)) * float(np.abs(gy).max(initial=0))
    return factor * float(np.finfo(x.dtype).eps) * products(case) * largest


@pytest.mark.parametrize("name", EXACT)
def test_integers_are_exact(name: str, isa: str, dtype: np.dtype) -> None:
    for case in CASES:
        if name == "reference" and math.prod(case.weight) * products(case) > 10**8:
            continue
        actual = weight_gradient(case, *data(case, dtype, integers=True), algorithm=name)
        assert_result(actual, case.weight, dtype)
        assert_equal_values(actual, expected(case, dtype, integers=True), f"{name} {case.name}")


@pytest.mark.parametrize("name", [name for name in ALGORITHMS if name != "reference"])
def test_real_data_within_the_bound(name: str, isa: str, dtype: np.dtype) -> None:
    for case in CASES:
        if takes(case, name):
            x, gy = data(case, dtype)
            label = f"{name} {case.name}"
            assert_within(
                weight_gradient(case, x, gy, algorithm=name), expected(case, dtype), bound(case, name, x, gy), label
            )


def test_names_of_algorithms_follow_the_table() -> None:
    assert ALGORITHMS == ("auto", "reference", "im2col", "winograd", "narrow")


@settings(max_examples=150)
@given(case=conv_cases())
def test_random_configurations(case: ConvCase) -> None:
    for isa in _core.isas():
        with use_isa(isa):
            x, gy = data(case, "float32", integers=True)
            want = expected(case, "float32", True)
            for name in ("im2col", "narrow"):
                assert_equal_values(weight_gradient(case, x, gy, algorithm=name), want, f"{isa} {name}")


@settings(max_examples=60)
@given(case=winograd_cases())
def test_random_winograd(case: ConvCase) -> None:
    for isa in _core.isas():
        with use_isa(isa):
            if takes(case, "winograd"):
                x, gy = data(case, "float32")
                actual = weight_gradient(case, x, gy, algorithm="winograd")
                assert_within(actual, expected(case, "float32"), bound(case, "winograd", x, gy), isa)


def test_adjoint_of_the_convolution(dtype: np.dtype) -> None:
    """<conv(x, w), g> = <w, dw>, for any w."""
    for case in CASES:
        x, gy = data(case, "float64")
        w = np.random.default_rng(0).uniform(-1, 1, case.weight)
        y = getattr(convx, case.function)(x, w, **case.parameters)
        left, right = float((y * gy).sum()), float((w * weight_gradient(case, x, gy)).sum())
        assert abs(left - right) <= 1e-10 * max(1.0, float(np.abs(y * gy).sum())), case.name


def test_central_differences() -> None:
    """In float64, along one direction of weight and bias for each of 100 configurations."""
    done = 0
    for seed in range(200):
        case = seeded_conv(seed)
        if 0 in case.input or done == 100:
            continue
        x, gy = data(case, "float64")
        rng = np.random.default_rng(seed)
        w, b = rng.standard_normal(case.weight), rng.standard_normal(case.weight[0])
        dw, db = rng.standard_normal(case.weight), rng.standard_normal(case.weight[0])
        step = 1e-3

        def loss(t: float, x: Array = x, w: Array = w, b: Array = b, dw: Array = dw, db: Array = db) -> float:
            y = getattr(convx, case.function)(x, w + t * dw, b + t * db, **case.parameters)  # noqa: B023
            return float((y * gy).sum())  # noqa: B023

        slope = (loss(step) - loss(-step)) / (2 * step)
        along = float((weight_gradient(case, x, gy) * dw).sum())
        along += float((getattr(convx, f"{case.function}_bias")(gy) * db).sum())
        assert abs(slope - along) <= 1e-8 * max(1.0, abs(slope), float(np.abs(gy).sum())), case.name
        done += 1
    assert done == 100


THREADED = [
    ConvCase("threads_blocks", (2, 150, 20, 20), (130, 150, 3, 3), padding=1),
    ConvCase("threads_parts", (2, 32, 57, 60), (32, 32, 3, 3), padding=1),
    ConvCase("threads_first_layer", (1, 3, 90, 95), (32, 3, 7, 7), stride=2, padding=3),
    ConvCase("threads_depthwise", (2, 65, 40, 40), (65, 1, 3, 3), padding=1, groups=65),
    ConvCase("threads_pointwise", (2, 64, 30, 30), (65, 64, 1, 1)),
    ConvCase("threads_volume", (1, 16, 12, 14, 15), (17, 16, 3, 3, 3), padding=1),
]


@pytest.mark.parametrize("name", [name for name in ALGORITHMS if name != "reference"])
def test_same_bits_for_any_threads(name: str, isa: str, keep_threads: int) -> None:
    for case in THREADED:
        if not takes(case, name):
            continue
        results = []
        x, gy = data(case, "float32")
        for threads in (1, 2, 3, 4):
            convx.set_num_threads(threads)
            results.append(weight_gradient(case, x, gy, algorithm=name))
            bias = getattr(convx, f"{case.function}_bias")(gy)
            assert_within(bias, gy.astype("float64").sum((0, *range(2, gy.ndim))), 1e-3)
        for result in results[1:]:
            assert_same_bits(result, results[0], case.name)


@pytest.mark.parametrize("name", ["auto", "im2col", "narrow", "reference"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_reach_only_taps_that_see_them(name: str, value: float, isa: str) -> None:
    """Element for element as NumPy has it; "auto" is exact there even where it would take Winograd."""
    cases = [
        CONV_BY_NAME[n] for n in ("3x3_c17_k15", "3x3_stride2", "5x5_pad2", "depthwise_c17", "3d_asym", "1d_3taps")
    ]
    for case in [*cases, ConvCase("large", (1, 40, 30, 31), (40, 40, 3, 3), padding=1)]:
        for at in (0, -1):
            x, gy = data(case, "float32", integers=True)
            x.reshape(-1)[at] = value
            gy.reshape(-1)[at] = value if at else 1
            want = getattr(reference, f"{case.function}_weight")(x, case.weight, gy, **case.parameters)
            assert_equal_values(weight_gradient(case, x, gy, algorithm=name), want, f"{case.name} at {at}")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout(layout: str) -> None:
    for name in ("3x3_c17_k15", "3x3_stride2", "depthwise_c33_stride2", "1d_stride4_pad2", "3d_groups2"):
        case = CONV_BY_NAME[name]
        x, gy = (LAYOUTS[layout](a) for a in data(case, "float32", integers=True))
        want = weight_gradient(case, np.ascontiguousarray(x), np.ascontiguousarray(gy), algorithm="reference")
        for algorithm in ("im2col", "narrow"):
            assert_equal_values(weight_gradient(case, x, gy, algorithm=algorithm), want, f"{name} {algorithm}")
        bias = getattr(convx, f"{case.function}_bias")(gy)
        assert_equal_values(bias, getattr(reference, f"{case.function}_bias")(gy), name)


@pytest.mark.parametrize("layout", OUT_LAYOUTS)
def test_out(layout: str) -> None:
    case = CONV_BY_NAME["3x3_c17_k15"]
    x, gy = data(case, "float32", integers=True)
    out = OUT_LAYOUTS[layout](np.full(case.weight, np.nan, "float32"))
    assert weight_gradient(case, x, gy, out=out) is out
    assert_equal_values(out, expected(case, "float32", True))
    out = OUT_LAYOUTS[layout](np.full(case.weight[0], np.nan, "float32"))
    assert convx.conv2d_bias(gy, out=out) is out
    assert_equal_values(out, reference.conv2d_bias(gy))


def test_out_overlapping_an_input() -> None:
    x = np.arange(-8.0, 8.0).reshape(1, 1, 4, 4)
    gy = np.ones((1, 1, 3, 3))
    want = convx.conv2d_weight(x, (1, 1, 2, 2), gy)
    out = x[:, :, 1:3, 1:3]
    assert convx.conv2d_weight(x, (1, 1, 2, 2), gy, out=out) is out
    assert_equal_values(out, want)


def test_channels_last_and_half() -> None:
    for name in ("3x3_c17_k15", "1d_stride4_pad2", "3d_groups2", "depthwise_c17", "3x3_unbatched"):
        case = CONV_BY_NAME[name]
        x, gy = data(case, "float32", integers=True)
        last = [np.ascontiguousarray(np.moveaxis(a, -case.rank - 1, -1)) for a in (x, gy)]
        assert_equal_values(weight_gradient(case, *last, data_format="channels_last"), expected(case, "float32", True))
        half = weight_gradient(case, x.astype("float16"), gy.astype("float16"))
        assert_result(half, case.weight, "float16")
        assert_equal_values(half, expected(case, "float32", True).astype("float16"), name)
        mixed = weight_gradient(case, x.astype("float16"), gy.astype("float64"))
        assert_result(mixed, case.weight, "float64")
        bias = getattr(convx, f"{case.function}_bias")
        assert_equal_values(bias(last[1], data_format="channels_last"), bias(gy), name)
        assert bias(gy.astype("float16")).dtype == np.float16


def test_empty_batch_gives_zeros(dtype: np.dtype) -> None:
    for name in ALGORITHMS:
        dw = convx.conv2d_weight(
            np.ones((0, 4, 9, 9), dtype), (6, 4, 3, 3), np.ones((0, 6, 7, 7), dtype), algorithm=name
        )
        assert_equal_values(dw, np.zeros((6, 4, 3, 3), dtype))
    assert_equal_values(convx.conv2d_bias(np.ones((0, 6, 7, 7), dtype)), np.zeros(6, dtype))


def test_winograd_follows_the_switch() -> None:
    shapes = (8, 64, 56, 56), (64, 64, 3, 3), 1, 1, 1, 1
    assert _core.choose_weight_gradient(*shapes, np.dtype("float32")) == "winograd"
    assert _core.choose_weight_gradient(*shapes, np.dtype("float64")) != "winograd"
    before = convx.get_winograd()
    try:
        convx.set_winograd(False)
        assert _core.choose_weight_gradient(*shapes, np.dtype("float32")) == "im2col"
    finally:
        convx.set_winograd(before)


def test_winograd_error_is_small_beside_the_gradient(isa: str) -> None:
    for channels, size, batch in [(1, 20, 1), (16, 23, 2), (64, 28, 4), (8, 100, 2)]:
        rng = np.random.default_rng(channels)
        x = rng.standard_normal((batch, channels, size, size)).astype("float32")
        gy = rng.standard_normal((batch, 33, size, size)).astype("float32")
        want = reference.conv2d_weight(x.astype("float64"), (33, channels, 3, 3), gy.astype("float64"), padding=1)
        actual = convx.conv2d_weight(x, (33, channels, 3, 3), gy, padding=1, algorithm="winograd")
        scale = float(np.sqrt((want**2).mean()))
        assert_within(actual, want, 1e-4 * scale, f"{channels} channels of {size}")
