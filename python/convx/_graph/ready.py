"""Nodes made ready to run: by convx, or else by ONNX's reference implementation."""

from __future__ import annotations

from collections.abc import Mapping

import convx._graph.fused  # noqa: F401 - enters our operators in the table
from convx._graph.blame import blamed
from convx._graph.graph import AnyArray, Graph, Node
from convx._graph.operators.table import TABLE, Run
from convx._graph.reference import made_by_reference

__all__ = ["is_random", "lacking", "make_ready"]

_RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}


def lacking(graph: Graph) -> list[str]:
    """Return the operators of a graph that convx does not have."""
    return sorted({node.operator for node in graph.nodes} - set(TABLE))


def is_random(node: Node) -> bool:
    """Whether a node gives other numbers each time, or holds graphs, which may."""
    return node.operator in _RANDOM or any(type(value).__name__ == "GraphProto" for value in node.attributes.values())


def make_ready(node: Node, opset: int, constants: Mapping[str, AnyArray]) -> Run:
    """Return what runs a node.

    Parameters
    ----------
    node : Node
        Of a graph.
    opset : int
        The graph's.
    constants : mapping of str to ndarray
        The graph's.

    Returns
    -------
    callable
        As the table's makers return them.

    Raises
    ------
    TypeError, ValueError
        If attributes or constants break a rule; the message names the node.
    """
    make = TABLE.get(node.operator)
    try:
        if make is None:
            return made_by_reference(node, opset)
        return make(node, opset, [constants.get(name) for name in node.inputs])
    except Exception as error:
        raise blamed(error, "InferenceSession", node) from error
