"""Identities that hold for convolution whatever computes it; integer data, so equality is exact."""

import convx
import numpy as np
import pytest
from checks import Array, assert_integers


def draw(shape: tuple[int, ...], dtype: np.dtype, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(dtype)


def test_conv_numeric_padding_is_padding_with_zeros(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, w = draw((2, 5, 7, 9), dtype), draw((14, 5, 3, 3), dtype, 1)
    padded = np.pad(x, ((0, 0), (0, 0), (2, 0), (1, 3)))
    actual = convx.conv2d(x, w, padding=((2, 0), (1, 3)), algorithm=algorithm)
    assert_integers(actual, convx.conv2d(padded, w, algorithm=algorithm), algorithm)


def test_conv_stride_is_a_subsample(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, w = draw((1, 5, 19, 22), dtype), draw((14, 5, 3, 2), dtype, 1)
    full = convx.conv2d(x, w, padding=1, algorithm=algorithm)
    for stride in [(2, 2), (1, 3), (4, 1), (3, 4)]:
        actual = convx.conv2d(x, w, stride=stride, padding=1, algorithm=algorithm)
        assert_integers(actual, full[:, :, :: stride[0], :: stride[1]], algorithm, f"stride {stride}")


def test_conv_dilation_is_a_kernel_with_zeros_between(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, w = draw((1, 5, 14, 17), dtype), draw((13, 5, 3, 3), dtype, 1)
    stuffed = np.zeros((13, 5, 5, 7), dtype)
    stuffed[:, :, ::2, ::3] = w
    actual = convx.conv2d(x, w, padding=2, dilation=(2, 3), algorithm=algorithm)
    assert_integers(actual, convx.conv2d(x, stuffed, padding=2, algorithm=algorithm), algorithm)


@pytest.mark.parametrize("groups", [2, 3, 6])
def test_conv_groups_are_separate_convolutions(algorithm: str, isa: str, dtype: np.dtype, groups: int) -> None:
    x, w, b = draw((2, 12, 8, 9), dtype), draw((30, 12 // groups, 3, 3), dtype, 1), draw((30,), dtype, 2)
    parts = [
        convx.conv2d(xs, ws, bs, padding=1, algorithm=algorithm)
        for xs, ws, bs in zip(np.split(x, groups, 1), np.split(w, groups), np.split(b, groups), strict=True)
    ]
    actual = convx.conv2d(x, w, b, padding=1, groups=groups, algorithm=algorithm)
    assert_integers(actual, np.concatenate(parts, axis=1), algorithm)


def test_conv_of_lower_rank_is_conv_with_axes_of_one(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, w, b = draw((2, 5, 33), dtype), draw((14, 5, 4), dtype, 1), draw((14,), dtype, 2)
    line = convx.conv1d(x, w, b, 2, 3, 2, algorithm=algorithm)
    plane = convx.conv2d(x[:, :, None], w[:, :, None], b, (1, 2), (0, 3), (1, 2), algorithm=algorithm)
    column = convx.conv2d(x[..., None], w[..., None], b, (2, 1), (3, 0), (2, 1), algorithm=algorithm)
    space = convx.conv3d(
        x[:, :, None, :, None], w[:, :, None, :, None], b, (1, 2, 1), (0, 3, 0), (1, 2, 1), algorithm=algorithm
    )
    assert_integers(plane[:, :, 0], line, algorithm, "row")
    assert_integers(column[..., 0], line, algorithm, "column")
    assert_integers(space[:, :, 0, :, 0], line, algorithm, "3-d")


def test_conv_sums_over_input_channels(algorithm: str, isa: str, dtype: np.dtype) -> None:
    """Type 2.2 of a filter: its planes applied to their maps, the results summed once."""
    x, w = draw((1, 17, 8, 9), dtype), draw((14, 17, 3, 3), dtype, 1)
    parts = [convx.conv2d(x[:, [c]], w[:, [c]], algorithm=algorithm) for c in range(17)]
    assert_integers(convx.conv2d(x, w, algorithm=algorithm), np.sum(parts, axis=0), algorithm)


def test_conv_is_linear(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, y, w = draw((1, 5, 8, 9), dtype), draw((1, 5, 8, 9), dtype, 1), draw((14, 5, 3, 3), dtype, 2)
    actual = convx.conv2d(3 * x - 2 * y, w, padding=1, algorithm=algorithm)
    parts = [convx.conv2d(a, w, padding=1, algorithm=algorithm) for a in (x, y)]
    assert_integers(actual, 3 * parts[0] - 2 * parts[1], algorithm)


def test_conv_with_a_unit_kernel_shifts(algorithm: str, isa: str, dtype: np.dtype) -> None:
    """Cross-correlation: a one at kernel position (r, s) reads the input at (p + r, q + s), no flip."""
    x = draw((1, 1, 6, 8), dtype)
    for r, s in np.ndindex(3, 3):
        w = np.zeros((1, 1, 3, 3), dtype)
        w[0, 0, r, s] = 1
        shifted = x[:, :, r : r + 4, s : s + 6]
        assert_integers(convx.conv2d(x, w, algorithm=algorithm), shifted, algorithm, f"tap {r}, {s}")


def test_conv_commutes_with_permuted_output_channels(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, w, b = draw((1, 5, 8, 9), dtype), draw((33, 5, 3, 3), dtype, 1), draw((33,), dtype, 2)
    order = np.random.default_rng(3).permutation(33)
    actual = convx.conv2d(x, w[order], b[order], algorithm=algorithm)
    assert_integers(actual, convx.conv2d(x, w, b, algorithm=algorithm)[:, order], algorithm)
