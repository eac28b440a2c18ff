"""``convx.Linear``: a product with a constant matrix."""

from __future__ import annotations

from convx._graph.fused.weight import weight_of
from convx._graph.graph import Node
from convx._graph.operators.table import Constants, Run, operator, writes
from convx._linear import Linear


@operator("convx.Linear")
def linear(node: Node, opset: int, constants: Constants) -> Run:
    """Pack the weight; multiply by it, add the bias and apply the activation in one call."""
    own = node.attributes
    layer = Linear(weight_of(node), own["bias"], activation=own.get("activation"))
    return writes(lambda x, *, out=None: layer(x, out=out))
