"""Where blocks lie: which outputs each holds, and which input each needs, along one axis.

Outputs are cut where the input is: an output belongs to the chunk over which the middle of its window lies, so that a
result as large as the input has the input's chunks. What a block reads follows from stride, dilation and padding alone;
neighbours overlap by what their windows share and by no element more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import gcd

import numpy as np

from convx._types import PaddingMode
from convx.reference.geometry import PADDING_MODES, Axis

__all__ = ["Part", "Piece", "dividing", "sliding", "spreading"]


@dataclass(frozen=True)
class Part:
    """Outputs of an adaptive pooling whose windows lie evenly over the elements `start` to `stop` of a block."""

    outputs: int
    start: int
    stop: int


@dataclass(frozen=True)
class Piece:
    """What one block needs along one axis.

    Attributes
    ----------
    outputs : int
        How many outputs it holds.
    runs : tuple of (start, stop)
        The input elements that it reads: one range, or two where the input is wrapped around.
    lo, hi : int
        Padding that is left to the call; of a transposed convolution, the outputs that it cuts off.
    ceil_mode : bool
        Whether the last window reaches beyond the padding.
    order : tuple of int, optional
        Where a border is mirrored, repeated or wrapped: the elements of the runs in the order in which windows meet
        them.
    added : int
        Outputs that a transposed convolution adds at the end.
    parts : tuple of Part
        Of adaptive pooling.
    """

    outputs: int
    runs: tuple[tuple[int, int], ...]
    lo: int = 0
    hi: int = 0
    ceil_mode: bool = False
    order: tuple[int, ...] | None = None
    added: int = 0
    parts: tuple[Part, ...] = ()

    @property
    def size(self) -> int:
        """How many input elements it reads."""
        return sum(stop - start for start, stop in self.runs)


def _cut(chunks: Sequence[int], outputs: int, before: Callable[[int], int], least: int, most: int) -> Iterable[int]:
    """Return 0, the outputs between `least` and `most` where a block may begin, and the number of outputs.

    ``before`` tells how many outputs belong to the input in front of an element.
    """
    inner = {before(edge) for edge in accumulate(chunks[:-1])}
    return [0, *sorted(cut for cut in inner if max(least, 1) <= cut <= min(most, outputs - 1)), outputs]


def sliding(axis: Axis, chunks: Sequence[int], padding_mode: PaddingMode = "zeros") -> list[Piece]:
    """Cut an axis of a convolution or a pooling, whose `chunks` are those of the input."""
    middle = (axis.extent - 1 - axis.lo - axis.hi) // 2
    # Every block must see an element of the input, beside outputs that see nothing but padding.
    first = (axis.lo - axis.extent) // axis.stride + 2
    last = -(-(axis.size + axis.lo) // axis.stride) - 1
    cuts = _cut(chunks, axis.outputs, lambda edge: -((middle - edge) // axis.stride), first, last)
    blocks = list(pairwise(cuts))
    if len(blocks) == 1:  # the whole axis: the call of the twin
        return [Piece(axis.outputs, ((0, axis.size),), axis.lo, axis.hi, axis.overhang > 0)]
    if padding_mode == "zeros" or axis.lo == axis.hi == 0:
        return [_clipped(axis, begin, end) for begin, end in blocks]
    border = np.pad(np.arange(axis.size), (axis.lo, axis.hi), mode=PADDING_MODES[padding_mode])
    return [_mirrored(axis, begin, end, border) for begin, end in blocks]


def _clipped(axis: Axis, begin: int, end: int) -> Piece:
    """Return the block of outputs `begin` to `end`; what it sees beyond the input is padded by the call."""
    start, stop = begin * axis.stride - axis.lo, (end - 1) * axis.stride - axis.lo + axis.extent
    beyond = max(stop - axis.size, 0)
    run = (max(start, 0), min(stop, axis.size))
    return Piece(end - begin, (run,), max(-start, 0), min(beyond, axis.hi), beyond > axis.hi)


def _mirrored(axis: Axis, begin: int, end: int, border: np.ndarray) -> Piece:
    """Return the same, where `border` tells which element stands at each place of the padded axis."""
    wanted = border[begin * axis.stride : (end - 1) * axis.stride + axis.extent]
    there = np.unique(wanted)
    gaps = np.flatnonzero(np.diff(there) > 1) + 1
    runs = tuple((int(run[0]), int(run[-1]) + 1) for run in np.split(there, gaps))
    order = np.searchsorted(there, wanted)
    plain = np.array_equal(order, np.arange(len(there)))
    return Piece(end - begin, runs, order=None if plain else tuple(map(int, order)))


def spreading(
    size: int, kernel: int, stride: int, dilation: int, lo: int, outputs: int, chunks: Sequence[int]
) -> list[Piece]:
    """Cut an axis of a transposed convolution that cuts off `lo` elements in front and has `outputs` outputs."""
    reach = dilation * (kernel - 1)
    shift = (outputs - size * stride) // 2
    pieces = []
    for begin, end in pairwise(_cut(chunks, outputs, lambda edge: edge * stride + shift, 1, outputs)):
        nearest = (begin + lo) // stride  # the last element that the first output can see
        first = min(max(min(-((reach - begin - lo) // stride), nearest), 0), size - 1)
        stop = min(max((end - 1 + lo) // stride + 1, first + 1), size)
        cut = begin + lo - first * stride
        left = (stop - 1 - first) * stride + reach + 1 - cut - (end - begin)
        pieces.append(Piece(end - begin, ((first, stop),), cut, max(left, 0), added=max(-left, 0)))
    return pieces


def dividing(size: int, outputs: int, chunks: Sequence[int]) -> list[Piece]:
    """Cut an axis of an adaptive pooling."""
    cuts = _cut(chunks, outputs, lambda edge: -(-edge * outputs // size), 1, outputs)
    return [_divided(size, outputs, begin, end) for begin, end in pairwise(cuts)]


def _divided(size: int, outputs: int, begin: int, end: int) -> Piece:
    """Return the outputs `begin` to `end`: each window alone, but whole periods of the windows together."""
    period = outputs // gcd(size, outputs)
    even = min(-(-begin // period) * period, end)
    odd = max(end // period * period, even)
    first = begin * size // outputs
    ranges = [*((i, i + 1) for i in range(begin, even)), (even, odd), *((i, i + 1) for i in range(odd, end))]
    parts = tuple(
        Part(high - low, low * size // outputs - first, -(-high * size // outputs) - first)
        for low, high in ranges
        if low < high
    )
    return Piece(end - begin, ((first, first + parts[-1].stop),), parts=parts)
