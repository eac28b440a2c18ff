"""Pad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Run, operator
from convx.onnx.attributes import fail

__all__: list[str] = []

_MODES = ("constant", "reflect", "edge", "wrap")  # NumPy's names too


@operator("Pad")
def _pad(node: Node, opset: int, constants: Constants) -> Run:
    mode = node.attributes.get("mode", "constant")
    if mode not in _MODES:
        fail("Pad", f"mode must be one of {', '.join(_MODES)}", repr(mode))
    old = node.attributes.get("paddings")  # as version 1 called it

    def prepare(pads: Any, value: Any, axes: Sequence[int] | None) -> Callable[[AnyArray], AnyArray]:
        sides: Any = old if pads is None else pads
        if isinstance(value, list):
            value = value[0]
        return lambda x: _padded(x, _pairs(x.ndim, sides, axes), mode, 0 if value is None else value)

    return settled(node, constants, ("pads", "value", "axes"), prepare)


def _pairs(ndim: int, pads: Sequence[int], axes: Sequence[int] | None) -> list[tuple[int, int]]:
    """Turn all beginnings and then all ends into one pair for each axis."""
    given = range(ndim) if axes is None else axes
    if len(pads) != 2 * len(given):
        fail("Pad", f"pads must hold {2 * len(given)} ints", pads)
    pairs = [(0, 0)] * ndim
    for axis, low, high in zip(given, pads[: len(given)], pads[len(given) :], strict=True):
        pairs[axis] = (low, high)
    return pairs


def _padded(x: AnyArray, pairs: list[tuple[int, int]], mode: Any, value: float) -> AnyArray:
    """Negative numbers cut."""
    x = x[tuple(slice(max(-low, 0), n - max(-high, 0)) for n, (low, high) in zip(x.shape, pairs, strict=True))]
    added = [(max(low, 0), max(high, 0)) for low, high in pairs]
    if mode == "constant":
        return np.pad(x, added, constant_values=value)
    return np.pad(x, added, mode)
