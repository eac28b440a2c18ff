"""Places in one block of memory for arrays that do not live all at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from convx._graph.graph import AnyArray

__all__ = ["Life", "allocated", "placed"]

_LINE = 64  # bytes of a cache line, and of the widest vector


class Life(NamedTuple):
    """An array, and the steps from the first that writes it to the last that reads it.

    Attributes
    ----------
    nbytes : int
        Its size.
    first, last : int
        Numbers of steps, both included.
    """

    nbytes: int
    first: int
    last: int


def placed(lives: dict[int, Life]) -> tuple[dict[int, int], int]:
    """Return a place for each array such that those that live at the same time do not overlap.

    The largest are placed first, each in the lowest gap that holds it.

    Parameters
    ----------
    lives : dict of int to Life
        By any number.

    Returns
    -------
    offsets : dict of int to int
        Bytes from the beginning of the block, multiples of 64.
    nbytes : int
        Of the block.
    """
    offsets: dict[int, int] = {}
    done: list[tuple[int, int, Life]] = []  # begin, end
    for key, life in sorted(lives.items(), key=lambda item: (-item[1].nbytes, item[1].first)):
        begin, size = 0, -(-life.nbytes // _LINE) * _LINE
        for low, high, other in sorted(done, key=lambda entry: entry[0]):
            if other.last < life.first or life.last < other.first:
                continue
            if low - begin >= size:
                break
            begin = max(begin, high)
        offsets[key] = begin
        done.append((begin, begin + size, life))
    return offsets, max((end for _, end, _ in done), default=0)


def allocated(nbytes: int) -> AnyArray:
    """Return a block of bytes that begins at a cache line."""
    block = np.empty(nbytes + _LINE, np.uint8)
    start = -block.ctypes.data % _LINE
    return block[start : start + nbytes]
