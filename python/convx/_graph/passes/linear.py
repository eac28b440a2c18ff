"""Matrices that are constants make linear layers."""

from __future__ import annotations

from typing import Any

from convx._graph.draft import Draft
from convx._graph.fused import DTYPES
from convx._graph.graph import AnyArray, Graph, Node
from convx._graph.operators.settings import has_input
from convx._graph.ranks import ranks

__all__ = ["adopt_linear"]


def adopt_linear(graph: Graph) -> Graph:
    """Turn Gemm and MatMul by a constant matrix into ``convx.Linear``.

    Its attributes are ``weight``, of shape (outputs, inputs), and ``bias`` or None, as ``torch.nn.functional.linear``
    takes them; factors of a Gemm go into both.

    Parameters
    ----------
    graph : Graph
        A network.

    Returns
    -------
    Graph
        The same network.
    """
    known = ranks(graph)
    draft = Draft(graph)
    for node in draft:
        found = None
        if node.operator == "Gemm":
            found = _gemm(draft, node)
        elif node.operator == "MatMul" and known.get(node.inputs[0], 0) >= 2:
            matrix = draft.constant(node, 1)
            found = None if matrix is None or matrix.ndim != 2 else (matrix.T, None)
        if found is None or found[0].dtype.name not in DTYPES:
            continue
        attributes: dict[str, Any] = {"weight": found[0], "bias": found[1]}
        draft.change(node, Node("convx.Linear", node.inputs[:1], node.outputs, attributes, node.name))
    return draft.graph()


def _gemm(draft: Draft, node: Node) -> tuple[AnyArray, AnyArray | None] | None:
    """Return weight and bias of a Gemm; None if they are not constant, or if its first matrix is turned."""
    own = node.attributes
    matrix, addend = draft.constant(node, 1), draft.constant(node, 2)
    if own.get("transA", 0) or matrix is None or (has_input(node, 2) and addend is None):
        return None
    weight = matrix if own.get("transB", 0) else matrix.T
    alpha, beta = own.get("alpha", 1.0), own.get("beta", 1.0)
    if alpha != 1:
        weight = (weight * weight.dtype.type(alpha)).astype(weight.dtype)
    if addend is None:
        return weight, None
    if (addend.ndim == 2 and len(addend) > 1) or addend.size not in (1, len(weight)):
        return None
    bias = addend.reshape(-1) if beta == 1 else addend.reshape(-1) * addend.dtype.type(beta)
    return weight, bias.repeat(len(weight)) if bias.size != len(weight) else bias
