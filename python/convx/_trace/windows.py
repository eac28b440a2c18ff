"""Where the windows of a layer lie along one axis: which elements each output reads, and by which tap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convx._types import PaddingMode
from convx.reference.geometry import PADDING_MODES
from convx.reference.geometry import Axis as Sliding

__all__ = ["AxisWindows", "adaptive", "each", "sliding", "spread"]


@dataclass(frozen=True)
class AxisWindows:
    """The windows along one axis. Positions count from the first element of the input: in the padding they are < 0.

    Attributes
    ----------
    size : int
        Elements of the input.
    lo, hi : int
        Padded elements before and after them.
    source : list of int
        For each position from ``-lo``: the element of the input that it repeats, -1 where there is none.
    positions : list of list of int
        What each output reads.
    taps : list of list of int
        The element of the kernel that each of them meets.
    """

    size: int
    lo: int
    hi: int
    source: list[int]
    positions: list[list[int]]
    taps: list[list[int]]

    def sources(self, output: int) -> list[int]:
        """Return the elements of the input that one output reads, -1 for each that is not there."""
        return [self.source[position + self.lo] for position in self.positions[output]]


def sliding(axis: Sliding, mode: PaddingMode = "zeros") -> AxisWindows:
    """Return the windows of a kernel that slides along a padded axis."""
    lo, hi = axis.lo, axis.hi + axis.overhang
    places = np.arange(axis.size)
    if PADDING_MODES[mode] == "constant":
        source = np.pad(places, (lo, hi), constant_values=-1)
    else:
        source = np.pad(places, (lo, hi), mode=PADDING_MODES[mode])
    taps = list(range(axis.kernel))
    return AxisWindows(axis.size, lo, hi, source.tolist(), axis.taps().tolist(), [taps] * axis.outputs)


def spread(size: int, outputs: int, kernel: int, stride: int, dilation: int, cut: int) -> AxisWindows:
    """Return the windows of a transposed convolution: output o meets element i at tap (o + cut - i*stride)/dilation."""
    pairs = [
        [(i, t) for t in range(kernel) for i in range(size) if i * stride + t * dilation == o + cut]
        for o in range(outputs)
    ]
    positions = [sorted(i for i, _ in pair) for pair in pairs]
    taps = [[t for _, t in sorted(pair)] for pair in pairs]
    return AxisWindows(size, 0, 0, list(range(size)), positions, taps)


def adaptive(size: int, outputs: int) -> AxisWindows:
    """Return windows that divide an axis among a number of outputs; 1 is one window over all."""
    positions = [list(range(i * size // outputs, -(-(i + 1) * size // outputs))) for i in range(outputs)]
    return AxisWindows(size, 0, 0, list(range(size)), positions, [list(range(len(p))) for p in positions])


def each(size: int) -> AxisWindows:
    """Return a window for each element."""
    return adaptive(size, size)
