"""Blocks of an array with what lies beyond its borders, so that a filter of any dtype needs little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import prod

import numpy as np

from convx.ndimage._arguments import Array, Sides

__all__ = ["for_blocks", "store"]

BYTES = 1 << 19
"""Of a block of the result: with its copies, some megabytes."""


def for_blocks(
    input: Array,
    out: Array,
    sides: Sequence[Sides],
    modes: Sequence[str],
    cval: complex,
    dtype: np.dtype[np.generic],
    filter_block: Callable[[Array, Array], None],
    origin: Sequence[int] | None = None,
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
    origin : sequence of int, optional
        Where in the result `out` begins, if it is but a part of it.
    """
    starts = origin or [0] * out.ndim
    for part in _parts(tuple((0, size) for size in out.shape), [*map(sum, sides)], BYTES // dtype.itemsize):
        spans = tuple(slice(*span) for span in part)
        under = [(first + start, first + stop) for first, (start, stop) in zip(starts, part, strict=True)]
        filter_block(_block(input, under, sides, modes, cval, dtype), out[spans] if spans else out)


def _parts(box: tuple[Sides, ...], reach: Sequence[int], elements: int) -> Iterator[tuple[Sides, ...]]:
    """Halve a box until its parts, and if that takes no more of them the blocks under these, have few elements.

    Of those that are not short already that axis is cut of which the fewest elements are then read twice.
    """
    lengths = [stop - start for start, stop in box]
    blocks = [*map(sum, zip(lengths, reach, strict=True))]
    if not box:
        yield box
        return
    axis = max(range(len(box)), key=lambda i: (min(lengths[i], 16), lengths[i] / max(blocks[i], 1), lengths[i]))
    is_large = prod(blocks) > 2 * elements and lengths[axis] > 2 * max(reach[axis], 8)
    if prod(lengths) <= elements and not is_large:
        if all(lengths):
            yield box
        return
    start, stop = box[axis]
    middle = (start + stop) // 2
    for span in ((start, middle), (middle, stop)):
        yield from _parts((*box[:axis], span, *box[axis + 1 :]), reach, elements)


def _block(
    input: Array,
    part: Sequence[Sides],
    sides: Sequence[Sides],
    modes: Sequence[str],
    cval: complex,
    dtype: np.dtype[np.generic],
) -> Array:
    shape = [stop - start + sum(reach) for (start, stop), reach in zip(part, sides, strict=True)]
    axes = []
    for (start, stop), (before, behind), mode, length in zip(part, sides, modes, input.shape, strict=True):
        axes.append(list(_pieces(start - before, stop + behind, length, mode)))
    inner = tuple(slice(*pieces[0][1]) for pieces in axes)
    if list(input[inner].shape) == shape:
        return np.ascontiguousarray(input[inner], dtype)
    block = np.full(shape, cval, dtype) if "constant" in modes else np.empty(shape, dtype)
    for pieces in product(*axes):
        places = [np.arange(*some) if isinstance(some, tuple) else some for _, some in pieces]
        is_inner = all(isinstance(some, tuple) for _, some in pieces)
        block[tuple(span for span, _ in pieces)] = input[inner if is_inner else np.ix_(*places)]
    return block


def _pieces(low: int, high: int, length: int, mode: str) -> Iterator[tuple[slice, Sides | Array]]:
    """Yield where pieces of a line lie in a block, and what they are of an axis: the inner one, then the others."""
    inner = max(low, 0), min(high, length)
    yield slice(inner[0] - low, inner[1] - low), inner
    if mode != "constant":
        for start, stop in ((low, inner[0]), (inner[1], high)):
            if start < stop:
                yield slice(start - low, stop - low), _source(np.arange(start, stop), length, mode)


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
