"""Convolutions: a plan is packed where the weight is a constant."""

from __future__ import annotations

from typing import Any

import convx
from convx import onnx
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import has_input
from convx._graph.operators.table import Constants, Run, operator, writes
from convx.onnx.attributes import integer, kernel_of, speaking_onnx, window

__all__ = ["conv_plan"]


def conv_plan(node: Node, weight: AnyArray, bias: AnyArray | None, **keywords: Any) -> Any:
    """Pack the weight of a Conv; keywords are more of the plan's own, as its activation."""
    given = node.attributes
    rank = weight.ndim - 2
    kernel = kernel_of("Conv", weight, given.get("kernel_shape"), rank)
    view = window(
        "Conv",
        kernel,
        given.get("auto_pad", "NOTSET"),
        given.get("dilations"),
        given.get("pads"),
        given.get("strides"),
    )
    groups = integer("Conv", "group", given.get("group", 1), 1)
    with speaking_onnx("Conv"):
        plan = getattr(convx, f"Conv{rank}d")
        return plan(weight, bias, view.stride, view.padding, view.dilation, groups, **keywords)


def conv_transpose_plan(node: Node, weight: AnyArray, bias: AnyArray | None, **keywords: Any) -> Any:
    """Pack the weight of a ConvTranspose whose padding does not follow from the size of its input."""
    given = node.attributes
    rank = weight.ndim - 2
    kernel = kernel_of("ConvTranspose", weight, given.get("kernel_shape"), rank)
    view = window("ConvTranspose", kernel, "NOTSET", given.get("dilations"), given.get("pads"), given.get("strides"))
    groups = integer("ConvTranspose", "group", given.get("group", 1), 1)
    with speaking_onnx("ConvTranspose"):
        plan = getattr(convx, f"ConvTranspose{rank}d")
        added = given.get("output_padding") or 0
        return plan(weight, bias, view.stride, view.padding, added, groups, view.dilation, **keywords)


def _fixed_weight(node: Node, constants: Constants) -> bool:
    """Whether weight and bias are constants, if there is a bias."""
    return constants[1] is not None and (not has_input(node, 2) or constants[2] is not None)


def _bias(node: Node, constants: Constants) -> AnyArray | None:
    return constants[2] if has_input(node, 2) else None


@operator("Conv")
def _conv(node: Node, opset: int, constants: Constants) -> Run:
    weight = constants[1]
    if weight is None or not _fixed_weight(node, constants):
        return _unpacked(onnx.Conv, node)
    call = conv_plan(node, weight, _bias(node, constants))._core
    return writes(lambda x, *rest, out=None: call(x, out))


@operator("ConvTranspose")
def _conv_transpose(node: Node, opset: int, constants: Constants) -> Run:
    weight = constants[1]
    moving = node.attributes.get("auto_pad", "NOTSET") != "NOTSET" or "output_shape" in node.attributes
    if weight is None or moving or not _fixed_weight(node, constants):
        return _unpacked(onnx.ConvTranspose, node)
    call = conv_transpose_plan(node, weight, _bias(node, constants))._core
    return writes(lambda x, *rest, out=None: call(x, out))


def _unpacked(function: Any, node: Node) -> Run:
    """Call a function of convx.onnx with the node's attributes."""
    attributes = dict(node.attributes)
    return lambda *inputs: function(*inputs, **attributes)


for _name in ("CausalConvWithState", "Col2Im", "ConvInteger", "DeformConv", "MaxUnpool"):
    operator(_name)(lambda node, opset, constants: _unpacked(getattr(onnx, node.operator), node))
