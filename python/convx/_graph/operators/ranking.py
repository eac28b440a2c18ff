"""Operators that find the largest elements, or sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.elements import by_core
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Make, Run, operator
from convx._statistics import places, top

__all__: list[str] = []

_LONGEST = 1 << 31  # from which on the core has no number for a place


def _place(end: str, function: Callable[..., Any]) -> Make:
    """Return a maker of where the largest or least element is: the first, or with select_last_index the last one."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        given = node.attributes
        axis, keep = given.get("axis", 0), bool(given.get("keepdims", 1))
        select_last = given.get("select_last_index", 0)
        kind: Any = f"{'last' if select_last else 'first'}_{end}"

        def by_numpy(x: AnyArray) -> AnyArray:
            if not select_last:
                return np.asarray(function(x, axis, keepdims=keep), np.int64)
            result: AnyArray = np.asarray(x.shape[axis] - 1 - function(np.flip(x, axis), axis, keepdims=keep), np.int64)
            return result

        def run(x: AnyArray) -> AnyArray:
            if by_core(x) and 0 < x.shape[axis] < _LONGEST:
                return places(kind, x, axis % x.ndim, keep)
            return by_numpy(x)

        return run

    return make


operator("ArgMax")(_place("max", np.argmax))
operator("ArgMin")(_place("min", np.argmin))


@operator("TopK")
def _top_k(node: Node, opset: int, constants: Constants) -> Run:
    """Sort whether or not it is asked for; of equal elements the first comes first."""
    axis, largest = node.attributes.get("axis", -1), node.attributes.get("largest", 1)

    def prepare(k: Any) -> Callable[[AnyArray], tuple[AnyArray, AnyArray]]:
        count = int(np.asarray(k).item())

        def by_numpy(x: AnyArray) -> tuple[AnyArray, AnyArray]:
            order = _falling(x, axis) if largest else np.argsort(x, axis, stable=True)
            indices = np.take(order, range(count), axis)
            return np.take_along_axis(x, indices, axis), indices

        def run(x: AnyArray) -> tuple[AnyArray, AnyArray]:
            if not by_core(x):
                return by_numpy(x)
            end: Any = "largest" if largest else "smallest"
            if axis in (-1, x.ndim - 1):
                return top(end, x, count)
            values, indices = top(end, np.moveaxis(x, axis, -1), count)
            return np.moveaxis(values, -1, axis), np.moveaxis(indices, -1, axis)

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
