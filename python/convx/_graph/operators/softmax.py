"""Softmax, its logarithm, and the maximum as ones and zeros."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from convx import _elementwise
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.results import into
from convx._graph.operators.table import Constants, Make, Run, elementwise, operator

__all__: list[str] = []


def _softmax(x: AnyArray, axis: int, *, out: AnyArray | None = None) -> Any:
    if not _is_half(x):
        return _elementwise.softmax(x, axis, out=out)
    result = np.subtract(x, x.max(axis, keepdims=True), out=out)
    np.exp(result, out=result)
    return np.divide(result, result.sum(axis, keepdims=True), out=result)


def _log_softmax(x: AnyArray, axis: int, *, out: AnyArray | None = None) -> Any:
    if not _is_half(x):
        return _elementwise.log_softmax(x, axis, out=out)
    result = np.subtract(x, x.max(axis, keepdims=True), out=out)
    return np.subtract(result, np.log(np.exp(result).sum(axis, keepdims=True)), out=result)


def _is_half(x: AnyArray) -> bool:
    """Half types are rounded after each step, as ONNX's reference does; the core would round once."""
    return x.dtype.itemsize < 4


def _hardmax(x: AnyArray, axis: int, *, out: AnyArray | None = None) -> Any:
    """1 at the first of the largest elements, else 0."""
    first = np.expand_dims(x.argmax(axis), axis)
    result = np.empty(x.shape, x.dtype) if out is None else out
    result[...] = 0
    np.put_along_axis(result, first, 1, axis)
    return result


def _along_axis(function: Callable[..., Any]) -> Make:
    """Return a maker; before version 13 all axes from the given one on are one, since then it is that one alone."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        axis = node.attributes.get("axis", -1 if opset >= 13 else 1)
        if opset >= 13:
            return elementwise(lambda x, out=None: function(x, axis, out=out))

        def run(x: AnyArray, out: AnyArray | None = None) -> AnyArray:
            rows = prod(x.shape[: axis % x.ndim if axis < 0 else axis])
            result: AnyArray = function(x.reshape(rows, -1 if x.size else 0), 1).reshape(x.shape)
            return into(out, result)

        return elementwise(run)

    return make


operator("Softmax")(_along_axis(_softmax))
operator("LogSoftmax")(_along_axis(_log_softmax))
operator("Hardmax")(_along_axis(_hardmax))
