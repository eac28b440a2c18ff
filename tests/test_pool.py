"""Pooling against the NumPy reference: table of shapes, every instruction set and dtype."""

from typing import Any

import convx
import numpy as np
import pytest
from cases import Array
from checks import assert_equal_values, assert_result, assert_within
from convx import reference
from pool_cases import POOL_CASES, PoolCase

EACH = pytest.mark.parametrize("case", POOL_CASES, ids=lambda case: case.name)
DIVISORS: dict[str, dict[str, Any]] = {
    "default": {},
    "excluding_pad": {"count_include_pad": False},
    "divisor7": {"divisor_override": 7},
    "divisor7_excluding_pad": {"divisor_override": 7, "count_include_pad": False},
    "divisor_negative": {"divisor_override": -2},
}


def avg_expected(case: PoolCase, x: Array, **arguments: Any) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = getattr(reference, f"avg_pool{case.rank}d")(x.astype("float64"), **case.parameters, **arguments)
    return result


@EACH
def test_max_pool_matches_reference(isa: str, dtype: np.dtype, case: PoolCase) -> None:
    x = case.data(dtype)
    name = f"max_pool{case.rank}d"
    expected = getattr(reference, name)(x.astype("float64"), **case.parameters)
    actual = getattr(convx, name)(x, **case.parameters)
    assert_result(actual, expected.shape, dtype)
    assert_equal_values(actual, expected)


@EACH
@pytest.mark.parametrize("divisor", DIVISORS.values(), ids=DIVISORS.keys())
def test_avg_pool_matches_reference(isa: str, dtype: np.dtype, case: PoolCase, divisor: dict[str, Any]) -> None:
    x = case.data(dtype)
    expected = avg_expected(case, x, **divisor)
    actual = getattr(convx, f"avg_pool{case.rank}d")(x, **case.parameters, **divisor)
    assert_result(actual, expected.shape, dtype)
    scale = max(1.0, case.terms / abs(divisor["divisor_override"])) if "divisor_override" in divisor else 1.0
    empty = np.isnan(expected)
    assert (np.isnan(actual) == empty).all()
    bound = 4 * np.finfo(dtype).eps * case.terms * scale * float(np.abs(x).max())
    assert_within(np.where(empty, 0, actual), np.where(empty, 0, expected), bound)


@EACH
def test_avg_pool_sums_integers_exactly(isa: str, dtype: np.dtype, case: PoolCase) -> None:
    x = case.data(dtype, integers=True)
    actual = getattr(convx, f"avg_pool{case.rank}d")(x, **case.parameters, divisor_override=1)
    assert_equal_values(actual, avg_expected(case, x, divisor_override=1))


@EACH
def test_avg_pool_of_ones_is_share_of_real_elements(isa: str, dtype: np.dtype, case: PoolCase) -> None:
    """With ones for data the sum counts the real elements, so the divisor shows through."""
    x = np.ones(case.input, dtype)
    pool = getattr(convx, f"avg_pool{case.rank}d")
    excluded = pool(x, **case.parameters, count_include_pad=False)
    counts = pool(x, **case.parameters, divisor_override=1)
    assert_equal_values(excluded, np.where(counts > 0, 1.0, np.nan))
    shares = pool(x, **case.parameters)
    with np.errstate(invalid="ignore", divide="ignore"):
        divisors = counts / shares
    real = counts > 0
    assert (shares[~real] == 0).all()
    assert np.allclose(divisors[real], np.round(divisors[real]), rtol=1e-5, atol=0)
    assert (np.round(divisors[real]) >= counts[real]).all()
    assert (np.round(divisors[real]) <= case.terms).all()


def test_pool_stride_defaults_to_kernel_size(isa: str) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 12, 13)).astype("float32")
    for kind in ("max", "avg"):
        pool = getattr(convx, f"{kind}_pool2d")
        for kernel in (2, (3, 2), (1, 4)):
            assert_equal_values(pool(x, kernel), pool(x, kernel, kernel), f"{kind} {kernel}")
            assert_equal_values(pool(x, kernel, None), pool(x, kernel, kernel), f"{kind} {kernel} None")


