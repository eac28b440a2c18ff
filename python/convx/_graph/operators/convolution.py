"""Convolutions: a plan is packed where the weight is a constant."""

from __future__ import annotations

from typing import Any

import convx
from convx import onnx
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import has_input
from convx._graph.operators.table import Constants, Run, operator, writes
from convx.onnx.attributes import integer, kernel_of, speaking_onnx, window

__all__ = ["plan_arguments"]


def plan_arguments(node: Node, weight: AnyArray, name: str = "W") -> dict[str, Any]:
    """Return what a node's attributes say in the words of convx's plans; `name` is that of its weight."""
    given, kind = node.attributes, node.operator
    kernel = kernel_of(kind, weight, given.get("kernel_shape"), weight.ndim - 2, name)
    view = window(
        kind,
        kernel,
        given.get("auto_pad", "NOTSET"),
        given.get("dilations"),
        given.get("pads"),
        given.get("strides"),
    )
    groups = integer(kind, "group", given.get("group", 1), 1)
    found = {"stride": view.stride, "padding": view.padding, "dilation": view.dilation, "groups": groups}
    if kind == "ConvTranspose":
        found["output_padding"] = given.get("output_padding") or 0
    return found


def _plan(node: Node, weight: AnyArray, bias: AnyArray | None) -> Any:
    """Pack the weight of a Conv, or of a ConvTranspose whose padding does not follow from the size of its input."""
    arguments = plan_arguments(node, weight)
    with speaking_onnx(node.operator):
        return getattr(convx, f"{node.operator}{weight.ndim - 2}d")(weight, bias, **arguments)


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
    call = _plan(node, weight, _bias(node, constants))._core
    return writes(lambda x, *rest, out=None: call(x, out))


@operator("ConvTranspose")
def _conv_transpose(node: Node, opset: int, constants: Constants) -> Run:
    weight = constants[1]
    moving = node.attributes.get("auto_pad", "NOTSET") != "NOTSET" or "output_shape" in node.attributes
    if weight is None or moving or not _fixed_weight(node, constants):
        return _unpacked(onnx.ConvTranspose, node)
    call = _plan(node, weight, _bias(node, constants))._core
    return writes(lambda x, *rest, out=None: call(x, out))


def _unpacked(function: Any, node: Node) -> Run:
    """Call a function of convx.onnx with the node's attributes."""
    attributes = dict(node.attributes)
    return lambda *inputs: function(*inputs, **attributes)


for _name in ("CausalConvWithState", "Col2Im", "ConvInteger", "DeformConv", "MaxUnpool"):
    operator(_name)(lambda node, opset, constants: _unpacked(getattr(onnx, node.operator), node))
