"""Pooling: each window of each map reduced to one number; and maxout, which pools across maps."""

from __future__ import annotations

from functools import reduce
from operator import index
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._docs import document
from convx._types import FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_given, common_dtype, per_axis
from convx.reference.geometry import Axis, spatial_axes, windows


@document(rank=1, pad_elements="Elements of -inf")
def max_pool1d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    *,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.max_pool1d` in NumPy.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.max_pool1d(np.array([[1.0, 5.0, 2.0, 4.0, 3.0]]), 2, ceil_mode=True)
    array([[5., 4., 3.]])
    """
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, data_format)


@document(rank=2, pad_elements="Elements of -inf")
def max_pool2d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    *,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.max_pool2d` in NumPy.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.max_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 5.,  7.],
            [13., 15.]]])
    """
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, data_format)


@document(rank=3, pad_elements="Elements of -inf")
def max_pool3d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    *,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.max_pool3d` in NumPy.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.max_pool3d(np.arange(64.0).reshape(1, 4, 4, 4), (4, 2, 2))
    array([[[[53., 55.],
             [61., 63.]]]])
    """
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, data_format)


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


def maxout(input: ArrayLike, pool_size: SupportsIndex, axis: SupportsIndex = 1) -> FloatArray:
    """Compute :func:`convx.maxout` in NumPy.

    Parameters
    ----------
    input : array_like
        float16, bfloat16, float32 or float64, of any shape that has `axis`.
    pool_size : int
        How many neighbouring maps become one. Must divide the length of `axis`.
    axis : int, default 1
        The axis of the maps.

    Returns
    -------
    ndarray
        As `input`, with ``C // pool_size`` maps along `axis`.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.maxout(np.array([[1.0, 2.0, 3.0, 0.0]]), 2)
    array([[2., 3.]])
    """
    x, size = as_floats("input", input), index(pool_size)
    axis = range(x.ndim)[index(axis)]  # counts from the end if negative
    if size < 1 or x.shape[axis] == 0 or x.shape[axis] % size != 0:
        raise ValueError(f"pool_size must be >= 1 and divide the {x.shape[axis]} maps, got {size}")
    neighbours = x.reshape(*x.shape[:axis], x.shape[axis] // size, size, *x.shape[axis + 1 :])
    largest: FloatArray = neighbours.max(axis=axis + 1).astype(common_dtype(x))
    return largest


def _max_pool(
    rank: int,
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    dilation: Ints,
    ceil_mode: bool,
    data_format: str,
) -> FloatArray:
    x = as_floats("input", input)
    images = as_batch("input", x, rank, data_format)
    seen = windows(images, _axes(rank, images, kernel_size, stride, padding, dilation, ceil_mode), -np.inf)
    largest: FloatArray = seen.max(axis=_taps(rank)).astype(common_dtype(x))
    return as_given(largest, x.ndim, rank, data_format)


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
    axes = _axes(rank, images, kernel_size, stride, padding, dilation, ceil_mode)
    seen = windows(images.astype(np.float64), axes, fill=0.0)
    divisor: NDArray[np.int64] | int
    if divisor_override is None:
        divisor = reduce(np.multiply.outer, [_counted(a, count_include_pad) for a in axes])
    else:
        divisor = index(divisor_override)
        if divisor == 0:
            raise ValueError("divisor_override must not be 0")
    with np.errstate(all="ignore"):  # 0 / 0 is NaN and no news
        mean: FloatArray = (seen.sum(axis=_taps(rank)) / divisor).astype(common_dtype(x))
    return as_given(mean, x.ndim, rank, data_format)


def _axes(
    rank: int, x: FloatArray, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: bool
) -> list[Axis]:
    kernel = per_axis("kernel_size", kernel_size, rank)
    return spatial_axes(x.shape[-rank:], kernel, kernel if stride is None else stride, padding, dilation, ceil_mode)


def _taps(rank: int) -> tuple[int, ...]:
    """Axes of `windows` that run over the taps: the last ones."""
    return tuple(range(-rank, 0))


def _counted(axis: Axis, include_pad: bool) -> NDArray[np.int64]:
    """How many taps of each output count in the divisor: never those in the overhang, those in the padding if asked."""
    taps = axis.taps()
    inside = taps < axis.size + axis.hi if include_pad else (taps >= 0) & (taps < axis.size)
    counts: NDArray[np.int64] = inside.sum(axis=1)
    return counts
