"""Convolutions and products of 8-bit integers."""

from __future__ import annotations

from typing import Any

import numpy as np

import convx
from convx import onnx
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.convolution import plan_arguments
from convx._graph.operators.quantization import saturated
from convx._graph.operators.settings import has_input
from convx._graph.operators.table import Constants, Run, operator, writes
from convx.onnx.attributes import speaking_onnx

__all__: list[str] = []


@operator("QLinearConv")
def _qlinear_conv(node: Node, opset: int, constants: Constants) -> Run:
    given = node.attributes
    names = ("x_scale", "x_zero_point", "w", "w_scale", "w_zero_point", "y_scale", "y_zero_point", "bias")
    fixed = constants[1 : len(node.inputs)]
    if any(value is None and has_input(node, place) for place, value in enumerate(fixed, 1)):
        return lambda *inputs: onnx.QLinearConv(*inputs, **given)
    numbers = {
        name: value.reshape(()) if value is not None and value.size == 1 and name not in ("w", "bias") else value
        for name, value in zip(names, fixed, strict=False)
    }
    weight = numbers["w"]
    assert weight is not None
    arguments: dict[str, Any] = {**numbers, **plan_arguments(node, weight, "w")}
    with speaking_onnx("QLinearConv", input="x", weight="w"):
        plan = convx.QLinearConv(**arguments)
    call = plan._core
    return writes(lambda x, *rest, out=None: call(x, out))


def _less_zero_point(x: AnyArray, zero_point: AnyArray | None, columns: bool) -> AnyArray:
    """Return whole numbers in float64, whose products BLAS multiplies, exactly below 2**53.

    A vector of zero points has one for each row of the left matrix or for each column of the right one.
    """
    result = x.astype(np.float64)
    if zero_point is not None:
        result -= zero_point if columns or zero_point.ndim != 1 or zero_point.size == 1 else zero_point[:, None]
    return result


@operator("MatMulInteger")
def _matmul_integer(node: Node, opset: int, constants: Constants) -> Run:
    weight = constants[1]
    ready = None
    if weight is not None and (not has_input(node, 3) or constants[3] is not None):
        ready = _less_zero_point(weight, constants[3] if has_input(node, 3) else None, True)

    def run(
        a: AnyArray, b: AnyArray, a_zero_point: AnyArray | None = None, b_zero_point: AnyArray | None = None
    ) -> AnyArray:
        right = _less_zero_point(b, b_zero_point, True) if ready is None else ready
        result: AnyArray = np.matmul(_less_zero_point(a, a_zero_point, False), right).astype(np.int32)
        return result

    return run


@operator("QLinearMatMul")
def _qlinear_matmul(node: Node, opset: int, constants: Constants) -> Run:
    weight, weight_zero = constants[3], constants[5]
    ready = None if weight is None or weight_zero is None else _less_zero_point(weight, weight_zero, True)

    def run(
        a: AnyArray,
        a_scale: AnyArray,
        a_zero_point: AnyArray,
        b: AnyArray,
        b_scale: AnyArray,
        b_zero_point: AnyArray,
        y_scale: AnyArray,
        y_zero_point: AnyArray,
    ) -> AnyArray:
        right = _less_zero_point(b, b_zero_point, True) if ready is None else ready
        sums = np.matmul(_less_zero_point(a, a_zero_point, False), right)
        left_scale = a_scale[:, None] if a_scale.ndim == 1 and a_scale.size > 1 else a_scale
        sums *= (left_scale * b_scale / y_scale).astype(np.float64)
        rounded = np.rint(sums, out=sums)
        rounded += y_zero_point.astype(np.float64)
        return saturated(rounded, y_zero_point.dtype)

    return run
