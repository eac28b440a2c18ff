"""Maxima and minima of a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from warnings import warn

import numpy as np
from numpy.typing import ArrayLike

from convx.ndimage._arguments import (
    Array,
    Output,
    as_array,
    make_output,
    mode_name,
    one_axis,
    per_axis,
    some_axes,
    window_over,
    window_sides,
)
from convx.ndimage._axes import in_turn
from convx.ndimage._blocks import store
from convx.ndimage._maxima import borders_fit, extreme_elements

__all__ = ["maximum_filter", "maximum_filter1d", "minimum_filter", "minimum_filter1d"]


def maximum_filter1d(
    input: ArrayLike,
    size: int,
    axis: int = -1,
    output: Output = None,
    mode: str = "reflect",
    cval: float = 0.0,
    origin: int = 0,
) -> Array:
    """Take the largest element of a window along one axis, as :func:`scipy.ndimage.maximum_filter1d`.

    Parameters
    ----------
    input, axis, output, mode, cval, origin
        As in :func:`correlate1d`; complex numbers have no order.
    size : int
        Elements of the window.

    Returns
    -------
    ndarray
        Of the shape of `input`. NaN where a window holds one.

    Examples
    --------
    >>> import convx.ndimage as ndi
    >>> ndi.maximum_filter1d([2, 8, 0, 4, 1, 9, 9, 0], size=3)
    array([8, 8, 8, 4, 9, 9, 9, 9])
    """
    return _along("maximum_filter1d", input, size, axis, output, mode, cval, origin, smallest=False)


def minimum_filter1d(
    input: ArrayLike,
    size: int,
    axis: int = -1,
    output: Output = None,
    mode: str = "reflect",
    cval: float = 0.0,
    origin: int = 0,
) -> Array:
    """Take the smallest element of a window along one axis, as :func:`scipy.ndimage.minimum_filter1d`.

    Parameters
    ----------
    input, size, axis, output, mode, cval, origin
        As in :func:`maximum_filter1d`.

    Returns
    -------
    ndarray
        Of the shape of `input`. NaN where a window holds one.

    Examples
    --------
    >>> import convx.ndimage as ndi
    >>> ndi.minimum_filter1d([2, 8, 0, 4, 1, 9, 9, 0], size=3)
    array([2, 0, 0, 0, 1, 1, 0, 0])
    """
    return _along("minimum_filter1d", input, size, axis, output, mode, cval, origin, smallest=True)


def maximum_filter(
    input: ArrayLike,
    size: int | Sequence[int] | None = None,
    footprint: ArrayLike | None = None,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: float = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Take the largest element of a window, as :func:`scipy.ndimage.maximum_filter`.

    Parameters
    ----------
    input, output, cval, axes
        As in :func:`correlate`; complex numbers have no order.
    size : int or sequence of int
        Elements of a box along each of `axes`. Ignored, with a warning, where a footprint is given.
    footprint : array_like of bool
        Which elements of the window count, in place of a box; with one axis for each of `axes`.
    mode, origin : str, int, or a sequence with one for each of `axes`
        As in :func:`correlate`; a footprint that is no box sees one mode.

    Returns
    -------
    ndarray
        Of the shape of `input`. NaN where a window holds one.

    Raises
    ------
    RuntimeError
        If neither `size` nor `footprint` is given, or one does not fit.
    ValueError
        If a footprint holds nothing.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> cross = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    >>> ndi.maximum_filter(np.array([[0, 0, 0, 0], [0, 7, 0, 0], [0, 0, 0, 0]]), footprint=cross)
    array([[0, 7, 0, 0],
           [7, 7, 7, 0],
           [0, 7, 0, 0]])
    """
    return extreme("maximum_filter", input, size, footprint, output, mode, cval, origin, axes, smallest=False)


