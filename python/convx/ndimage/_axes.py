"""Axes: those that are not filtered are joined where memory allows it; the others are filtered one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from convx.ndimage._arguments import Array

__all__ = ["in_turn", "joined_axes"]


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


def in_turn(input: Array, out: Array, steps: Iterable[tuple[Any, ...]], apply: Callable[..., object]) -> Array:
    """Call ``apply(source, *step)``, which writes to `out`, for each step: the first reads `input`, the others `out`.

    What each gave is kept in the dtype of `out`, as SciPy keeps it. Without steps `out`, which is returned, is a copy.
    """
    source = input
    for step in steps:
        apply(source, *step)
        source = out
    if source is input:
        out[...] = input
    return out
