"""Operators that change or tell a shape and leave the elements where they are: their results are views."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Run, operator
from convx.onnx.attributes import fail

__all__: list[str] = []


@operator("Identity")
def _identity(node: Node, opset: int, constants: Constants) -> Run:
    return lambda x: x


@operator("Reshape")
def _reshape(node: Node, opset: int, constants: Constants) -> Run:
    """Take a size of 0 from the input, unless allowzero (version 14) says that it is 0."""
    zero_is_zero = node.attributes.get("allowzero", 0)

    def prepare(shape: Sequence[int]) -> Callable[[AnyArray], AnyArray]:
        if zero_is_zero or 0 not in shape:
            return lambda x: x.reshape(shape)
        return lambda x: x.reshape([x.shape[axis] if n == 0 else n for axis, n in enumerate(shape)])

    return settled(node, constants, ("shape",), prepare)


@operator("Flatten")
def _flatten(node: Node, opset: int, constants: Constants) -> Run:
    axis = node.attributes.get("axis", 1)

    def run(x: AnyArray) -> AnyArray:
        if not -x.ndim <= axis <= x.ndim:
            fail("Flatten", f"axis must be >= {-x.ndim} and <= {x.ndim}", axis)
        rows = np.prod(x.shape[:axis], dtype=np.int64) if axis else 1
        return x.reshape(rows, x.size // rows if rows else np.prod(x.shape[axis:], dtype=np.int64))

    return run


@operator("Squeeze")
def _squeeze(node: Node, opset: int, constants: Constants) -> Run:
    def prepare(axes: Sequence[int] | None) -> Callable[[AnyArray], AnyArray]:
        if axes is None:
            return lambda x: x.squeeze()
        return lambda x: x.squeeze(tuple(axes))

    return settled(node, constants, ("axes",), prepare)


@operator("Unsqueeze")
def _unsqueeze(node: Node, opset: int, constants: Constants) -> Run:
    def prepare(axes: Sequence[int] | int) -> Callable[[AnyArray], AnyArray]:
        return lambda x: np.expand_dims(x, axes if isinstance(axes, int) else tuple(axes))

    return settled(node, constants, ("axes",), prepare)


@operator("Transpose")
def _transpose(node: Node, opset: int, constants: Constants) -> Run:
    order = node.attributes.get("perm")
    return lambda x: x.transpose(order)


@operator("Expand")
def _expand(node: Node, opset: int, constants: Constants) -> Run:
    def prepare(shape: Sequence[int]) -> Callable[[AnyArray], AnyArray]:
        return lambda x: np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(shape)))

    return settled(node, constants, ("shape",), prepare)


@operator("Shape")
def _shape(node: Node, opset: int, constants: Constants) -> Run:
    axes = slice(node.attributes.get("start", 0), node.attributes.get("end"))
    return lambda x: np.array(x.shape[axes], np.int64)


@operator("Size")
def _size(node: Node, opset: int, constants: Constants) -> Run:
    return lambda x: np.array(x.size, np.int64)
