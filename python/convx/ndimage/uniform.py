"""Means of a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from convx.ndimage._arguments import (
    Array,
    Output,
    as_array,
    make_output,
    mode_name,
    per_axis,
    some_axes,
    window_sides,
)
from convx.ndimage._lines import Line
from convx.ndimage.correlation import along_axis, along_lines

__all__ = ["uniform_filter", "uniform_filter1d"]


def uniform_filter1d(
    input: ArrayLike,
    size: int,
    axis: int = -1,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> Array:
    """Take the mean of a window along one axis, as :func:`scipy.ndimage.uniform_filter1d`.

    Parameters
    ----------
    input, axis, output, mode, cval, origin
        As in :func:`correlate1d`.
    size : int
        Elements of the window.

    Returns
    -------
    ndarray
        Of the shape of `input`. Means of integers are cut off.

    Raises
    ------
    RuntimeError
        If `size` is less than 1.

    Examples
    --------
    >>> import convx.ndimage as ndi
    >>> ndi.uniform_filter1d([2, 8, 0, 4, 1, 9, 9, 0], size=3)
    array([4, 3, 4, 1, 4, 6, 6, 3])
    """
    return _along("uniform_filter1d", input, size, axis, output, mode, cval, origin)


def uniform_filter(
    input: ArrayLike,
    size: int | Sequence[int] = 3,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Take the mean of a box, along one axis after the other, as :func:`scipy.ndimage.uniform_filter`.

    Parameters
    ----------
    input, output, cval, axes
        As in :func:`correlate`.
    size, mode, origin : int or str, or a sequence with one for each of `axes`
        As in :func:`uniform_filter1d`.

    Returns
    -------
    ndarray
        Of the shape of `input`. What one axis gave is kept in the dtype of the result: in integers cut off.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.uniform_filter(np.array([[0.0, 0.0, 9.0]] * 3), size=3)
    array([[0., 3., 6.],
           [0., 3., 6.],
           [0., 3., 6.]])
    """
    name = "uniform_filter"
    array = as_array(name, input)
    out = make_output(name, output, array, is_complex=array.dtype.kind == "c")
    places = some_axes(name, axes, array.ndim)
    count = len(places)
    sizes = per_axis(name, "size", size, count)
    origins = per_axis(name, "origin", origin, count)
    modes = per_axis(name, "mode", mode, count)
    steps = [step for step in zip(places, sizes, origins, modes, strict=True) if step[1] > 1]
    lines = []
    for axis, length, shift, border in steps:
        weights, sides = np.full(int(length), 1 / length), window_sides(name, int(length), shift)
        lines.append(Line(axis, weights, sides, mode_name(name, border), True))
    return along_lines(name, array, out, lines, cval)


def _along(
    function: str, input: ArrayLike, size: int, axis: int, output: Output, mode: str, cval: complex, origin: int
) -> Array:
    if size < 1:
        raise RuntimeError(f"{function}: size must be >= 1, got {size}")
    return along_axis(function, input, np.full(size, 1 / size), axis, output, mode, cval, origin, mean=True)
