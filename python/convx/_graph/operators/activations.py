"""Activations: functions of one number, applied to every element.

Each is one function ``(x, out, *parameters)``: the place where an expression of NumPy can be exchanged for a kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.mathematics import error_function
from convx._graph.operators.results import into
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Make, Run, elementwise, operator

__all__: list[str] = []


def _relu(x: AnyArray, out: AnyArray | None) -> Any:
    return np.maximum(x, 0, out=out)


def _leaky_relu(x: AnyArray, out: AnyArray | None, alpha: float) -> Any:
    if 0 <= alpha <= 1:
        return np.maximum(x, x * alpha, out=out)
    result = np.where(x < 0, x * alpha, x)
    return into(out, result)


def _sigmoid(x: AnyArray, out: AnyArray | None) -> Any:
    result = np.negative(x, out=out)
    result = np.exp(result, out=out)
    result = np.add(result, 1, out=out)
    return np.reciprocal(result, out=out)


def _clip(x: AnyArray, out: AnyArray | None, low: Any, high: Any) -> Any:
    """Where the limits contradict each other, the upper one holds."""
    if low is None and high is None:
        return into(out, x)
    if low is None:
        return np.minimum(x, high, out=out)
    if high is None:
        return np.maximum(x, low, out=out)
    return np.clip(x, low, high, out=out)


def _hard_sigmoid(x: AnyArray, out: AnyArray | None, alpha: float, beta: float) -> Any:
    result = np.multiply(x, alpha, out=out)
    result = np.add(result, beta, out=out)
    return np.clip(result, 0, 1, out=out)


def _hard_swish(x: AnyArray, out: AnyArray | None) -> Any:
    return np.multiply(x, _hard_sigmoid(x, None, 1 / 6, 0.5), out=out)


def _swish(x: AnyArray, out: AnyArray | None, alpha: float) -> Any:
    return np.multiply(x, _sigmoid(x if alpha == 1 else x * alpha, None), out=out)


def _elu(x: AnyArray, out: AnyArray | None, alpha: float) -> Any:
    return np.add(np.maximum(x, 0), np.expm1(np.minimum(x, 0)) * alpha, out=out)


def _selu(x: AnyArray, out: AnyArray | None, alpha: float, gamma: float) -> Any:
    return np.multiply(_elu(x, None, alpha), gamma, out=out)


def _celu(x: AnyArray, out: AnyArray | None, alpha: float) -> Any:
    return np.add(np.maximum(x, 0), np.expm1(np.minimum(x, 0) / alpha) * alpha, out=out)


def _softplus(x: AnyArray, out: AnyArray | None) -> Any:
    """Return log(1 + exp(x)), with an exponential that cannot overflow."""
    return np.add(np.log1p(np.exp(-np.abs(x))), np.maximum(x, 0), out=out)


def _softsign(x: AnyArray, out: AnyArray | None) -> Any:
    return np.divide(x, np.abs(x) + 1, out=out)


def _mish(x: AnyArray, out: AnyArray | None) -> Any:
    return np.multiply(x, np.tanh(_softplus(x, None)), out=out)


def _thresholded_relu(x: AnyArray, out: AnyArray | None, alpha: float) -> Any:
    return np.multiply(x, x > alpha, out=out)


def _shrink(x: AnyArray, out: AnyArray | None, lambd: float, bias: float) -> Any:
    result = np.where(x > lambd, x - bias, np.where(x < -lambd, x + bias, 0)).astype(x.dtype, copy=False)
    return into(out, result)


def _gelu(x: AnyArray, out: AnyArray | None) -> Any:
    factor = error_function(x * x.dtype.type(0.5**0.5))
    factor += 1
    factor *= 0.5
    return np.multiply(x, factor, out=out)


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


def _activation(function: Callable[..., Any], **defaults: float) -> Make:
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
    function = _gelu_by_tanh if node.attributes.get("approximate", "none") == "tanh" else _gelu
    return elementwise(lambda x, out=None: _apply(function, x, out, []))


@operator("PRelu")
def _prelu_maker(node: Node, opset: int, constants: Constants) -> Run:
    """Before version 7 the slopes are those of the maps; since then they broadcast as NumPy has it."""

    def run(x: AnyArray, slope: AnyArray, out: AnyArray | None = None) -> Any:
        if opset < 7 and slope.ndim == 1 and x.ndim > 1:
            slope = slope.reshape(-1, *[1] * (x.ndim - 2))
        low = np.minimum(x, 0)
        return np.add(np.maximum(x, 0), np.multiply(low, slope, out=low), out=out)

    return elementwise(run)


@operator("Clip")
def _clip_maker(node: Node, opset: int, constants: Constants) -> Run:
    def prepare(low: float | None, high: float | None) -> Run:
        return lambda x, out=None: _apply(_clip, x, out, [low, high])

    return elementwise(settled(node, constants, ("min", "max"), prepare))


operator("Relu")(_activation(_relu))
operator("LeakyRelu")(_activation(_leaky_relu, alpha=0.01))
operator("Sigmoid")(_activation(_sigmoid))
operator("HardSigmoid")(_activation(_hard_sigmoid, alpha=0.2, beta=0.5))
operator("HardSwish")(_activation(_hard_swish))
operator("Swish")(_activation(_swish, alpha=1.0))
operator("Elu")(_activation(_elu, alpha=1.0))
operator("Celu")(_activation(_celu, alpha=1.0))
operator("Softplus")(_activation(_softplus))
operator("Softsign")(_activation(_softsign))
operator("Mish")(_activation(_mish))
operator("ThresholdedRelu")(_activation(_thresholded_relu, alpha=1.0))
operator("Shrink")(_activation(_shrink, lambd=0.5, bias=0.0))


@operator("Selu")
def _selu_maker(node: Node, opset: int, constants: Constants) -> Run:
    """Version 1 rounded the two numbers more."""
    alpha, gamma = (1.6732, 1.0507) if opset < 6 else (1.67326319217681884765625, 1.05070102214813232421875)
    return _activation(_selu, alpha=alpha, gamma=gamma)(node, opset, constants)
