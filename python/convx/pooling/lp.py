"""The Lp norm of each window."""

from __future__ import annotations

from typing import SupportsFloat

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding


@document(rank=1, pad_elements="Zeros")
def lp_pool1d(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the Lp norm of each window of each map.

    Parameters
    ----------
    $pool_input
    $norm_type
    $kernel_size
    $pool_stride
    $ceil_mode
    $pool_padding
    $dilation
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $lp_raises

    See Also
    --------
    global_lp_pool : The norm of whole maps.

    Notes
    -----
    $lp_formula

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.lp_pool1d(np.array([[3.0, -4.0, 0.0, 2.0]]), 2, 2)
    array([[5., 2.]])
    """
    return _core.lp_pool(
        "lp_pool1d",
        1,
        input,
        norm_type,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        out,
        data_format,
        False,
    )


@document(rank=2, pad_elements="Zeros")
def lp_pool2d(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the Lp norm of each window of each map.

    Parameters
    ----------
    $pool_input
    $norm_type
    $kernel_size
    $pool_stride
    $ceil_mode
    $pool_padding
    $dilation
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $lp_raises

    See Also
    --------
    global_lp_pool : The norm of whole maps.

    Notes
    -----
    $lp_formula

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.lp_pool2d(np.array([[[3.0, -4.0], [0.0, 2.0]]]), 1, 2)
    array([[[9.]]])
    """
    return _core.lp_pool(
        "lp_pool2d",
        2,
        input,
        norm_type,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        out,
        data_format,
        False,
    )


@document(rank=3, pad_elements="Zeros")
def lp_pool3d(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the Lp norm of each window of each map.

    Parameters
    ----------
    $pool_input
    $norm_type
    $kernel_size
    $pool_stride
    $ceil_mode
    $pool_padding
    $dilation
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $lp_raises

    See Also
    --------
    global_lp_pool : The norm of whole maps.

    Notes
    -----
    $lp_formula

    $pool_size

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.lp_pool3d(-np.ones((1, 2, 2, 2)), 3, 2)
    array([[[[2.]]]])
    """
    return _core.lp_pool(
        "lp_pool3d",
        3,
        input,
        norm_type,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        out,
        data_format,
        False,
    )
