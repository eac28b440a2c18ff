"""Gradients, integers and quantised convolution at every width of a row and every count of channels around a vector.

Where a kernel ends a row or a panel, each remainder takes a way of its own; the tables of cases meet only some.
"""

import functools
import itertools
from typing import Any

import convx
import numpy as np
import pytest
from cases import Array, ConvCase
from checks import assert_equal_values, assert_result, assert_within
from convx import reference

WIDTHS = [range(1, 12), range(12, 24), range(24, 36), (47, 48, 49, 63, 64, 65, 127, 128, 129)]
COUNTS = [range(1, 10), range(10, 19), (23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65)]
EACH_WIDTH = pytest.mark.parametrize("widths", WIDTHS, ids=lambda widths: f"from{widths[0]}")
EACH_COUNT = pytest.mark.parametrize("counts", COUNTS, ids=lambda counts: f"from{counts[0]}")
# Kernel, stride, padding, dilation along a row.
GEOMETRIES = {"3": (3, 1, 1, 1), "3_stride2": (3, 2, 1, 1), "5_dilation2": (5, 1, 4, 2), "1": (1, 1, 0, 1)}
EACH_GEOMETRY = pytest.mark.parametrize("geometry", GEOMETRIES)


def case_of(geometry: str, width: int, channels: int, outputs: int, groups: int = 1) -> ConvCase:
    kernel, stride, padding, dilation = GEOMETRIES[geometry]
    weight = (groups * outputs, channels, kernel, kernel)
    name = f"{geometry} {channels} -> {outputs}, {groups} groups, width {width}"
    return ConvCase(name, (1, groups * channels, 5, width), weight, stride, padding, dilation, groups)


@functools.cache
def whole(seed: int, shape: tuple[int, ...], dtype: str = "float64", most: int = 4) -> Array:
    """Whole numbers, so that sums are exact in every order; `most` is the largest."""
    low = -most if np.dtype(dtype).kind != "u" else 0
    return np.random.default_rng(seed).integers(low, most, shape, endpoint=True).astype(dtype)


@functools.cache
def outputs_of(case: ConvCase) -> tuple[int, ...]:
    y: Array = reference.conv2d(np.zeros(case.input), np.zeros(case.weight), **case.parameters)
    return y.shape


@EACH_WIDTH
@pytest.mark.parametrize(
    ("name", "geometry"), [*itertools.product(["im2col", "narrow"], GEOMETRIES), ("winograd", "3")]
)
def test_weight_gradient(name: str, geometry: str, widths: Any, isa: str, dtype: np.dtype) -> None:
    for width, (channels, outputs, groups) in itertools.product(widths, [(3, 5, 1), (17, 18, 1), (1, 1, 6)]):
        case = case_of(geometry, width, channels, outputs, groups)
        x, gy = whole(0, case.input), whole(1, outputs_of(case))
        want = reference.conv2d_weight(x, case.weight, gy, **case.parameters)
        got = convx.conv2d_weight(x.astype(dtype), case.weight, gy.astype(dtype), **case.parameters, algorithm=name)
        assert_result(got, case.weight, dtype)
        assert_within(got, want, 0.05 if name == "winograd" else 0, case.name)


@EACH_COUNT
@pytest.mark.parametrize("name", ["im2col", "narrow", "winograd"])
def test_weight_gradient_of_every_count(name: str, counts: Any, isa: str, dtype: np.dtype) -> None:
    for channels, outputs in [*((count, 5) for count in counts), *((5, count) for count in counts)]:
        case = case_of("3", 7, channels, outputs)
        x, gy = whole(0, case.input), whole(1, outputs_of(case))
        want = reference.conv2d_weight(x, case.weight, gy, **case.parameters)
        got = convx.conv2d_weight(x.astype(dtype), case.weight, gy.astype(dtype), **case.parameters, algorithm=name)
        assert_within(got, want, 0.05 if name == "winograd" else 0, case.name)


@EACH_WIDTH
@EACH_GEOMETRY
def test_input_gradient(geometry: str, widths: Any, isa: str, dtype: np.dtype) -> None:
    for width, (channels, outputs, groups) in itertools.product(widths, [(3, 5, 1), (17, 18, 1), (1, 1, 6)]):
        case = case_of(geometry, width, channels, outputs, groups)
        w, gy = whole(2, case.weight), whole(1, outputs_of(case))
        want = reference.conv2d_input(case.input, w, gy, **case.parameters)
        got = convx.conv2d_input(case.input, w.astype(dtype), gy.astype(dtype), **case.parameters)
        assert_result(got, case.input, dtype)
        assert_equal_values(got, want, case.name)


@EACH_WIDTH
def test_bias_gradient(widths: Any, isa: str, dtype: np.dtype) -> None:
    for width, maps in itertools.product(widths, (1, 5, 33)):
        gy = whole(1, (2, maps, 3, width))
        assert_equal_values(convx.conv2d_bias(gy.astype(dtype)), gy.sum(axis=(0, 2, 3)), f"{maps} maps, {width}")


