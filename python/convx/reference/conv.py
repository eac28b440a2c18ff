"""Convolution (cross-correlation, as everywhere in deep learning): windows times weights, summed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._ranks import ranks
from convx._types import Activation, ConvArray, DataFormat, FloatArray, Ints, Padding, PaddingMode
from convx.reference.arguments import (
    as_array,
    as_batch,
    as_floats,
    as_given,
    as_int,
    as_real,
    common_dtype,
    unknown_activation,
)
from convx.reference.geometry import extended, spatial_axes, windows
from convx.reference.integer import conv_integers

__all__ = ["conv1d", "conv2d", "conv3d"]


def _conv_nd(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: PaddingMode = "zeros",
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    residual: ArrayLike | None = None,
    _rank: int = 0,
) -> ConvArray:
    """Compute :func:`convx.conv2d` in NumPy.

    Parameters
    ----------
    input, weight, bias, stride, padding, dilation, groups, padding_mode, data_format, activation, residual
        As :func:`convx.conv2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.conv2d` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.conv1d(np.array([[1.0, 2.0, 4.0, 7.0]]), np.array([[[-1.0, 1.0]]]))
    array([[1., 2., 3.]])

    >>> reference.conv2d(np.ones((2, 3, 3)), np.ones((1, 2, 3, 3)), padding=1)
    array([[[ 8., 12.,  8.],
            [12., 18., 12.],
            [ 8., 12.,  8.]]])

    >>> reference.conv3d(np.zeros((1, 1, 10, 42, 31)), np.zeros((6, 1, 3, 4, 5))).shape
    (1, 6, 8, 39, 27)
    """
    if as_array("weight", weight).dtype.kind in "iu":
        if residual is not None:
            raise ValueError(f"residual must be None where weight holds integers, got {residual!r}")
        return conv_integers(
            _rank, input, weight, bias, stride, padding, dilation, groups, padding_mode, data_format, activation
        )
    x, w = as_floats("input", input), as_floats("weight", weight)
    b = None if bias is None else as_floats("bias", bias)
    dtype = common_dtype(x, w) if b is None else common_dtype(x, w, b)
    images, groups = as_batch("input", x, _rank, data_format), as_int("groups", groups)
    _check_shapes(_rank, images, w, b, groups)

    axes = spatial_axes(images.shape[2:], w.shape[2:], stride, padding, dilation)
    padded = extended(images.astype(np.float64), axes, padding_mode)
    seen = windows(padded, [replace(a, size=a.size + a.lo + a.hi, lo=0, hi=0) for a in axes], fill=0.0)
    filters = w.astype(np.float64)
    result = np.empty((len(images), len(w), *(a.outputs for a in axes)))

    maps_in, maps_out = w.shape[1], len(w) // groups  # of one group
    p, r = "pqo"[:_rank], "rst"[:_rank]  # letters of the output axes and of the taps
    with np.errstate(all="ignore"):  # Inf * 0 is NaN and no news
        # One image and one group at a time: einsum copies the windows, and this bounds the copy.
        for n, g in np.ndindex(len(images), groups):
            ins, outs = slice(g * maps_in, (g + 1) * maps_in), slice(g * maps_out, (g + 1) * maps_out)
            result[n, outs] = np.einsum(f"c{p}{r},kc{r}->k{p}", seen[n, ins], filters[outs], optimize=True)
        if b is not None:
            result += b.astype(np.float64).reshape(-1, *[1] * _rank)
        if residual is not None:
            given = as_given(result.astype(dtype), x.ndim, _rank, data_format)
            result += as_batch("residual", _checked_residual(residual, given), _rank, data_format)
        result = activated(result, activation, dtype)
        rounded = result.astype(dtype)
    return as_given(rounded, x.ndim, _rank, data_format)


conv1d, conv2d, conv3d = ranks(_conv_nd)


def _check_shapes(rank: int, images: FloatArray, w: FloatArray, b: FloatArray | None, groups: int) -> None:
    if w.ndim != rank + 2 or w.size == 0:
        raise ValueError(f"weight must have {rank + 2} axes, none empty, got shape {w.shape}")
    if groups < 1 or len(w) % groups != 0:
        raise ValueError(f"groups must be >= 1 and divide the {len(w)} output channels, got {groups}")
    if images.shape[1] != groups * w.shape[1]:
        raise ValueError(
            f"input must have groups * weight.shape[1] = {groups * w.shape[1]} channels, got {images.shape[1]}"
        )
    if b is not None and b.shape != (len(w),):
        raise ValueError(f"bias must have shape ({len(w)},), got {b.shape}")


def _checked_residual(residual: ArrayLike, result: ConvArray) -> FloatArray:
    added = as_floats("residual", residual)
    if added.dtype != result.dtype:
        raise TypeError(f"residual must have the result's dtype {result.dtype}, got dtype {added.dtype}")
    if added.shape != result.shape:
        raise ValueError(f"residual must have the result's shape {result.shape}, got shape {added.shape}")
    return added


def activated(
    y: NDArray[np.float64], activation: Activation, dtype: np.dtype[np.float16 | np.float32 | np.float64]
) -> NDArray[np.float64]:
    """Return the activation of sums that are to be rounded to `dtype`."""
    match activation:
        case None:
            return y
        case "relu":
            return np.maximum(y, 0.0)
        case "relu6":
            return np.clip(y, 0.0, 6.0)
        case ("leaky_relu", given) if math.isfinite(slope := as_real("activation", given)):
            # The slope is a number of the arithmetic's dtype, as in every implementation.
            rounded_slope = slope if dtype == np.float64 else float(np.float32(slope))
            return np.where(y > 0.0, y, y * rounded_slope)
        case ("clamp", lo, hi) if as_real("activation", lo) <= as_real("activation", hi):
            return np.clip(y, lo, hi)
    choices = "None, 'relu', 'relu6', ('leaky_relu', slope), ('clamp', lo, hi) with lo <= hi"
    raise unknown_activation(choices, activation)
