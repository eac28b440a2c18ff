"""Kernels along axes, one after the other, in one pass over the array where the core can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from convx.ndimage._arguments import Array
from convx.ndimage._axes import in_turn
from convx.ndimage._lines import NARROW, Line, fits, fused
from convx.ndimage._sums import weighted_sums

__all__ = ["add_line", "added_lines", "filter_lines", "line_sums"]

BLOCK = 1 << 22
"""Bytes of a piece of all rows that is filtered in place."""


def filter_lines(function: str, input: Array, out: Array, lines: Sequence[Line], cval: float) -> None:
    """Correlate with one kernel after the other, each along its axis; what each gives has the dtype of `out`.

    Parameters
    ----------
    function : str
        The caller's name, for messages.
    input, out : ndarray
        Real, of the same shape; they may overlap.
    lines : sequence of Line
        In the order in which SciPy takes them. Without any `out` is a copy.
    cval : float
        What lies beyond borders of mode 'constant'.
    """
    if np.may_share_memory(input, out):
        input = input.copy()
    commute = _commute(lines, out, cval)
    ordered = sorted(lines, key=lambda line: line.axis) if commute else lines
    if fits(input, out, ordered, cval) and (_last_first if commute else fused)(function, input, out, ordered, cval):
        return
    if commute and out.dtype.kind == "f":  # rounded alike, whatever way is taken
        lines = [*ordered[-2:], *ordered[:-2]]

    def apply(source: Array, part: Array, line: Line) -> None:
        if not (fits(source, part, [line], cval) and fused(function, source, part, [line], cval)):
            line_sums(source, part, line, cval)

    in_turn(input, out, [(line.axis, line) for line in lines], apply)


def line_sums(input: Array, out: Array, line: Line, cval: float, origin: Sequence[int] | None = None) -> None:
    """Correlate along one axis whatever the types, see `weighted_sums`."""
    sides, modes, shape = [(0, 0)] * input.ndim, [line.mode] * input.ndim, [1] * input.ndim
    sides[line.axis], shape[line.axis] = line.sides, -1
    whole = line.mean and input.dtype.kind in "biu"
    weights, divisor = (np.ones(line.weights.size), line.weights.size) if whole else (line.weights, 1)
    weights = weights.reshape(shape)
    weighted_sums(input, weights, sides, modes, cval, out, divisor=divisor, line=True, origin=origin)


def added_lines(function: str, input: Array, out: Array, lines: Sequence[Line], cval: float) -> bool:
    """Add what two kernels give, of whole numbers and each along its axis; return whether the core could.

    Parameters
    ----------
    function, input, out, lines, cval
        As for `filter_lines`.
    """
    return fits(input, out, lines, cval) and len(lines) == 2 and fused(function, input, out, lines, cval, added=True)


def _commute(lines: Sequence[Line], out: Array, cval: float) -> bool:
    """Return whether any order of the lines gives the same, but for a float's rounding."""
    whole = all((line.weights == np.rint(line.weights)).all() for line in lines)
    beyond = cval != 0 and any(line.mode == "constant" for line in lines)
    return (out.dtype.kind == "f" or whole) and not beyond


def _last_first(function: str, input: Array, out: Array, lines: Sequence[Line], cval: float) -> bool:
    """Filter along the last two axes in one pass, then along the others in place; return whether the core could."""
    others = lines[:-2]
    stacks = [_stack(out, line.axis) for line in others]
    if any(stack is None for stack in stacks) or not fused(function, input, out, lines[-2:], cval):
        return False
    for line, stack in zip(others, stacks, strict=True):
        for (part,) in _blocks(stack):
            rows = _rows(part)
            rows[...] = part
            fused(function, rows, part, [line._replace(axis=0)], cval)
    return True


def add_line(function: str, input: Array, out: Array, line: Line, cval: float) -> bool:
    """Add what a kernel along one axis gives to what is there; return whether the core could.

    Parameters
    ----------
    function, input, out, line, cval
        As for `filter_lines`.
    """
    stacks = [_stack(array, line.axis) for array in (input, out)]
    if any(stack is None for stack in stacks) or not fits(input, out, [line], cval):
        return False
    for part, to in _blocks(*stacks):
        sums = _rows(to)
        fused(function, part, sums, [line._replace(axis=0)], cval)
        to += sums
    return True


def _stack(array: Array, axis: int) -> Array | None:
    """Return images x rows x elements that lie side by side, where rows are those of an axis and not too short."""
    view = array.reshape(-1, array.shape[axis], prod(array.shape[axis + 1 :]))
    is_stack = view.shape[2] >= NARROW and view.strides[2] == view.itemsize and np.may_share_memory(view, array)
    return view if is_stack else None


def _rows(part: Array) -> Array:
    """Return room for as many rows, which do not lie whole pages apart: those would share a few sets of a cache."""
    rows, width = part.shape
    return np.empty((rows, width + 128 // part.itemsize), part.dtype)[:, :width]


def _blocks(*stacks: Array | None) -> Iterator[list[Array]]:
    """Yield pieces of all rows of an image that are small enough for a copy, and wide enough to be rows."""
    arrays = [stack for stack in stacks if stack is not None]
    images, rows, width = arrays[0].shape
    count = max(min(-(-rows * width * arrays[0].itemsize // BLOCK), width // NARROW), 1)
    for image in range(images):
        for i in range(count):
            yield [array[image, :, i * width // count : (i + 1) * width // count] for array in arrays]
