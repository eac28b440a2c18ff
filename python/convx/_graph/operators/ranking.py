"""Operators that find the largest elements, or sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Make, Run, operator

__all__: list[str] = []


def _place(function: Callable[..., Any]) -> Make:
    """Return a maker of where the largest or least element is: the first, or with select_last_index the last one."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        given = node.attributes
        axis, keep = given.get("axis", 0), bool(given.get("keepdims", 1))
        if not given.get("select_last_index", 0):
            return lambda x: np.asarray(function(x, axis, keepdims=keep), np.int64)
        return lambda x: x.shape[axis] - 1 - np.asarray(function(np.flip(x, axis), axis, keepdims=keep), np.int64)

    return make


operator("ArgMax")(_place(np.argmax))
operator("ArgMin")(_place(np.argmin))


@operator("TopK")
def _top_k(node: Node, opset: int, constants: Constants) -> Run:
    """Sort whether or not it is asked for; of equal elements the first comes first."""
    axis, largest = node.attributes.get("axis", -1), node.attributes.get("largest", 1)

    def prepare(k: Any) -> Callable[[AnyArray], tuple[AnyArray, AnyArray]]:
        count = int(np.asarray(k).item())

        def run(x: AnyArray) -> tuple[AnyArray, AnyArray]:
            order = _falling(x, axis) if largest else np.argsort(x, axis, stable=True)
            indices = np.take(order, range(count), axis)
            return np.take_along_axis(x, indices, axis), indices

        return run

    return settled(node, constants, ("k",), prepare)


def _falling(x: AnyArray, axis: int) -> AnyArray:
    """Sort backwards, and still stably: the array is turned around before and after."""
    order = np.flip(np.argsort(np.flip(x, axis), axis, stable=True), axis)
    result: AnyArray = x.shape[axis] - 1 - order
    return result


@operator("Unique")
def _unique(node: Node, opset: int, constants: Constants) -> Run:
    axis, in_order, outputs = node.attributes.get("axis"), node.attributes.get("sorted", 1), len(node.outputs)

    def run(x: AnyArray) -> Any:
        values, first, inverse, counts = np.unique(x, True, True, True, axis=axis)
        inverse = inverse.reshape(-1)
        if not in_order:  # that of their first appearance
            order = np.argsort(first)
            values = np.take(values, order, 0 if axis is None else axis)
            first, counts, inverse = first[order], counts[order], np.argsort(order)[inverse]
        numbers = (array.astype(np.int64, copy=False) for array in (first, inverse, counts))
        results = (values, *numbers)
        return results[0] if outputs == 1 else results[:outputs]

    return run
