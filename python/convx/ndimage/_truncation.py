"""Integers as SciPy truncates them: which side of a whole number a sum lies on depends on the order of additions."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx.ndimage._arguments import Array

__all__ = ["settle"]

EPSILON = np.finfo(np.float64).eps


def settle(sums: Array, block: Array, weights: Array, *, line: bool) -> None:
    """Add up again, in SciPy's order and without fused multiply-adds, what lies too near to a whole number to tell.

    SciPy adds in float64 and cuts off the fraction: a mean of equal pixels may come out as 99.99999999999999 and be
    stored as 99. Sums elsewhere are cut off alike in any order.

    Parameters
    ----------
    sums : ndarray of float64
        The sums of `block`, changed in place.
    block : ndarray of float64
        Contiguous; holds what the windows of all sums see.
    weights : ndarray of float64
        The window.
    line : bool
        Whether the order is that of ``correlate1d``, which adds mirrored terms first, or that of ``correlate``.
    """
    scale = np.abs(weights).sum() * (np.abs(block).max(initial=0.0))
    near = np.abs(sums - np.rint(sums)) <= 4 * EPSILON * weights.size * scale
    places = np.nonzero(near)
    if not places[0].size:
        return
    first = _flat(places, block.shape)
    values = block.ravel()
    offsets = _flat(np.indices(weights.shape).reshape(weights.ndim, -1), block.shape)
    if line:
        sums[places] = _along_line(values, first, offsets, weights.ravel())
        return
    total = np.zeros(first.size)
    for offset, weight in zip(offsets, weights.ravel(), strict=True):
        if abs(weight) > EPSILON:
            total += weight * values[first + offset]
    sums[places] = total


def _along_line(values: Array, first: Array, offsets: Array, weights: Array) -> Array:
    size = weights.size
    middle = size // 2
    mirrored = weights[::-1]
    if size % 2 and (np.abs(weights - mirrored) <= EPSILON).all():
        sign = 1
    elif size % 2 and (np.abs(weights + mirrored) <= EPSILON).all():
        sign = -1
    else:
        total: Array = values[first + offsets[-1]] * weights[-1]
        for offset, weight in zip(offsets[:-1], weights[:-1], strict=True):
            total += values[first + offset] * weight
        return total
    total = values[first + offsets[middle]] * weights[middle]
    for tap in range(middle):
        pair = values[first + offsets[tap]] + sign * values[first + offsets[size - 1 - tap]]
        total += pair * weights[tap]
    return total


def _flat(places: Any, shape: tuple[int, ...]) -> Array:
    flat: Any = np.ravel_multi_index(tuple(places), shape)
    return np.asarray(flat)
