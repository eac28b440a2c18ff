"""GoogLeNet: Szegedy et al., "Going deeper with convolutions", 2015, Table 1.

Pooling between the stages rounds its output size up, which gives the table's 56, 28, 14 and 7 without padding.
Left out are local response normalisation, the auxiliary classifiers and the fully connected layer.
"""

from __future__ import annotations

from typing import NamedTuple

from convx.networks.layer import Layer
from convx.networks.network import Chain, Module, Network

__all__ = ["GOOGLENET"]


class _Inception(NamedTuple):
    """A row of Table 1: output channels of the six convolutions of an inception module."""

    name: str
    conv1x1: int
    reduce3x3: int
    conv3x3: int
    reduce5x5: int
    conv5x5: int
    pool_proj: int


_TABLE = (
    (
        _Inception("3a", 64, 96, 128, 16, 32, 32),
        _Inception("3b", 128, 128, 192, 32, 96, 64),
    ),
    (
        _Inception("4a", 192, 96, 208, 16, 48, 64),
        _Inception("4b", 160, 112, 224, 24, 64, 64),
        _Inception("4c", 128, 128, 256, 24, 64, 64),
        _Inception("4d", 112, 144, 288, 32, 64, 64),
        _Inception("4e", 256, 160, 320, 32, 128, 128),
    ),
    (
        _Inception("5a", 256, 160, 320, 32, 128, 128),
        _Inception("5b", 384, 192, 384, 48, 128, 128),
    ),
)


def _module(row: _Inception, channels: int, size: int) -> Module:
    name = f"inception {row.name}"

    def branch() -> Chain:
        return Chain(channels, size)

    branches = (
        branch().conv(f"{row.name}/1x1", row.conv1x1, 1),
        branch().conv(f"{row.name}/3x3 reduce", row.reduce3x3, 1).conv(f"{row.name}/3x3", row.conv3x3, 3, padding=1),
        branch().conv(f"{row.name}/5x5 reduce", row.reduce5x5, 1).conv(f"{row.name}/5x5", row.conv5x5, 5, padding=2),
        branch().pool(f"{row.name}/pool", "max", 3, 1, padding=1).conv(f"{row.name}/pool proj", row.pool_proj, 1),
    )
    return Module(name, tuple(tuple(chain.layers) for chain in branches))


def _build() -> Network:
    stem = (
        Chain(channels=3, size=224)
        .conv("conv1/7x7", 64, 7, stride=2, padding=3)
        .pool("pool1", "max", 3, 2, ceil_mode=True)
        .conv("conv2/3x3 reduce", 64, 1)
        .conv("conv2/3x3", 192, 3, padding=1)
    )
    stages: list[Layer | Module] = list(stem.layers)
    for number, rows in enumerate(_TABLE, start=2):
        channels, size, _ = stages[-1].output_shape
        stages += Chain(channels, size).pool(f"pool{number}", "max", 3, 2, ceil_mode=True).layers
        for row in rows:
            channels, size, _ = stages[-1].output_shape
            stages.append(_module(row, channels, size))
    channels, size, _ = stages[-1].output_shape
    stages += Chain(channels, size).pool("pool5", "avg", size, 1).layers
    return Network("GoogLeNet", (3, 224, 224), tuple(stages))


GOOGLENET = _build()
