"""The oracle itself: against values worked out by hand, and against plain Python loops."""

from typing import Any

import naive
import numpy as np
import pytest
from cases import CONV_BY_NAME, ConvCase
from checks import assert_equal_values
from convx import reference
from pool_cases import POOL_CASES, PoolCase

LINE = np.array([[[1, 2, 4, 8, 16]]], "float64")


def test_reference_conv_by_hand() -> None:
    w = np.array([[[1, 10, 100]]], "float64")
    assert reference.conv1d(LINE, w).tolist() == [[[421, 842, 1684]]]
    assert reference.conv1d(LINE, w, padding=1).tolist() == [[[210, 421, 842, 1684, 168]]]
    assert reference.conv1d(LINE, w, stride=2).tolist() == [[[421, 1684]]]
    assert reference.conv1d(LINE, w, dilation=2).tolist() == [[[1641]]]
    assert reference.conv1d(LINE, w, padding=((2, 0),)).tolist() == [[[100, 210, 421, 842, 1684]]]
    assert reference.conv1d(LINE, w, padding="causal").tolist() == [[[100, 210, 421, 842, 1684]]]
    assert reference.conv1d(LINE, w, np.array([5.0])).tolist() == [[[426, 847, 1689]]]
    assert reference.conv1d(LINE[0], w).tolist() == [[421, 842, 1684]]


def test_reference_same_by_hand() -> None:
    """Kernel 4 on 5: three zeros, the odd one at the end, or at the beginning."""
    w = np.array([[[1, 10, 100, 1000]]], "float64")
    assert reference.conv1d(LINE, w, padding="same").tolist() == [[[4210, 8421, 16842, 1684, 168]]]
    assert reference.conv1d(LINE, w, padding="same_lower").tolist() == [[[2100, 4210, 8421, 16842, 1684]]]
    assert reference.conv1d(LINE, w, stride=2, padding="same").tolist() == [[[4210, 16842, 168]]]
    assert reference.conv1d(LINE, w, padding="valid").tolist() == [[[8421, 16842]]]


def test_reference_conv_sums_over_maps_and_keeps_groups_apart() -> None:
    x = np.array([[[1, 2], [10, 20], [100, 200], [1000, 2000]]], "float64")
    w = np.array([[[1], [2]], [[3], [4]]], "float64")
    assert reference.conv1d(x[:, :2], w).tolist() == [[[21, 42], [43, 86]]]
    assert reference.conv1d(x, w, groups=2).tolist() == [[[21, 42], [4300, 8600]]]
    depthwise = reference.conv1d(x, np.arange(1.0, 9.0).reshape(8, 1, 1), groups=4)
    assert depthwise[0, :, 0].tolist() == [1, 2, 30, 40, 500, 600, 7000, 8000]


def test_reference_pool_by_hand() -> None:
    assert reference.max_pool1d(LINE, 2).tolist() == [[[2, 8]]]
    assert reference.max_pool1d(LINE, 2, ceil_mode=True).tolist() == [[[2, 8, 16]]]
    assert reference.max_pool1d(-LINE, 3, 2, 1).tolist() == [[[-1, -2, -8]]]
    assert reference.avg_pool1d(LINE, 2).tolist() == [[[1.5, 6]]]
    assert reference.avg_pool1d(LINE, 3, 2, 1).tolist() == [[[1, 14 / 3, 8]]]
    assert reference.avg_pool1d(LINE, 3, 2, 1, count_include_pad=False).tolist() == [[[1.5, 14 / 3, 12]]]
    assert reference.avg_pool1d(LINE, 3, 2, 1, divisor_override=2).tolist() == [[[1.5, 7, 12]]]
    assert reference.avg_pool1d(LINE, 2, ceil_mode=True).tolist() == [[[1.5, 6, 16]]], "the overhang does not count"
    assert reference.avg_pool1d(LINE, 2, 1, dilation=3).tolist() == [[[4.5, 9]]]


def test_reference_avg_pool_overhang_and_padding_by_hand() -> None:
    """Padded to 0 1 2 4 8 16 0; windows of 3 at 0, 4 and, by ceil, none at 8; of 4 at 0, 4: 8 16 0 and one beyond."""
    assert reference.avg_pool1d(LINE, 3, 4, 1, ceil_mode=True).tolist() == [[[1, 8]]]
    assert reference.avg_pool1d(LINE, 4, 4, 1, ceil_mode=True).tolist() == [[[1.75, 8]]]
    assert reference.avg_pool1d(LINE, 4, 4, 1, ceil_mode=True, count_include_pad=False).tolist() == [[[7 / 3, 12]]]


