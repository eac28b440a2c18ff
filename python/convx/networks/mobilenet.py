"""MobileNet-V2: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018, Table 2, width 1.0."""

from __future__ import annotations

from convx.networks.layer import Conv
from convx.networks.network import Chain

__all__ = ["MOBILENET_V2"]

# Rows of the table: expansion t, output channels c, repeats n, stride s of the first.
_BOTTLENECKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _build() -> tuple[Conv, ...]:
    chain = Chain(channels=3, size=224).conv("stem", 32, 3, stride=2, padding=1)
    number = 0
    for expansion, out_channels, repeats, first_stride in _BOTTLENECKS:
        for repeat in range(repeats):
            number += 1
            wide = expansion * chain.channels
            if expansion > 1:
                chain.conv(f"block{number}/expand", wide, 1)
            stride = first_stride if repeat == 0 else 1
            chain.conv(f"block{number}/depthwise", wide, 3, stride=stride, padding=1, groups=wide)
            chain.conv(f"block{number}/project", out_channels, 1)
    chain.conv("last", 1280, 1)
    return tuple(layer for layer in chain.layers if isinstance(layer, Conv))


MOBILENET_V2 = _build()
