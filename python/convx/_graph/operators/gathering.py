"""Operators that pick elements by their places."""

from __future__ import annotations

import numpy as np

from convx._graph.graph import Node
from convx._graph.operators.table import Constants, Run, operator

__all__: list[str] = []


@operator("Gather")
def _gather(node: Node, opset: int, constants: Constants) -> Run:
    axis = node.attributes.get("axis", 0)
    return lambda x, indices: np.take(x, indices, axis)
