"""Functions of one number that are neither activations nor arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx import _elementwise
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.elements import by_core
from convx._graph.operators.results import into
from convx._graph.operators.table import Constants, Make, Run, elementwise, operator

__all__: list[str] = []


def _unary(function: Callable[..., Any]) -> Make:
    """Return a maker of ``function(x, out=)``."""
    return lambda node, opset, constants: elementwise(lambda x, out=None: function(x, out=out))


def _error_function(x: AnyArray, out: AnyArray | None = None) -> Any:
    """NumPy has none, of integers neither."""
    if by_core(x):
        return _elementwise.erf(x, out=out)
    return into(out, _elementwise.erf(x.astype(np.float64)).astype(x.dtype))


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
    "Erf": _error_function,
    "Exp": _elementwise.exp,
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
    "Tanh": _elementwise.tanh,
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
