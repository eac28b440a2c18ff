"""What follows from constants alone is computed once."""

from __future__ import annotations

from convx._graph.blame import blamed
from convx._graph.draft import Draft
from convx._graph.graph import Graph
from convx._graph.ready import is_random, make_ready

__all__ = ["fold_constants"]


def fold_constants(graph: Graph) -> Graph:
    """Compute the nodes whose inputs are all constants.

    Parameters
    ----------
    graph : Graph
        A network.

    Returns
    -------
    Graph
        The same network.
    """
    constants = dict(graph.constants)
    draft = Draft(graph)
    for node in draft:
        if is_random(node) or not all(name in constants for name in node.inputs if name):
            continue
        run = make_ready(node, graph.opset, constants)
        given = [constants.get(name) for name in node.inputs]
        try:
            result = run(*given)
        except Exception as error:
            raise blamed(error, "InferenceSession", node, given) from error
        for name, value in zip(node.outputs, result if isinstance(result, tuple) else (result,), strict=False):
            if name:
                constants[name] = value
                draft.add_constant(name, value)
        draft.remove(node)
    return draft.graph()
