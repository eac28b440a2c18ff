"""Operators that put arrays together or cut them into pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Run, operator, writes

__all__: list[str] = []


@operator("Concat")
def _concat(node: Node, opset: int, constants: Constants) -> Run:
    axis = node.attributes.get("axis", 1)  # which version 1 did not ask for
    return writes(lambda *inputs, out=None: np.concatenate(inputs, axis, out=out))


@operator("Split")
def _split(node: Node, opset: int, constants: Constants) -> Run:
    """Sizes are an attribute until version 13, or equal, save the last one's where they cannot be."""
    axis, parts = node.attributes.get("axis", 0), len(node.outputs)

    def prepare(sizes: Sequence[int] | None) -> Callable[[AnyArray], AnyArray | tuple[AnyArray, ...]]:
        def run(x: AnyArray) -> AnyArray | tuple[AnyArray, ...]:
            each = -(-x.shape[axis] // parts)
            ends = np.cumsum(sizes)[:-1] if sizes else np.arange(1, parts) * each
            pieces = tuple(np.split(x, ends, axis))
            return pieces if parts > 1 else pieces[0]

        return run

    return settled(node, constants, ("split",), prepare)


@operator("Tile")
def _tile(node: Node, opset: int, constants: Constants) -> Run:
    """Version 1 took how often and along which axis, of each one number."""

    def prepare(repeats: Any, axis: Any) -> Callable[[AnyArray], AnyArray]:
        if axis is None:
            return lambda x: np.tile(x, repeats)
        number, along = np.asarray(repeats).item(), int(np.asarray(axis).item())
        return lambda x: np.concatenate([x] * int(number), along)

    return settled(node, constants, ("repeats", "axis"), prepare)
