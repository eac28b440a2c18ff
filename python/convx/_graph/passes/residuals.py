"""What is added to the output of a convolution is added by it."""

from __future__ import annotations

from dataclasses import replace

from convx._graph.draft import Draft
from convx._graph.graph import Graph, Node

__all__ = ["fuse_residuals"]


def fuse_residuals(graph: Graph) -> Graph:
    """Give Add, and Sum of two, to the convolution that makes one of its terms: the other is its second input.

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
        if node.operator not in ("Add", "Sum") or len(node.inputs) != 2 or node.inputs[0] == node.inputs[1]:
            continue
        found = [(layer, 1 - place) for place in (0, 1) if (layer := _layer(draft, node, place)) is not None]
        if not found:
            continue
        if len(found) == 2 and draft.is_before(found[1][0], found[0][0]):
            found.reverse()
        layer, other = found[-1]  # of two the later one, which finds the other term in the cache
        attributes = {**layer.attributes, "fused": (*layer.attributes.get("fused", ()), node.operator)}
        inputs = (layer.inputs[0], node.inputs[other])
        draft.merge(layer, node, replace(layer, inputs=inputs, outputs=node.outputs, attributes=attributes))
    return draft.graph()


def _layer(draft: Draft, node: Node, place: int) -> Node | None:
    """Return the convolution that makes a term, if it can take the other."""
    layer = draft.only_before(node, place)
    if layer is None or layer.operator != "convx.Conv" or draft.constant(node, 1 - place) is not None:
        return None
    return None if len(layer.inputs) > 1 or layer.attributes.get("activation") is not None else layer
