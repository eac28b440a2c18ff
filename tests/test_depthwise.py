"""What is special about the kernels whose lanes are pixels: row tails, padding, tiny planes, strips, neighbours."""

import re

import convx
import numpy as np
import pytest
from cases import CONV_CASES, ConvCase
from checks import assert_equal_values, assert_integers, assert_same_bits
from convx import _core, reference

ALGORITHMS = ("depthwise", "narrow")
RANDOM = 150


def check(case: ConvCase, algorithm: str, dtype: np.dtype, activation: object = None) -> None:
    x, w, b = case.data(dtype, integers=True)
    wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
    expected = getattr(reference, case.function)(*wide, **case.parameters, activation=activation)
    actual = getattr(convx, case.function)(x, w, b, **case.parameters, activation=activation, algorithm=algorithm)
    assert_equal_values(actual, expected, f"{algorithm} {case}")


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2])
def test_every_width(isa: str, dtype: np.dtype, kernel: int, stride: int, name: str) -> None:
    """Widths from one column to past two vectors: partial, half, overlapping and whole ones, padded or not."""
    for width in range(1, 40):
        for padding in ((0, 0), (kernel // 2, kernel // 2), (kernel - 1, 1)):
            if width + sum(padding) < kernel:
                continue
            height = kernel + width % 9
            pads = (padding, padding)
            case = ConvCase(f"w{width}", (2, 3, height, width), (3, 1, kernel, kernel), stride, pads, 1, 3)
            check(case, name, dtype)


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("stride", [1, 2])
def test_every_height(isa: str, dtype: np.dtype, stride: int, name: str) -> None:
    """Heights that cut into strips of seven, four, two and one rows."""
    for height in range(1, 24):
        case = ConvCase(f"h{height}", (1, 2, height, 19), (2, 1, 3, 3), stride, 1, 1, 2)
        check(case, name, dtype, "relu")


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize(
    "case",
    [
        ConvCase("x3", (2, 5, 9, 18), (15, 1, 3, 3), 1, 1, 1, 5),
        ConvCase("x4_stride2", (1, 5, 30, 7), (20, 1, 5, 5), 2, 2, 1, 5),
        ConvCase("x2_bands", (1, 2, 130, 131), (4, 1, 3, 3), 1, 1, 1, 2),
        ConvCase("dilated", (2, 6, 20, 21), (6, 1, 3, 3), 1, 2, 2, 6),
        ConvCase("stride3", (2, 6, 20, 21), (6, 1, 3, 3), 3, 1, 1, 6),
        ConvCase("stride1x2", (2, 6, 20, 21), (6, 1, 3, 3), (1, 2), 1, 1, 6),
        ConvCase("1x9", (2, 6, 5, 40), (6, 1, 1, 9), 1, (0, 4), 1, 6),
        ConvCase("9x1", (2, 6, 15, 40), (6, 1, 9, 1), 1, (4, 0), 1, 6),
        ConvCase("even", (1, 6, 15, 33), (12, 1, 4, 6), 1, ((1, 2), (2, 3)), 1, 6),
        ConvCase("line", (3, 7, 65), (7, 1, 5), 1, 2, 1, 7),
        ConvCase("volume", (1, 4, 5, 6, 17), (8, 1, 3, 3, 3), 1, 1, 1, 4),
        ConvCase("far_padding", (1, 3, 2, 2), (3, 1, 3, 3), 2, 40, 1, 3),
        ConvCase("many_tiny", (3, 70, 7, 7), (70, 1, 3, 3), 1, 1, 1, 70),
        ConvCase("one_pixel", (2, 40, 1, 1), (40, 1, 3, 3), 1, 1, 1, 40),
    ],
    ids=lambda case: case.name,
)
def test_one_channel_in_each_group(isa: str, dtype: np.dtype, case: ConvCase, name: str) -> None:
    check(case, name, dtype, ("leaky_relu", 0.5))


@pytest.mark.parametrize(
    "case",
    [
        ConvCase("resnext", (2, 16, 14, 28), (16, 4, 3, 3), 1, 1, 1, 4),
        ConvCase("first_7x7", (1, 3, 40, 47), (17, 3, 7, 7), 2, 3),
        ConvCase("first_11x11", (1, 3, 51, 51), (10, 3, 11, 11), 4, 0),
        ConvCase("few_outputs", (2, 20, 13, 21), (3, 20, 3, 3), 1, 1),
        ConvCase("plane_as_row", (2, 19, 5, 7), (13, 19, 1, 1)),
        ConvCase("volume_as_row", (2, 19, 3, 5, 7), (13, 19, 1, 1, 1)),
        ConvCase("short_rows_in_steps", (1, 3000, 9, 5), (2, 3000, 7, 5), 1, 2),
        ConvCase("long_rows_in_steps", (1, 1500, 9, 70), (2, 1500, 7, 7), 1, 3),
    ],
    ids=lambda case: case.name,
)
def test_few_channels(isa: str, dtype: np.dtype, case: ConvCase) -> None:
    """The last two sum their channels in several steps over the same output."""
    check(case, "narrow", dtype, "relu")


def test_random_planes(isa: str, dtype: np.dtype) -> None:
    rng = np.random.default_rng(7)
    for index in range(RANDOM):
        kernel, stride, channels = int(rng.choice([3, 5, 7])), int(rng.integers(1, 3)), int(rng.integers(1, 9))
        pads = tuple((int(lo), int(hi)) for lo, hi in rng.integers(0, 5, (2, 2)))
        sizes = [max(int(size), kernel) for size in rng.integers(1, 45, 2)]
        multiplier = int(rng.integers(1, 4))
        weight = channels * multiplier, 1, kernel, kernel
        check(
            ConvCase(f"r{index}", (int(rng.integers(1, 4)), channels, *sizes), weight, stride, pads, 1, channels),
            "depthwise",
            dtype,
        )


@pytest.mark.parametrize("stride", [1, 2])
def test_neighbours_stay_out(isa: str, dtype: np.dtype, stride: int) -> None:
    """Rows are read in place, whole vectors at a time: what lies beside a row must not reach its outputs."""
    rng = np.random.default_rng(1)
    for height, width in ((7, 7), (9, 14), (5, 33), (20, 56)):
        x = rng.integers(-4, 5, (3, 5, height, width)).astype(dtype)
        w = rng.integers(-4, 5, (5, 1, 3, 3)).astype(dtype)
        expected = convx.conv2d(x, w, None, stride, 1, 1, 5, algorithm="reference")
        for bad in (np.nan, np.inf):
            beside = x.copy()
            beside[0], beside[2], beside[1, ::2] = bad, bad, bad
            actual = convx.conv2d(beside, w, None, stride, 1, 1, 5, algorithm="depthwise")
            assert_equal_values(actual[1, 1::2], expected[1, 1::2], f"{height}x{width} {bad}")


def test_views_are_read_in_place(isa: str, dtype: np.dtype) -> None:
    """Any strides of images, channels and rows, forwards, backwards and zero."""
    rng = np.random.default_rng(2)
    base = rng.integers(-4, 5, (4, 6, 22, 25)).astype(dtype)
    w = rng.integers(-4, 5, (6, 1, 3, 3)).astype(dtype)
    views = {
        "cropped": base[:, :, 3:19, 4:21],
        "upside_down": base[:, :, ::-1],
        "backwards": base[::-1, ::-1],
        "every_second_row": base[:, :, ::2],
        "mirrored": base[..., ::-1],
        "one_row": np.broadcast_to(base[:, :, :1], (4, 6, 9, 25)),
        "one_image": np.broadcast_to(base[:1], (4, 6, 22, 25)),
    }
    for name, x in views.items():
        for stride in (1, 2):
            expected = convx.conv2d(x.copy(), w, None, stride, 1, 1, 6, algorithm="reference")
            actual = convx.conv2d(x, w, None, stride, 1, 1, 6, algorithm="depthwise")
            assert_equal_values(actual, expected, f"{name}, stride {stride}")


def test_infinite_weight_over_padding(isa: str, dtype: np.dtype) -> None:
    """Padding is a zero that is multiplied."""
    for stride in (1, 2):
        for width in (5, 40):
            x = np.ones((1, 2, 9, width), dtype)
            w = np.full((2, 1, 3, 3), np.inf, dtype)
            actual = convx.conv2d(x, w, None, stride, 1, 1, 2, algorithm="depthwise")
            assert_equal_values(actual, reference.conv2d(x, w, None, stride, 1, 1, 2))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_same_bits_for_any_threads(isa: str, keep_threads: int, name: str) -> None:
    for shape, kernel, stride in (((2, 33, 56, 57), 3, 1), ((1, 3, 150, 131), 5, 2), ((1, 200, 14, 14), 3, 1)):
        x, w, _ = ConvCase("bits", shape, (shape[1], 1, kernel, kernel)).data("float32")
        results = []
        for threads in (1, 2, 3, 8):
            convx.set_num_threads(threads)
            results.append(convx.conv2d(x, w, None, stride, kernel // 2, 1, shape[1], algorithm=name))
        for result in results[1:]:
            assert_same_bits(result, results[0], f"{shape}")


@pytest.mark.parametrize("shape", [case for case in CONV_CASES if case.weight[1] > 1], ids=lambda case: case.name)
def test_depthwise_refuses_more_channels(shape: ConvCase) -> None:
    x, w, b = shape.data("float32")
    message = "algorithm must fit the convolution ('depthwise' needs one input channel in each group), got 'depthwise'"
    with pytest.raises(ValueError, match=f"^{shape.function}: {re.escape(message)}$"):
        getattr(convx, shape.function)(x, w, b, **shape.parameters, algorithm="depthwise")
    with pytest.raises(ValueError, match=f"^{shape.plan}: {re.escape(message)}$"):
        getattr(convx, shape.plan)(w, b, **shape.parameters, algorithm="depthwise")


@pytest.mark.parametrize("case", CONV_CASES, ids=lambda case: case.name)
def test_supports_says_what_a_name_takes(algorithm: str, case: ConvCase) -> None:
    assert case.takes(algorithm)
    assert _core.supports(algorithm, case.weight, case.stride, case.dilation, case.groups)
    if case.weight[1] > 1:
        assert not _core.supports("depthwise", case.weight, case.stride, case.dilation, case.groups)


def test_one_plane_under_padded_depth(algorithm: str, isa: str) -> None:
    """The only window along the depth may lie before the plane: zeros alone."""
    rng = np.random.default_rng(0)
    x = rng.integers(-4, 5, (1, 4, 1, 8, 8)).astype("float32")
    w = rng.integers(-4, 5, (4, 1, 1, 3, 3)).astype("float32")
    for depth in ((1, 0), (0, 1)):
        arguments = {"groups": 4, "stride": (2, 1, 1), "padding": (depth, (1, 1), (1, 1))}
        expected = reference.conv3d(x, w, **arguments)
        assert_integers(convx.conv3d(x, w, algorithm=algorithm, **arguments), expected, algorithm)
