"""The largest or smallest element under a moving window, for any number of axes, dtypes and modes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from math import prod

import numpy as np

import convx
from convx.ndimage._arguments import Array, Sides
from convx.ndimage._axes import joined_axes
from convx.ndimage._blocks import for_blocks, store

__all__ = ["extreme_elements", "holds"]

_POOLS: dict[int, Callable[..., Array]] = {1: convx.max_pool1d, 2: convx.max_pool2d, 3: convx.max_pool3d}


def extreme_elements(
    input: Array,
    footprint: Array | Sequence[int],
    sides: Sequence[Sides],
    modes: Sequence[str],
    cval: float,
    out: Array,
    *,
    smallest: bool,
    heights: Array | None = None,
) -> None:
    """Write into `out` the largest or smallest element of each window.

    Parameters
    ----------
    input, out : ndarray
        Real, of the same shape; they may overlap.
    footprint : ndarray of bool, or sequence of int
        Which elements of the window count, or the sizes of a box.
    sides, modes, cval
        As :func:`weighted_sums` takes them.
    smallest : bool
        Whether to take the smallest.
    heights : ndarray of float64, optional
        Of the footprint's shape: what to add to the elements before the largest is taken, or to subtract before the
        smallest is.
    """
    if not out.size:
        return
    is_box = not isinstance(footprint, np.ndarray)
    sizes = list(footprint) if is_box else list(footprint.shape)  # type: ignore[union-attr]
    (input, out), kept = joined_axes((input, out), [size > 1 for size in sizes])
    sides, modes = [sides[axis] for axis in kept], [modes[axis] for axis in kept]
    sizes = [sizes[axis] for axis in kept]
    in_place = is_box and not smallest and 1 <= input.ndim <= 3 and input.dtype == out.dtype
    if in_place and all(map(_border_adds_nothing, sides, modes)):
        _POOLS[input.ndim](input[None], sizes, 1, padding=sides, out=out[None])
        return
    if np.may_share_memory(input, out):
        input = input.copy()
    exact = heights is None and holds(input.dtype, modes, cval)
    dtype = input.dtype if exact else np.dtype(np.float64)
    shape = None if is_box else footprint.reshape(sizes)  # type: ignore[union-attr]
    raised = None if heights is None else heights.reshape(sizes)

    def filter_block(block: Array, part: Array) -> None:
        turned = _turned(block) if smallest else block
        if shape is None:
            found = _of_box(turned, sizes)
        else:
            found = _of_shape(turned, shape) if raised is None else _of_heights(turned, shape, raised)
        store(part, _turned(found) if smallest else found)

    for_blocks(input, out, sides, modes, cval, dtype, filter_block)


def _border_adds_nothing(sides: Sides, mode: str) -> bool:
    """Whether what lies beyond a border is under the window anyway, so that the pool's padding does as well."""
    before, behind = sides
    if before == behind == 0 or mode == "nearest":
        return before <= (before + behind + 1) // 2 and behind <= (before + behind + 1) // 2
    return mode in ("reflect", "mirror") and before == behind


def holds(dtype: np.dtype[np.generic], modes: Sequence[str], cval: float) -> bool:
    """Whether a dtype can hold what lies beyond the borders."""
    if dtype.kind == "f" or "constant" not in modes:
        return True
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)  # type: ignore[type-var]
    return bool(cval == np.rint(cval) and low <= cval <= high)


def _turned(values: Array) -> Array:
    """Return the values in the opposite order: the largest becomes the smallest."""
    return -values if values.dtype.kind == "f" else ~values


def _of_box(block: Array, sizes: Sequence[int]) -> Array:
    for axis, size in enumerate(sizes):
        if size > 1:
            outer, inner = block.shape[:axis], block.shape[axis + 1 :]
            if prod(inner) == 1:
                pooled = convx.max_pool2d(block.reshape(1, prod(outer), -1), (1, size), 1)
            else:
                pooled = convx.max_pool2d(block.reshape(prod(outer), -1, prod(inner)), (size, 1), 1)
            block = pooled.reshape(*outer, -1, *inner)
    return block


def _of_shape(block: Array, footprint: Array) -> Array:
    """Take the maximum over the runs of a footprint, those of one length from one pooling along the last axis."""
    spans = _spans(block, footprint)
    parts = (
        pooled[_under(place, spans)]
        for length, runs in groupby(sorted(_runs(footprint)), lambda run: run[0])
        for pooled in [_of_box(block, [*[1] * (block.ndim - 1), length])]
        for _, place in runs
    )
    return _largest(parts)


def _of_heights(block: Array, footprint: Array, heights: Array) -> Array:
    """Take the maximum over the elements of a footprint, each with its height added."""
    spans = _spans(block, footprint)
    places = zip(*np.nonzero(footprint), strict=True)
    return _largest(block[_under(place, spans)] + heights[place] for place in places)


def _largest(parts: Iterator[Array]) -> Array:
    largest = next(parts).copy()
    for part in parts:
        np.maximum(largest, part, out=largest)
    return largest


def _spans(block: Array, footprint: Array) -> list[int]:
    return [size - taps + 1 for size, taps in zip(block.shape, footprint.shape, strict=True)]


def _under(place: Sequence[int], spans: Sequence[int]) -> tuple[slice, ...]:
    """Return where one element of the footprint lies under all places of the window."""
    return tuple(slice(start, start + span) for start, span in zip(place, spans, strict=True))


def _runs(footprint: Array) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield length and place of each run of elements along the last axis."""
    for line in np.ndindex(footprint.shape[:-1]):
        edges = np.flatnonzero(np.diff(footprint[line].astype(np.int8), prepend=0, append=0))
        for start, stop in edges.reshape(-1, 2):
            yield int(stop - start), (*line, int(start))
