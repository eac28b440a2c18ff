"""Filters of images of 8- and 16-bit integers, into integers or floats."""

from __future__ import annotations

from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from convx import _core
from convx._types import DataFormat, Ints, NumberArray, Padding, PaddingMode

__all__ = ["filter_image"]


def filter_image(
    input: ArrayLike,
    weight: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: PaddingMode = "zeros",
    data_format: DataFormat = "channels_first",
    dtype: DTypeLike | None = None,
    out: NDArray[Any] | None = None,
) -> NumberArray:
    """Convolve images of 8- or 16-bit integers into a dtype of choice, rounded and limited to its range.

    Over one to three spatial axes. The images are never converted as a whole: beside the result a call needs scratch of
    half of the second-level cache for each thread, and a few copies of the weight.

    Parameters
    ----------
    input : array_like, shape (N, Cin, ...) or (Cin, ...)
        Images of ``Cin`` maps, int8, uint8, int16 or uint16, of any strides. Without ``N`` the result has none either.
    weight : array_like, shape (Cout, Cin // groups, ...)
        The filters, finite floats, integers or bool, with one to three axes of taps; their number is that of the
        spatial axes. They are not flipped.
    stride : int or sequence of int, default 1
        Input elements from one window to the next: one number for every axis, or one per axis.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Elements before and after each axis: one number for all, one per axis, one pair (before, after) per axis, or
        ``'valid'``, ``'same'``, ``'same_lower'`` or ``'causal'`` as in :func:`convx.conv2d`.
    dilation : int or sequence of int, default 1
        Input elements from one tap to the next: one number for every axis, or one per axis.
    groups : int, default 1
        Splits the maps into groups that do not see each other: output map ``k`` reads only the ``Cin // groups``
        input maps of its group. One filter for each of ``C`` colours has ``groups=C`` and a weight of shape
        ``(C, 1, ...)``.
    padding_mode : str, default 'zeros'
        What the padding holds, as in :func:`convx.conv2d`: ``'zeros'``, ``'reflect'``, ``'symmetric'``,
        ``'replicate'`` or ``'circular'``.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last axis of `input` and of
        the result.
    dtype : dtype_like, optional
        Of the result: int8, uint8, int16, uint16, int32, float32 or float64. That of `out` by default, and without
        `out` that of `input`.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap `input`.

    Returns
    -------
    ndarray, shape (N, Cout, ...) or (Cout, ...)
        `out` if given, else a new array.

    Raises
    ------
    TypeError
        If `input` holds other numbers than these, if `dtype` is none of those above, if `out` is not an ndarray of
        the result's dtype, or if another argument is of the wrong type.
    ValueError
        If a weight is not finite, shapes do not fit each other, a size is zero (an empty batch is allowed), a number
        is out of range, a name is unknown, or an output size would be less than 1. The message names argument, rule
        and value.

    See Also
    --------
    conv2d : Floats, and integers of any size into sums of 32 or 64 bits.
    convx.ndimage.correlate : The same on a bare image, with the arguments of SciPy, which cuts fractions off.

    Notes
    -----
    With g the group of output map k, each output is the sum over the maps of that group and all taps::

        s = sum over c, r of weight[k, c, r] * input[n, g * (Cin // groups) + c, p * stride + r * dilation - lo]

    For an integer dtype the result is ``clip(rint(s), lowest, highest)``, half rounded to even. It is that of adding
    the products in float64 in the order of channels and taps, each rounded, bit for bit, on every instruction set and
    for any number of threads; sums of whole weights below 2**53 are exact. For float32 the sums are made in float32,
    for float64 in float64, and are exact where weights are whole and sums below 2**24 or 2**53.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> row = np.array([[10, 20, 60, 250, 250]], np.uint8)
    >>> mean = np.full((1, 1, 3), 1 / 3)
    >>> convx.filter_image(row, mean, padding=1, padding_mode="replicate")
    array([[ 13,  30, 110, 187, 250]], dtype=uint8)
    >>> convx.filter_image(row, [[[-1, 0, 1]]], dtype=np.int16)
    array([[ 50, 230, 190]], dtype=int16)
    """
    return _core.filter_image(
        input,
        weight,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        dtype=None if dtype is None else _as_dtype(dtype),
        out=out,
        padding_mode=padding_mode,
        data_format=data_format,
    )


def _as_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    try:
        return np.dtype(dtype)
    except (TypeError, ValueError) as error:
        raise TypeError(f"filter_image: dtype must name a dtype of NumPy, got {dtype!r}") from error
