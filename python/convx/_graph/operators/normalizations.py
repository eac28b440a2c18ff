"""Operators that give elements a mean of 0, a variance of 1, or a norm of 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.dtypes import dtype_of
from convx._graph.operators.elements import multiply, subtract
from convx._graph.operators.table import Constants, Run, operator, writes

__all__: list[str] = []


def _standardized(
    x: AnyArray, axes: tuple[int, ...], epsilon: float, out: AnyArray | None = None
) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Return ``(x - mean) / sqrt(variance + epsilon)``, the mean and the factor."""
    mean = x.mean(axes, keepdims=True)
    result = subtract(x, mean, out=out)
    factor = 1 / np.sqrt(np.square(result).mean(axes, keepdims=True) + epsilon)
    return multiply(result, factor, out=result), mean, factor


def _per_map(vector: AnyArray, x: AnyArray) -> AnyArray:
    return vector.reshape(-1, *[1] * (x.ndim - 2))


@operator("InstanceNormalization")
def _instance(node: Node, opset: int, constants: Constants) -> Run:
    epsilon = node.attributes.get("epsilon", 1e-5)

    def run(x: AnyArray, scale: AnyArray, bias: AnyArray, out: AnyArray | None = None) -> Any:
        result, _, _ = _standardized(x, tuple(range(2, x.ndim)), epsilon, out)
        result *= _per_map(scale, x)
        result += _per_map(bias, x)
        return result

    return writes(run)


@operator("GroupNormalization")
def _group(node: Node, opset: int, constants: Constants) -> Run:
    """Scale and bias are those of the groups in version 18, and those of the maps since 21."""
    epsilon, groups = node.attributes.get("epsilon", 1e-5), node.attributes["num_groups"]

    def run(x: AnyArray, scale: AnyArray, bias: AnyArray) -> Any:
        if opset < 21:
            scale, bias = (np.repeat(vector, x.shape[1] // groups) for vector in (scale, bias))
        result, _, _ = _standardized(x.reshape(x.shape[0], groups, -1), (2,), epsilon)
        result = result.reshape(x.shape)
        result *= _per_map(scale, x)
        result += _per_map(bias, x)
        return result

    return run


@operator("LayerNormalization")
def _layer(node: Node, opset: int, constants: Constants) -> Run:
    """Compute the statistics in the type that stash_type names, float32 unless given."""
    given = node.attributes
    axis, epsilon = given.get("axis", -1), given.get("epsilon", 1e-5)
    stash = dtype_of("LayerNormalization", given.get("stash_type", 1))
    outputs = len(node.outputs)

    def run(x: AnyArray, scale: AnyArray, bias: AnyArray | None = None) -> Any:
        wide = x.astype(stash, copy=False)
        result, mean, factor = _standardized(wide, tuple(range(axis % x.ndim, x.ndim)), epsilon)
        result = result.astype(x.dtype, copy=False)
        result *= scale
        if bias is not None:
            result += bias
        return result if outputs == 1 else (result, mean, factor)[:outputs]

    return run


@operator("RMSNormalization")
def _rms(node: Node, opset: int, constants: Constants) -> Run:
    given = node.attributes
    axis, epsilon = given.get("axis", -1), given.get("epsilon", 1e-5)
    stash = dtype_of("RMSNormalization", given.get("stash_type", 1))

    def run(x: AnyArray, scale: AnyArray) -> AnyArray:
        wide = x.astype(stash, copy=False)
        mean = np.square(wide).mean(tuple(range(axis % x.ndim, x.ndim)), keepdims=True)
        result: AnyArray = (wide / np.sqrt(mean + epsilon)).astype(x.dtype, copy=False)
        result *= scale
        return result

    return run


@operator("MeanVarianceNormalization")
def _mean_variance(node: Node, opset: int, constants: Constants) -> Run:
    axes = tuple(node.attributes.get("axes", (0, 2, 3)))
    return lambda x: _standardized(x, axes, 1e-9)[0]


@operator("LpNormalization")
def _lp(node: Node, opset: int, constants: Constants) -> Run:
    axis, power = node.attributes.get("axis", -1), node.attributes.get("p", 2)

    def run(x: AnyArray) -> AnyArray:
        norm = np.abs(x).sum(axis, keepdims=True) if power == 1 else np.sqrt(np.square(x).sum(axis, keepdims=True))
        result: AnyArray = np.divide(x, norm, out=np.zeros_like(x), where=norm != 0)
        return result

    return run
