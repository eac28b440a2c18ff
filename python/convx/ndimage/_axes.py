"""Axes: those that are not filtered are joined where memory allows it; the others are filtered one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from convx.ndimage._arguments import Array

__all__ = ["in_turn", "joined_axes"]

COPY = 1 << 21
"""Bytes of a part that is filtered in place."""

NARROW = 16
"""Elements along an axis that is not cut further."""


def joined_axes(arrays: Sequence[Array], filtered: Sequence[bool]) -> tuple[list[Array], list[int]]:
    """Join neighbouring axes that are not filtered.

    Parameters
    ----------
    arrays : sequence of ndarray
        Of the same shape.
    filtered : sequence of bool
        For each axis whether it must stay as it is.

    Returns
    -------
    arrays : list of ndarray
        Views with fewer axes.
    axes : list of int
        For each axis of the views the last one of those that it is made of.
    """
    shape: list[int] = []
    axes: list[int] = []
    for axis, size in enumerate(arrays[0].shape):
        joins = axes and not filtered[axis] and not filtered[axes[-1]] and _neighbours(arrays, axes[-1], axis)
        if joins:
            shape[-1] *= size
            axes[-1] = axis
        else:
            shape.append(size)
            axes.append(axis)
    return [array.reshape(shape) for array in arrays], axes


def _neighbours(arrays: Sequence[Array], outer: int, inner: int) -> bool:
    return all(array.strides[outer] == array.shape[inner] * array.strides[inner] for array in arrays)


def in_turn(
    input: Array, out: Array, steps: Iterable[tuple[int, Any]], apply: Callable[[Array, Array, Any], object]
) -> Array:
    """Filter `input` along one axis, and then `out` in place along the others.

    What each step gave is kept in the dtype of `out`, as SciPy keeps it.

    Parameters
    ----------
    input, out : ndarray
        Of the same shape; they may overlap.
    steps : iterable of (int, object)
        Axes, and what to do along them. The first axis counts only if there are several steps.
    apply : callable
        ``apply(source, part, what)`` filters from `source` into a part of `out`.

    Returns
    -------
    ndarray
        `out`, which is a copy of `input` where there are no steps.
    """
    done = False
    for axis, what in steps:
        if done:
            for part in _across(out, axis):
                apply(part.copy(), part, what)
        else:
            apply(input, out, what)
        done = True
    if not done:
        out[...] = input
    return out


def _across(array: Array, axis: int) -> Iterator[Array]:
    """Yield parts, each with all of one axis, of which a copy is small."""
    lengths = [1 if place == axis else size for place, size in enumerate(array.shape)]
    longest = lengths.index(max(lengths))
    if array.nbytes <= COPY or lengths[longest] < 2 * NARROW:
        yield array
        return
    for part in np.array_split(array, 2, longest):
        yield from _across(part, axis)
