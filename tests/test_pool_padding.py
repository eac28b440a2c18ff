"""Padding beyond half of the kernel, which ONNX allows: windows wholly in the padding included."""

from typing import Any

import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_within
from convx import _core, reference
from pool_cases import any_padding

CASES: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "1d_before": ((2, 3, 20), {"kernel_size": 3, "stride": 1, "padding": ((2, 0),)}),
    "1d_behind_stride2": ((2, 3, 21), {"kernel_size": 3, "stride": 2, "padding": ((0, 2),)}),
    "1d_wholly_before_and_behind": ((2, 3, 20), {"kernel_size": 3, "stride": 1, "padding": ((7, 9),)}),
    "1d_far_stride3_dilation2": ((2, 3, 20), {"kernel_size": 3, "stride": 3, "padding": ((40, 33),), "dilation": 2}),
    "2d_kernel_less_1": ((1, 5, 9, 19), {"kernel_size": 3, "stride": 1, "padding": 2}),
    "2d_beyond": ((1, 5, 9, 19), {"kernel_size": 3, "stride": 1, "padding": ((4, 5), (20, 6))}),
    "2d_beyond_stride2": ((1, 5, 9, 19), {"kernel_size": 3, "stride": 2, "padding": ((4, 5), (20, 6))}),
    "2d_pairs": ((1, 5, 9, 19), {"kernel_size": 2, "stride": 2, "padding": ((3, 0), (0, 5))}),
    "2d_wide": ((1, 2, 9, 40), {"kernel_size": 9, "stride": 1, "padding": 12}),
    "2d_ceil": ((1, 5, 9, 19), {"kernel_size": 4, "stride": 3, "padding": ((5, 3), (1, 6)), "ceil_mode": True}),
    "2d_one_window": ((1, 5, 9, 19), {"kernel_size": (20, 40), "stride": 1, "padding": ((11, 0), (20, 1))}),
    "3d": ((1, 2, 4, 5, 6), {"kernel_size": 2, "stride": 1, "padding": ((3, 0), (0, 3), (2, 2))}),
}
EACH = pytest.mark.parametrize(("shape", "parameters"), CASES.values(), ids=CASES.keys())


def core(kind: Any, x: Array, parameters: dict[str, Any], include: bool, any_padding: bool) -> Array:
    more = {"dilation": 1, "ceil_mode": False, **parameters}
    geometry = [more[name] for name in ("kernel_size", "stride", "padding", "dilation", "ceil_mode")]
    start = ("pool", x.ndim - 2, x, *geometry)
    if kind == "max":
        return _core.max_pool(*start, False, None, "channels_first", any_padding)
    return _core.avg_pool(*start, include, None, None, "channels_first", any_padding)


@EACH
def test_max_pool_beyond_half_of_the_kernel(
    isa: str, dtype: np.dtype, shape: tuple[int, ...], parameters: dict[str, Any]
) -> None:
    x = np.random.default_rng(0).integers(-99, 100, shape).astype(dtype)
    with any_padding():
        expected = getattr(reference, f"max_pool{len(shape) - 2}d")(x, **parameters)
    assert_equal_values(core("max", x, parameters, True, True), expected)


@EACH
@pytest.mark.parametrize("include", [True, False])
def test_avg_pool_beyond_half_of_the_kernel(
    isa: str, dtype: np.dtype, include: bool, shape: tuple[int, ...], parameters: dict[str, Any]
) -> None:
    x = np.random.default_rng(0).integers(-99, 100, shape).astype(dtype)
    pool = getattr(reference, f"avg_pool{len(shape) - 2}d")
    with any_padding():
        expected = pool(x.astype("float64"), **parameters, count_include_pad=include)
    actual = core("avg", x, parameters, include, True)
    assert_equal_values(np.isnan(actual), np.isnan(expected))
    bound = 800 * 99 * float(np.finfo(dtype).eps)
    assert_within(np.nan_to_num(actual), np.nan_to_num(expected), bound)


def test_half_of_the_kernel_stays_the_rule_of_torch() -> None:
    x = np.ones((1, 1, 9))
    for kind in ("max", "avg"):
        with pytest.raises(ValueError, match="half"):
            core(kind, x, {"kernel_size": 3, "stride": 1, "padding": 2}, True, False)
