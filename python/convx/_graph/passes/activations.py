"""Activations are applied by the layer whose output they read."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from convx._graph.draft import Draft
from convx._graph.fused import LAYERS
from convx._graph.graph import Graph, Node
from convx._graph.operators.settings import has_input
from convx._types import Activation

__all__ = ["fuse_activations"]


def fuse_activations(graph: Graph) -> Graph:
    """Give Relu, LeakyRelu and Clip to the layer before them as its ``activation``.

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
        if node.operator not in ("Relu", "LeakyRelu", "Clip"):
            continue
        layer = draft.only_before(node)
        if layer is None or layer.operator not in LAYERS or layer.attributes.get("activation") is not None:
            continue
        activation = _activation(draft, node)
        if activation is None:
            continue
        fused = (*layer.attributes.get("fused", ()), node.operator)
        attributes = {**layer.attributes, "activation": activation, "fused": fused}
        draft.merge(layer, node, replace(layer, outputs=node.outputs, attributes=attributes))
    return draft.graph()


def _activation(draft: Draft, node: Node) -> Activation:
    """Return an activation in the words of :func:`convx.conv2d`, None if it has none for it."""
    if node.operator == "Relu":
        return "relu"
    if node.operator == "LeakyRelu":
        return "leaky_relu", float(node.attributes.get("alpha", 0.01))
    bounds = []
    for position, (name, default) in enumerate((("min", -inf), ("max", inf)), start=1):
        constant = draft.constant(node, position)
        if constant is None and has_input(node, position):
            return None
        bounds.append(float(node.attributes.get(name, default) if constant is None else constant.item()))
    lo, hi = bounds
    if lo != lo or hi != hi or lo > hi:
        return None
    if lo == 0 and hi in (6, inf):
        return "relu6" if hi == 6 else "relu"
    return "clamp", lo, hi
