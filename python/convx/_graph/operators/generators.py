"""Operators that make arrays of nothing but numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator
from convx.onnx.attributes import fail

__all__: list[str] = []

_KINDS: dict[str, Callable[[Any], AnyArray]] = {
    "value": np.asarray,
    "value_float": lambda value: np.array(value, np.float32),
    "value_floats": lambda value: np.array(value, np.float32),
    "value_int": lambda value: np.array(value, np.int64),
    "value_ints": lambda value: np.array(value, np.int64),
    "value_string": lambda value: np.array(value, object),
    "value_strings": lambda value: np.array(value, object),
}


@operator("Constant")
def _constant(node: Node, opset: int, constants: Constants) -> Run:
    for name, convert in _KINDS.items():
        if name in node.attributes:
            value = np.asarray(convert(node.attributes[name]))
            return lambda: value
    fail("Constant", f"an attribute of {', '.join(_KINDS)} must be present", list(node.attributes))


@operator("ConstantOfShape")
def _constant_of_shape(node: Node, opset: int, constants: Constants) -> Run:
    value = np.asarray(node.attributes.get("value", np.zeros(1, np.float32))).reshape(())
    return lambda shape: np.full(shape, value, value.dtype)
