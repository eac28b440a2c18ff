"""What the names in a graph must keep to."""

from __future__ import annotations

from collections import Counter

from convx._graph.graph import Graph

__all__ = ["check"]


def check(graph: Graph) -> None:
    """Refuse a graph in which a value is made twice, or read before it is made.

    Parameters
    ----------
    graph : Graph
        As a model has it.

    Raises
    ------
    ValueError
        With the names.
    """
    made = [*graph.constants, *(value.name for value in graph.inputs)]
    made += [name for node in graph.nodes for name in node.outputs if name]
    twice = [name for name, count in Counter(made).items() if count > 1]
    if twice:
        raise ValueError(f"InferenceSession: each value must be made once, got several of {', '.join(twice)}")
    known = {"", *graph.constants, *(value.name for value in graph.inputs)}
    for node in graph.nodes:
        missing = [name for name in node.inputs if name not in known]
        if missing:
            rule = "nodes must follow those that make their inputs"
            raise ValueError(f"InferenceSession: {rule}, got {node.operator} {node.name!r} of {', '.join(missing)}")
        known.update(node.outputs)
    missing = [value.name for value in graph.outputs if value.name not in known - {""}]
    if missing:
        raise ValueError(f"InferenceSession: each output must be made by a node, got {', '.join(missing)}")
