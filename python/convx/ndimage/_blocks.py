"""Blocks of an array with what lies beyond its borders, so that a filter of any dtype needs little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np

from convx.ndimage._arguments import Array, Sides

__all__ = ["for_blocks", "store"]

ELEMENTS = 1 << 18
"""Of a block of the result: with its copies, some megabytes."""


def for_blocks(
    input: Array,
    out: Array,
    sides: Sequence[Sides],
    modes: Sequence[str],
    cval: complex,
    dtype: np.dtype[np.generic],
    filter_block: Callable[[Array, Array], None],
) -> None:
    """Call ``filter_block(block, part)`` for parts of `out`; a block is the input under the windows of a part.

    Parameters
    ----------
    input, out : ndarray
        Of the same shape; they must not overlap.
    sides : sequence of (int, int)
        How far windows reach along each axis.
    modes : sequence of str
        What lies beyond the borders of each axis.
    cval : number
        What lies there where the mode is 'constant'.
    dtype : dtype
        Of the blocks.
    filter_block : callable
        Takes a contiguous block and the part of `out` to fill.
    """
    for part in _parts(tuple((0, size) for size in out.shape)):
        spans = tuple(slice(*span) for span in part)
        filter_block(_block(input, part, sides, modes, cval, dtype), out[spans] if spans else out)


def _parts(box: tuple[Sides, ...]) -> Iterator[tuple[Sides, ...]]:
    """Halve a box along its longest axis until its parts are small enough."""
    lengths = [stop - start for start, stop in box]
    if prod(lengths) <= ELEMENTS:
        if all(lengths):
            yield box
        return
    axis = lengths.index(max(lengths))
    start, stop = box[axis]
    middle = (start + stop) // 2
    for span in ((start, middle), (middle, stop)):
        yield from _parts((*box[:axis], span, *box[axis + 1 :]))


def _block(
    input: Array,
    part: Sequence[Sides],
    sides: Sequence[Sides],
    modes: Sequence[str],
    cval: complex,
    dtype: np.dtype[np.generic],
) -> Array:
    inside, beyond, missing = [], [], []
    for (start, stop), (before, behind), mode, length in zip(part, sides, modes, input.shape, strict=True):
        low, high = start - before, stop + behind
        within = low >= 0 and high <= length
        inner = slice(max(low, 0), min(high, length))
        inside.append(inner if within or mode == "constant" else slice(None))
        beyond.append(
            None
            if within or mode == "constant"
            else (_source(np.arange(low, 0), length, mode), inner, _source(np.arange(length, high), length, mode))
        )
        missing.append((inner.start - low, high - inner.stop) if mode == "constant" else (0, 0))
    block = input[tuple(inside)]
    for axis, places in enumerate(beyond):
        if places is not None:  # few are taken one by one
            first, inner, last = places
            parts = block.take(first, axis), block[(slice(None),) * axis + (inner,)], block.take(last, axis)
            block = np.concatenate(parts, axis)
    if not any(map(any, missing)):
        return np.ascontiguousarray(block, dtype)
    shape = [size + low + high for size, (low, high) in zip(block.shape, missing, strict=True)]
    framed = np.full(shape, cval, dtype)
    framed[tuple(slice(low, low + size) for size, (low, _) in zip(block.shape, missing, strict=True))] = block
    return framed


def _source(places: Array, length: int, mode: str) -> Array:
    """Return where the elements at `places`, some of them beyond the borders, come from."""
    if mode == "nearest":
        return places.clip(0, length - 1)
    if mode == "wrap":
        return places % length
    if mode == "reflect":
        turn = 2 * length - 1
        places = places % (turn + 1)
    else:
        turn = max(2 * (length - 1), 1)
        places = places % turn if length > 1 else np.zeros_like(places)
    source: Array = np.minimum(places, turn - places)
    return source


def store(part: Array, values: Array | np.float64) -> None:
    """Write numbers into a part of the result; into integers as C does it: cut off, and modulo 2**bits."""
    with np.errstate(all="ignore"):
        if part.dtype.kind == "b":
            part[...] = np.trunc(values) != 0 if values.dtype.kind == "f" else values != 0
        elif part.dtype.kind in "iu" and values.dtype.kind == "f":
            small = part.itemsize < 4 and np.abs(values).max(initial=0.0) < 2.0**31
            whole = values.astype(np.int32 if small else np.int64)
            if part.dtype == np.uint64:
                whole = np.where(values >= 2.0**63, values.astype(np.uint64), whole.view(np.uint64))
            part[...] = whole.astype(part.dtype)
        else:
            part[...] = values.astype(part.dtype, copy=False)
