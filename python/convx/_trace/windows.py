"""Where the windows of a layer lie along one axis: which elements each output reads, and by which tap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convx._layers import Layer
from convx._types import PaddingMode
from convx.reference.geometry import PADDING_MODES

__all__ = ["AxisWindows", "each", "windows_of"]


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


def windows_of(layer: Layer, axis: int) -> AxisWindows:
    """Return the windows of a layer along one of its spatial axes."""
    size, (lo, hi) = layer.in_sizes[axis], layer.padding[axis]
    positions = [list(layer.taps(axis, output)) for output in range(layer.windows[axis])]
    if layer.kind == "conv_transpose":  # output o meets element i at tap (o + lo - i*stride)/dilation
        stride, dilation = layer.stride[axis], layer.dilation[axis]
        taps = [[(o + lo - i * stride) // dilation for i in read] for o, read in enumerate(positions)]
        return AxisWindows(size, 0, 0, list(range(size)), positions, taps)
    hi = max(hi, positions[-1][-1] - size + 1)  # the last window of ceil_mode reads beyond the padding
    taps = [list(range(len(read))) for read in positions]
    return AxisWindows(size, lo, hi, _sources(size, (lo, hi), layer.padding_mode), positions, taps)


def _sources(size: int, pads: tuple[int, int], padding_mode: PaddingMode) -> list[int]:
    mode, places = PADDING_MODES[padding_mode], np.arange(size)
    padded = np.pad(places, pads, constant_values=-1) if mode == "constant" else np.pad(places, pads, mode=mode)
    sources: list[int] = padded.tolist()
    return sources


def each(size: int) -> AxisWindows:
    """Return a window for each element."""
    places = list(range(size))
    return AxisWindows(size, 0, 0, places, [[place] for place in places], [[0]] * size)
