"""Depthwise convolution with channels in the lanes: rings and pieces of rows, taps in the padding; few channels."""

import convx
import numpy as np
import pytest
from cases import ConvCase
from checks import assert_equal_values, assert_same_bits
from convx import reference

CASES = [
    ConvCase("5x5", (2, 33, 14, 14), (33, 1, 5, 5), 1, 2, 1, 33),
    ConvCase("5x5_stride2", (1, 48, 15, 14), (48, 1, 5, 5), 2, 2, 1, 48),
    ConvCase("7x7_as_large_as_map", (2, 40, 7, 7), (40, 1, 7, 7), 1, 3, 1, 40),
    ConvCase("7x7_wide", (1, 17, 9, 150), (17, 1, 7, 7), 1, 3, 1, 17),
    ConvCase("9x9", (1, 20, 13, 12), (20, 1, 9, 9), 1, 4, 1, 20),
    ConvCase("11x2_stride3x2", (1, 20, 23, 22), (20, 1, 11, 2), (3, 2), ((5, 4), (0, 1)), 1, 20),
    ConvCase("dilated2", (1, 32, 12, 33), (32, 1, 3, 3), 1, 2, 2, 32),
    ConvCase("dilated6", (2, 19, 33, 33), (19, 1, 3, 3), 1, 6, 6, 19),
    ConvCase("dilated24", (1, 16, 33, 33), (16, 1, 3, 3), 1, 24, 24, 16),
    ConvCase("dilated_5x5_stride2", (1, 18, 40, 41), (18, 1, 5, 5), 2, 10, 5, 18),
    ConvCase("dilated_asymmetric", (1, 18, 9, 70), (18, 1, 3, 5), 1, ((7, 2), (25, 9)), (5, 9), 18),
    ConvCase("maps_of_a_channel", (2, 17, 10, 11), (51, 1, 5, 5), 1, 2, 1, 17),
    ConvCase("column", (1, 24, 40, 3), (24, 1, 7, 1), 1, (3, 0), 1, 24),
    ConvCase("line", (2, 17, 700), (17, 1, 31), 1, 15, 1, 17),
    ConvCase("line_stride2", (1, 17, 701), (17, 1, 5), 2, 2, 1, 17),
    ConvCase("volume", (2, 18, 5, 8, 9), (18, 1, 3, 3, 3), 1, 1, 1, 18),
    ConvCase("volume_stride2_dilated", (1, 20, 7, 9, 12), (40, 1, 3, 3, 3), 2, 2, 2, 20),
    ConvCase("padding_alone", (1, 16, 2, 2), (16, 1, 5, 5), 4, 30, 1, 16),
]


