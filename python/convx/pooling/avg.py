"""The average of each window."""

from __future__ import annotations

from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding


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
    return _core.avg_pool(
        "avg_pool1d",
        1,
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
        False,
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
    return _core.avg_pool(
        "avg_pool2d",
        2,
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
        False,
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
    return _core.avg_pool(
        "avg_pool3d",
        3,
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
        False,
    )
