"""Gradients of convolution with respect to its weight and its bias: windows times gradients, summed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from convx._ranks import ranks
from convx._types import DataFormat, FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_int, common_dtype
from convx.reference.geometry import spatial_axes, windows

__all__ = ["conv1d_bias", "conv1d_weight", "conv2d_bias", "conv2d_weight", "conv3d_bias", "conv3d_weight"]


def _conv_nd_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    _rank: int = 0,
) -> FloatArray:
    """Compute :func:`convx.conv2d_weight` in NumPy.

    Parameters
    ----------
    input, weight_size, grad_output, stride, padding, dilation, groups, data_format
        As :func:`convx.conv2d_weight` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.conv2d_weight` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> x, grad = np.ones((2, 4)), np.ones((6, 3))
    >>> reference.conv1d_weight(x, (6, 2, 2), grad).shape
    (6, 2, 2)

    >>> x, grad = np.ones((2, 4, 4)), np.ones((6, 3, 3))
    >>> reference.conv2d_weight(x, (6, 2, 2, 2), grad).shape
    (6, 2, 2, 2)

    >>> x, grad = np.ones((2, 4, 4, 4)), np.ones((6, 3, 3, 3))
    >>> reference.conv3d_weight(x, (6, 2, 2, 2, 2), grad).shape
    (6, 2, 2, 2, 2)
    """
    x, grad = as_floats("input", input), as_floats("grad_output", grad_output)
    images, grads = as_batch("input", x, _rank, data_format), as_batch("grad_output", grad, _rank, data_format)
    size, groups = tuple(as_int("weight_size", n) for n in weight_size), as_int("groups", groups)
    axes = spatial_axes(images.shape[2:], size[2:], stride, padding, dilation)
    if groups < 1 or size[0] % groups != 0 or images.shape[1] != groups * size[1]:
        raise ValueError(f"weight_size must fit {groups} groups of {images.shape[1]} channels, got {size}")
    expected = (len(images), size[0], *(a.outputs for a in axes))
    if grads.shape != expected:
        raise ValueError(f"grad_output must have shape {expected} (channels first), got {grads.shape}")

    # The convolution's own einsum with the other factor summed away: each tap sees its input through all outputs.
    seen, grads = windows(images.astype(np.float64), axes, fill=0.0), grads.astype(np.float64)
    result = np.zeros(size)
    maps_in, maps_out = size[1], size[0] // groups
    p, r = "pqo"[:_rank], "rst"[:_rank]
    with np.errstate(all="ignore"):
        for n, g in np.ndindex(len(images), groups):
            ins, outs = slice(g * maps_in, (g + 1) * maps_in), slice(g * maps_out, (g + 1) * maps_out)
            result[outs] += np.einsum(f"c{p}{r},k{p}->kc{r}", seen[n, ins], grads[n, outs], optimize=True)
        rounded: FloatArray = result.astype(common_dtype(x, grad))
    return rounded


conv1d_weight, conv2d_weight, conv3d_weight = ranks(_conv_nd_weight)


def _conv_nd_bias(grad_output: ArrayLike, *, data_format: DataFormat = "channels_first", _rank: int = 0) -> FloatArray:
    """Compute :func:`convx.conv2d_bias` in NumPy.

    Parameters
    ----------
    grad_output, data_format
        As :func:`convx.conv2d_bias` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.conv2d_bias` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.conv1d_bias(np.ones((3, 4)))
    array([4., 4., 4.])

    >>> reference.conv2d_bias(np.ones((3, 4, 1)))
    array([4., 4., 4.])

    >>> reference.conv3d_bias(np.ones((3, 4, 1, 1)))
    array([4., 4., 4.])
    """
    grad = as_floats("grad_output", grad_output)
    grads = as_batch("grad_output", grad, _rank, data_format).astype(np.float64)
    with np.errstate(all="ignore"):
        total: FloatArray = grads.sum(axis=(0, *range(2, _rank + 2))).astype(common_dtype(grad))
    return total


conv1d_bias, conv2d_bias, conv3d_bias = ranks(_conv_nd_bias)
