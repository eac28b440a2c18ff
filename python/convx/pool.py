"""Pooling: per map over one, two and three spatial axes, and across maps."""

from __future__ import annotations

from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "maxout",
]


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
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the largest element of each window of each map.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $pool_raises

    See Also
    --------
    maxout : The largest element across maps.

    Notes
    -----
    A window that holds a NaN gives NaN; one without any real element gives -inf.

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1.0, 5.0, 2.0, 4.0, 3.0]])
    >>> convx.max_pool1d(signal, 2)
    array([[5., 4.]])
    >>> convx.max_pool1d(signal, 2, ceil_mode=True)
    array([[5., 4., 3.]])
    """
    return _core.pool(
        "max_pool1d",
        1,
        "max",
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        True,
        None,
        out,
        data_format,
    )


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
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the largest element of each window of each map.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $pool_raises

    See Also
    --------
    maxout : The largest element across maps.

    Notes
    -----
    A window that holds a NaN gives NaN; one without any real element gives -inf.

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> image = np.arange(16.0).reshape(1, 4, 4)
    >>> convx.max_pool2d(image, 2)
    array([[[ 5.,  7.],
            [13., 15.]]])
    >>> convx.max_pool2d(image, 3, stride=2, padding=1)
    array([[[ 5.,  7.],
            [13., 15.]]])
    """
    return _core.pool(
        "max_pool2d",
        2,
        "max",
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        True,
        None,
        out,
        data_format,
    )


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
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the largest element of each window of each map.

    Parameters
    ----------
    $pool_input
    $kernel_size
    $pool_stride
    $pool_padding
    $dilation
    $ceil_mode
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $pool_raises

    See Also
    --------
    maxout : The largest element across maps.

    Notes
    -----
    A window that holds a NaN gives NaN; one without any real element gives -inf.

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> volume = np.arange(64.0).reshape(1, 4, 4, 4)
    >>> convx.max_pool3d(volume, (4, 2, 2))
    array([[[[53., 55.],
             [61., 63.]]]])
    """
    return _core.pool(
        "max_pool3d",
        3,
        "max",
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        True,
        None,
        out,
        data_format,
    )


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
    out: FloatArray | None = None,
) -> FloatArray:
    """Average the elements of each window of each map.

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
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $pool_raises

    Notes
    -----
    The divisor is the number of the window's elements inside the padded input or, without `count_include_pad`, inside
    the input itself; a window without any then gives 0/0, that is NaN.

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[2.0, 4.0, 6.0, 8.0]])
    >>> convx.avg_pool1d(signal, 2)
    array([[3., 7.]])
    >>> convx.avg_pool1d(signal, 2, padding=1)
    array([[1., 5., 4.]])
    >>> convx.avg_pool1d(signal, 2, padding=1, count_include_pad=False)
    array([[2., 5., 8.]])
    """
    return _core.pool(
        "avg_pool1d",
        1,
        "avg",
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        count_include_pad,
        divisor_override,
        out,
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
    out: FloatArray | None = None,
) -> FloatArray:
    """Average the elements of each window of each map.

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
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $pool_raises

    Notes
    -----
    The divisor is the number of the window's elements inside the padded input or, without `count_include_pad`, inside
    the input itself; a window without any then gives 0/0, that is NaN.

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> image = np.arange(16.0).reshape(1, 4, 4)
    >>> convx.avg_pool2d(image, 2)
    array([[[ 2.5,  4.5],
            [10.5, 12.5]]])
    >>> convx.avg_pool2d(image, 2, divisor_override=1)
    array([[[10., 18.],
            [42., 50.]]])
    """
    return _core.pool(
        "avg_pool2d",
        2,
        "avg",
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        count_include_pad,
        divisor_override,
        out,
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
    out: FloatArray | None = None,
) -> FloatArray:
    """Average the elements of each window of each map.

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
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $pool_raises

    Notes
    -----
    The divisor is the number of the window's elements inside the padded input or, without `count_include_pad`, inside
    the input itself; a window without any then gives 0/0, that is NaN.

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> volume = np.arange(64.0).reshape(1, 4, 4, 4)
    >>> convx.avg_pool3d(volume, (4, 2, 2))
    array([[[[26.5, 28.5],
             [34.5, 36.5]]]])
    """
    return _core.pool(
        "avg_pool3d",
        3,
        "avg",
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        count_include_pad,
        divisor_override,
        out,
        data_format,
    )


def maxout(
    input: ArrayLike,
    pool_size: SupportsIndex,
    axis: SupportsIndex = 1,
    *,
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the largest of every `pool_size` neighbouring maps: pooling across maps, not within them.

    Parameters
    ----------
    input : array_like
        float16, bfloat16, float32 or float64, of any shape that has `axis`.
    pool_size : int
        How many maps become one. Must divide the length of `axis`.
    axis : int, default 1
        The axis of the maps; negative numbers count from the end. Without ``N`` the maps lie along 0.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap `input`.

    Returns
    -------
    ndarray
        `out` if given, else a new array: as `input`, but ``C // pool_size`` long along `axis`::

            y[n, j, ...] = max over i in 0 ... pool_size - 1 of input[n, j * pool_size + i, ...]

        A NaN among the maps gives NaN.

    Raises
    ------
    TypeError
        If `input` is neither float32 nor float64, if `out` is not an ndarray of that dtype, or if `pool_size` or `axis`
        is not an int.
    ValueError
        If `pool_size` is less than 1 or does not divide the length of `axis`, if there is no such axis, or if `out` has
        the wrong shape or is read-only.

    See Also
    --------
    max_pool2d : The largest element of each window of each map.

    References
    ----------
    I. Goodfellow et al., "Maxout Networks", ICML 2013, arXiv:1302.4389.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> maps = np.array([[[1.0, 6.0], [2.0, 5.0], [3.0, 4.0], [0.0, 9.0]]])
    >>> convx.maxout(maps, 2)
    array([[[2., 6.],
            [3., 9.]]])
    """
    return _core.maxout(input, pool_size, axis, out)
