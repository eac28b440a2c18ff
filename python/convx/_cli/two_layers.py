"""The two-layer network of the demo: 3x3 filters, the first eight of them known, then others applied in three ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FIRST_FILTERS", "K1", "K2", "KERNEL", "SecondLayer", "first_layer", "second_layers"]

Array = NDArray[np.float32]

FIRST_FILTERS: tuple[tuple[str, tuple[tuple[float, ...], ...], float], ...] = (
    ("Sobel x", ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)), 0.0),
    ("Sobel y", ((-1, -2, -1), (0, 0, 0), (1, 2, 1)), 0.0),
    ("diagonal /", ((0, 1, 2), (-1, 0, 1), (-2, -1, 0)), 0.0),
    ("diagonal \\", ((2, 1, 0), (1, 0, -1), (0, -1, -2)), 0.0),
    ("Laplacian", ((0, -1, 0), (-1, 4, -1), (0, -1, 0)), 0.0),
    ("emboss", ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)), 0.0),
    ("blur", ((1 / 16, 2 / 16, 1 / 16), (2 / 16, 4 / 16, 2 / 16), (1 / 16, 2 / 16, 1 / 16)), 0.0),
    ("negative", ((0, 0, 0), (0, -1, 0), (0, 0, 0)), 1.0),  # with its bias: 1 - picture
)
"""Name, weights and bias of each filter of the first layer."""

K1 = len(FIRST_FILTERS)
K2 = 16
KERNEL = 5
"""The numbers of the demo, where no others are asked for."""


@dataclass(frozen=True)
class SecondLayer:
    """One way to let filters meet several input maps.

    Attributes
    ----------
    name, meaning : str
        What the way is called and what it does.
    weight, bias, groups
        What to hand to :func:`convx.conv2d`.
    weights : int
        How many weights there are to choose; `weight` may hold copies of them.
    """

    name: str
    meaning: str
    weight: Array
    bias: Array
    groups: int
    weights: int


def first_layer(k1: int = K1) -> tuple[Array, Array]:
    """Return weight and bias of the first layer: the known filters, and as many random ones as are missing."""
    known = np.array([[matrix] for _, matrix, _ in FIRST_FILTERS[:k1]], dtype=np.float32)
    bias = np.zeros(k1, np.float32)
    bias[: len(known)] = [value for _, _, value in FIRST_FILTERS[:k1]]
    more = _smooth_filters(np.random.default_rng(1), (k1 - len(known), 1), 3)
    return np.concatenate([known, more]), bias


def second_layers(k1: int = K1, k2: int = K2, kernel: int = KERNEL, seed: int = 0) -> tuple[SecondLayer, ...]:
    """Return the second layer as Type 1, Type 2.1 and Type 2.2, with random filters.

    The filters of Type 1 and Type 2.1 are the same, so that their results can be compared.
    """
    random = np.random.default_rng(seed)
    flat = _smooth_filters(random, (k2, 1), kernel)
    deep = _smooth_filters(random, (k2, k1), kernel)
    bias = random.uniform(-0.1, 0.1, k2).astype(np.float32)
    matrix = f"{kernel}x{kernel} matrix"
    return (
        SecondLayer(
            "Type 1",
            f"Every filter is applied to every map separately: {k1} x {k2} = {k1 * k2} maps. One group per map, "
            "and the same weights in each: groups=k1, weight repeated.",
            np.tile(flat, (k1, 1, 1, 1)),
            np.tile(bias, k1),
            groups=k1,
            weights=flat.size,
        ),
        SecondLayer(
            "Type 2.1",
            f"A filter is one {matrix} shared by all maps, and the {k1} results are summed: {k2} maps. "
            "The weight is broadcast over the input channels.",
            np.broadcast_to(flat, (k2, k1, kernel, kernel)),
            bias,
            groups=1,
            weights=flat.size,
        ),
        SecondLayer(
            "Type 2.2",
            f"A filter has a {matrix} of its own for each of the {k1} maps, and the results are summed: {k2} maps. "
            "The standard, conv2d as it is.",
            deep,
            bias,
            groups=1,
            weights=deep.size,
        ),
    )


def _smooth_filters(random: np.random.Generator, counts: tuple[int, int], kernel: int) -> Array:
    """Random filters smooth enough for the eye: stripes of random direction, width and phase under a bell."""
    half = (kernel - 1) / 2
    y, x = np.mgrid[:kernel, :kernel] - half
    angle, phase = random.uniform(0, 2 * np.pi, (2, *counts, 1, 1))
    period = random.uniform(3, 8, (*counts, 1, 1))
    stripes = np.cos(2 * np.pi / period * (x * np.cos(angle) + y * np.sin(angle)) + phase)
    bell = np.exp(-(x**2 + y**2) / (0.2 * kernel**2))
    weight = bell * stripes
    if kernel > 1:
        weight -= bell * np.sum(weight, axis=(2, 3), keepdims=True) / bell.sum()  # flat areas give 0
    weight /= np.sqrt(np.sum(weight**2, axis=(1, 2, 3), keepdims=True))
    return np.asarray(weight, np.float32)
