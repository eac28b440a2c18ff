"""A grid of square convolutions, by family: what networks use, and the edges where one algorithm overtakes another."""

from __future__ import annotations

from collections.abc import Iterator

from harness.layer import Conv

__all__ = ["grid"]


def grid() -> Iterator[Conv]:
    """Yield the layers; their names begin with the family."""
    for channels, size in ((32, 112), (144, 56), (192, 28), (384, 14), (960, 7)):
        for kernel, stride in ((3, 1), (3, 2), (5, 1), (7, 1)):
            yield _conv("depthwise", channels, size, channels, kernel, stride, channels)
    yield _conv("depthwise", 96, 28, 96, 9, groups=96)
    yield _conv("depthwise", 96, 28, 96, 3, groups=96, dilation=2)
    yield _conv("depthwise", 96, 28, 384, 3, groups=96)
    yield _conv("depthwise", 96, 28, 384, 4, groups=96)
    for channels, size in ((1, 1024), (3, 512), (1, 200)):
        for kernel in (3, 5, 7, 9, 11):
            yield _conv("image", channels, size, channels, kernel, groups=channels)
    for channels, kernel in ((3, 3), (3, 7), (64, 7)):
        yield _conv("one output", channels, 56, 1, kernel)
    for size, outputs, kernel, stride in ((224, 64, 3, 1), (224, 64, 7, 2), (227, 96, 11, 4), (224, 32, 3, 2)):
        yield _conv("first", 3, size, outputs, kernel, stride)
    for depth, channels, size in ((2, 64, 56), (4, 128, 56), (8, 256, 28), (16, 512, 14), (16, 512, 7), (32, 1024, 7)):
        for stride in (1, 2):
            yield _conv("grouped", channels, size, channels, 3, stride, channels // depth)
    for outputs in (1, 3, 8, 12, 16, 24):
        for size in (56, 14, 7):
            yield _conv("narrow", 64, size, outputs, 3)
            yield _conv("narrow", 128, size, outputs, 1)
    for channels, size in ((32, 112), (64, 56), (128, 28), (256, 14), (512, 7)):
        for kernel, stride in ((1, 1), (3, 1), (3, 2), (5, 1)):
            yield _conv("dense", channels, size, channels, kernel, stride)
    for channels, size, outputs in ((16, 112, 96), (96, 56, 24), (64, 56, 256), (576, 14, 96), (960, 7, 320)):
        yield _conv("1x1", channels, size, outputs, 1)


def _conv(
    family: str,
    channels: int,
    size: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    dilation: int = 1,
) -> Conv:
    padding = kernel // 2 * dilation
    return Conv(family, channels, (size, size), outputs, kernel, stride, padding, dilation, groups)
