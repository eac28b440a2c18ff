"""Activations: functions of one number, applied to every element.

Each is one function ``(x, out, *parameters)``: the place where an expression of NumPy can be exchanged for a kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Make, Run, elementwise, operator

__all__: list[str] = []


def _relu(x: AnyArray, out: AnyArray | None) -> Any:
    return np.maximum(x, 0, out=out)


def _leaky_relu(x: AnyArray, out: AnyArray | None, alpha: float) -> Any:
    if 0 <= alpha <= 1:
        return np.maximum(x, x * alpha, out=out)
    result = np.where(x < 0, x * alpha, x)
    return result if out is None else _into(out, result)


def _sigmoid(x: AnyArray, out: AnyArray | None) -> Any:
    result = np.negative(x, out=out)
    result = np.exp(result, out=out)
    result = np.add(result, 1, out=out)
    return np.reciprocal(result, out=out)


def _clip(x: AnyArray, out: AnyArray | None, low: Any, high: Any) -> Any:
    """Where the limits contradict each other, the upper one holds."""
    if low is None and high is None:
        return x if out is None else _into(out, x)
    if low is None:
        return np.minimum(x, high, out=out)
    if high is None:
        return np.maximum(x, low, out=out)
    return np.clip(x, low, high, out=out)


def _into(out: AnyArray, result: AnyArray) -> AnyArray:
    np.copyto(out, result)
    return out


def _activation(function: Callable[..., Any], **defaults: float) -> Make:
    """Return a maker of ``function(x, out, *parameters)``, whose parameters are attributes."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        parameters = [node.attributes.get(name, default) for name, default in defaults.items()]
        return elementwise(lambda x, out=None: function(x, out, *parameters))

    return make


@operator("Clip")
def _clip_maker(node: Node, opset: int, constants: Constants) -> Run:
    def prepare(low: float | None, high: float | None) -> Run:
        return lambda x, out=None: _clip(x, out, low, high)

    return elementwise(settled(node, constants, ("min", "max"), prepare))


operator("Relu")(_activation(_relu))
operator("LeakyRelu")(_activation(_leaky_relu, alpha=0.01))
operator("Sigmoid")(_activation(_sigmoid))
