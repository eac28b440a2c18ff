"""Gradients of pooling with respect to its input: each output hands its gradient back to what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from convx._ranks import ranks
from convx._types import DataFormat, FloatArray, Ints, Padding
from convx.reference.arguments import as_array, as_batch, as_floats, as_given, as_int, common_dtype
from convx.reference.pooling.avg import average_divisor
from convx.reference.pooling.axes import pool_axes

__all__ = [
    "avg_pool1d_backward",
    "avg_pool2d_backward",
    "avg_pool3d_backward",
    "max_pool1d_backward",
    "max_pool2d_backward",
    "max_pool3d_backward",
]


def _max_pool_nd_backward(
    grad_output: ArrayLike,
    indices: ArrayLike,
    input_size: Sequence[SupportsIndex],
    *,
    data_format: DataFormat = "channels_first",
    _rank: int = 0,
) -> FloatArray:
    """Compute :func:`convx.max_pool2d_backward` in NumPy.

    Parameters
    ----------
    grad_output, indices, input_size, data_format
        As :func:`convx.max_pool2d_backward` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.max_pool2d_backward` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> grad, indices = np.ones((1, 1)), np.full((1, 1), 2)
    >>> reference.max_pool1d_backward(grad, indices, (1, 3)).ravel()
    array([0., 0., 1.])

    >>> grad, indices = np.ones((1, 1, 1)), np.full((1, 1, 1), 2)
    >>> reference.max_pool2d_backward(grad, indices, (1, 3, 1)).ravel()
    array([0., 0., 1.])

    >>> grad, indices = np.ones((1, 1, 1, 1)), np.full((1, 1, 1, 1), 2)
    >>> reference.max_pool3d_backward(grad, indices, (1, 3, 1, 1)).ravel()
    array([0., 0., 1.])
    """
    grad, where = as_floats("grad_output", grad_output), as_array("indices", indices)
    if where.dtype != np.int64:
        raise TypeError(f"indices must have dtype int64, got {where.dtype}")
    if where.shape != grad.shape:
        raise ValueError(f"indices must have the shape of grad_output {grad.shape}, got {where.shape}")
    grads = as_batch("grad_output", grad, _rank, data_format)
    size = _batch_size(_rank, input_size, grads, data_format)
    plane, outputs = int(np.prod(size[2:])), int(np.prod(grads.shape[2:]))
    ordered = where if data_format == "channels_first" else np.moveaxis(where, -1, -_rank - 1)
    flat = ordered.reshape(*size[:2], outputs)
    if flat.size and not (flat.min() >= 0 and flat.max() < plane):
        raise ValueError(f"indices must be in [0, {plane})")
    result = np.zeros((*size[:2], plane))
    with np.errstate(all="ignore"):
        for n, c in np.ndindex(*size[:2]):
            np.add.at(result[n, c], flat[n, c], grads[n, c].ravel().astype(np.float64))
        rounded: FloatArray = result.reshape(size).astype(common_dtype(grad))
    return as_given(rounded, grad.ndim, _rank, data_format)


max_pool1d_backward, max_pool2d_backward, max_pool3d_backward = ranks(_max_pool_nd_backward)


def _avg_pool_nd_backward(
    grad_output: ArrayLike,
    input_size: Sequence[SupportsIndex],
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    _rank: int = 0,
) -> FloatArray:
    """Compute :func:`convx.avg_pool2d_backward` in NumPy.

    Parameters
    ----------
    grad_output, input_size, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, dilation,
    data_format
        As :func:`convx.avg_pool2d_backward` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.avg_pool2d_backward` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.avg_pool1d_backward(np.ones((1, 1)), (1, 2), 2).ravel()[:2]
    array([0.5, 0.5])

    >>> reference.avg_pool2d_backward(np.ones((1, 1, 1)), (1, 2, 2), 2).ravel()[:2]
    array([0.25, 0.25])

    >>> reference.avg_pool3d_backward(np.ones((1, 1, 1, 1)), (1, 2, 2, 2), 2).ravel()[:2]
    array([0.125, 0.125])
    """
    grad = as_floats("grad_output", grad_output)
    grads = as_batch("grad_output", grad, _rank, data_format)
    size = _batch_size(_rank, input_size, grads, data_format)
    axes = pool_axes(size[2:], kernel_size, stride, padding, dilation, ceil_mode)
    expected = (*size[:2], *(a.outputs for a in axes))
    if grads.shape != expected:
        raise ValueError(f"grad_output must have shape {expected} (channels first), got {grads.shape}")

    padded = np.zeros((*size[:2], *(a.lo + a.size + a.hi + a.overhang for a in axes)))
    with np.errstate(all="ignore"):  # a window without elements has divisor 0, and nobody to tell
        shares = grads.astype(np.float64) / average_divisor(axes, count_include_pad, divisor_override)
        for taps in np.ndindex(*(a.kernel for a in axes)):
            under = [
                slice(tap * a.dilation, tap * a.dilation + (a.outputs - 1) * a.stride + 1, a.stride)
                for tap, a in zip(taps, axes, strict=True)
            ]
            padded[:, :, *under] += shares
        real = padded[:, :, *(slice(a.lo, a.lo + a.size) for a in axes)]
        rounded: FloatArray = real.astype(common_dtype(grad))
    return as_given(rounded, grad.ndim, _rank, data_format)


avg_pool1d_backward, avg_pool2d_backward, avg_pool3d_backward = ranks(_avg_pool_nd_backward)


def _batch_size(
    rank: int, input_size: Sequence[SupportsIndex], grads: FloatArray, data_format: DataFormat
) -> tuple[int, ...]:
    """Return `input_size` as (N, C, spatial axes); N and C are those of the gradient."""
    size = [as_int("input_size", n) for n in input_size]
    if len(size) == rank + 1:
        size = [1, *size]
    if data_format == "channels_last":
        size = [size[0], size[-1], *size[1:-1]]
    if len(size) != rank + 2 or tuple(size[:2]) != grads.shape[:2] or min(size[1:]) < 1:
        raise ValueError(f"input_size must be the shape of the input, got {tuple(input_size)}")
    return tuple(size)
