"""Convolution of 8-bit integers with scales and zero points, as ONNX has it."""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._types import ByteArray, DataFormat, Ints, Padding

__all__ = ["conv_integer", "qlinear_conv"]


def conv_integer(
    x: ArrayLike,
    w: ArrayLike,
    x_zero_point: ArrayLike = 0,
    w_zero_point: ArrayLike = 0,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[np.int32] | None = None,
) -> NDArray[np.int32]:
    """Convolve 8-bit integers less their zero points, over one to three spatial axes, with sums in int32.

    Parameters
    ----------
    x : array_like, shape (N, Cin, ...) or (Cin, ...)
        Images of ``Cin`` maps, int8 or uint8, of any strides. Without ``N`` the result has none either.
    w : array_like, shape (Cout, Cin // groups, ...)
        The filters, int8 or uint8, with one to three axes of taps; their number is that of the spatial axes.
    x_zero_point : int
        The element of `x` that stands for zero.
    w_zero_point : int or array_like, shape (Cout,)
        The element of `w` that stands for zero, one for all or one for each output map.
    stride : int or sequence of int, default 1
        Input elements from one window to the next: one number for every axis, or one per axis.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Elements of `x_zero_point` before and after each axis: one number for all, one per axis, one pair
        (before, after) per axis, or ``'valid'``, ``'same'``, ``'same_lower'`` or ``'causal'`` as in
        :func:`convx.conv2d`.
    dilation : int or sequence of int, default 1
        Input elements from one tap to the next: one number for every axis, or one per axis.
    groups : int, default 1
        Splits the maps into groups that do not see each other: output map ``k`` reads only the ``Cin // groups``
        input maps of its group. ``groups=Cin`` is the depthwise convolution.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray of int32, shape (N, Cout, ...) or (Cout, ...)
        `out` if given, else a new array.

    Raises
    ------
    TypeError
        If `x` or `w` is neither int8 nor uint8, if a zero point is no integer or a scale no number, if `out` is not
        an ndarray of the result's dtype, or if another argument is of the wrong type.
    ValueError
        If shapes do not fit each other, a size is zero (an empty batch is allowed), a zero point is no number of
        its array's dtype, a scale is not positive and finite, a number is out of range, a name is unknown, or an
        output size would be less than 1. The message names argument, rule and value.

    See Also
    --------
    qlinear_conv : The same with the sums scaled back to 8 bits.
    conv2d : Integers of any size, without zero points but with a bias and an activation.

    Notes
    -----
    Sums are exact: a product is at most 255 * 255, so none can wrap with fewer than 33026 terms. Beyond that they are
    taken modulo 2**32, as two's complement.

    References
    ----------
    ONNX operator ``ConvInteger``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[12, 13, 15, 18]], np.uint8)
    >>> convx.conv_integer(signal, np.array([[[-1, 2]]], np.int8), x_zero_point=10)
    array([[ 4,  7, 11]], dtype=int32)
    """
    return _core.conv_integer(
        x,
        w,
        x_zero_point=x_zero_point,
        w_zero_point=w_zero_point,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        out=out,
        data_format=data_format,
    )


def qlinear_conv(
    x: ArrayLike,
    x_scale: ArrayLike,
    x_zero_point: ArrayLike,
    w: ArrayLike,
    w_scale: ArrayLike,
    w_zero_point: ArrayLike,
    y_scale: ArrayLike,
    y_zero_point: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    out: ByteArray | None = None,
) -> ByteArray:
    """Convolve 8-bit integers that stand for real numbers into 8-bit integers, over one to three spatial axes.

    Parameters
    ----------
    x : array_like, shape (N, Cin, ...) or (Cin, ...)
        Images of ``Cin`` maps, int8 or uint8, of any strides. Without ``N`` the result has none either.
    x_scale : float
        What a step of 1 in `x` stands for; taken as float32, as are the other scales.
    x_zero_point : int
        The element of `x` that stands for zero.
    w : array_like, shape (Cout, Cin // groups, ...)
        The filters, int8 or uint8, with one to three axes of taps; their number is that of the spatial axes.
    w_scale : float or array_like, shape (Cout,)
        What a step of 1 in `w` stands for, one for all or one for each output map.
    w_zero_point : int or array_like, shape (Cout,)
        The element of `w` that stands for zero, one for all or one for each output map.
    y_scale : float
        What a step of 1 in the result stands for.
    y_zero_point : numpy.int8 or numpy.uint8
        The element of the result that stands for zero. Its dtype is that of the result.
    bias : array_like, shape (Cout,), optional
        Integers that fit int32, added to the sums: a step of 1 stands for ``x_scale * w_scale``.
    stride, padding, dilation, groups, data_format : optional
        As :func:`conv_integer` takes them.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray of int8 or uint8, shape (N, Cout, ...) or (Cout, ...)
        `out` if given, else a new array of the dtype of `y_zero_point`.

    Raises
    ------
    TypeError
        If `x` or `w` is neither int8 nor uint8, if a zero point is no integer or a scale no number, if `out` is not
        an ndarray of the result's dtype, or if another argument is of the wrong type.
    ValueError
        If shapes do not fit each other, a size is zero (an empty batch is allowed), a zero point is no number of
        its array's dtype, a scale is not positive and finite, a number is out of range, a name is unknown, or an
        output size would be less than 1. The message names argument, rule and value.

    See Also
    --------
    QLinearConv : The same with the weight packed once, for many calls.
    conv_integer : The sums alone.

    Notes
    -----
    With sums as in :func:`conv_integer`, to which the bias is added, every step in float32::

        multiplier = x_scale * w_scale / y_scale
        y = saturate(round((sum + bias) * multiplier) + y_zero_point)

    The product is rounded to the nearest integer, halves to even, and the result saturates at the ends of its
    dtype. :func:`convx.reference.qlinear_conv` gives the same bits.

    References
    ----------
    ONNX operator ``QLinearConv``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[12, 13, 15, 18]], np.uint8)  # 0.2, 0.3, 0.5, 0.8
    >>> weight = np.array([[[-1, 2]]], np.int8)  # -0.5, 1.0
    >>> convx.qlinear_conv(signal, 0.1, 10, weight, 0.5, 0, 0.05, np.uint8(100))
    array([[104, 107, 111]], dtype=uint8)
    """
    return _core.qlinear_conv(
        x,
        x_scale=x_scale,
        x_zero_point=x_zero_point,
        w=w,
        w_scale=w_scale,
        w_zero_point=w_zero_point,
        y_scale=y_scale,
        y_zero_point=y_zero_point,
        bias=bias,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        out=out,
        data_format=data_format,
    )
