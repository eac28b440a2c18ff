"""Dilation and erosion of grey images: maxima and minima of windows, with or without heights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from convx.ndimage._arguments import Array, Output, per_axis, some_axes, turned_origin
from convx.ndimage.extrema import extreme

__all__ = ["grey_dilation", "grey_erosion"]


def grey_erosion(
    input: ArrayLike,
    size: int | Sequence[int] | None = None,
    footprint: ArrayLike | None = None,
    structure: ArrayLike | None = None,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: float = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Erode a grey image, as :func:`scipy.ndimage.grey_erosion`: the smallest element less its height in the window.

    Parameters
    ----------
    input, size, footprint, output, mode, cval, origin, axes
        As in :func:`minimum_filter`.
    structure : array_like, optional
        The heights of the elements of the window. Without them it is flat, and a box takes no longer if it is large.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If none of `size`, `footprint` and `structure` is given.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.grey_erosion(np.array([5, 5, 1, 5, 5]), size=3)
    array([5, 1, 1, 1, 5])
    """
    name = "grey_erosion"
    size, footprint, heights = _window(name, size, footprint, structure)
    return extreme(name, input, size, footprint, output, mode, cval, origin, axes, smallest=True, heights=heights)


def grey_dilation(
    input: ArrayLike,
    size: int | Sequence[int] | None = None,
    footprint: ArrayLike | None = None,
    structure: ArrayLike | None = None,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: float = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Iterable[int] | None = None,
) -> Array:
    """Dilate a grey image, as :func:`scipy.ndimage.grey_dilation`: the largest element plus its height in the window.

    The window is turned, as that of a convolution.

    Parameters
    ----------
    input, size, footprint, structure, output, mode, cval, origin, axes
        As in :func:`grey_erosion`.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> import numpy as np
    >>> import convx.ndimage as ndi
    >>> ndi.grey_dilation(np.array([0, 0, 4, 0, 0]), footprint=[1, 1, 0])
    array([0, 4, 4, 0, 0])
    """
    name = "grey_dilation"
    size, footprint, heights = _window(name, size, footprint, structure)
    count = len(some_axes(name, axes, np.ndim(input)))
    if footprint is None:
        sizes = [int(item or 1) for item in per_axis(name, "size", size, count)]
    else:
        footprint, sizes = np.flip(footprint), list(footprint.shape)
    origins = per_axis(name, "origin", origin, count)
    turned = [turned_origin(item, length) for item, length in zip(origins, sizes, strict=False)]
    heights = None if heights is None else np.flip(heights)
    return extreme(name, input, size, footprint, output, mode, cval, turned, axes, smallest=False, heights=heights)


def _window(
    function: str, size: int | Sequence[int] | None, footprint: ArrayLike | None, structure: ArrayLike | None
) -> tuple[int | Sequence[int] | None, Array | None, Array | None]:
    """Return the size of a box, or a footprint and, where they are not all zero, its heights."""
    if size is None and footprint is None and structure is None:
        raise ValueError(f"{function}: size, footprint, or structure must be specified")
    shape = None if footprint is None else np.asarray(footprint, bool)
    if structure is None:
        return (size, None, None) if shape is None else (None, shape, None)
    heights = np.asarray(structure, np.float64)
    if shape is None:
        shape = np.ones(heights.shape, bool)
    if heights.shape != shape.shape:
        raise RuntimeError(f"{function}: structure must have the footprint's shape {shape.shape}, got {heights.shape}")
    return None, shape, heights if heights.any() else None
