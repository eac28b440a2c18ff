"""Dropout."""

from __future__ import annotations

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator

__all__: list[str] = []


@operator("Dropout")
def _dropout(node: Node, opset: int, constants: Constants) -> Run:
    """Return the input itself, save where an input of version 12 asks for training."""
    seed = node.attributes.get("seed")
    masked = len(node.outputs) > 1

    def run(
        x: AnyArray, ratio: AnyArray | None = None, training: AnyArray | None = None
    ) -> AnyArray | tuple[AnyArray, ...]:
        rate = 0.5 if ratio is None else float(ratio)
        mask = np.ones(x.shape, bool if opset >= 10 else x.dtype) if masked else None
        if training is not None and training and rate:
            mask = np.random.RandomState(seed).uniform(size=x.shape) >= rate
            x = x * mask * x.dtype.type(1 / (1 - rate))
        return x if not masked or mask is None else (x, mask)

    return run
