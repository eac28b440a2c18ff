"""The average of each window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._docs import document
from convx._types import FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_given, as_int, common_dtype
from convx.reference.geometry import Axis, windows
from convx.reference.pooling.axes import pool_axes, taps


@document(rank=1, pad_elements="Zeros")
def avg_pool1d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.avg_pool1d` in NumPy.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $ceil_mode
    $count_include_pad
    $divisor_override
    $dilation
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.avg_pool1d(np.array([[2.0, 4.0, 6.0, 8.0]]), 2, padding=1, count_include_pad=False)
    array([[2., 5., 8.]])
    """
    return _avg_pool(
        1,
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        count_include_pad,
        divisor_override,
        data_format,
    )


@document(rank=2, pad_elements="Zeros")
def avg_pool2d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.avg_pool2d` in NumPy.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $ceil_mode
    $count_include_pad
    $divisor_override
    $dilation
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 2.5,  4.5],
            [10.5, 12.5]]])
    """
    return _avg_pool(
        2,
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        count_include_pad,
        divisor_override,
        data_format,
    )


@document(rank=3, pad_elements="Zeros")
def avg_pool3d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.avg_pool3d` in NumPy.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $ceil_mode
    $count_include_pad
    $divisor_override
    $dilation
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.avg_pool3d(np.arange(64.0).reshape(1, 4, 4, 4), (4, 2, 2))
    array([[[[26.5, 28.5],
             [34.5, 36.5]]]])
    """
    return _avg_pool(
        3,
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        count_include_pad,
        divisor_override,
        data_format,
    )


def _avg_pool(
    rank: int,
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    dilation: Ints,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: SupportsIndex | None,
    data_format: str,
) -> FloatArray:
    x = as_floats("input", input)
    images = as_batch("input", x, rank, data_format)
    axes = pool_axes(images.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    seen = windows(images.astype(np.float64), axes, fill=0.0)
    divisor = average_divisor(axes, count_include_pad, divisor_override)
    with np.errstate(all="ignore"):  # 0 / 0 is NaN and no news
        mean: FloatArray = (seen.sum(axis=taps(rank)) / divisor).astype(common_dtype(x))
    return as_given(mean, x.ndim, rank, data_format)


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
