"""Sums, maxima, norms ... along axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.elements import by_core
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Make, Run, operator
from convx._statistics import Reduction, reduce

__all__: list[str] = []

Axes = tuple[int, ...] | None
Function: TypeAlias = Callable[[AnyArray, Axes, bool], Any]


def _last_axes(x: AnyArray, axes: Axes) -> int | None:
    """Return the first of the axes if they are the last ones of an array that the core takes and none is empty."""
    first = x.ndim - (x.ndim if axes is None else len(axes))
    if first == x.ndim or x.size == 0 or not by_core(x):
        return None
    if axes is not None and {axis % x.ndim for axis in axes} != set(range(first, x.ndim)):
        return None
    return first


def _by_core(kind: Reduction, otherwise: Function) -> Function:
    """Return a function that asks the core where it can: rows are what it reduces."""

    def function(x: AnyArray, axes: Axes, keep: bool) -> Any:
        first = _last_axes(x, axes)
        return otherwise(x, axes, keep) if first is None else reduce(kind, x, first, keep)

    return function


def _sum(x: AnyArray, axes: Axes, keep: bool) -> Any:
    return np.sum(x, axes, dtype=x.dtype, keepdims=keep)


def _mean(x: AnyArray, axes: Axes, keep: bool) -> Any:
    return np.mean(x, axes, keepdims=keep).astype(x.dtype, copy=False)


def _product(x: AnyArray, axes: Axes, keep: bool) -> Any:
    return np.prod(x, axes, dtype=x.dtype, keepdims=keep)


def _maximum(x: AnyArray, axes: Axes, keep: bool) -> Any:
    """Return the least number there is where there is nothing to take the largest of."""
    return np.max(x, axes, keepdims=keep, initial=_limits(x)[0]) if x.size == 0 else np.max(x, axes, keepdims=keep)


def _minimum(x: AnyArray, axes: Axes, keep: bool) -> Any:
    return np.min(x, axes, keepdims=keep, initial=_limits(x)[1]) if x.size == 0 else np.min(x, axes, keepdims=keep)


def _limits(x: AnyArray) -> tuple[Any, Any]:
    if x.dtype.kind in "iu":
        return np.iinfo(x.dtype).min, np.iinfo(x.dtype).max
    return (False, True) if x.dtype.kind == "b" else (-np.inf, np.inf)


def _l1(x: AnyArray, axes: Axes, keep: bool) -> Any:
    return _sum(np.abs(x), axes, keep)


def _l2(x: AnyArray, axes: Axes, keep: bool) -> Any:
    return np.sqrt(_sum_of_squares(x, axes, keep)).astype(x.dtype, copy=False)


def _sum_of_squares(x: AnyArray, axes: Axes, keep: bool) -> Any:
    return _sum(np.square(x), axes, keep)


def _log_sum(x: AnyArray, axes: Axes, keep: bool) -> Any:
    return np.log(_sum(x, axes, keep)).astype(x.dtype, copy=False)


def _log_sum_exp(x: AnyArray, axes: Axes, keep: bool) -> Any:
    """Take the largest element out, so that no exponential overflows; one that is infinite cannot be taken out."""
    largest = _maximum(x, axes, True)
    largest = np.where(np.isfinite(largest), largest, 0)
    result = np.log(_sum(np.exp(x - largest), axes, True)) + largest
    return (result if keep else result.squeeze(axes)).astype(x.dtype, copy=False)


def _reduction(function: Function) -> Make:
    """Return a maker; the axes are an attribute until version 18, of ReduceSum until 13."""

    def make(node: Node, opset: int, constants: Constants) -> Run:
        keep = bool(node.attributes.get("keepdims", 1))
        none = () if node.attributes.get("noop_with_empty_axes", 0) else None

        def prepare(axes: Sequence[int] | None) -> Callable[[AnyArray], Any]:
            along = tuple(axes) if axes else none
            return lambda x: function(x, along, keep)

        return settled(node, constants, ("axes",), prepare)

    return make


for _name, _function in {
    "ReduceL1": _by_core("l1", _l1),
    "ReduceL2": _by_core("l2", _l2),
    "ReduceLogSum": _log_sum,
    "ReduceLogSumExp": _log_sum_exp,
    "ReduceMax": _by_core("max", _maximum),
    "ReduceMean": _by_core("mean", _mean),
    "ReduceMin": _by_core("min", _minimum),
    "ReduceProd": _product,
    "ReduceSum": _by_core("sum", _sum),
    "ReduceSumSquare": _by_core("squares", _sum_of_squares),
}.items():
    operator(_name)(_reduction(_function))
