"""Convolutions with constant weights become operators of our own, which other passes can add to."""

from __future__ import annotations

from typing import Any

from convx._graph.draft import Draft
from convx._graph.fused import DTYPES
from convx._graph.graph import Graph, Node
from convx._graph.operators.convolution import plan_arguments
from convx._graph.operators.settings import has_input

__all__ = ["adopt_convolutions"]


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
        if weight is None or (bias is None and has_input(node, 2)) or weight.dtype.name not in DTYPES:
            continue
        if not 3 <= weight.ndim <= 5 or (node.operator == "ConvTranspose" and not _is_plain(node)):
            continue
        attributes: dict[str, Any] = {"weight": weight, "bias": bias, **plan_arguments(node, weight)}
        draft.change(node, Node(f"convx.{node.operator}", node.inputs[:1], node.outputs, attributes, node.name))
    return draft.graph()


def _is_plain(node: Node) -> bool:
    """Whether padding, not an output's size, says what a transposed convolution cuts off."""
    return "output_shape" not in node.attributes and node.attributes.get("auto_pad", "NOTSET") == "NOTSET"
