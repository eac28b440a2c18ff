"""Convolutions with constant weights become operators of our own, which other passes can add to."""

from __future__ import annotations

from typing import Any

from convx._graph.draft import Draft
from convx._graph.graph import Graph, Node
from convx.onnx.attributes import kernel_of, window

__all__ = ["adopt_convolutions"]

_FLOATS = ("float32", "float64")


def adopt_convolutions(graph: Graph) -> Graph:
    """Turn Conv and ConvTranspose with constant weight and bias into ``convx.Conv`` and ``convx.ConvTranspose``.

    Their inputs are the image and, once there is one, the residual; all else are attributes, in the words of
    :class:`convx.Conv2d` and :class:`convx.ConvTranspose2d`.

    Parameters
    ----------
    graph : Graph
        A network.

    Returns
    -------
    Graph
        The same network.
    """
    draft = Draft(graph)
    for node in draft:
        if node.operator not in ("Conv", "ConvTranspose"):
            continue
        weight, bias = draft.constant(node, 1), draft.constant(node, 2)
        has_bias = len(node.inputs) > 2 and node.inputs[2] != ""
        if weight is None or (has_bias and bias is None) or weight.dtype.name not in _FLOATS:
            continue
        if not 3 <= weight.ndim <= 5 or (node.operator == "ConvTranspose" and not _is_plain(node)):
            continue
        attributes: dict[str, Any] = {"weight": weight, "bias": bias, **_arguments(node, weight)}
        draft.change(node, Node(f"convx.{node.operator}", node.inputs[:1], node.outputs, attributes, node.name))
    return draft.graph()


def _is_plain(node: Node) -> bool:
    """Whether padding, not an output's size, says what a transposed convolution cuts off."""
    return "output_shape" not in node.attributes and node.attributes.get("auto_pad", "NOTSET") == "NOTSET"


def _arguments(node: Node, weight: Any) -> dict[str, Any]:
    own = node.attributes
    kernel = kernel_of(node.operator, weight, own.get("kernel_shape"), weight.ndim - 2)
    view = window(
        node.operator, kernel, own.get("auto_pad", "NOTSET"), own.get("dilations"), own.get("pads"), own.get("strides")
    )
    found: dict[str, Any] = {"stride": view.stride, "padding": view.padding, "dilation": view.dilation}
    found["groups"] = own.get("group", 1)
    if node.operator == "ConvTranspose":
        found["output_padding"] = tuple(own.get("output_padding", (0,) * len(kernel)))
    return found
