"""Gradients of convolution with respect to its weight and its bias: windows times gradients, summed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from convx._docs import document
from convx._types import FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_int, common_dtype
from convx.reference.geometry import spatial_axes, windows


@document(rank=1)
def conv1d_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.conv1d_weight` in NumPy.

    Parameters
    ----------
    $conv_input
    $weight_size
    $conv_grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> x, grad = np.ones((2, 4)), np.ones((6, 3))
    >>> reference.conv1d_weight(x, (6, 2, 2), grad).shape
    (6, 2, 2)
    """
    return _conv_weight(1, input, weight_size, grad_output, stride, padding, dilation, groups, data_format)


@document(rank=2)
def conv2d_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.conv2d_weight` in NumPy.

    Parameters
    ----------
    $conv_input
    $weight_size
    $conv_grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> x, grad = np.ones((2, 4, 4)), np.ones((6, 3, 3))
    >>> reference.conv2d_weight(x, (6, 2, 2, 2), grad).shape
    (6, 2, 2, 2)
    """
    return _conv_weight(2, input, weight_size, grad_output, stride, padding, dilation, groups, data_format)


@document(rank=3)
def conv3d_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.conv3d_weight` in NumPy.

    Parameters
    ----------
    $conv_input
    $weight_size
    $conv_grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> x, grad = np.ones((2, 4, 4, 4)), np.ones((6, 3, 3, 3))
    >>> reference.conv3d_weight(x, (6, 2, 2, 2, 2), grad).shape
    (6, 2, 2, 2, 2)
    """
    return _conv_weight(3, input, weight_size, grad_output, stride, padding, dilation, groups, data_format)


@document(rank=1)
def conv1d_bias(grad_output: ArrayLike, *, data_format: str = "channels_first") -> FloatArray:
    """Compute :func:`convx.conv1d_bias` in NumPy.

    Parameters
    ----------
    $conv_grad_output
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.conv1d_bias(np.ones((3, 4)))
    array([4., 4., 4.])
    """
    return _conv_bias(1, grad_output, data_format)


@document(rank=2)
def conv2d_bias(grad_output: ArrayLike, *, data_format: str = "channels_first") -> FloatArray:
    """Compute :func:`convx.conv2d_bias` in NumPy.

    Parameters
    ----------
    $conv_grad_output
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.conv2d_bias(np.ones((3, 4, 1)))
    array([4., 4., 4.])
    """
    return _conv_bias(2, grad_output, data_format)


@document(rank=3)
def conv3d_bias(grad_output: ArrayLike, *, data_format: str = "channels_first") -> FloatArray:
    """Compute :func:`convx.conv3d_bias` in NumPy.

    Parameters
    ----------
    $conv_grad_output
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.conv3d_bias(np.ones((3, 4, 1, 1)))
    array([4., 4., 4.])
    """
    return _conv_bias(3, grad_output, data_format)


def _conv_weight(
    rank: int,
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
    grad_output: ArrayLike,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    data_format: str,
) -> FloatArray:
    x, grad = as_floats("input", input), as_floats("grad_output", grad_output)
    images, grads = as_batch("input", x, rank, data_format), as_batch("grad_output", grad, rank, data_format)
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
    p, r = "pqo"[:rank], "rst"[:rank]
    with np.errstate(all="ignore"):
        for n, g in np.ndindex(len(images), groups):
            ins, outs = slice(g * maps_in, (g + 1) * maps_in), slice(g * maps_out, (g + 1) * maps_out)
            result[outs] += np.einsum(f"c{p}{r},k{p}->kc{r}", seen[n, ins], grads[n, outs], optimize=True)
        rounded: FloatArray = result.astype(common_dtype(x, grad))
    return rounded


def _conv_bias(rank: int, grad_output: ArrayLike, data_format: str) -> FloatArray:
    grad = as_floats("grad_output", grad_output)
    grads = as_batch("grad_output", grad, rank, data_format).astype(np.float64)
    with np.errstate(all="ignore"):
        total: FloatArray = grads.sum(axis=(0, *range(2, rank + 2))).astype(common_dtype(grad))
    return total
