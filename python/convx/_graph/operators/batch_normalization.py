"""BatchNormalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, elementwise, operator
from convx._statistics import normalize, normalize_maps

__all__ = ["scale_and_shift"]


def scale_and_shift(inputs: Sequence[AnyArray], epsilon: float) -> tuple[AnyArray, AnyArray]:
    """Return what the operator multiplies each map by and then adds, in float64, from its inputs after the first."""
    scale, bias, mean, variance = inputs
    factor = scale.astype(np.float64) / np.sqrt(variance.astype(np.float64) + epsilon)
    return factor, bias - mean * factor


@operator("BatchNormalization")
def _batch_normalization(node: Node, opset: int, constants: Constants) -> Run:
    given = node.attributes
    epsilon, momentum = given.get("epsilon", 1e-5), given.get("momentum", 0.9)
    spatial = bool(given.get("spatial", 1))
    if _trains(node, opset):
        return _training(epsilon, momentum, spatial, opset, len(node.outputs))
    known = [array for array in constants[1:5] if array is not None]
    fixed = scale_and_shift(known, epsilon) if len(known) == 4 else None

    def run(x: AnyArray, *statistics: AnyArray, out: AnyArray | None = None) -> Any:
        factor, shift = fixed or scale_and_shift(statistics, epsilon)
        return _apply(x, factor, shift, spatial, out)

    return elementwise(run)


def _trains(node: Node, opset: int) -> bool:
    """Whether the statistics are those of the batch; which sign says so has changed twice."""
    if opset >= 14:
        return bool(node.attributes.get("training_mode", 0))
    if opset >= 7:
        return len(node.outputs) > 1
    return not node.attributes.get("is_test", 0)


def _apply(x: AnyArray, factor: AnyArray, shift: AnyArray, spatial: bool, out: AnyArray | None) -> Any:
    if spatial and x.ndim > 2:
        return normalize_maps("none", x, 1, factor, shift, out=out)
    return normalize("none", x, 1, factor, shift, out=out)


def _training(epsilon: float, momentum: float, spatial: bool, opset: int, outputs: int) -> Run:
    def run(
        x: AnyArray, scale: AnyArray, bias: AnyArray, mean: AnyArray, variance: AnyArray
    ) -> AnyArray | tuple[AnyArray, ...]:
        axes = (0, *range(2, x.ndim)) if spatial else (0,)
        batch_mean = x.mean(axes, dtype=np.float64).reshape(mean.shape)
        batch_variance = x.var(axes, dtype=np.float64).reshape(variance.shape)
        factor, shift = scale_and_shift((scale, bias, batch_mean, batch_variance), epsilon)
        running = [
            (old * momentum + new * (1 - momentum)).astype(old.dtype)
            for old, new in ((mean, batch_mean), (variance, batch_variance))
        ]
        saved = [batch_mean.astype(mean.dtype), batch_variance.astype(variance.dtype)]
        results = (_apply(x, factor, shift, spatial, None), *running, *saved)
        return results[0] if outputs == 1 else results[:outputs]

    return run
