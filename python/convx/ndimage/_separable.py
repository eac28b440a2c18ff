"""Kernels along axes, one after the other, in one pass over the array where the core can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from convx import _core
from convx.ndimage._arguments import CORE_MODE, Array, Sides, holds
from convx.ndimage._axes import in_turn
from convx.ndimage._sums import weighted_sums

__all__ = ["Line", "add_line", "added_lines", "filter_lines"]

LONGEST = 128
"""Terms of a sum that is not worth a Fourier transform."""

LONGEST_MEAN = 256
"""Of which as many rows of sums are kept."""

NARROW = 16
"""Elements side by side that are too few to be summed as rows are."""

FARTHEST = 1 << 14
"""Elements from the first term of a sum to the last, which are summed twice at the ends of a strip of a row."""

MOST_KEPT = 1 << 19
"""Sums of the rows that a box along columns, or a second kernel, needs at a time."""

BLOCK = 1 << 20
"""Elements of a piece of all rows that is filtered in place."""


class Line(NamedTuple):
    """A kernel along one axis.

    Attributes
    ----------
    axis : int
        Counted from the first.
    weights : ndarray of float64, shape (size,)
        As a correlation has them.
    sides : (int, int)
        How far the kernel reaches to both sides.
    mode : str
        What lies beyond the borders, without synonyms.
    mean : bool
        Whether the weights are all ``1 / size``, and means of integers are those of their exact sums.
    """

    axis: int
    weights: Array
    sides: Sides
    mode: str
    mean: bool = False


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
    if _fits(input, out, ordered, cval) and (_last_first if commute else _fused)(function, input, out, ordered, cval):
        return
    if commute and out.dtype.kind == "f":  # rounded alike, whatever way is taken
        lines = [*ordered[-2:], *ordered[:-2]]

    def apply(source: Array, line: Line) -> None:
        if _fits(source, out, [line], cval) and _fused(function, source, out, [line], cval):
            return
        sides, modes, shape = [(0, 0)] * input.ndim, [line.mode] * input.ndim, [1] * input.ndim
        sides[line.axis], shape[line.axis] = line.sides, -1
        whole = line.mean and source.dtype.kind in "biu"
        weights, divisor = (np.ones(line.weights.size), line.weights.size) if whole else (line.weights, 1)
        weighted_sums(source, weights.reshape(shape), sides, modes, cval, out, divisor=divisor, line=True)

    in_turn(input, out, [(line,) for line in lines], apply)


def added_lines(function: str, input: Array, out: Array, lines: Sequence[Line], cval: float) -> bool:
    """Add what two kernels give, of whole numbers and each along its axis; return whether the core could.

    Parameters
    ----------
    function, input, out, lines, cval
        As for `filter_lines`.
    """
    return _fits(input, out, lines, cval) and len(lines) == 2 and _fused(function, input, out, lines, cval, added=True)


def _fits(input: Array, out: Array, lines: Sequence[Line], cval: float) -> bool:
    """Return whether the core sums these types so that the results are those of SciPy, up to a float's rounding."""
    if not lines or not out.size or np.may_share_memory(input, out):
        return False
    if any(line.weights.size > (LONGEST_MEAN if line.mean else LONGEST) for line in lines):
        return False
    stored = np.dtype(np.uint8) if input.dtype.kind == "b" else input.dtype  # as `_view` reads it
    if any(line.mode == "constant" for line in lines) and not holds(stored, cval):
        return False
    for array in (input, out):
        small = array.dtype.kind in "biu" and array.dtype.itemsize <= 2
        if (
            not (small or array.dtype in (np.float32, np.float64))
            or not array.dtype.isnative
            or not array.flags.aligned
        ):
            return False
    if out.dtype.kind == "f":
        return True
    small_sums = all(np.abs(line.weights).sum() < 2**15 for line in lines)  # times 16 bits
    return out.dtype.kind != "b" and input.dtype.kind != "f" and small_sums


