"""NaN and infinities in pooling windows: at every position, for every channel count and instruction set."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values
from convx import reference

# (plane, parameters): two windows a row, tails of a vector, separable and large windows.
WINDOWS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "2x2_stride2": ((4, 6), {"kernel_size": 2}),
    "3x3_stride1": ((5, 7), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "3x3_stride2": ((7, 9), {"kernel_size": 3, "stride": 2}),
    "3x3_dilation2": ((7, 8), {"kernel_size": 3, "stride": 1, "padding": 2, "dilation": 2}),
    "3x3_row_of_19": ((3, 19), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "3x3_row_of_35": ((3, 35), {"kernel_size": 3, "stride": 2}),
    "11x11_stride1": ((11, 12), {"kernel_size": 11, "stride": 1}),
    "global_6x6": ((6, 6), {"kernel_size": 6}),
    "row_of_40": ((40,), {"kernel_size": 5, "stride": 1, "padding": 2}),
    "volume": ((3, 4, 5), {"kernel_size": 2, "stride": 1, "padding": 1}),
}
EACH = pytest.mark.parametrize(("plane", "parameters"), WINDOWS.values(), ids=WINDOWS.keys())


def one_special_each(plane: tuple[int, ...], channels: int, dtype: np.dtype, value: float) -> Array:
    """One image per position of the plane; the value stands there in one channel, a different one each time."""
    positions = int(np.prod(plane))
    x = np.random.default_rng(channels).integers(-9, 10, (positions, channels, positions)).astype(dtype)
    image = np.arange(positions)
    x[image, image % channels, image] = value
    return x.reshape(positions, channels, *plane)


@EACH
@pytest.mark.parametrize("channels", range(1, 18))
def test_max_pool_nan_at_every_position(
    isa: str, dtype: np.dtype, channels: int, plane: tuple[int, ...], parameters: dict[str, Any]
) -> None:
    x = one_special_each(plane, channels, dtype, np.nan)
    name = f"max_pool{len(plane)}d"
    expected = getattr(reference, name)(x.astype("float64"), **parameters)
    assert np.isnan(expected).any()
    assert_equal_values(getattr(convx, name)(x, **parameters), expected)


@EACH
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
def test_avg_pool_nonfinite_reaches_only_its_windows(
    isa: str, dtype: np.dtype, value: float, plane: tuple[int, ...], parameters: dict[str, Any]
) -> None:
    """A running sum that took the value out again would leave NaN behind."""
    for channels in (1, 3, 17):
        x = one_special_each(plane, channels, dtype, value)
        name = f"avg_pool{len(plane)}d"
        with np.errstate(invalid="ignore"):
            expected = getattr(reference, name)(x.astype("float64"), **parameters, divisor_override=1)
        actual = getattr(convx, name)(x, **parameters, divisor_override=1)
        assert_equal_values(actual, expected, f"{channels} channels")


def test_max_pool_of_minus_infinity(isa: str, dtype: np.dtype) -> None:
    for channels in range(1, 18):
        x = np.full((1, channels, 5, 19), -np.inf, dtype)
        for kernel, padding in [(2, 0), (3, 1), (5, 2)]:
            actual = convx.max_pool2d(x, kernel, 1, padding)
            assert_equal_values(actual, np.full(actual.shape, -np.inf), f"{channels} channels, kernel {kernel}")


def test_max_pool_nan_beats_infinity(isa: str, dtype: np.dtype) -> None:
    for position in range(9):
        for other in (np.inf, -np.inf):
            x = np.full((1, 3, 9), other, dtype)
            x[:, :, position] = np.nan
            assert_equal_values(convx.max_pool2d(x.reshape(1, 3, 3, 3), 3), np.full((1, 3, 1, 1), np.nan))


def test_max_pool_all_negative_beside_padding(isa: str, dtype: np.dtype) -> None:
    """Padding is -inf, not zero: it never wins."""
    x = np.full((1, 17, 6, 19), -5, dtype)
    for padding in (1, "same", "causal"):
        actual = convx.max_pool2d(x, 3, 1, padding)
        assert_equal_values(actual, np.full((1, 17, 6, 19), -5.0), str(padding))


def test_max_pool_of_no_real_element_is_minus_infinity(isa: str, dtype: np.dtype) -> None:
    """Dilation 3 from start -2 over 2 elements reads positions -2, 1; from -1 reads -1, 2: padding only."""
    x = np.array([[[7, 8]]], dtype)
    assert_equal_values(convx.max_pool1d(x, 2, 1, 2, 3), np.array([[[8, -np.inf, 7]]]))


def test_avg_pool_of_no_real_element(isa: str, dtype: np.dtype) -> None:
    x = np.array([[[6, 8]]], dtype)
    included = convx.avg_pool1d(x, 2, 1, 2, dilation=3)
    assert_equal_values(included, np.array([[[4, 0, 3]]]))
    excluded = convx.avg_pool1d(x, 2, 1, 2, count_include_pad=False, dilation=3)
    assert_equal_values(excluded, np.array([[[8, np.nan, 6]]]))
    overridden = convx.avg_pool1d(x, 2, 1, 2, divisor_override=4, dilation=3)
    assert_equal_values(overridden, np.array([[[2, 0, 1.5]]]))


def test_max_pool_keeps_signed_zero_and_subnormals(isa: str, dtype: np.dtype) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.full((1, 1, 4, 40), -1, dtype)
    x[0, 0, ::2, ::2] = -tiny
    assert_equal_values(convx.max_pool2d(x, 2), np.full((1, 1, 2, 20), -tiny))
    assert_equal_values(convx.max_pool2d(-x, 2, 1), np.ones((1, 1, 3, 39)))
    assert_equal_values(convx.avg_pool2d(x * 0 + tiny, 2, divisor_override=1), np.full((1, 1, 2, 20), 4.0 * tiny))


def test_max_pool_of_elements_whose_sums_overflow(isa: str, dtype: np.dtype) -> None:
    """Sums tell whether all elements are finite: too large a sum must cost no more than time."""
    x = np.full((2, 3, 18, 19), np.finfo(dtype).max)
    x[:, :, ::2, ::3] *= -1
    for kernel, stride, padding in [(2, 2, 0), (3, 1, 1), (3, 2, 1), (7, 1, 3), (18, 1, 0)]:
        expected = reference.max_pool2d(x.astype("float64"), kernel, stride, padding)
        assert_equal_values(convx.max_pool2d(x, kernel, stride, padding), expected, f"kernel {kernel}")
