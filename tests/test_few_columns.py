"""1x1 kernels on maps whose pixels leave few over behind whole tiles, and on small maps of many channels: exact."""

from __future__ import annotations

import convx
import numpy as np
import pytest
from numpy.typing import NDArray


def integers(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    return rng.integers(-3, 4, shape).astype(np.float32)


def check(algorithm: str, image: tuple[int, ...], outputs: int, data_format: str = "channels_first") -> None:
    rng = np.random.default_rng(outputs)
    channels, *pixels = image
    x, weight, bias = integers(rng, 2, *image), integers(rng, outputs, channels, 1, 1), integers(rng, outputs)
    residual = integers(rng, 2, outputs, *pixels)
    sums = np.einsum("ncyx,kc->nkyx", x, weight[..., 0, 0]) + bias[:, None, None] + residual
    expected = np.where(sums > 0, sums, sums * np.float32(0.25))
    if data_format == "channels_last":
        x, residual, expected = (np.ascontiguousarray(a.transpose(0, 2, 3, 1)) for a in (x, residual, expected))
    result = convx.conv2d(
        x,
        weight,
        bias,
        residual=residual,
        activation=("leaky_relu", 0.25),
        algorithm=algorithm,
        data_format=data_format,
    )
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("by", ["direct", "im2col"])
@pytest.mark.parametrize("outputs", [1, 13, 47, 131])  # a panel of rows, some, several groups of them
@pytest.mark.parametrize("channels", [5, 300, 700])  # one, two and three blocks of the sum
def test_few_pixels_left_over(by: str, isa: str, channels: int, outputs: int) -> None:
    for pixels in (1, 2, 3, 4, 5, 33, 34, 36, 49):
        check(by, (channels, 1, pixels), outputs)


@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
@pytest.mark.parametrize("image", [(1500, 7, 7), (4100, 5, 5), (2050, 2, 3)], ids=str)
@pytest.mark.parametrize("outputs", [144, 131])
def test_small_maps_of_many_channels(isa: str, image: tuple[int, ...], outputs: int, data_format: str) -> None:
    check("direct", image, outputs, data_format)
