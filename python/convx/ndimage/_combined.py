"""What several filters along axes give, combined part by part, so that none of it needs an array of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from convx.ndimage._arguments import Array, Sides
from convx.ndimage._lines import LONGEST, Line, fits, fused
from convx.ndimage._separable import line_sums
from convx.threads import get_num_threads

__all__ = ["combined_lines"]

PART = 3 << 18
"""Bytes of a part of the result for each thread: with what is made of it, some megabytes."""

Box = Sequence[Sides]
"""Where a part of an array begins and ends along each axis."""


def combined_lines(
    function: str, input: Array, out: Array, terms: Sequence[Sequence[Line]], cval: float, *, length: bool
) -> None:
    """Write the sum of what each list of lines gives, or the root of the sum of squares, in the dtype of `out`.

    Parameters
    ----------
    function, input, out, cval
        As for `filter_lines`.
    terms : sequence of sequence of Line
        Lists of kernels for the same axes.
    length : bool
        Whether to take the root of the sum of squares.
    """
    if np.may_share_memory(input, out):
        input = input.copy()
    whole = [(0, size) for size in input.shape]
    in_core = all(fits(input, out, lines, cval) for lines in terms) and input.flags.c_contiguous
    elements = PART * (get_num_threads() if in_core else 2) // out.itemsize  # the bits of other sums depend on parts
    first, *others = terms
    room = np.empty(min(max(elements, 1), out.size), out.dtype)
    for box in _boxes(whole, _cut_first(input.ndim, first), elements):
        part = out[tuple(slice(*span) for span in box)]
        _filter(function, input, whole, part, box, first, cval, input.shape)
        if length:
            np.multiply(part, part, out=part)
        for lines in others:
            more = room[: part.size].reshape(part.shape)
            _filter(function, input, whole, more, box, lines, cval, input.shape)
            part += np.multiply(more, more, out=more) if length else more
        if length:
            np.sqrt(part, out=part, casting="unsafe")


def _cut_first(ndim: int, lines: Sequence[Line]) -> list[int]:
    """Return the axes in the order in which they are cut: first those along which no sums are made twice."""
    filtered = [line.axis for line in lines]
    return [*(axis for axis in range(ndim) if axis not in filtered), *filtered]


def _boxes(box: Box, axes: Sequence[int], elements: int) -> Iterator[Box]:
    """Yield parts of at most so many elements, cut along as few axes as possible."""
    start, stop = box[axes[0]]
    others = prod(high - low for low, high in box) // max(stop - start, 1)
    step = max(elements // max(others, 1), 1)
    for low in range(start, stop, step):
        part = [*box]
        part[axes[0]] = low, min(low + step, stop)
        if others > elements and len(axes) > 1:
            yield from _boxes(part, axes[1:], elements)
        else:
            yield part


def _filter(
    function: str,
    input: Array,
    given: Box,
    out: Array,
    box: Box,
    lines: Sequence[Line],
    cval: float,
    shape: Sequence[int],
) -> None:
    """Write a part of what lines give into `out`.

    Parameters
    ----------
    input : ndarray
        The part `given` of an array of this `shape`: all that the sums need.
    out : ndarray
        The part `box` of the result.
    """
    line, others = lines[0], lines[1:]
    needed = _widened(box, others, shape)
    needed[line.axis] = given[line.axis]
    source = input[
        tuple(slice(low - start, high - start) for (low, high), (start, _) in zip(needed, given, strict=True))
    ]
    first = box[line.axis][0] - given[line.axis][0]
    few = out.shape[line.axis] < line.weights.size  # results, for which a transform takes many more elements
    longest = line.weights.size if few and not others else LONGEST
    if fits(source, out, lines, cval, longest) and fused(function, source, out, lines, cval, first=first):
        return
    if not others:
        line_sums(source, out, line, cval, [first if axis == line.axis else 0 for axis in range(out.ndim)])
        return
    needed[line.axis] = box[line.axis]
    between = np.empty([high - low for low, high in needed], out.dtype)
    _filter(function, input, given, between, needed, [line], cval, shape)
    _filter(function, between, needed, out, box, others, cval, shape)


def _widened(box: Box, lines: Sequence[Line], shape: Sequence[int]) -> list[Sides]:
    """Return what lies under the windows of a part, as far as it lies within the array."""
    wide = [*box]
    for line in lines:
        low, high = wide[line.axis][0] - line.sides[0], wide[line.axis][1] + line.sides[1]
        size = shape[line.axis]
        around = line.mode == "wrap" and (low < 0 or high > size)
        wide[line.axis] = (0, size) if around else (max(low, 0), min(high, size))
    return wide
