"""Integers as SciPy truncates them: which side of a whole number a sum lies on depends on the order of additions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from convx.ndimage._arguments import Array

__all__ = ["settle"]

EPSILON = np.finfo(np.float64).eps
FEW = 0.05  # of the sums are gathered one by one; where it is more, all are added up again


def settle(sums: Array, block: Array, weights: Array, *, line: bool) -> Array:
    """Add up again, in SciPy's order and without fused multiply-adds, what lies too near to a whole number to tell.

    SciPy adds in float64 and cuts off the fraction: a mean of equal pixels may come out as 99.99999999999999 and be
    stored as 99. Sums elsewhere are cut off alike in any order.

    Parameters
    ----------
    sums : ndarray of float32 or float64
        The sums of `block`; changed in place.
    block : ndarray of the same dtype
        Contiguous; holds what the windows of all sums see.
    weights : ndarray of float64
        The window.
    line : bool
        Whether the order is that of ``correlate1d``, which adds mirrored terms first, or that of ``correlate``.

    Returns
    -------
    ndarray
        `sums`, or other ones of float64.
    """
    scale = np.abs(weights).sum() * np.abs(block).max(initial=0.0)
    distance = np.rint(sums)
    distance -= sums
    near = np.abs(distance, out=distance) <= 4 * np.finfo(sums.dtype).eps * weights.size * scale
    count = np.count_nonzero(near)
    add = _along_line if line else _in_rows
    if count > FEW * sums.size:
        spans = [slice(0, size) for size in sums.shape]

        def shifted(tap: tuple[int, ...]) -> Array:
            part = tuple(slice(start, start + span.stop) for start, span in zip(tap, spans, strict=True))
            return block[part].astype(np.float64)

        return add(shifted, weights)
    if count:
        places = np.unravel_index(np.flatnonzero(near), near.shape)  # NumPy finds them fast in one axis
        values = block.ravel()

        def gathered(tap: tuple[int, ...]) -> Array:
            moved = tuple(place + step for place, step in zip(places, tap, strict=True))
            flat: Any = np.ravel_multi_index(moved, block.shape)
            found: Array = values[flat]
            return found.astype(np.float64)

        sums[places] = _kept_side(add(gathered, weights), sums.dtype)
    return sums


def _kept_side(sums: Array, dtype: np.dtype[Any]) -> Array:
    """Return the sums without their fractions, which a narrower dtype would round to the other side."""
    return sums if dtype == np.float64 else np.trunc(sums)


def _taps(weights: Array) -> Iterator[tuple[int, ...]]:
    return product(*map(range, weights.shape))


def _in_rows(values: Callable[[tuple[int, ...]], Array], weights: Array) -> Array:
    total: Array = np.zeros_like(values(next(_taps(weights))))
    for tap in _taps(weights):
        if abs(weights[tap]) > EPSILON:
            total += weights[tap] * values(tap)
    return total


def _along_line(values: Callable[[tuple[int, ...]], Array], weights: Array) -> Array:
    taps, line = list(_taps(weights)), weights.ravel()
    size, mirrored = line.size, line[::-1]
    middle = size // 2
    if size % 2 and (np.abs(line - mirrored) <= EPSILON).all():
        combine: Callable[[Array, Array], Array] = np.add
    elif size % 2 and (np.abs(line + mirrored) <= EPSILON).all():
        combine = np.subtract
    else:
        total: Array = values(taps[-1]) * line[-1]
        for tap, weight in zip(taps[:-1], line[:-1], strict=True):
            total += values(tap) * weight
        return total
    total = values(taps[middle]) * line[middle]
    for first in range(middle):
        total += combine(values(taps[first]), values(taps[size - 1 - first])) * line[first]
    return total