def _commute(lines: Sequence[Line], out: Array, cval: float) -> bool:
    """Return whether any order of the lines gives the same, but for a float's rounding."""
    whole = all((line.weights == np.rint(line.weights)).all() for line in lines)
    beyond = cval != 0 and any(line.mode == "constant" for line in lines)
    return (out.dtype.kind == "f" or whole) and not beyond


def _last_first(function: str, input: Array, out: Array, lines: Sequence[Line], cval: float) -> bool:
    """Filter along the last two axes in one pass, then along the others in place; return whether the core could."""
    others = lines[:-2]
    stacks = [_stack(out, line.axis) for line in others]
    if any(stack is None for stack in stacks) or not _fused(function, input, out, lines[-2:], cval):
        return False
    for line, stack in zip(others, stacks, strict=True):
        for (part,) in _blocks(stack):
            rows = _rows(part)
            rows[...] = part
            _fused(function, rows, part, [line._replace(axis=0)], cval)
    return True


def add_line(function: str, input: Array, out: Array, line: Line, cval: float) -> bool:
    """Add what a kernel along one axis gives to what is there; return whether the core could.

    Parameters
    ----------
    function, input, out, line, cval
        As for `filter_lines`.
    """
    stacks = [_stack(array, line.axis) for array in (input, out)]
    if any(stack is None for stack in stacks) or not _fits(input, out, [line], cval):
        return False
    for part, to in _blocks(*stacks):
        sums = _rows(to)
        _fused(function, part, sums, [line._replace(axis=0)], cval)
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
    count = max(min(-(-rows * width // BLOCK), width // NARROW), 1)
    for image in range(images):
        for i in range(count):
            yield [array[image, :, i * width // count : (i + 1) * width // count] for array in arrays]


def _fused(function: str, input: Array, out: Array, lines: Sequence[Line], cval: float, *, added: bool = False) -> bool:
    """Filter along one or two axes if the arrays' elements lie as the core needs them."""
    axes = [line.axis for line in lines]
    if len(axes) > 2 or axes != sorted(axes):
        return False
    inner = prod(input.shape[axes[-1] + 1 :])
    down = lines[0] if len(lines) == 2 or inner >= NARROW else None
    along = None if len(lines) == 1 and down else lines[-1]
    first = axes[0]
    between = input.shape[first + 1 : axes[-1]] if down and along else ()
    count = input.shape[:first] if down else ()
    rows = input.shape[first] if down else prod(input.shape[:first])
    if prod(between) > 1 and prod(count) > 1:
        return False
    columns = prod(input.shape[first + 1 + len(between) :] if down else input.shape[first:])
    if along and not _is_small(down, along, inner, columns, added=added):
        return False
    shape = (prod(count), rows, prod(between), columns)
    views = [_view(array, shape) for array in (input, out)]
    if views[0] is None or views[1] is None:
        return False
    _core.separable(function, views[0], views[1], _for_core(down), _for_core(along), added, inner if along else 1, cval)
    return True


def _is_small(down: Line | None, along: Line, inner: int, columns: int, *, added: bool) -> bool:
    """Return whether the rows of sums that the core keeps take but some megabytes."""
    reach, kept = along.weights.size * inner, down.weights.size if down and down.mean else 2 * added
    whole = kept and along.mode == "wrap"  # then rows are not cut
    return reach <= FARTHEST and kept * (columns if whole else 4 * reach) <= MOST_KEPT


def _view(array: Array, shape: tuple[int, int, int, int]) -> Array | None:
    """Return images x rows x elements that lie side by side, of which either the first or the third axis is one."""
    view = np.reshape(array.view(np.uint8) if array.dtype == bool else array, shape)
    if not np.may_share_memory(view, array):
        return None
    view = view[0].swapaxes(0, 1) if shape[2] > 1 else view[:, :, 0]
    return view if view.shape[2] < 2 or view.strides[2] == view.itemsize else None


def _for_core(line: Line | None) -> tuple[Array, int, str, bool] | None:
    return line and (line.weights, line.sides[0], CORE_MODE[line.mode], line.mean)
