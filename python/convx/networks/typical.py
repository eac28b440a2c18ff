"""Selections of layers for benchmarks: convolutions that differ in kind, and eleven pooling layers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from convx.networks.alexnet import ALEXNET
from convx.networks.googlenet import GOOGLENET
from convx.networks.layer import Conv, Pool, unique
from convx.networks.mobilenet import MOBILENET_V2
from convx.networks.resnet import RESNET50
from convx.networks.vgg import VGG16

__all__ = ["CONVOLUTIONS", "NAMED_CONVOLUTIONS", "POOLING"]

CONVOLUTIONS: dict[str, tuple[Conv, ...]] = {
    "alexnet": unique(ALEXNET.convolutions),
    "googlenet": unique(GOOGLENET.convolutions),
    "vgg16": unique(VGG16.convolutions),
    "resnet50": unique(RESNET50),
    "mobilenet_v2": unique(MOBILENET_V2),
}
"""The convolutions of each network, equal shapes merged and counted."""


def _named(name: str, layers: Iterable[Conv], source: str) -> Conv:
    return replace(next(layer for layer in layers if layer.name == source), name=name, count=1)


NAMED_CONVOLUTIONS: dict[str, Conv] = {
    layer.name: layer
    for layer in (
        _named("alexnet-1", ALEXNET.convolutions, "conv1"),
        _named("alexnet-2", ALEXNET.convolutions, "conv2"),
        _named("googlenet-3a-5x5", GOOGLENET.convolutions, "3a/5x5"),
        _named("googlenet-4c-3x3", GOOGLENET.convolutions, "4c/3x3"),
        _named("vgg-1.1", VGG16.convolutions, "conv1_1"),
        _named("vgg-3.2", VGG16.convolutions, "conv3_2"),
        _named("vgg-5.1", VGG16.convolutions, "conv5_1"),
        _named("resnet-stem", RESNET50, "conv1"),
        _named("resnet-3x3-s2", RESNET50, "conv4_1/3x3"),
        _named("resnet-1x1", RESNET50, "conv4_2/reduce"),
        _named("mobilenet-expand", MOBILENET_V2, "block3/expand"),
        _named("mobilenet-depthwise", MOBILENET_V2, "block3/depthwise"),
    )
}
"""Convolutions of well-known networks by a short name, one for each kind of shape that is met in practice."""

POOLING: tuple[Pool, ...] = (
    Pool("vgg-1", "max", 64, 224, 2, 2),
    Pool("vgg-3", "max", 256, 56, 2, 2),
    Pool("alexnet-1", "max", 96, 55, 3, 2),
    Pool("resnet-stem", "max", 64, 112, 3, 2, padding=1),
    Pool("googlenet-2", "max", 192, 56, 3, 2, ceil_mode=True),
    Pool("googlenet-3a", "max", 192, 28, 3, 1, padding=1),
    Pool("googlenet-4e", "max", 528, 14, 3, 1, padding=1),
    Pool("yolo-spp", "max", 512, 13, 13, 1, padding=6),
    Pool("densenet-transition", "avg", 128, 56, 2, 2),
    Pool("inception-v3-avg", "avg", 192, 35, 3, 1, padding=1),
    Pool("resnet-global", "avg", 2048, 7, 7, 1),
)
"""Eleven pooling layers of well-known networks: small windows and large, with and without overlap, global."""
