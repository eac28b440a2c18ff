"""The largest element of each window, and where it lies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx._docs import document
from convx._types import Ints, NumberArray, Padding
from convx.reference.arguments import as_batch, as_given, as_numbers, common_dtype
from convx.reference.geometry import windows
from convx.reference.pooling.axes import pool_axes
from convx.reference.pooling.largest import largest_in_windows, least


@document(rank=1, pad_elements="Elements that never are the largest")
def max_pool1d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    data_format: str = "channels_first",
) -> Any:
    """Compute :func:`convx.max_pool1d` in NumPy.

    Parameters
    ----------
    $number_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $return_indices
    $data_format

    Returns
    -------
    $max_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.max_pool1d(np.array([[1.0, 5.0, 2.0, 4.0, 3.0]]), 2, ceil_mode=True)
    array([[5., 4., 3.]])
    """
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, data_format)


@document(rank=2, pad_elements="Elements that never are the largest")
def max_pool2d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    data_format: str = "channels_first",
) -> Any:
    """Compute :func:`convx.max_pool2d` in NumPy.

    Parameters
    ----------
    $number_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $return_indices
    $data_format

    Returns
    -------
    $max_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.max_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 5.,  7.],
            [13., 15.]]])
    """
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, data_format)


@document(rank=3, pad_elements="Elements that never are the largest")
def max_pool3d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    data_format: str = "channels_first",
) -> Any:
    """Compute :func:`convx.max_pool3d` in NumPy.

    Parameters
    ----------
    $number_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $return_indices
    $data_format

    Returns
    -------
    $max_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.max_pool3d(np.arange(64.0).reshape(1, 4, 4, 4), (4, 2, 2))
    array([[[[53., 55.],
             [61., 63.]]]])
    """
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, data_format)


def _max_pool(
    rank: int,
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    dilation: Ints,
    ceil_mode: bool,
    return_indices: bool,
    data_format: str,
) -> Any:
    x = as_numbers("input", input)
    images = as_batch("input", x, rank, data_format)
    axes = pool_axes(images.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    seen = windows(images, axes, least(images.dtype))
    if not return_indices:
        values: NumberArray = seen.max(axis=tuple(range(-rank, 0))).astype(common_dtype(x))
        return as_given(values, x.ndim, rank, data_format)
    sizes = images.shape[2:]
    places = np.arange(math.prod(sizes)).reshape(1, 1, *sizes)
    found, indices = largest_in_windows(seen, windows(places, axes, -1), rank)
    return (
        as_given(found.astype(common_dtype(x)), x.ndim, rank, data_format),
        as_given(indices, x.ndim, rank, data_format),
    )