@EACH_WIDTH
@pytest.mark.parametrize("window", [(2, 2, 0), (3, 2, 1), (3, 1, 1), (5, 3, 2)], ids=str)
def test_pool_gradients(window: tuple[int, int, int], widths: Any, isa: str, dtype: np.dtype) -> None:
    for width in widths:
        size = (2, 3, 11, max(width, window[0] - 2 * window[2]))
        gy = whole(1, reference.avg_pool2d(np.zeros(size), *window).shape)
        _, indices = reference.max_pool2d(whole(3, size, most=99), *window, return_indices=True)
        label = f"width {width}"
        got = convx.max_pool2d_backward(gy.astype(dtype), indices, size)
        assert_equal_values(got, reference.max_pool2d_backward(gy, indices, size), label)
        for include in (True, False):
            got = convx.avg_pool2d_backward(gy.astype(dtype), size, *window, count_include_pad=include)
            want = reference.avg_pool2d_backward(gy, size, *window, count_include_pad=include)
            assert_within(got, want, 64 * float(np.finfo(dtype).eps), label)


TYPES = [("int8", "int8"), ("uint8", "int8"), ("uint8", "uint8"), ("int16", "int16"), ("uint16", "int32")]


@EACH_WIDTH
@EACH_GEOMETRY
@pytest.mark.parametrize("types", TYPES, ids="-".join)
@pytest.mark.parametrize("name", ["direct", "narrow"])
def test_integers(name: str, types: tuple[str, str], geometry: str, widths: Any, integer_isa: str) -> None:
    for width, (channels, outputs, groups) in itertools.product(widths, [(18, 17, 1), (1, 1, 6)]):
        case = case_of(geometry, width, channels, outputs, groups)
        x, w = whole(0, case.input, types[0], 99), whole(2, case.weight, types[1], 99)
        want = reference.conv2d(x, w, **case.parameters)
        assert_equal_values(convx.conv2d(x, w, **case.parameters, algorithm=name), want, case.name)


@EACH_COUNT
@pytest.mark.parametrize("types", TYPES, ids="-".join)
@pytest.mark.parametrize("name", ["direct", "narrow"])
def test_integers_of_every_count(name: str, types: tuple[str, str], counts: Any, integer_isa: str) -> None:
    """A word holds two or four channels: each remainder of channels, each of outputs."""
    for channels, outputs in [*((count, 5) for count in counts), *((5, count) for count in counts)]:
        case = case_of("3", 9, channels, outputs)
        x, w = whole(0, case.input, types[0], 99), whole(2, case.weight, types[1], 99)
        bias = whole(4, (outputs,), "int32", 10**6)
        want = reference.conv2d(x, w, bias, **case.parameters)
        assert_equal_values(convx.conv2d(x, w, bias, **case.parameters, algorithm=name), want, case.name)


def quantised(case: ConvCase, types: tuple[str, str]) -> dict[str, Any]:
    """Arguments of qlinear_conv whose results reach both ends of their dtype."""
    rng, outputs = np.random.default_rng(5), case.weight[0]
    return {
        "x": whole(0, case.input, types[0], 99),
        "x_scale": np.float32(0.7),
        "x_zero_point": 3,
        "w": whole(2, case.weight, types[1], 99),
        "w_scale": rng.uniform(0.001, 0.01, outputs).astype("float32"),
        "w_zero_point": np.arange(outputs).astype(types[1]) % 7,
        "y_scale": np.float32(0.3),
        "y_zero_point": np.dtype(types[0]).type(11),
        "bias": whole(4, (outputs,), "int32", 10**4),
        **case.parameters,
    }


@EACH_WIDTH
@EACH_GEOMETRY
@pytest.mark.parametrize("types", TYPES[:3], ids="-".join)
def test_quantised(types: tuple[str, str], geometry: str, widths: Any, integer_isa: str) -> None:
    for width, (channels, outputs, groups) in itertools.product(widths, [(18, 17, 1), (1, 1, 6)]):
        case = case_of(geometry, width, channels, outputs, groups)
        arguments = quantised(case, types)
        assert_equal_values(convx.qlinear_conv(**arguments), reference.qlinear_conv(**arguments), case.name)


@EACH_COUNT
@pytest.mark.parametrize("types", TYPES[:3], ids="-".join)
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_quantised_of_every_count(data_format: str, types: tuple[str, str], counts: Any, integer_isa: str) -> None:
    for channels, outputs in [*((count, 5) for count in counts), *((5, count) for count in counts)]:
        case = case_of("3", 9, channels, outputs)
        arguments = {**quantised(case, types), "data_format": data_format}
        if data_format == "channels_last":
            arguments["x"] = np.ascontiguousarray(np.moveaxis(arguments["x"], 1, -1))
        assert_equal_values(convx.qlinear_conv(**arguments), reference.qlinear_conv(**arguments), case.name)
