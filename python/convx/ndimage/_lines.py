"""Kernels along one axis, and the pass over an array that the core makes of one or two of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from convx import _core
from convx.ndimage._arguments import CORE_MODE, Array, Sides, holds

__all__ = ["LONGEST", "NARROW", "Line", "fits", "fused"]

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


def fits(input: Array, out: Array, lines: Sequence[Line], cval: float, longest: int = LONGEST) -> bool:
    """Return whether the core sums these types so that the results are those of SciPy, up to a float's rounding."""
    if not lines or not out.size or np.may_share_memory(input, out):
        return False
    if any(line.weights.size > (LONGEST_MEAN if line.mean else longest) for line in lines):
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


def fused(
    function: str,
    input: Array,
    out: Array,
    lines: Sequence[Line],
    cval: float,
    *,
    added: bool = False,
    first: int = 0,
) -> bool:
    """Filter along one or two axes if the arrays' elements lie as the core needs them; return whether they do.

    Parameters
    ----------
    function, input, out, lines, cval
        As for `filter_lines`; `out` may be a part of the result, along the first line's axis.
    added : bool
        Whether to add what two lines give of the input.
    first : int
        Where `out` begins along the first line's axis.
    """
    axes = [line.axis for line in lines]
    if len(axes) > 2 or axes != sorted(axes):
        return False
    inner = prod(input.shape[axes[-1] + 1 :])
    down = lines[0] if len(lines) == 2 or inner >= NARROW else None
    along = None if len(lines) == 1 and down else lines[-1]
    axis = axes[0]
    between = input.shape[axis + 1 : axes[-1]] if down and along else ()
    count = input.shape[:axis] if down else ()
    outer = [array.shape[axis] if down else prod(array.shape[:axis]) for array in (input, out)]
    if (prod(between) > 1 and prod(count) > 1) or (out.shape != input.shape and not _is_part(out, input, down)):
        return False
    columns = prod(input.shape[axis + 1 + len(between) :] if down else input.shape[axis:])
    if along and not _is_small(down, along, inner, columns, added=added):
        return False
    arrays = zip((input, out), outer, strict=True)
    x, y = (_view(array, (prod(count), rows, prod(between), columns)) for array, rows in arrays)
    if x is None or y is None:
        return False
    inner = inner if along else 1
    _core.separable(function, x, y, _for_core(down), _for_core(along), added, inner, cval, first)
    return True


def _is_part(out: Array, input: Array, down: Line | None) -> bool:
    """Return whether shapes differ along the axis of a line alone, which the core sums columns for."""
    differ = [axis for axis in range(input.ndim) if out.shape[axis] != input.shape[axis]]
    return down is not None and differ == [down.axis]


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
