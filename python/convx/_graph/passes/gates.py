"""A value times a gate that is made of it is one activation."""

from __future__ import annotations

from dataclasses import replace
from math import isclose

from convx._graph.draft import Draft
from convx._graph.graph import Graph, Node

__all__ = ["fuse_gates"]


def fuse_gates(graph: Graph) -> Graph:
    """Turn x times Sigmoid of x into Swish, and x times HardSigmoid of x, of slope 1/6 and offset 1/2, into HardSwish.

    Exporters write them so for versions of ONNX that lack the operators.

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
        if node.operator != "Mul" or len(node.inputs) != 2:
            continue
        for place in (0, 1):
            gate = draft.only_before(node, place)
            name = None if gate is None else _name(gate)
            if gate is None or name is None or gate.inputs[0] != node.inputs[1 - place]:
                continue
            attributes = {"fused": (gate.operator, "Mul")}
            draft.merge(gate, node, replace(node, operator=name, inputs=gate.inputs[:1], attributes=attributes))
            break
    return draft.graph()


def _name(gate: Node) -> str | None:
    if gate.operator == "Sigmoid":
        return "Swish"
    own = gate.attributes
    standard = isclose(own.get("alpha", 0.2), 1 / 6, rel_tol=1e-6) and own.get("beta", 0.5) == 0.5
    return "HardSwish" if gate.operator == "HardSigmoid" and standard else None
