"""The largest element of each window, and where it lies."""

from __future__ import annotations

from typing import Literal, overload

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import IndexArray, Ints, NumberArray, Padding


@overload
def max_pool1d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = ...,
    padding: Padding = ...,
    dilation: Ints = ...,
    ceil_mode: bool = ...,
    return_indices: Literal[False] = ...,
    *,
    data_format: str = ...,
    out: NumberArray | None = ...,
) -> NumberArray: ...
@overload
def max_pool1d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = ...,
    padding: Padding = ...,
    dilation: Ints = ...,
    ceil_mode: bool = ...,
    *,
    return_indices: Literal[True],
    data_format: str = ...,
    out: tuple[NumberArray, IndexArray] | None = ...,
) -> tuple[NumberArray, IndexArray]: ...
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
    out: NumberArray | tuple[NumberArray, IndexArray] | None = None,
) -> NumberArray | tuple[NumberArray, IndexArray]:
    """Take the largest element of each window of each map.

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
    $max_out

    Returns
    -------
    $max_returns

    Raises
    ------
    $max_raises

    See Also
    --------
    max_unpool1d : Puts elements back to where they were found.
    maxout : The largest element across maps.

    Notes
    -----
    $max_notes

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
    >>> convx.max_pool1d(signal, 2, ceil_mode=True, return_indices=True)
    (array([[5., 4., 3.]]), array([[1, 3, 4]]))
    """
    return _core.max_pool(
        "max_pool1d",
        1,
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        return_indices,
        out,
        data_format,
        False,
    )


@overload
def max_pool2d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = ...,
    padding: Padding = ...,
    dilation: Ints = ...,
    ceil_mode: bool = ...,
    return_indices: Literal[False] = ...,
    *,
    data_format: str = ...,
    out: NumberArray | None = ...,
) -> NumberArray: ...
@overload
def max_pool2d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = ...,
    padding: Padding = ...,
    dilation: Ints = ...,
    ceil_mode: bool = ...,
    *,
    return_indices: Literal[True],
    data_format: str = ...,
    out: tuple[NumberArray, IndexArray] | None = ...,
) -> tuple[NumberArray, IndexArray]: ...
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
    out: NumberArray | tuple[NumberArray, IndexArray] | None = None,
) -> NumberArray | tuple[NumberArray, IndexArray]:
    """Take the largest element of each window of each map.

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
    $max_out

    Returns
    -------
    $max_returns

    Raises
    ------
    $max_raises

    See Also
    --------
    max_unpool2d : Puts elements back to where they were found.
    maxout : The largest element across maps.

    Notes
    -----
    $max_notes

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
    return _core.max_pool(
        "max_pool2d",
        2,
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        return_indices,
        out,
        data_format,
        False,
    )


@overload
def max_pool3d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = ...,
    padding: Padding = ...,
    dilation: Ints = ...,
    ceil_mode: bool = ...,
    return_indices: Literal[False] = ...,
    *,
    data_format: str = ...,
    out: NumberArray | None = ...,
) -> NumberArray: ...
@overload
def max_pool3d(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = ...,
    padding: Padding = ...,
    dilation: Ints = ...,
    ceil_mode: bool = ...,
    *,
    return_indices: Literal[True],
    data_format: str = ...,
    out: tuple[NumberArray, IndexArray] | None = ...,
) -> tuple[NumberArray, IndexArray]: ...
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
    out: NumberArray | tuple[NumberArray, IndexArray] | None = None,
) -> NumberArray | tuple[NumberArray, IndexArray]:
    """Take the largest element of each window of each map.

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
    $max_out

    Returns
    -------
    $max_returns

    Raises
    ------
    $max_raises

    See Also
    --------
    max_unpool3d : Puts elements back to where they were found.
    maxout : The largest element across maps.

    Notes
    -----
    $max_notes

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
    return _core.max_pool(
        "max_pool3d",
        3,
        input,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        return_indices,
        out,
        data_format,
        False,
    )
