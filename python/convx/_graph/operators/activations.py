"""Activations: functions of one number, applied to every element.

Those of floats that the core has are the core's; the others are expressions of NumPy, ``(x, out, *parameters)``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

import numpy as np

from convx import _elementwise
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.elements import add, by_core, maximum, minimum, multiply
from convx._graph.operators.results import into
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Make, Run, elementwise, operator

__all__: list[str] = []


def _relu(x: AnyArray, out: AnyArray | None = None) -> Any:
    return _elementwise.relu(x, out=out) if by_core(x) else np.maximum(x, 0, out=out)


def _clip(x: AnyArray, low: Any, high: Any, out: AnyArray | None = None) -> Any:
    """Where the limits contradict each other, the upper one holds."""
    if by_core(x):
        return _elementwise.clip(x, -inf if low is None else low, inf if high is None else high, out=out)
    if low is None and high is None:
        return into(out, x)
    if low is None:
        return np.minimum(x, high, out=out)
    if high is None:
        return np.maximum(x, low, out=out)
    return np.clip(x, low, high, out=out)


def _swish(x: AnyArray, alpha: float, out: AnyArray | None = None) -> Any:
    if alpha == 1:
        return _elementwise.silu(x, out=out)
    return multiply(x, _elementwise.sigmoid(x * x.dtype.type(alpha)), out=out)


def _celu(x: AnyArray, out: AnyArray | None, alpha: float) -> Any:
    return np.add(np.maximum(x, 0), np.expm1(np.minimum(x, 0) / alpha) * alpha, out=out)


def _softsign(x: AnyArray, out: AnyArray | None) -> Any:
    return np.divide(x, np.abs(x) + 1, out=out)


def _thresholded_relu(x: AnyArray, out: AnyArray | None, alpha: float) -> Any:
    return np.multiply(x, x > alpha, out=out)


def _shrink(x: AnyArray, out: AnyArray | None, lambd: float, bias: float) -> Any:
    result = np.where(x > lambd, x - bias, np.where(x < -lambd, x + bias, 0)).astype(x.dtype, copy=False)
    return into(out, result)


def _gelu_by_tanh(x: AnyArray, out: AnyArray | None) -> Any:
    factor = x * x
    factor *= 0.044715
    factor += 1
    factor *= x
    factor *= (2 / np.pi) ** 0.5
    factor = np.tanh(factor)
    factor += 1
    factor *= 0.5
    return np.multiply(x, factor, out=out)


def _ours(function: Callable[..., Any], **defaults: float) -> Make:
    """Return a maker of ``function(x, *parameters, out=)``, whose parameters are attributes."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        parameters = [node.attributes.get(name, default) for name, default in defaults.items()]
        return elementwise(lambda x, out=None: function(x, *parameters, out=out))

    return make


def _numpys(function: Callable[..., Any], **defaults: float) -> Make:
    """Return a maker of ``function(x, out, *parameters)``, whose parameters are attributes."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        parameters = [node.attributes.get(name, default) for name, default in defaults.items()]
        return elementwise(lambda x, out=None: _apply(function, x, out, parameters))

    return make


def _apply(function: Callable[..., Any], x: AnyArray, out: AnyArray | None, parameters: list[Any]) -> Any:
    if x.dtype.kind != "V":
        return function(x, out, *parameters)
    return into(out, function(x.astype(np.float32), None, *parameters).astype(x.dtype))  # bfloat16


@operator("Gelu")
def _gelu_maker(node: Node, opset: int, constants: Constants) -> Run:
    by_tanh = node.attributes.get("approximate", "none") == "tanh"
    return (_numpys(_gelu_by_tanh) if by_tanh else _ours(_elementwise.gelu))(node, opset, constants)


@operator("PRelu")
def _prelu_maker(node: Node, opset: int, constants: Constants) -> Run:
    """Before version 7 the slopes are those of the maps; since then they broadcast as NumPy has it."""

    def run(x: AnyArray, slope: AnyArray, out: AnyArray | None = None) -> Any:
        if opset < 7 and slope.ndim == 1 and x.ndim > 1:
            slope = slope.reshape(-1, *[1] * (x.ndim - 2))
        zero = np.zeros((), x.dtype)
        low = minimum(x, zero)
        return add(maximum(x, zero), multiply(low, slope, out=low), out=out)

    return elementwise(run)


@operator("Clip")
def _clip_maker(node: Node, opset: int, constants: Constants) -> Run:
    def prepare(low: float | None, high: float | None) -> Run:
        return partial(_clip, low=low, high=high)

    return elementwise(settled(node, constants, ("min", "max"), prepare))


operator("Relu")(_ours(_relu))
operator("LeakyRelu")(_ours(_elementwise.leaky_relu, alpha=0.01))
operator("Sigmoid")(_ours(_elementwise.sigmoid))
operator("HardSigmoid")(_ours(_elementwise.hard_sigmoid, alpha=0.2, beta=0.5))
operator("HardSwish")(_ours(_elementwise.hard_swish))
operator("Swish")(_ours(_swish, alpha=1.0))
operator("Elu")(_ours(_elementwise.elu, alpha=1.0))
operator("Softplus")(_ours(_elementwise.softplus))
operator("Mish")(_ours(_elementwise.mish))
operator("Celu")(_numpys(_celu, alpha=1.0))
operator("Softsign")(_numpys(_softsign))
operator("ThresholdedRelu")(_numpys(_thresholded_relu, alpha=1.0))
operator("Shrink")(_numpys(_shrink, lambd=0.5, bias=0.0))


@operator("Selu")
def _selu_maker(node: Node, opset: int, constants: Constants) -> Run:
    """Version 1 rounded the two numbers more."""
    alpha, gamma = (1.6732, 1.0507) if opset < 6 else (1.67326319217681884765625, 1.05070102214813232421875)
    return _ours(_elementwise.elu, alpha=alpha, gamma=gamma)(node, opset, constants)
