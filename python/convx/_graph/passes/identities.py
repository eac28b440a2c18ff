"""Nodes that return what they are given."""

from __future__ import annotations

from convx._graph.draft import Draft
from convx._graph.graph import Graph, Node

__all__ = ["drop_identities"]


def drop_identities(graph: Graph) -> Graph:
    """Let the readers of an Identity, or of a Dropout that does not train, read its input.

    Parameters
    ----------
    graph : Graph
        A network.

    Returns
    -------
    Graph
        The same network; an identity that makes an output of the graph stays.
    """
    draft = Draft(graph)
    for node in draft:
        if not _is_identity(draft, node) or any(draft.is_output(name) for name in node.outputs):
            continue
        draft.read_instead(node.outputs[0], node.inputs[0])
        draft.remove(node)
    return draft.graph()


def _is_identity(draft: Draft, node: Node) -> bool:
    if node.operator == "Identity":
        return True
    if node.operator == "Transpose":
        order = list(node.attributes.get("perm", ()))
        return bool(order) and order == sorted(order)
    if node.operator != "Dropout" or any(draft.is_read(name) for name in node.outputs[1:]):
        return False
    training = node.inputs[2:3]
    return not training or not training[0] or ((flag := draft.constant(node, 2)) is not None and not flag.any())
