"""The largest or smallest element under a moving window, for any number of axes, dtypes and modes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from math import prod

import numpy as np

from convx import _core
from convx.ndimage._arguments import Array, Sides, holds
from convx.ndimage._axes import joined_axes
from convx.ndimage._blocks import for_blocks, store

__all__ = ["borders_fit", "extreme_elements"]


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
    in_place = is_box and 1 <= input.ndim <= 3 and input.dtype == out.dtype
    if in_place and all(map(partial(_border_adds_nothing, loses=_loses(input.dtype, cval, smallest)), sides, modes)):
        _pool(input[None], sizes, smallest, sides, out[None])
        return
    if np.may_share_memory(input, out):
        input = input.copy()
    exact = heights is None and borders_fit(input.dtype, modes, cval)
    dtype = input.dtype if exact else np.dtype(np.float64)
    shape = None if is_box else footprint.reshape(sizes)  # type: ignore[union-attr]
    raised = None if heights is None else heights.reshape(sizes)

    def filter_block(block: Array, part: Array) -> None:
        if shape is None:
            found = _of_box(block, sizes, smallest)
        elif raised is None:
            found = _of_shape(block, shape, smallest)
        else:
            found = _of_heights(block, shape, raised, smallest)
        store(part, found)

    for_blocks(input, out, sides, modes, cval, dtype, filter_block)


def _border_adds_nothing(sides: Sides, mode: str, *, loses: bool) -> bool:
    """Whether a pool's padding does: what lies beyond is under the window anyway, or a constant that `loses`."""
    before, behind = sides
    if before == behind == 0 or mode == "nearest":
        return True
    if mode == "constant":
        return loses
    return abs(before - behind) <= {"reflect": 1, "mirror": 0}.get(mode, -1)


def _loses(dtype: np.dtype[np.generic], cval: float, smallest: bool) -> bool:
    """Whether a constant can change no maximum, or no minimum, of elements of a dtype."""
    if dtype.kind == "f":
        return cval == (np.inf if smallest else -np.inf)
    info = np.iinfo(np.uint8 if dtype.kind == "b" else dtype)  # type: ignore[type-var]
    return bool(cval == (info.max if smallest else info.min))


def borders_fit(dtype: np.dtype[np.generic], modes: Sequence[str], cval: float) -> bool:
    """Whether a dtype can hold what lies beyond the borders."""
    return "constant" not in modes or holds(dtype, cval)


def _pool(
    x: Array, sizes: Sequence[int], smallest: bool, padding: int | Sequence[Sides] = 0, out: Array | None = None
) -> Array:
    name, rank = "minimum_filter" if smallest else "maximum_filter", x.ndim - 1
    if smallest:
        return _core.min_pool(name, rank, x, sizes, 1, padding, 1, False, out, "channels_first", True)
    found: Array = _core.max_pool(name, rank, x, sizes, 1, padding, 1, False, False, out, "channels_first", True)  # type: ignore[assignment]
    return found


def _of_box(block: Array, sizes: Sequence[int], smallest: bool) -> Array:
    for axis, size in enumerate(sizes):
        if size > 1:
            outer, inner = block.shape[:axis], block.shape[axis + 1 :]
            if prod(inner) == 1:
                pooled = _pool(block.reshape(1, prod(outer), -1), (1, size), smallest)
            else:
                pooled = _pool(block.reshape(prod(outer), -1, prod(inner)), (size, 1), smallest)
            block = pooled.reshape(*outer, -1, *inner)
    return block


def _of_shape(block: Array, footprint: Array, smallest: bool) -> Array:
    """Take the extreme over the runs of a footprint, those of one length from one pooling along the last axis."""
    spans = _spans(block, footprint)
    parts = (
        pooled[_under(place, spans)]
        for length, runs in groupby(sorted(_runs(footprint)), lambda run: run[0])
        for pooled in [_of_box(block, [*[1] * (block.ndim - 1), length], smallest)]
        for _, place in runs
    )
    return _extreme(parts, smallest)


def _of_heights(block: Array, footprint: Array, heights: Array, smallest: bool) -> Array:
    """Take the extreme over the elements of a footprint, each with its height added or subtracted."""
    raised = -heights if smallest else heights
    spans = _spans(block, footprint)
    places = zip(*np.nonzero(footprint), strict=True)
    return _extreme((block[_under(place, spans)] + raised[place] for place in places), smallest)


def _extreme(parts: Iterator[Array], smallest: bool) -> Array:
    found = next(parts).copy()
    for part in parts:
        (np.minimum if smallest else np.maximum)(found, part, out=found)
    return found


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
