"""The largest element of each window."""

from __future__ import annotations

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding


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
        False,
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
        False,
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
        False,
    )
