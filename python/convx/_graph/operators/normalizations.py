"""Operators that give elements a mean of 0, a variance of 1, or a norm of 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.dtypes import dtype_of
from convx._graph.operators.table import Constants, Run, elementwise, operator
from convx._statistics import normalize, normalize_maps

__all__: list[str] = []


def _moments(x: AnyArray, axes: tuple[int, ...], epsilon: float) -> tuple[AnyArray, AnyArray]:
    """Return the mean and ``1 / sqrt(variance + epsilon)``."""
    return x.mean(axes, keepdims=True), 1 / np.sqrt(x.var(axes, keepdims=True) + epsilon)


def _from(axis: int, x: AnyArray, vector: AnyArray | None) -> AnyArray | None:
    """Return a scale or bias with an element for each of what is normalized together."""
    shape = x.shape[axis:]
    return vector if vector is None or vector.shape == shape else np.broadcast_to(vector, shape)


@operator("InstanceNormalization")
def _instance(node: Node, opset: int, constants: Constants) -> Run:
    epsilon = node.attributes.get("epsilon", 1e-5)

    def run(x: AnyArray, scale: AnyArray, bias: AnyArray, out: AnyArray | None = None) -> Any:
        return normalize_maps("standard", x, x.shape[1], scale, bias, epsilon, out=out)

    return elementwise(run)


@operator("GroupNormalization")
def _group(node: Node, opset: int, constants: Constants) -> Run:
    """Scale and bias are those of the groups in version 18, and those of the maps since 21."""
    epsilon, groups = node.attributes.get("epsilon", 1e-5), node.attributes["num_groups"]

    def run(x: AnyArray, scale: AnyArray, bias: AnyArray, out: AnyArray | None = None) -> Any:
        if opset < 21:
            scale, bias = (np.repeat(vector, x.shape[1] // groups) for vector in (scale, bias))
        return normalize_maps("standard", x, groups, scale, bias, epsilon, out=out)

    return elementwise(run)


@operator("LayerNormalization")
def _layer(node: Node, opset: int, constants: Constants) -> Run:
    """Statistics are of the type that stash_type names, float32 unless given; sums are float64 anyhow."""
    given = node.attributes
    axis, epsilon = given.get("axis", -1), given.get("epsilon", 1e-5)
    stash = dtype_of("LayerNormalization", given.get("stash_type", 1))
    outputs = len(node.outputs)

    def run(x: AnyArray, scale: AnyArray, bias: AnyArray | None = None, out: AnyArray | None = None) -> Any:
        first = axis % x.ndim
        return normalize("standard", x, first, _from(first, x, scale), _from(first, x, bias), epsilon, out=out)

    def run_all(x: AnyArray, scale: AnyArray, bias: AnyArray | None = None) -> Any:
        axes = tuple(range(axis % x.ndim, x.ndim))
        return (run(x, scale, bias), *_moments(x.astype(stash, copy=False), axes, epsilon))[:outputs]

    return elementwise(run) if outputs == 1 else run_all


@operator("RMSNormalization")
def _rms(node: Node, opset: int, constants: Constants) -> Run:
    """Compute the mean of squares as LayerNormalization does its statistics."""
    axis, epsilon = node.attributes.get("axis", -1), node.attributes.get("epsilon", 1e-5)

    def run(x: AnyArray, scale: AnyArray, out: AnyArray | None = None) -> Any:
        first = axis % x.ndim
        return normalize("root_mean_square", x, first, _from(first, x, scale), None, epsilon, out=out)

    return elementwise(run)


@operator("MeanVarianceNormalization")
def _mean_variance(node: Node, opset: int, constants: Constants) -> Run:
    axes = node.attributes.get("axes", (0, 2, 3))

    def run(x: AnyArray) -> AnyArray:
        along = {axis % x.ndim for axis in axes}
        order = sorted(range(x.ndim), key=lambda axis: axis in along)  # stable: the others stay first
        result = normalize("standard", x.transpose(order), x.ndim - len(along), epsilon=1e-9)
        return result.transpose(np.argsort(order))

    return run


@operator("LpNormalization")
def _lp(node: Node, opset: int, constants: Constants) -> Run:
    axis, power = node.attributes.get("axis", -1), node.attributes.get("p", 2)

    def run(x: AnyArray) -> AnyArray:
        if axis in (-1, x.ndim - 1):
            return normalize("l1" if power == 1 else "l2", x, x.ndim - 1)
        norm = np.abs(x).sum(axis, keepdims=True) if power == 1 else np.sqrt(np.square(x).sum(axis, keepdims=True))
        result: AnyArray = np.divide(x, norm, out=np.zeros_like(x), where=norm != 0)
        return result

    return run