def test_pool_padding_up_to_half_of_the_effective_kernel(isa: str) -> None:
    """floor(((k - 1) * d + 1) / 2): 2 for k = 3, d = 2, where half of k itself would be 1."""
    x = np.arange(1.0, 10.0).reshape(1, 1, 9)
    assert_equal_values(convx.max_pool1d(x, 3, 1, 2, 2), np.array([[[3, 4, 5, 6, 7, 8, 9, 8, 9.0]]]))
    assert_equal_values(convx.max_pool1d(x, 4, 4, 2), np.array([[[2, 6, 9.0]]]))
    assert_equal_values(convx.avg_pool1d(x, 4, 4, 2), np.array([[[0.75, 4.5, 6.0]]]))


def test_pool_named_padding_is_not_limited(isa: str) -> None:
    x = np.arange(1.0, 7.0).reshape(1, 1, 6)
    assert_equal_values(convx.max_pool1d(x, 3, 1, "causal"), x)
    assert_equal_values(convx.avg_pool1d(x, 3, 1, "causal"), np.array([[[1 / 3, 1, 2, 3, 4, 5]]]))
    excluding = convx.avg_pool1d(x, 3, 1, "causal", count_include_pad=False)
    assert_equal_values(excluding, np.array([[[1, 1.5, 2, 3, 4, 5]]]))


def test_avg_pool_dilation_is_keyword_only() -> None:
    x = np.ones((1, 1, 9))
    for pool in (convx.avg_pool1d, convx.avg_pool2d, convx.avg_pool3d):
        with pytest.raises(TypeError, match="positional"):
            pool(x, 3, 1, 0, False, True, None, 2)  # type: ignore[misc]
    assert convx.avg_pool1d(x, 3, 1, dilation=2).shape == (1, 1, 5)


def test_pool_of_empty_batch_is_empty(isa: str, dtype: np.dtype) -> None:
    x = np.empty((0, 3, 8, 9), dtype)
    assert_result(convx.max_pool2d(x, 3, 2, 1), (0, 3, 4, 5), dtype)
    assert_result(convx.avg_pool2d(x, 3, 2, 1), (0, 3, 4, 5), dtype)


def test_global_pool_is_one_value_per_channel(isa: str, dtype: np.dtype) -> None:
    for channels in (1, 3, 16, 17, 65):
        for size in [(1, 1), (7, 7), (14, 13), (1, 40)]:
            x = np.random.default_rng(channels).integers(-50, 50, (2, channels, *size)).astype(dtype)
            assert_equal_values(convx.max_pool2d(x, size)[:, :, 0, 0], x.max((2, 3)), f"{channels} {size}")
            total = convx.avg_pool2d(x, size, divisor_override=1)[:, :, 0, 0]
            assert_equal_values(total, x.sum((2, 3)), f"{channels} {size}")


def test_pool_channels_do_not_mix(isa: str, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).integers(-50, 50, (2, 19, 9, 10)).astype(dtype)
    for kind in ("max", "avg"):
        pool = getattr(convx, f"{kind}_pool2d")
        apart = np.concatenate([pool(x[:, [c]], 3, 2, 1) for c in range(19)], axis=1)
        assert_equal_values(pool(x, 3, 2, 1), apart, kind)


@pytest.mark.parametrize("divisor", [3, 6, 8, 9, 49, 2**22 - 1, 2**22 + 1, -9])
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
@pytest.mark.parametrize("stride", [1, 2])
def test_averages_are_divided_to_the_last_bit(
    isa: str, dtype: np.dtype, divisor: int, data_format: str, stride: int
) -> None:
    """Of any bits: subnormals, those close to infinity, zeros of either sign."""
    bits = np.random.default_rng(divisor + 9).integers(0, 256, 30 * 31 * 3 * dtype.itemsize, np.uint8)
    x = bits.view(dtype).reshape((1, 3, 30, 31) if data_format == "channels_first" else (1, 30, 31, 3))
    x.flat[:9] = [0, -0.0, np.inf, -np.inf, np.nan, *(s * np.finfo(dtype).smallest_subnormal for s in (1, -1, 9, 4))]
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        taken = x[..., ::stride, ::stride] if data_format == "channels_first" else x[:, ::stride, ::stride]
        expected = (taken.astype("float32" if dtype.itemsize < 4 else dtype) / divisor).astype(dtype)
        actual = convx.avg_pool2d(x, 1, stride=stride, divisor_override=divisor, data_format=data_format)
    assert np.array_equal(np.isnan(actual), np.isnan(expected))
    there = ~np.isnan(expected)
    assert actual[there].tobytes() == expected[there].tobytes()
