"""Functions of one number that NumPy has."""

from __future__ import annotations

from collections.abc import Callable
from math import erf
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Make, Run, elementwise, operator

__all__ = ["error_function"]


def _unary(function: Callable[..., Any]) -> Make:
    """Return a maker of ``function(x, out=)``."""
    return lambda node, opset, constants: elementwise(lambda x, out=None: function(x, out=out))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Abs": np.abs,
    "Acos": np.arccos,
    "Acosh": np.arccosh,
    "Asin": np.arcsin,
    "Asinh": np.arcsinh,
    "Atan": np.arctan,
    "Atanh": np.arctanh,
    "BitwiseNot": np.bitwise_not,
    "Ceil": np.ceil,
    "Cos": np.cos,
    "Cosh": np.cosh,
    "Exp": np.exp,
    "Floor": np.floor,
    "IsNaN": np.isnan,
    "Log": np.log,
    "Neg": np.negative,
    "Not": np.logical_not,
    "Reciprocal": np.reciprocal,
    "Round": np.rint,  # halves to even
    "Sign": np.sign,
    "Sin": np.sin,
    "Sinh": np.sinh,
    "Sqrt": np.sqrt,
    "Tan": np.tan,
    "Tanh": np.tanh,
}
for _name, _function in _FUNCTIONS.items():
    operator(_name)(_unary(_function))


@operator("IsInf")
def _is_inf(node: Node, opset: int, constants: Constants) -> Run:
    negative, positive = node.attributes.get("detect_negative", 1), node.attributes.get("detect_positive", 1)
    if negative and positive:
        return lambda x: np.isinf(x)
    if not negative and not positive:
        return lambda x: np.zeros(x.shape, bool)
    return lambda x: np.isinf(x) & (x > 0 if positive else x < 0)


@operator("Erf")
def _erf(node: Node, opset: int, constants: Constants) -> Run:
    return error_function


# Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: within 1.5e-7 for x >= 0.
_SLOPE = 0.3275911
_FAR = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592, 0.0)
# The series 7.1.5 in x**2, without its factor 2 / sqrt(pi): within 3e-8 of x for x < 0.5.
_NEAR = (-1 / 1320, 1 / 216, -1 / 42, 1 / 10, -1 / 3, 1.0)


def error_function(x: AnyArray) -> AnyArray:
    """Return ``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from 0 to x, of which NumPy has none."""
    if x.dtype == np.float64:
        return np.asarray(np.frompyfunc(erf, 1, 1)(x), np.float64)
    wide = x.astype(np.float32, copy=False)
    size, square = np.abs(wide), wide * wide
    far = 1 - _polynomial(_FAR, 1 / (1 + _SLOPE * size)) * np.exp(-square)
    near = _polynomial(_NEAR, np.minimum(square, 1)) * wide * np.float32(2 / np.sqrt(np.pi))
    return np.where(size < 0.5, near, np.copysign(far, wide)).astype(x.dtype, copy=False)


def _polynomial(coefficients: tuple[float, ...], x: AnyArray) -> AnyArray:
    """Evaluate by Horner's rule, the highest power first."""
    result = np.full(np.shape(x), coefficients[0], x.dtype)
    for coefficient in coefficients[1:]:
        result *= x
        result += coefficient
    return result
