"""Running sums and products, and triangles of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Make, Run, operator

__all__: list[str] = []


def _running(function: Callable[..., Any], start: int) -> Make:
    """Return a maker; `start` is what an exclusive sum or product begins with."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        exclusive, backwards = node.attributes.get("exclusive", 0), node.attributes.get("reverse", 0)

        def prepare(axis: Any) -> Callable[[AnyArray], AnyArray]:
            along = int(np.asarray(axis).item())
            return lambda x: _run(function, x, along, bool(exclusive), bool(backwards), start)

        return settled(node, constants, ("axis",), prepare)

    return make


def _run(
    function: Callable[..., Any], x: AnyArray, axis: int, exclusive: bool, backwards: bool, start: int
) -> AnyArray:
    x = np.moveaxis(np.flip(x, axis) if backwards else x, axis, 0)
    result: AnyArray = function(x, 0, dtype=x.dtype)
    if exclusive:
        result = np.concatenate([np.full_like(result[:1], start), result[:-1]])
    result = np.moveaxis(result, 0, axis)
    return np.flip(result, axis) if backwards else result


operator("CumSum")(_running(np.cumsum, 0))
operator("CumProd")(_running(np.cumprod, 1))


@operator("Trilu")
def _trilu(node: Node, opset: int, constants: Constants) -> Run:
    function: Callable[[AnyArray, int], AnyArray] = np.triu if node.attributes.get("upper", 1) else np.tril

    def prepare(k: Any) -> Callable[[AnyArray], AnyArray]:
        diagonal = 0 if k is None else int(np.asarray(k).item())
        return lambda x: function(x, diagonal)

    return settled(node, constants, ("k",), prepare)
