"""Kernels along axes, one after the other, in one pass over the array where the core can."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from convx import _core
from convx.ndimage._arguments import CORE_MODE, Array, Sides
from convx.ndimage._axes import in_turn
from convx.ndimage._sums import weighted_sums

__all__ = ["Line", "filter_lines"]

LONGEST = 128
"""Terms of a sum that is not worth a Fourier transform."""

NARROW = 16
"""Elements side by side that are too few to be summed as rows are."""


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
    divisor : int
        Of the sums.
    """

    axis: int
    weights: Array
    sides: Sides
    mode: str
    divisor: int = 1


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
    if _fits(input, out, lines, cval) and _fused(function, input, out, lines, cval):
        return

    def apply(source: Array, line: Line) -> None:
        if _fits(source, out, [line], cval) and _fused(function, source, out, [line], cval):
            return
        sides, modes, shape = [(0, 0)] * input.ndim, [line.mode] * input.ndim, [1] * input.ndim
        sides[line.axis], shape[line.axis] = line.sides, -1
        weights = line.weights.reshape(shape)
        weighted_sums(source, weights, sides, modes, cval, out, divisor=line.divisor, line=True)

    in_turn(input, out, [(line,) for line in lines], apply)


def _fits(input: Array, out: Array, lines: Sequence[Line], cval: float) -> bool:
    """Return whether the core sums these types so that the results are those of SciPy, up to a float's rounding."""
    if not lines or not out.size or any(line.weights.size > LONGEST or line.divisor != 1 for line in lines):
        return False
    if any(line.mode == "constant" for line in lines) and not _holds(input.dtype, cval):
        return False
    if input.dtype == out.dtype:
        known = input.dtype in (np.float32, np.float64)
    else:
        known = input.dtype.kind in "biu" and input.dtype.itemsize <= 2 and out.dtype == np.float32
    native = input.dtype.isnative and out.dtype.isnative and input.flags.aligned and out.flags.aligned
    return known and native and not np.may_share_memory(input, out)


def _holds(dtype: np.dtype[Any], value: float) -> bool:
    if dtype.kind == "f":
        return True
    info: Any = np.iinfo(np.uint8 if dtype.kind == "b" else dtype)
    return bool(np.isfinite(value)) and info.min <= value <= info.max and value == int(value)


def _fused(function: str, input: Array, out: Array, lines: Sequence[Line], cval: float) -> bool:
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
    shape = (prod(count), rows, prod(between), columns)
    views = [_view(array, shape) for array in (input, out)]
    if views[0] is None or views[1] is None:
        return False
    _core.separable(function, views[0], views[1], _for_core(down), _for_core(along), inner if along else 1, cval)
    return True


def _view(array: Array, shape: tuple[int, int, int, int]) -> Array | None:
    """Return images x rows x elements that lie side by side, of which either the first or the third axis is one."""
    view = np.reshape(array.view(np.uint8) if array.dtype == bool else array, shape)
    if not np.may_share_memory(view, array):
        return None
    view = view[0].swapaxes(0, 1) if shape[2] > 1 else view[:, :, 0]
    return view if view.shape[2] < 2 or view.strides[2] == view.itemsize else None


def _for_core(line: Line | None) -> tuple[Array, int, str] | None:
    return line and (line.weights, line.sides[0], CORE_MODE[line.mode])
