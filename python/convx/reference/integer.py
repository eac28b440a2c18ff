"""Convolution of integers: exact sums that wrap, and their requantisation to 8 bits."""

from __future__ import annotations

from dataclasses import replace
from operator import index
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._docs import document
from convx._types import Activation, ByteArray, IntArray, Ints, Padding
from convx.reference.arguments import as_batch, as_given
from convx.reference.geometry import extended, spatial_axes, windows

_TYPES = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64)


def as_integers(name: str, value: ArrayLike) -> IntArray:
    """Return `value` as an array of one of the integer dtypes that a convolution takes."""
    array = np.asarray(value)
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
    padding_mode: str,
    data_format: str,
    activation: Activation,
) -> NDArray[np.int32 | np.int64]:
    """Convolve integer arrays: 8-bit ones with sums in int32, all others with sums in int64."""
    x, w = as_integers("input", input), as_integers("weight", weight)
    b = None if bias is None else as_integers("bias", bias)
    sums = _sums(rank, x, w, b, stride, padding, dilation, groups, data_format, padding_mode)
    wrapped: NDArray[np.int32 | np.int64]
    wrapped = sums.astype(np.int32) if x.itemsize == w.itemsize == 1 else sums
    return as_given(_activated(wrapped, activation), x.ndim, rank, data_format)


@document(rank=2)
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
    data_format: str = "channels_first",
) -> NDArray[np.int32]:
    """Compute :func:`convx.conv_integer` in NumPy.

    Parameters
    ----------
    $quantized_x
    $quantized_w
    $x_zero_point
    $w_zero_point
    $stride
    $quantized_padding
    $dilation
    $groups
    $data_format

    Returns
    -------
    ndarray of int32
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


@document(rank=2)
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
    data_format: str = "channels_first",
) -> ByteArray:
    """Compute :func:`convx.qlinear_conv` in NumPy.

    Parameters
    ----------
    $quantized_x
    $x_scale
    $x_zero_point
    $quantized_w
    $w_scale
    $w_zero_point
    $y_scale
    $y_zero_point
    $quantized_bias
    $stride
    $quantized_padding
    $dilation
    $groups
    $data_format

    Returns
    -------
    ndarray of int8 or uint8
        As :func:`convx.qlinear_conv` gives it, bit for bit.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> signal, filters = np.array([[2, 3, 5]], np.uint8), np.array([[[-1, 1]]], np.int8)
    >>> reference.qlinear_conv(signal, 0.5, 1, filters, 1.0, 0, 0.25, np.uint8(100))
    array([[102, 104]], dtype=uint8)
    """
    sums = _centred_sums(x, w, x_zero_point, w_zero_point, bias, stride, padding, dilation, groups, data_format)
    zero = np.asarray(y_zero_point).reshape(())
    rank, limits = sums.ndim - 2, np.iinfo(zero.dtype)
    # Each step in float32, in this order.
    multiplier = np.float32(_one(x_scale)) * np.asarray(w_scale, np.float32) / np.float32(_one(y_scale))
    scaled = sums.astype(np.float32) * multiplier.reshape(-1, *[1] * rank)
    offset = int(zero)
    y = np.rint(np.clip(scaled, limits.min - offset, limits.max - offset)).astype(np.int32) + offset
    return as_given(y.astype(zero.dtype), np.ndim(x), rank, data_format)


def _one(value: ArrayLike) -> float:
    return float(np.asarray(value).reshape(()))


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
    data_format: str,
) -> NDArray[np.int32]:
    """Sum the products of 8-bit numbers less their zero points, padding being the zero point."""
    inputs, weights = as_integers("x", x), as_integers("w", w)
    rank = weights.ndim - 2
    zeros = np.asarray(w_zero_point).astype(np.int64).reshape(-1, *[1] * (rank + 1))
    centred = inputs.astype(np.int64) - int(_one(x_zero_point))
    b = None if bias is None else as_integers("bias", bias)
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
    data_format: str,
    padding_mode: str = "zeros",
) -> NDArray[np.int64]:
    """Return sums of products modulo 2**64, of shape (N, Cout, spatial axes)."""
    images, groups = as_batch("input", x, rank, data_format), index(groups)
    if images.shape[1] != groups * w.shape[1] or len(w) % groups:
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
        case ("clamp", lo, hi) if lo <= hi:
            limits = np.iinfo(y.dtype)
            return y.clip(int(max(lo, limits.min)), int(min(hi, limits.max)))
    choices = "None, 'relu', 'relu6', ('clamp', lo, hi) with lo <= hi"
    raise ValueError(f"activation must be one of {choices}, got {activation!r}")
