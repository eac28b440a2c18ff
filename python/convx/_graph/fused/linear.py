"""``convx.Linear``: a product with a constant matrix."""

from __future__ import annotations

import numpy as np

from convx._graph.fused.activation import activate
from convx._graph.fused.weight import weight_of
from convx._graph.graph import AnyArray, Node
from convx._graph.mapped import kept
from convx._graph.operators.table import Constants, Run, operator, writes


@operator("convx.Linear")
def linear(node: Node, opset: int, constants: Constants) -> Run:
    """Multiply by the transposed weight, add the bias, apply the activation."""
    own = node.attributes
    matrix, bias, activation = kept(weight_of(node)).T, own["bias"], own.get("activation")

    def run(x: AnyArray, *, out: AnyArray | None = None) -> AnyArray:
        result: AnyArray = np.matmul(x, matrix, out=out)
        if bias is not None:
            result += bias
        activate(result, activation)
        return result

    return writes(run)
