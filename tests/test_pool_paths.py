"""Every way through the pooling kernels: sizes around the vector lengths, a NaN at each position, every ISA."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_same_bits
from convx import reference

# One for each specialised path; what distinguishes it in the comment.
PATHS: dict[str, dict[str, Any]] = {
    "2x2_s2": {"kernel_size": 2},
    "2x2_s2_ceil": {"kernel_size": 2, "ceil_mode": True},
    "3x2_s2": {"kernel_size": (3, 2), "stride": 2},
    "3x3_s1": {"kernel_size": 3, "stride": 1},
    "3x3_s1_p1": {"kernel_size": 3, "stride": 1, "padding": 1},
    "3x3_s1_causal": {"kernel_size": 3, "stride": 1, "padding": "causal"},  # padding as wide as a vector of two doubles
    "3x3_s2": {"kernel_size": 3, "stride": 2},
    "3x3_s2_p1": {"kernel_size": 3, "stride": 2, "padding": 1},
    "3x3_s2_ceil": {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    "3x3_s1x2": {"kernel_size": 3, "stride": (1, 2), "padding": 1},  # rows of windows share more than their columns do
    "3x3_s3x1": {"kernel_size": 3, "stride": (3, 1), "padding": ((0, 1), (1, 0))},
    "1x3_s1": {"kernel_size": (1, 3), "stride": 1},
    "2x1_s1": {"kernel_size": (2, 1), "stride": 1},  # rows straight into the output
    "6x1_s1": {"kernel_size": (6, 1), "stride": 1, "padding": (3, 0)},  # van Herk alone
    "2x5_s1": {"kernel_size": (2, 5), "stride": 1, "padding": (0, 2)},
    "3x3_d2": {"kernel_size": 3, "stride": 1, "padding": 2, "dilation": 2},
    "7x7_s1": {"kernel_size": 7, "stride": 1, "padding": 3},  # van Herk, columns by fours
    "9x7_s2x1": {"kernel_size": (9, 7), "stride": (2, 1), "padding": (4, 3)},
    "5x17_s1": {"kernel_size": (5, 17), "stride": 1, "padding": (2, 8)},  # windows of 16 columns
    "4x4_s3": {"kernel_size": 4, "stride": 3, "padding": 1},  # none of the above
}
EACH = pytest.mark.parametrize("parameters", PATHS.values(), ids=PATHS.keys())
WIDTHS = [*range(1, 21), 31, 32, 33, 34, 35, 48, 63, 64, 65, 66]


def pairs(kind: str, x: Array, parameters: dict[str, Any]) -> tuple[Array, Array] | None:
    """Actual and expected result, or None where the window does not fit."""
    more: dict[str, Any] = {"divisor_override": 1} if kind == "avg" else {}
    try:
        with np.errstate(invalid="ignore"):
            expected = getattr(reference, f"{kind}_pool2d")(x.astype("float64"), **parameters, **more)
    except ValueError:
        return None
    return getattr(convx, f"{kind}_pool2d")(x, **parameters, **more), expected


@EACH
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_path_at_every_width(isa: str, dtype: np.dtype, kind: str, parameters: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    fitted = 0
    for width in WIDTHS:
        for height in (4, 7, 18):
            x = rng.integers(-99, 100, (2, 3, height, width)).astype(dtype)
            both = pairs(kind, x, parameters)
            if both:
                assert_equal_values(*both, f"{height}x{width}")
                fitted += 1
    assert fitted > 40


@EACH
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_path_with_special_at_every_position(
    isa: str, dtype: np.dtype, kind: str, value: float, parameters: dict[str, Any]
) -> None:
    """One map per position, all in one call: a map that needs care must not disturb those beside it."""
    for height, width in [(7, 3), (5, 17), (4, 35)]:
        positions = height * width
        x = np.random.default_rng(width).integers(-9, 10, (1, positions, positions)).astype(dtype)
        x[0, np.arange(positions), np.arange(positions)] = value
        both = pairs(kind, x.reshape(1, positions, height, width), parameters)
        if both:
            assert_equal_values(*both, f"{height}x{width}")


@EACH
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_path_keeps_its_bits(
    isa: str, dtype: np.dtype, kind: str, parameters: dict[str, Any], keep_threads: int
) -> None:
    """Alone, in a batch, in a crop, by any number of threads: the ends of an array take other ways."""
    pool = getattr(convx, f"{kind}_pool2d")
    for height, width in [(18, 9), (19, 40)]:
        x = np.random.default_rng(width).standard_normal((5, 33, height, width)).astype(dtype)
        convx.set_num_threads(1)
        alone = np.concatenate([pool(image[None, [c]], **parameters) for image in x for c in range(33)])
        alone = alone.reshape(5, 33, *alone.shape[2:])
        framed = np.full((5, 33, height + 2, width + 40), np.nan, dtype)
        framed[:, :, 1:-1, 20:-20] = x
        for threads in (1, 2, 3, 8):
            convx.set_num_threads(threads)
            assert_same_bits(pool(x, **parameters), alone, f"{threads} threads")
            assert_same_bits(pool(framed[:, :, 1:-1, 20:-20], **parameters), alone, f"crop, {threads} threads")
            assert_same_bits(pool(x[::-1, ::-1], **parameters)[::-1, ::-1], alone, f"reversed, {threads} threads")
            assert_same_bits(
                pool(x[:, :, ::-1][:, :, ::-1], **parameters), alone, f"twice upside down, {threads} threads"
            )


@EACH
def test_max_pool_path_is_the_same_for_every_isa(dtype: np.dtype, parameters: dict[str, Any]) -> None:
    x = np.random.default_rng(0).standard_normal((2, 5, 20, 37)).astype(dtype)
    results = []
    for name in convx._core.isas():
        convx._core.set_isa(name)
        results.append(convx.max_pool2d(x, **parameters))
    convx._core.set_isa(None)
    for result in results[1:]:
        assert_same_bits(result, results[0])


@EACH
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_path_of_rows_in_pieces(isa: str, dtype: np.dtype, kind: str, parameters: dict[str, Any]) -> None:
    for width in (1023, 1025, 2050, 3001):
        x = np.random.default_rng(width).integers(-99, 100, (1, 2, 20, width)).astype(dtype)
        x[0, 0, 3, ::500] = np.nan
        both = pairs(kind, x, parameters)
        assert both
        assert_equal_values(*both, str(width))


def test_pool_upside_down_rows(isa: str, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).integers(-99, 100, (2, 5, 18, 21)).astype(dtype)
    for flipped in (x[:, :, ::-1], x[:, ::-1], x[..., ::-1], x[:, :, :, ::2], x.transpose(0, 1, 3, 2), x[:, :, ::3]):
        for kind in ("max", "avg"):
            for parameters in PATHS.values():
                both = pairs(kind, flipped, parameters)
                if both:
                    assert_equal_values(*both, f"{kind} {flipped.strides} {parameters}")


def test_global_pool_at_every_size(isa: str, dtype: np.dtype) -> None:
    """Sizes around the lanes and the accumulators; maps around the lanes, which share a vector of results."""
    for size in [*range(1, 36), 49, 63, 64, 65, 127, 128, 129, 196, 1000]:
        for channels in (1, 2, 7, 16, 17):
            x = np.random.default_rng(size).integers(-99, 100, (2, channels, 1, size)).astype(dtype)
            assert_equal_values(convx.max_pool2d(x, (1, size))[..., 0, 0], x.max((2, 3)), f"{channels} of {size}")
            assert_equal_values(
                convx.avg_pool2d(x, (1, size), divisor_override=1)[..., 0, 0], x.sum((2, 3)), f"{channels} of {size}"
            )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
def test_global_pool_with_special_at_every_position(isa: str, dtype: np.dtype, value: float) -> None:
    for size in (5, 16, 49, 140):
        x = np.random.default_rng(size).integers(-9, 10, (1, size, 1, size)).astype(dtype)
        x[0, np.arange(size), 0, np.arange(size)] = value
        assert_equal_values(convx.max_pool2d(x, (1, size))[..., 0, 0], x.max((2, 3)), str(size))
        assert_equal_values(convx.avg_pool2d(x, (1, size), divisor_override=1)[..., 0, 0], x.sum((2, 3)), str(size))


def test_global_pool_of_a_large_map_keeps_its_bits(dtype: np.dtype, keep_threads: int) -> None:
    x = np.random.default_rng(0).standard_normal((1, 3, 500, 600)).astype(dtype)
    convx.set_num_threads(1)
    mean = convx.avg_pool2d(x, (500, 600))
    exact = x.astype("float64").mean((2, 3), keepdims=True)
    assert np.abs(mean - exact).max() <= 1e-3 * np.finfo(dtype).eps * 500 * 600
    for threads in (2, 3, 8):
        convx.set_num_threads(threads)
        assert_same_bits(convx.avg_pool2d(x, (500, 600)), mean, str(threads))
        assert_equal_values(convx.max_pool2d(x, (500, 600)), x.max((2, 3), keepdims=True), str(threads))


@pytest.mark.parametrize("kernel", [5, 9, 31, 101])
def test_avg_pool_error_of_large_windows(isa: str, dtype: np.dtype, kernel: int) -> None:
    """Sums are never carried from window to window: values of other windows leave no error behind."""
    x = np.random.default_rng(kernel).standard_normal((1, 2, 120, 130)).astype(dtype)
    x[:, :, :40] *= 1e6
    expected = reference.avg_pool2d(x.astype("float64"), kernel, 1, kernel // 2)
    error = np.abs(convx.avg_pool2d(x, kernel, 1, kernel // 2) - expected)
    bound = reference.avg_pool2d(np.abs(x).astype("float64"), kernel, 1, kernel // 2) * np.finfo(dtype).eps * kernel
    assert (error <= bound).all()