def minimum_filter(
    input: ArrayLike,
    size: int | Sequence[int] | None = None,
    footprint: ArrayLike | None = None,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: float = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Take the smallest element of a window, as :func:`scipy.ndimage.minimum_filter`.

    Parameters
    ----------
    input, size, footprint, output, mode, cval, origin, axes
        As in :func:`maximum_filter`.

    Returns
    -------
    ndarray
        Of the shape of `input`. NaN where a window holds one.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.minimum_filter(np.array([[5, 5, 5, 5], [5, 1, 5, 5], [5, 5, 5, 5]]), size=(1, 3))
    array([[5, 5, 5, 5],
           [1, 1, 1, 5],
           [5, 5, 5, 5]])
    """
    return extreme("minimum_filter", input, size, footprint, output, mode, cval, origin, axes, smallest=True)


def extreme(
    function: str,
    input: ArrayLike,
    size: int | Sequence[int] | None,
    footprint: ArrayLike | None,
    output: Output,
    mode: str | Sequence[str],
    cval: float,
    origin: int | Sequence[int],
    axes: int | Iterable[int] | None,
    *,
    smallest: bool,
    heights: Array | None = None,
) -> Array:
    """Take the largest or smallest element of a window, for any function; `heights` are those of a footprint."""
    array = _ordered(function, input)
    out = make_output(function, output, array)
    places = some_axes(function, axes, array.ndim)
    count = len(places)
    shape = None
    if footprint is not None:
        if size is not None:
            warn(f"{function}: ignoring size because footprint is set", UserWarning, stacklevel=3)
        shape = _footprint(function, footprint)
        size = shape.shape
        if shape.all() and heights is None:
            shape = None
        elif shape.ndim != count:
            raise RuntimeError(f"{function}: footprint.ndim ({shape.ndim}) must match len(axes) ({count})")
    if size is None:
        raise RuntimeError(f"{function}: no footprint provided, and no size")
    sizes = [int(item) for item in per_axis(function, "size", size, count)]
    if min(sizes, default=1) < 1:
        raise RuntimeError(f"{function}: size must be >= 1, got {size}")
    if shape is not None and not isinstance(mode, str):
        raise RuntimeError(f"{function}: mode must be one str for a footprint that is no box, got {mode!r}")
    origins = per_axis(function, "origin", origin, count)
    modes = ["nearest"] * array.ndim
    for place, border in zip(places, per_axis(function, "mode", mode, count), strict=True):
        modes[place] = mode_name(function, border)
    if shape is None:
        return _of_boxes(function, array, places, sizes, origins, modes, cval, out, smallest=smallest)
    sides, box = window_over(function, sizes, origins, places, array.ndim)
    beyond = np.empty((), array.dtype)
    store(beyond, np.float64(cval))  # SciPy casts it to the input's dtype here, and only here
    extreme_elements(array, shape.reshape(box), sides, modes, beyond.item(), out, smallest=smallest, heights=heights)
    return out


def _of_boxes(
    function: str,
    input: Array,
    axes: Sequence[int],
    sizes: Sequence[int],
    origins: Sequence[int],
    modes: Sequence[str],
    cval: float,
    out: Array,
    *,
    smallest: bool,
) -> Array:
    """Take the largest or smallest element of a box, at once or, where dtypes differ, axis by axis as SciPy does."""
    box, sides = [1] * input.ndim, [(0, 0)] * input.ndim
    for axis, length, shift in zip(axes, sizes, origins, strict=True):
        box[axis], sides[axis] = length, window_sides(function, length, shift)

    def along(source: Array, part: Array, some: Sequence[int]) -> None:
        one = [(box[axis], sides[axis]) if axis in some else (1, (0, 0)) for axis in range(input.ndim)]
        lengths, reach = [length for length, _ in one], [side for _, side in one]
        extreme_elements(source, lengths, reach, modes, cval, part, smallest=smallest)

    together = input.dtype == out.dtype and borders_fit(input.dtype, modes, cval)
    steps = [(axis, (axis,)) for axis in axes if box[axis] > 1 and not together]
    return in_turn(input, out, steps or [(0, axes)], along)


def _ordered(function: str, input: ArrayLike) -> Array:
    array = as_array(function, input)
    if array.dtype.kind == "c":
        raise TypeError(f"{function}: Complex type not supported: complex numbers have no order, got {array.dtype}")
    return array


def _footprint(function: str, footprint: ArrayLike) -> Array:
    shape = np.asarray(footprint, bool)
    if not shape.any():
        raise ValueError(f"{function}: All-zero footprint is not supported: no element would count")
    return shape


def _along(
    function: str,
    input: ArrayLike,
    size: int,
    axis: int,
    output: Output,
    mode: str,
    cval: float,
    origin: int,
    *,
    smallest: bool,
) -> Array:
    array = _ordered(function, input)
    place = one_axis(function, axis, array.ndim)
    return extreme(function, array, size, None, output, mode, cval, origin, place, smallest=smallest)
