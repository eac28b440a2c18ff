"""Operators of any number of arrays, element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.elements import add, maximum, minimum
from convx._graph.operators.table import Constants, Make, Run, elementwise, operator, writes

__all__: list[str] = []


def _folded(function: Callable[..., Any]) -> Make:
    """Return a maker of a function of two, applied from left to right."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        if len(node.inputs) == 2:
            return elementwise(lambda a, b, out=None: function(a, b, out=out))

        def run(first: AnyArray, *others: AnyArray, out: AnyArray | None = None) -> AnyArray:
            return _fold(function, (first, *others), out)

        return writes(run)

    return make


def _fold(function: Callable[..., Any], inputs: tuple[AnyArray, ...], out: AnyArray | None) -> AnyArray:
    """Write every step into the one result."""
    if out is None:
        out = np.empty(np.broadcast_shapes(*(x.shape for x in inputs)), inputs[0].dtype)
    np.copyto(out, inputs[0])
    for other in inputs[1:]:
        function(out, other, out=out)
    return out


@operator("Mean")
def _mean(node: Node, opset: int, constants: Constants) -> Run:
    count = len(node.inputs)

    def run(*inputs: AnyArray, out: AnyArray | None = None) -> AnyArray:
        out = _fold(add, inputs, out)
        return np.divide(out, count, out=out)

    return writes(run)


operator("Sum")(_folded(add))
operator("Max")(_folded(maximum))
operator("Min")(_folded(minimum))