def test_reference_computes_in_float64_and_rounds_once() -> None:
    x = np.array([[[2.0**24, 1.0, 1.0, -(2.0**24)]]], "float32")
    w = np.ones((1, 1, 4), "float32")
    result = reference.conv1d(x, w)
    assert result.dtype == np.float32
    assert result.item() == 2.0
    assert reference.avg_pool1d(x, 4, divisor_override=1).item() == 2.0


CONV_NAMES = (
    "1d_causal_dil3 1d_overpadded 1d_stride4_pad2 3x3_c5_k7 3x3_stride4x2_dil2x1 2x4_same 2x4_same_lower "
    "3x3_pad_asym_stride2_dil2 3x3_overpadded_stride3 3x2_same_lower_stride3 groups2 depthwise_x3_stride2 "
    "3d_stride_per_axis 3d_asym 3d_groups2"
)


def explicit(case: Any, kernel: tuple[int, ...], sizes: tuple[int, ...], stride: Any) -> dict[str, Any]:
    """Stride, dilation and pads written out for every axis, from the formulas and not from the reference."""
    rank = len(sizes)

    def spread(value: Any) -> list[Any]:
        values = list(value) if isinstance(value, tuple) else [value]
        return values * rank if len(values) == 1 else values

    pads = []
    strides, dilations = spread(stride), spread(case.dilation)
    for n, k, s, d, pad in zip(sizes, kernel, strides, dilations, spread(case.padding), strict=True):
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        named = {
            "valid": (0, 0),
            "same": (total // 2, total - total // 2),
            "same_lower": (total - total // 2, total // 2),
            "causal": (d * (k - 1), 0),
        }
        pads.append(named[pad] if isinstance(pad, str) else (pad, pad) if isinstance(pad, int) else pad)
    return {"stride": strides, "pads": pads, "dilation": dilations}


@pytest.mark.parametrize("name", CONV_NAMES.split())
def test_reference_conv_equals_loops(name: str) -> None:
    case: ConvCase = CONV_BY_NAME[name]
    # The loops are slow: a smaller bank of filters keeps the geometry.
    outputs = case.groups * max(1, min(3, case.weight[0] // case.groups))
    x, w, b = case.data("float64", integers=True)
    w, b = w[:outputs], None if b is None else b[:outputs]
    axes = explicit(case, w.shape[2:], x.shape[2:], case.stride)
    expected = naive.conv(x[:1], w, b, **axes, groups=case.groups)
    assert_equal_values(getattr(reference, case.function)(x[:1], w, b, **case.parameters), expected)


SMALL_POOLS = [case for case in POOL_CASES if np.prod(case.input) < 4000 and case.terms < 60]


@pytest.mark.parametrize("case", SMALL_POOLS, ids=lambda case: case.name)
def test_reference_pool_equals_loops(case: PoolCase) -> None:
    x = case.data("float64", integers=True)
    images = x if x.ndim == case.rank + 2 else x[None]
    images = images[:1, :2]
    kernel = case.kernel if isinstance(case.kernel, tuple) else (case.kernel,) * case.rank
    stride = kernel if case.stride is None else case.stride
    axes = explicit(case, kernel, images.shape[2:], stride)
    images = images.copy()
    images[0, 0].flat[::7] = np.nan
    axes["ceil_mode"] = case.ceil_mode
    pools = {name: getattr(reference, f"{name}_pool{case.rank}d") for name in ("max", "avg")}
    expected = naive.pool(images, kernel, **axes, average=False)
    assert_equal_values(pools["max"](images, **case.parameters), expected, "max")
    images = np.nan_to_num(images)
    for include, divisor in [(True, None), (False, None), (True, 5)]:
        expected = naive.pool(images, kernel, **axes, average=True, include_pad=include, divisor=divisor)
        arguments = {**case.parameters, "count_include_pad": include, "divisor_override": divisor}
        actual = pools["avg"](images, **arguments)
        assert np.allclose(actual, expected, rtol=1e-14, atol=0, equal_nan=True), f"{include}, {divisor}"


def test_reference_refuses_what_it_cannot_compute() -> None:
    x, w = np.ones((1, 4, 9, 9)), np.ones((6, 4, 3, 3))
    for call in (
        lambda: reference.conv2d(x, w[:, :3]),
        lambda: reference.conv2d(x, w, groups=5),
        lambda: reference.conv2d(x, w, padding="reflect"),
        lambda: reference.conv2d(x[..., :2], w),
        lambda: reference.conv2d(x, w, stride=(1, 1, 1)),
        lambda: reference.max_pool2d(x, 10),
        lambda: reference.avg_pool2d(x, 3, divisor_override=0),
        lambda: reference.maxout(x, 3),
    ):
        with pytest.raises(ValueError, match="must"):
            call()
    with pytest.raises(TypeError, match="float32 or float64"):
        reference.conv2d(x.astype(int), w)
