"""The average of each window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._ranks import ranks
from convx._types import DataFormat, FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_given, as_int, common_dtype
from convx.reference.geometry import Axis, windows
from convx.reference.pooling.axes import pool_axes, taps

__all__ = ["avg_pool1d", "avg_pool2d", "avg_pool3d"]


def _avg_pool_nd(
    input: ArrayLike,
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
    """Compute :func:`convx.avg_pool2d` in NumPy.

    Parameters
    ----------
    input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, dilation, data_format
        As :func:`convx.avg_pool2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.avg_pool2d` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.avg_pool1d(np.array([[2.0, 4.0, 6.0, 8.0]]), 2, padding=1, count_include_pad=False)
    array([[2., 5., 8.]])

    >>> reference.avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 2.5,  4.5],
            [10.5, 12.5]]])

    >>> reference.avg_pool3d(np.arange(64.0).reshape(1, 4, 4, 4), (4, 2, 2))
    array([[[[26.5, 28.5],
             [34.5, 36.5]]]])
    """
    x = as_floats("input", input)
    images = as_batch("input", x, _rank, data_format)
    axes = pool_axes(images.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    seen = windows(images.astype(np.float64), axes, fill=0.0)
    divisor = average_divisor(axes, count_include_pad, divisor_override)
    with np.errstate(all="ignore"):  # 0 / 0 is NaN and no news
        mean: FloatArray = (seen.sum(axis=taps(_rank)) / divisor).astype(common_dtype(x))
    return as_given(mean, x.ndim, _rank, data_format)


avg_pool1d, avg_pool2d, avg_pool3d = ranks(_avg_pool_nd)


def average_divisor(
    axes: Sequence[Axis], count_include_pad: bool, divisor_override: SupportsIndex | None
) -> NDArray[np.int64] | int:
    """Return what the sum over the window of each output is divided by."""
    if divisor_override is None:
        counts: NDArray[np.int64] = reduce(np.multiply.outer, [_counted(a, count_include_pad) for a in axes])
        return counts
    divisor = as_int("divisor_override", divisor_override)
    if divisor == 0:
        raise ValueError("divisor_override must not be 0")
    return divisor


def _counted(axis: Axis, include_pad: bool) -> NDArray[np.int64]:
    """How many taps of each output count in the divisor: never those in the overhang, those in the padding if asked."""
    taps = axis.taps()
    inside = taps < axis.size + axis.hi if include_pad else (taps >= 0) & (taps < axis.size)
    counts: NDArray[np.int64] = inside.sum(axis=1)
    return counts
