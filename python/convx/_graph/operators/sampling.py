"""GridSample and AffineGrid: pictures read at any places."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator
from convx._graph.operators.taps import cubic_kernel
from convx.onnx.attributes import fail

__all__: list[str] = []

_MODES = {"nearest": 0, "linear": 1, "bilinear": 1, "cubic": 2, "bicubic": 2}  # and how far their kernels reach
_PADDINGS = ("zeros", "border", "reflection")


@operator("AffineGrid")
def _affine_grid(node: Node, opset: int, constants: Constants) -> Run:
    """Return the places, from -1 to 1 along each axis, that an affine map sends the elements of a picture to."""
    aligned = node.attributes.get("align_corners", 0)

    def run(theta: AnyArray, size: AnyArray) -> AnyArray:
        axes = [_positions(int(n), aligned) for n in size[2:]]
        grid = np.meshgrid(*axes, indexing="ij")[::-1]  # x, the last axis, comes first
        places = np.stack([*grid, np.ones_like(grid[0])], -1)
        lead = (len(theta), *[1] * (len(axes) - 1))
        result: AnyArray = places @ np.swapaxes(theta, 1, 2).reshape(*lead, len(axes) + 1, len(axes))
        return result.astype(theta.dtype, copy=False)

    return run


def _positions(n: int, aligned: bool) -> AnyArray:
    """Return -1 to 1 from first to last element if those are the corners, else from edge to edge."""
    if aligned:
        return np.linspace(-1, 1, n)
    return (2 * np.arange(n) + 1) / n - 1


@operator("GridSample")
def _grid_sample(node: Node, opset: int, constants: Constants) -> Run:
    given = node.attributes
    mode, padding = given.get("mode", "linear"), given.get("padding_mode", "zeros")
    aligned = given.get("align_corners", 0)
    if mode not in _MODES:
        fail("GridSample", f"mode must be one of {', '.join(_MODES)}", repr(mode))
    if padding not in _PADDINGS:
        fail("GridSample", f"padding_mode must be one of {', '.join(_PADDINGS)}", repr(padding))

    def run(x: AnyArray, grid: AnyArray) -> AnyArray:
        images = np.moveaxis(x, 1, -1)
        sizes = x.shape[2:]
        axes = [
            _taps(grid[..., -1 - axis].astype(np.float32), size, _MODES[mode], padding, aligned)
            for axis, size in enumerate(sizes)
        ]
        batch = np.arange(len(x)).reshape(-1, *[1] * len(sizes))
        result: Any = np.zeros((*grid.shape[:-1], x.shape[1]), x.dtype)
        for choice in product(*axes):
            weight = np.prod([weight for _, weight in choice], axis=0)
            part = images[(batch, *(places for places, _ in choice))]
            result += part * weight[..., None].astype(x.dtype)
        return np.moveaxis(result, -1, 1)

    return run


def _taps(grid: AnyArray, size: int, reach: int, padding: str, aligned: bool) -> list[tuple[AnyArray, AnyArray]]:
    """Return what to read along one axis, as pairs of places and weights; 0 where zeros are read."""
    low, high = (0.0, size - 1.0) if aligned else (-0.5, size - 0.5)
    where = (grid + 1) / 2 * (size - 1) if aligned else ((grid + 1) * size - 1) / 2
    if reach == 0:
        where = np.rint(where)
    if padding == "reflection":
        where = _reflected(where, low, high)
    base = np.floor(where)
    pairs = []
    for offset in range(1 - reach, 1 + reach) if reach else [0]:
        places = base + offset
        distance = np.abs(places - where)
        weight = np.ones_like(where) if reach == 0 else 1 - distance if reach == 1 else cubic_kernel(distance, -0.75)
        if padding == "zeros":
            weight = np.where((places >= 0) & (places < size), weight, 0)
        elif padding == "reflection":
            places = _reflected(places, low, high)
        # The border is what lies beyond it: places are cut, not where they come from.
        pairs.append((np.clip(places, 0, size - 1).astype(np.intp), weight))
    return pairs


def _reflected(where: AnyArray, low: float, high: float) -> AnyArray:
    """Turn back at both ends, as often as it takes."""
    span = high - low
    if span == 0:
        return np.full_like(where, low)
    steps = np.mod(np.abs(where - low), 2 * span)
    result: AnyArray = low + np.minimum(steps, 2 * span - steps)
    return result
