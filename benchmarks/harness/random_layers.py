"""Convolutions drawn at random, so that nobody tunes to a list."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from harness.layer import Conv

__all__ = ["LEAST_FLOPS", "MOST_FLOPS", "draw"]

LEAST_FLOPS, MOST_FLOPS = 5_000_000, 2_000_000_000
MOST_ELEMENTS = 1 << 23  # of the input, of the output, and of the weight
RANKS = (1, 2, 2, 2, 2, 3)
SIZES = {1: (32, 16384), 2: (5, 256), 3: (4, 64)}
KERNELS = (1, 2, 3, 3, 3, 4, 5, 5, 6, 7)
STRIDES = (1, 1, 1, 1, 2, 2, 3)
DILATIONS = (1, 1, 1, 1, 1, 2, 3)


def draw(seed: int, number: int) -> list[Conv]:
    """Return so many layers: of the same seed the same, and of a larger number the same ones first."""
    layers = _layers(np.random.default_rng(seed))
    return [next(layers)._replace(name=f"r{index:02}") for index in range(number)]


def _layers(random: np.random.Generator) -> Iterator[Conv]:
    while True:
        layer = _layer(random)
        if (
            min(layer.output_sizes) > 0
            and LEAST_FLOPS <= layer.flops <= MOST_FLOPS
            and _elements(layer) < MOST_ELEMENTS
        ):
            yield layer


def _layer(random: np.random.Generator) -> Conv:
    rank = int(random.choice(RANKS))
    channels, outputs = (_log_uniform(random, 1, 1024) for _ in range(2))
    if random.random() < 0.1:  # what images and sounds begin with
        channels = int(random.choice((1, 3)))
    if random.random() < 0.5:  # networks like round numbers
        channels, outputs = _round(channels), _round(outputs)
    channels, outputs, groups = _groups(random, channels, outputs)
    size = _log_uniform(random, *SIZES[rank])
    stretched = random.random() < 0.3
    sizes = tuple(int(size * random.uniform(0.7, 1.4)) if stretched else size for _ in range(rank))
    kernel, stride, dilation = (_axes(rank, random, of) for of in (KERNELS, STRIDES, DILATIONS))
    padded = random.random() < 0.7
    padding = tuple((taps - 1) * step // 2 if padded else 0 for taps, step in zip(kernel, dilation, strict=True))
    return Conv("", channels, sizes, outputs, kernel, stride, padding, dilation, groups)


def _log_uniform(random: np.random.Generator, low: int, high: int) -> int:
    return round(float(np.exp(random.uniform(np.log(low), np.log(high)))))


def _round(channels: int) -> int:
    step = 16 if channels >= 64 else 8 if channels >= 16 else 1
    return round(channels / step) * step


def _groups(random: np.random.Generator, channels: int, outputs: int) -> tuple[int, int, int]:
    """Return channels, outputs, and a number of groups that divides both."""
    kind = random.random()
    if kind < 0.7:
        return channels, outputs, 1
    if kind < 0.85:  # depthwise, sometimes with two outputs for a channel
        return channels, channels * int(random.choice((1, 1, 1, 2))), channels
    groups = min(int(random.choice((2, 4, 8, 16, 32))), channels, outputs)
    return channels // groups * groups, outputs // groups * groups, groups


def _axes(rank: int, random: np.random.Generator, values: tuple[int, ...]) -> tuple[int, ...]:
    """Return a value for each axis, mostly the same for all."""
    if random.random() < 0.25:
        return tuple(int(value) for value in random.choice(values, rank))
    return (int(random.choice(values)),) * rank


def _elements(layer: Conv) -> int:
    """Return the size of the largest array."""
    shapes = (layer.channels, *layer.sizes), (layer.outputs, *layer.output_sizes), layer.weight_shape
    return max(map(prod, shapes))
