"""Convolution of integers: exact sums that wrap, and their requantisation to 8 bits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._types import Activation, ByteArray, DataFormat, IntArray, Ints, Padding, PaddingMode
from convx.reference.arguments import as_array, as_batch, as_given, as_int, as_real, unknown_activation
from convx.reference.geometry import extended, spatial_axes, windows

__all__ = ["conv_integer", "qlinear_conv"]


_BYTES = (np.int8, np.uint8)


_TYPES = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64)


def as_integers(name: str, value: ArrayLike) -> IntArray:
    """Return `value` as an array of one of the integer dtypes that a convolution takes."""
    array = as_array(name, value)
    if array.dtype.type not in _TYPES:
        raise TypeError(f"{name} must be one of {', '.join(t.__name__ for t in _TYPES)}, got {array.dtype}")
    return array


def conv_integers(
    rank: int,
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    padding_mode: PaddingMode,
    data_format: DataFormat,
    activation: Activation,
) -> NDArray[np.int32 | np.int64]:
    """Convolve integer arrays: 8-bit ones with sums in int32, all others with sums in int64."""
    x, w = as_integers("input", input), as_integers("weight", weight)
    b = None if bias is None else as_integers("bias", bias)
    sums = _sums(rank, x, w, b, stride, padding, dilation, groups, data_format, padding_mode)
    wrapped: NDArray[np.int32 | np.int64]
    wrapped = sums.astype(np.int32) if x.itemsize == w.itemsize == 1 else sums
    return as_given(_activated(wrapped, activation), x.ndim, rank, data_format)


def conv_integer(
    x: ArrayLike,
    w: ArrayLike,
    x_zero_point: ArrayLike = 0,
    w_zero_point: ArrayLike = 0,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
) -> NDArray[np.int32]:
    """Compute :func:`convx.conv_integer` in NumPy.

    Parameters
    ----------
    x, w, x_zero_point, w_zero_point, stride, padding, dilation, groups, data_format
        As :func:`convx.conv_integer` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.conv_integer` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.conv_integer(np.array([[2, 3, 5]], np.uint8), np.array([[[-1, 1]]], np.int8), x_zero_point=1)
    array([[1, 2]], dtype=int32)
    """
    sums = _centred_sums(x, w, x_zero_point, w_zero_point, None, stride, padding, dilation, groups, data_format)
    return as_given(sums, np.ndim(x), np.ndim(w) - 2, data_format)


def qlinear_conv(
    x: ArrayLike,
    x_scale: ArrayLike,
    x_zero_point: ArrayLike,
    w: ArrayLike,
    w_scale: ArrayLike,
    w_zero_point: ArrayLike,
    y_scale: ArrayLike,
    y_zero_point: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
) -> ByteArray:
    """Compute :func:`convx.qlinear_conv` in NumPy.

    Parameters
    ----------
    x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias, stride, padding, dilation,
    groups, data_format
        As :func:`convx.qlinear_conv` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.qlinear_conv` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> signal, filters = np.array([[2, 3, 5]], np.uint8), np.array([[[-1, 1]]], np.int8)
    >>> reference.qlinear_conv(signal, 0.5, 1, filters, 1.0, 0, 0.25, np.uint8(100))
    array([[102, 104]], dtype=uint8)
    """
    zero = as_array("y_zero_point", y_zero_point)
    if zero.dtype.type not in _BYTES:
        raise TypeError(f"y_zero_point must be an int8 or uint8 of NumPy, got {y_zero_point!r}")
    maps, limits = np.shape(w)[0] if np.ndim(w) else 0, np.iinfo(zero.dtype)
    offset = int(_zero_points("y_zero_point", zero, zero.dtype)[0])
    # Each step in float32, in this order.
    multiplier = _scales("x_scale", x_scale) * _scales("w_scale", w_scale, maps) / _scales("y_scale", y_scale)
    sums = _centred_sums(x, w, x_zero_point, w_zero_point, bias, stride, padding, dilation, groups, data_format)
    scaled = sums.astype(np.float32) * multiplier.reshape(-1, *[1] * (sums.ndim - 2))
    y = np.rint(np.clip(scaled, limits.min - offset, limits.max - offset)).astype(np.int32) + offset
    return as_given(y.astype(zero.dtype), np.ndim(x), sums.ndim - 2, data_format)


def _bytes(name: str, value: ArrayLike) -> IntArray:
    array = as_integers(name, value)
    if array.dtype.type not in _BYTES:
        raise TypeError(f"{name} must be int8 or uint8, got {array.dtype}")
    return array


def _one_or_each(name: str, array: NDArray[Any], maps: int) -> None:
    """Refuse what is neither one number nor, with `maps`, one for each of them."""
    if array.shape not in ((), (1,), (maps or 1,)):
        raise ValueError(f"{name} must be one number{f' or {maps}' if maps else ''}, got shape {array.shape}")


def _zero_points(name: str, value: ArrayLike, dtype: np.dtype[Any], maps: int = 0) -> NDArray[np.int64]:
    array = as_array(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be an integer, got {array.dtype}")
    _one_or_each(name, array, maps)
    limits = np.iinfo(dtype)
    if array.size and not (limits.min <= array.min() and array.max() <= limits.max):
        raise ValueError(f"{name} must be >= {limits.min} and <= {limits.max}, got {value!r}")
    return array.astype(np.int64).reshape(-1)


def _scales(name: str, value: ArrayLike, maps: int = 0) -> NDArray[np.float32]:
    array = as_array(name, value)
    if array.dtype.kind not in "fiuV":
        raise TypeError(f"{name} must be a real number, got {array.dtype}")
    _one_or_each(name, array, maps)
    with np.errstate(over="ignore"):
        scales = array.astype(np.float32).reshape(-1)
    if not (np.isfinite(scales) & (scales > 0)).all():
        raise ValueError(f"{name} must be > 0 and finite in float32, got {value!r}")
    return scales


def _centred_sums(
    x: ArrayLike,
    w: ArrayLike,
    x_zero_point: ArrayLike,
    w_zero_point: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    data_format: DataFormat,
) -> NDArray[np.int32]:
    """Sum the products of 8-bit numbers less their zero points, padding being the zero point."""
    inputs, weights = _bytes("x", x), _bytes("w", w)
    rank = weights.ndim - 2
    if not 1 <= rank <= 3:
        raise ValueError(f"w must have 3 to 5 axes, got shape {weights.shape}")
    zeros = _zero_points("w_zero_point", w_zero_point, weights.dtype, len(weights)).reshape(-1, *[1] * (rank + 1))
    centred = inputs.astype(np.int64) - _zero_points("x_zero_point", x_zero_point, inputs.dtype)[0]
    b = None if bias is None else as_integers("bias", bias)
    if b is not None and b.size and not (b.min() >= -(2**31) and b.max() < 2**31):
        raise ValueError("bias must fit int32")
    sums = _sums(rank, centred, weights.astype(np.int64) - zeros, b, stride, padding, dilation, groups, data_format)
    return sums.astype(np.int32)


def _sums(
    rank: int,
    x: IntArray,
    w: IntArray,
    b: IntArray | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    data_format: DataFormat,
    padding_mode: PaddingMode = "zeros",
) -> NDArray[np.int64]:
    """Return sums of products modulo 2**64, of shape (N, Cout, spatial axes)."""
    images, groups = as_batch("input", x, rank, data_format), as_int("groups", groups)
    if w.ndim != rank + 2 or w.size == 0:
        raise ValueError(f"weight must have {rank + 2} axes, none empty, got shape {w.shape}")
    if groups < 1 or images.shape[1] != groups * w.shape[1] or len(w) % groups:
        raise ValueError(f"input of {images.shape[1]} channels and weight {w.shape} must fit {groups} groups")
    axes = spatial_axes(images.shape[2:], w.shape[2:], stride, padding, dilation)
    padded = extended(images.astype(np.int64), axes, padding_mode)
    seen = windows(padded, [replace(a, size=a.size + a.lo + a.hi, lo=0, hi=0) for a in axes], fill=0)
    filters = w.astype(np.int64)
    result = np.zeros((len(images), len(w), *(a.outputs for a in axes)), np.int64)
    maps_in, maps_out = w.shape[1], len(w) // groups  # of one group
    for g in range(groups):
        ins, outs = slice(g * maps_in, (g + 1) * maps_in), slice(g * maps_out, (g + 1) * maps_out)
        for r in np.ndindex(*w.shape[2:]):  # one tap at a time, so that nothing large is copied
            tap = filters[(outs, slice(None), *r)], seen[(slice(None), ins, ..., *r)]
            result[:, outs] += np.einsum("kc,nc...->nk...", *tap)
    if b is not None:
        if b.shape != (len(w),):
            raise ValueError(f"bias must have shape ({len(w)},), got {b.shape}")
        result += b.astype(np.int64).reshape(-1, *[1] * rank)
    return result


def _activated(y: NDArray[np.int32 | np.int64], activation: Activation) -> NDArray[np.int32 | np.int64]:
    match activation:
        case None:
            return y
        case "relu":
            return y.clip(min=0)
        case "relu6":
            return y.clip(0, 6)
        case ("clamp", lo, hi) if as_real("activation", lo) <= as_real("activation", hi):
            limits = np.iinfo(y.dtype)
            return y.clip(int(max(lo, limits.min)), int(min(hi, limits.max)))
    choices = "None, 'relu', 'relu6', ('clamp', lo, hi) with lo <= hi"
    raise unknown_activation(choices, activation)