def check(case: ConvCase, dtype: np.dtype, **more: object) -> None:
    x, w, b = case.data(dtype, integers=True)
    wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
    expected = getattr(reference, case.function)(*wide, **case.parameters, **more)
    actual = getattr(convx, case.function)(x, w, b, **case.parameters, **more, algorithm="depthwise")
    assert_equal_values(actual, expected, case.name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_many_channels(isa: str, dtype: np.dtype, case: ConvCase) -> None:
    check(case, dtype)
    check(case, dtype, activation=("leaky_relu", 0.5))


def test_random(isa: str, dtype: np.dtype) -> None:
    rng = np.random.default_rng(11)
    for index in range(120):
        channels, multiplier = int(rng.integers(4, 50)), int(rng.integers(1, 3))
        kernel, stride, dilation = rng.integers(1, 8, 2), rng.integers(1, 4, 2), rng.choice([1, 1, 2, 5], 2)
        padding = tuple((int(lo), int(hi)) for lo, hi in rng.integers(0, 8, (2, 2)))
        least = (kernel - 1) * dilation + 1
        sizes = [int(max(size, of)) for size, of in zip(rng.integers(1, 40, 2), least, strict=True)]
        shape, weight = (int(rng.integers(1, 3)), channels, *sizes), (channels * multiplier, 1, *map(int, kernel))
        strides, dilations = tuple(map(int, stride)), tuple(map(int, dilation))
        check(ConvCase(f"r{index}", shape, weight, strides, padding, dilations, channels), dtype)


def test_infinite_weight_over_padding(isa: str, dtype: np.dtype) -> None:
    """Padding is a zero that is multiplied: only finite weights may be left out over it."""
    for shape, kernel, padding, dilation in (((1, 20, 9, 9), 7, 3, 1), ((1, 20, 14, 14), 3, 12, 12)):
        x = np.ones(shape, dtype)
        w = np.zeros((20, 1, kernel, kernel), dtype)
        w[3, 0, 0], w[5, 0, :, -1], w[7] = np.inf, np.nan, -np.inf
        for last in (False, True):
            form = {"data_format": "channels_last"} if last else {}
            given = np.ascontiguousarray(np.moveaxis(x, 1, -1)) if last else x
            actual = convx.conv2d(given, w, None, 1, padding, dilation, 20, algorithm="depthwise", **form)
            assert_equal_values(actual, reference.conv2d(given, w, None, 1, padding, dilation, 20, **form))


def test_neighbours_stay_out(isa: str, dtype: np.dtype) -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(-4, 5, (2, 37, 12, 13)).astype(dtype)
    w = rng.integers(-4, 5, (37, 1, 5, 5)).astype(dtype)
    expected = reference.conv2d(x, w, None, 1, 2, 1, 37)
    x[:, ::2] = np.nan
    actual = convx.conv2d(x, w, None, 1, 2, 1, 37, algorithm="depthwise")
    assert_equal_values(actual[:, 1::2], expected[:, 1::2])


def test_views(isa: str, dtype: np.dtype) -> None:
    """Channels that lie side by side are copied, not transposed; other strides take another way."""
    rng = np.random.default_rng(2)
    base = rng.integers(-4, 5, (2, 12, 13, 40)).astype(dtype)
    w = rng.integers(-4, 5, (40, 1, 5, 5)).astype(dtype)
    for name, x in {
        "channels_beside": base.transpose(0, 3, 1, 2),
        "some_channels_beside": np.concatenate([base, base], axis=3)[..., 3:43].transpose(0, 3, 1, 2),
        "mirrored": base.transpose(0, 3, 1, 2)[..., ::-1],
        "upside_down": np.ascontiguousarray(base.transpose(0, 3, 1, 2))[:, ::-1, ::-1],
    }.items():
        actual = convx.conv2d(x, w, None, 1, 2, 1, 40, algorithm="depthwise")
        assert_equal_values(actual, reference.conv2d(x, w, None, 1, 2, 1, 40), name)


def test_same_bits_for_any_threads(isa: str, keep_threads: int) -> None:
    for shape, kernel, stride in (((1, 17, 90, 91), 5, 1), ((1, 33, 40, 200), 7, 2), ((3, 40, 7, 7), 7, 1)):
        x, w, _ = ConvCase("bits", shape, (shape[1], 1, kernel, kernel)).data("float32")
        results = []
        for threads in (1, 2, 3, 8):
            convx.set_num_threads(threads)
            results.append(convx.conv2d(x, w, None, stride, kernel // 2, 1, shape[1], algorithm="depthwise"))
        for result in results[1:]:
            assert_same_bits(result, results[0], f"{shape}")


@pytest.mark.parametrize("stride", [1, 2])
def test_few_channels_last(isa: str, dtype: np.dtype, stride: int) -> None:
    """Several pixels of few channels are one vector, or each pixel is a short one."""
    for channels in range(1, 18):
        for width in (1, 2, 9, 17, 37):
            for kernel, dilation in ((3, 1), (5, 1), (3, 2)):
                case = ConvCase(f"c{channels}w{width}k{kernel}", (2, channels, 6, width), (channels, 1, kernel, kernel))
                x, w, b = case.data(dtype, integers=True)
                last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
                arguments = {"padding": kernel // 2 * dilation, "stride": stride, "dilation": dilation}
                arguments |= {"groups": channels, "data_format": "channels_last", "activation": "relu"}
                expected = reference.conv2d(
                    last.astype("float64"), w.astype("float64"), b.astype("float64"), **arguments
                )
                actual = convx.conv2d(last, w, b, **arguments, algorithm="depthwise")
                assert_equal_values(actual, expected, f"{case.name} d{dilation}")


@pytest.mark.parametrize("width", [256, 1024, 2048])
@pytest.mark.parametrize("offset", [0, 8, 64, 1024])
def test_rows_of_whole_pages(isa: str, dtype: np.dtype, width: int, offset: int) -> None:
    """Rows of input and output in the same sets of L1 are walked in another order, to the same results."""
    case = ConvCase("pages", (1, 2, 19, width), (2, 1, 3, 3))
    x, w, b = case.data(dtype, integers=True)
    for stride in (1, 2):
        shape = reference.conv2d(x[:, :, :, :8], w, b, stride, 1, 1, 2).shape[2], (width - 1) // stride + 1
        memory = np.empty(2 * shape[0] * shape[1] + 4096, dtype)
        start = (x.ctypes.data - memory.ctypes.data) % 4096 // x.itemsize + offset
        out = memory[start : start + 2 * shape[0] * shape[1]].reshape(1, 2, *shape)
        convx.conv2d(x, w, b, stride, 1, 1, 2, algorithm="depthwise", out=out)
        assert_equal_values(
            out, reference.conv2d(x.astype("float64"), w.astype("float64"), b.astype("float64"), stride, 1, 1, 2)
        )
