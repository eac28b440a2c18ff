"""Operators that put elements into a copy of an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator
from convx.onnx.attributes import fail

__all__: list[str] = []

# What becomes of elements that several updates hit.
_REDUCTIONS: dict[str, Callable[..., Any] | None] = {
    "none": None,
    "add": np.add.at,
    "mul": np.multiply.at,
    "max": np.maximum.at,
    "min": np.minimum.at,
}


def _reduction(node: Node) -> Callable[..., Any] | None:
    name = node.attributes.get("reduction", "none")
    if name not in _REDUCTIONS:
        fail(node.operator, f"reduction must be one of {', '.join(_REDUCTIONS)}", repr(name))
    return _REDUCTIONS[name]


def _put(x: AnyArray, where: tuple[AnyArray, ...], updates: AnyArray, reduce: Callable[..., Any] | None) -> AnyArray:
    result = x.copy()
    if reduce is None:
        result[where] = updates
    else:
        reduce(result, where, updates)
    return result


@operator("Scatter", "ScatterElements")
def _scatter_elements(node: Node, opset: int, constants: Constants) -> Run:
    axis, reduce = node.attributes.get("axis", 0), _reduction(node)

    def run(x: AnyArray, indices: AnyArray, updates: AnyArray) -> AnyArray:
        where: list[AnyArray] = list(np.ogrid[tuple(map(slice, indices.shape))])
        where[axis] = indices
        return _put(x, tuple(where), updates, reduce)

    return run


@operator("ScatterND")
def _scatter_nd(node: Node, opset: int, constants: Constants) -> Run:
    reduce = _reduction(node)
    return lambda x, indices, updates: _put(x, tuple(np.moveaxis(indices, -1, 0)), updates, reduce)
