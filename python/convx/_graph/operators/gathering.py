"""Operators that pick elements by their places."""

from __future__ import annotations

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator

__all__: list[str] = []


@operator("Gather")
def _gather(node: Node, opset: int, constants: Constants) -> Run:
    axis = node.attributes.get("axis", 0)
    return lambda x, indices: np.take(x, indices, axis)


@operator("GatherElements")
def _gather_elements(node: Node, opset: int, constants: Constants) -> Run:
    axis = node.attributes.get("axis", 0)

    def run(x: AnyArray, indices: AnyArray) -> AnyArray:
        where: list[AnyArray] = list(np.ogrid[tuple(map(slice, indices.shape))])
        where[axis] = indices
        return x[tuple(where)]

    return run


@operator("GatherND")
def _gather_nd(node: Node, opset: int, constants: Constants) -> Run:
    batch = node.attributes.get("batch_dims", 0)

    def run(x: AnyArray, indices: AnyArray) -> AnyArray:
        grid = np.ogrid[tuple(map(slice, indices.shape[:batch]))] if batch else ()
        shape = indices.shape[:-1]
        lead = [np.broadcast_to(axis.reshape(*axis.shape, *[1] * (len(shape) - batch)), shape) for axis in grid]
        result: AnyArray = x[(*lead, *np.moveaxis(indices, -1, 0))]
        return result

    return run


@operator("Compress")
def _compress(node: Node, opset: int, constants: Constants) -> Run:
    axis = node.attributes.get("axis")
    return lambda x, condition: np.compress(condition, x, axis)


@operator("NonZero")
def _non_zero(node: Node, opset: int, constants: Constants) -> Run:
    return lambda x: np.array(np.nonzero(np.atleast_1d(x)), np.int64).reshape(x.ndim, -1)


@operator("Where")
def _where(node: Node, opset: int, constants: Constants) -> Run:
    return lambda condition, x, y: np.where(condition, x, y)


@operator("ReverseSequence")
def _reverse_sequence(node: Node, opset: int, constants: Constants) -> Run:
    batch, time = node.attributes.get("batch_axis", 1), node.attributes.get("time_axis", 0)

    def run(x: AnyArray, lengths: AnyArray) -> AnyArray:
        steps = np.arange(x.shape[time])
        sizes = lengths[:, None]
        order = np.where(steps < sizes, sizes - 1 - steps, steps)  # of (batch, time)
        if time < batch:
            order = order.T
        return np.take_along_axis(x, order.reshape(*order.shape, *[1] * (x.ndim - 2)), time)

    return run
