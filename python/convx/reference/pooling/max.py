"""The largest element of each window, and where it lies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx._ranks import ranks
from convx._types import DataFormat, Ints, NumberArray, Padding
from convx.reference.arguments import as_batch, as_given, as_numbers, common_dtype
from convx.reference.geometry import windows
from convx.reference.pooling.axes import pool_axes
from convx.reference.pooling.largest import largest_in_windows, least

__all__ = ["max_pool1d", "max_pool2d", "max_pool3d"]


def _max_pool_nd(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    data_format: DataFormat = "channels_first",
    _rank: int = 0,
) -> Any:
    """Compute :func:`convx.max_pool2d` in NumPy.

    Parameters
    ----------
    input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, data_format
        As :func:`convx.max_pool2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.max_pool2d` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.max_pool1d(np.array([[1.0, 5.0, 2.0, 4.0, 3.0]]), 2, ceil_mode=True)
    array([[5., 4., 3.]])

    >>> reference.max_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 5.,  7.],
            [13., 15.]]])

    >>> reference.max_pool3d(np.arange(64.0).reshape(1, 4, 4, 4), (4, 2, 2))
    array([[[[53., 55.],
             [61., 63.]]]])
    """
    x = as_numbers("input", input)
    images = as_batch("input", x, _rank, data_format)
    axes = pool_axes(images.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    seen = windows(images, axes, least(images.dtype))
    if not return_indices:
        values: NumberArray = seen.max(axis=tuple(range(-_rank, 0))).astype(common_dtype(x))
        return as_given(values, x.ndim, _rank, data_format)
    sizes = images.shape[2:]
    places = np.arange(math.prod(sizes)).reshape(1, 1, *sizes)
    found, indices = largest_in_windows(seen, windows(places, axes, -1), _rank)
    return (
        as_given(found.astype(common_dtype(x)), x.ndim, _rank, data_format),
        as_given(indices, x.ndim, _rank, data_format),
    )


max_pool1d, max_pool2d, max_pool3d = ranks(_max_pool_nd)
