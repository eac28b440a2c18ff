"""The two-layer network of the demo: eight known 3x3 filters, then sixteen 5x5 filters applied in three ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FIRST_FILTERS", "K1", "K2", "SecondLayer", "first_layer", "second_layers"]

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


@dataclass(frozen=True)
class SecondLayer:
    """One way to let 5x5 filters meet several input maps.

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


def first_layer() -> tuple[Array, Array]:
    """Return weight and bias of the first layer."""
    weight = np.array([[matrix] for _, matrix, _ in FIRST_FILTERS], dtype=np.float32)
    bias = np.array([value for _, _, value in FIRST_FILTERS], dtype=np.float32)
    return weight, bias


def second_layers(seed: int = 0) -> tuple[SecondLayer, ...]:
    """Return the second layer as Type 1, Type 2.1 and Type 2.2, with random filters.

    The filters of Type 1 and Type 2.1 are the same, so that their results can be compared.
    """
    random = np.random.default_rng(seed)
    flat = _filters(random, 1)
    deep = _filters(random, K1)
    bias = random.uniform(-0.1, 0.1, K2).astype(np.float32)
    return (
        SecondLayer(
            "Type 1",
            f"Every filter is applied to every map separately: {K1} x {K2} = {K1 * K2} maps. One group per map, "
            "and the same weights in each: groups=k1, weight repeated.",
            np.tile(flat, (K1, 1, 1, 1)),
            np.tile(bias, K1),
            groups=K1,
            weights=flat.size,
        ),
        SecondLayer(
            "Type 2.1",
            f"A filter is one 5x5 matrix shared by all maps, and the {K1} results are summed: {K2} maps. "
            "The weight is broadcast over the input channels.",
            np.broadcast_to(flat, (K2, K1, 5, 5)),
            bias,
            groups=1,
            weights=flat.size,
        ),
        SecondLayer(
            "Type 2.2",
            f"A filter has a 5x5 matrix of its own for each of the {K1} maps, and the results are summed: {K2} maps. "
            "The standard, conv2d as it is.",
            deep,
            bias,
            groups=1,
            weights=deep.size,
        ),
    )


def _filters(random: np.random.Generator, in_channels: int) -> Array:
    """Random filters smooth enough for the eye: stripes of random direction, width and phase under a bell."""
    y, x = np.mgrid[-2:3, -2:3]
    angle, phase = random.uniform(0, 2 * np.pi, (2, K2, in_channels, 1, 1))
    period = random.uniform(3, 8, (K2, in_channels, 1, 1))
    stripes = np.cos(2 * np.pi / period * (x * np.cos(angle) + y * np.sin(angle)) + phase)
    bell = np.exp(-(x**2 + y**2) / 5)
    weight = bell * (stripes - np.sum(stripes * bell, axis=(2, 3), keepdims=True) / bell.sum())  # flat areas give 0
    weight /= np.sqrt(np.sum(weight**2, axis=(1, 2, 3), keepdims=True))
    return np.asarray(weight, np.float32)
