"""Operators of two arrays, element by element, with broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.elements import add, divide, multiply, subtract
from convx._graph.operators.results import into
from convx._graph.operators.table import Constants, Make, Run, elementwise, operator

__all__: list[str] = []


def _binary(function: Callable[..., Any]) -> Make:
    """Return a maker of ``function(a, b, out=)``."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        if opset < 7 and "axis" in node.attributes:
            axis = node.attributes["axis"]
            return elementwise(lambda a, b, out=None: function(a, _aligned(a, b, axis), out=out))
        return elementwise(lambda a, b, out=None: function(a, b, out=out))

    return make


def _aligned(a: AnyArray, b: AnyArray, axis: int) -> AnyArray:
    """Let the axes of b be those of a that begin at an axis: how versions before 7 broadcast."""
    return b.reshape(*b.shape, *[1] * (a.ndim - axis % a.ndim - b.ndim))


def _divide(a: AnyArray, b: AnyArray, out: AnyArray | None = None) -> Any:
    """Integers are divided towards zero, as in C."""
    dtype = np.result_type(a, b)
    if dtype.kind not in "iu":
        return divide(a, b, out=out)
    if dtype.kind == "u":
        return np.floor_divide(a, b, out=out)
    quotient, rest = np.divmod(a, b)
    return np.add(quotient, (rest != 0) & ((np.less(a, 0)) != (np.less(b, 0))), out=out, dtype=dtype)


def _power(a: AnyArray, b: AnyArray, out: AnyArray | None = None) -> Any:
    """Raise to a power; the result has the type of the base."""
    if np.size(b) == 1 and np.ndim(b) <= np.ndim(a):
        exponent = np.asarray(b).item()
        if exponent == 2:
            return multiply(a, a, out=out)
        if exponent == 0.5 and a.dtype.kind != "i":
            return np.sqrt(a, out=out)
    if b.dtype == a.dtype and a.dtype.kind not in "iu":
        return np.power(a, b, out=out)
    if np.result_type(a, b).kind in "iu" and np.any(np.less(b, 0)):  # of which NumPy has no powers
        b = b.astype(np.float64)
    result = np.power(a, b).astype(a.dtype, copy=False)
    return into(out, result)


def _shift(node: Node, opset: int, constants: Constants) -> Run:
    function = np.left_shift if node.attributes["direction"] == "LEFT" else np.right_shift
    return elementwise(lambda a, b, out=None: function(a, b, out=out))


def _modulo(node: Node, opset: int, constants: Constants) -> Run:
    """Take the rest, with the sign of the divisor, or with fmod that of the dividend."""
    function = np.fmod if node.attributes.get("fmod", 0) else np.mod
    return elementwise(lambda a, b, out=None: function(a, b, out=out))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Add": add,
    "Sub": subtract,
    "Mul": multiply,
    "Div": _divide,
    "Pow": _power,
    "And": np.logical_and,
    "Or": np.logical_or,
    "Xor": np.logical_xor,
    "Equal": np.equal,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
    "BitwiseAnd": np.bitwise_and,
    "BitwiseOr": np.bitwise_or,
    "BitwiseXor": np.bitwise_xor,
}

for _name, _function in _FUNCTIONS.items():
    operator(_name)(_binary(_function))
operator("BitShift")(_shift)
operator("Mod")(_modulo)
