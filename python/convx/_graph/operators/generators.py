"""Operators that make arrays of nothing but numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.dtypes import dtype_of
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
    "sparse_value": np.asarray,  # read as a dense one
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


@operator("Range")
def _range(node: Node, opset: int, constants: Constants) -> Run:
    def run(start: AnyArray, limit: AnyArray, delta: AnyArray) -> AnyArray:
        wide = start.dtype if start.dtype.kind in "iu" else np.dtype(np.float64)
        first, end, step = (value.astype(wide) for value in (start, limit, delta))
        count = max(int(np.ceil((end - first) / step)), 0)
        result: AnyArray = (first + np.arange(count) * step).astype(start.dtype)
        return result

    return run


@operator("EyeLike")
def _eye_like(node: Node, opset: int, constants: Constants) -> Run:
    given = node.attributes
    dtype = dtype_of("EyeLike", given["dtype"]) if "dtype" in given else None
    return lambda x: np.eye(x.shape[0], x.shape[1], given.get("k", 0), dtype=dtype or x.dtype)


@operator("OneHot")
def _one_hot(node: Node, opset: int, constants: Constants) -> Run:
    """Turn on the element that an index names, counted from the end if negative; beyond the end there is none."""
    axis = node.attributes.get("axis", -1)

    def run(indices: AnyArray, depth: AnyArray, values: AnyArray) -> AnyArray:
        size = int(np.asarray(depth).item())
        places = np.expand_dims(np.where(indices < 0, indices + size, indices), axis)
        numbers = np.arange(size).reshape(-1, *[1] * (places.ndim - 1 - axis % places.ndim))
        result: AnyArray = np.where(places == numbers, values[1], values[0])
        return result

    return run
