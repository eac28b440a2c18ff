"""Operators that put arrays together or cut them into pieces."""

from __future__ import annotations

import numpy as np

from convx._graph.graph import Node
from convx._graph.operators.table import Constants, Run, operator, writes

__all__: list[str] = []


@operator("Concat")
def _concat(node: Node, opset: int, constants: Constants) -> Run:
    axis = node.attributes.get("axis", 1)  # which version 1 did not ask for
    return writes(lambda *inputs, out=None: np.concatenate(inputs, axis, out=out))
