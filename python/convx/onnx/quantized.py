"""ConvInteger and QLinearConv."""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

import convx
from convx.onnx.attributes import (
    AnyArray,
    Attribute,
    AutoPad,
    as_array,
    fail,
    integer,
    kernel_of,
    spatial_rank,
    speaking_onnx,
    window,
)

__all__ = ["ConvInteger", "QLinearConv"]


def ConvInteger(
    x: ArrayLike,
    w: ArrayLike,
    x_zero_point: ArrayLike | None = None,
    w_zero_point: ArrayLike | None = None,
    *,
    auto_pad: AutoPad = "NOTSET",
    dilations: Attribute = None,
    group: SupportsIndex = 1,
    kernel_shape: Attribute = None,
    pads: Attribute = None,
    strides: Attribute = None,
) -> NDArray[np.int32]:
    """Convolve 8-bit integers, less their zero points, into int32.

    Parameters
    ----------
    x : array_like, shape (N, C, *spatial)
        Images of int8 or uint8. What lies in the padding is `x_zero_point`.
    w : array_like, shape (M, C // group, *kernel)
        Filters of int8 or uint8.
    x_zero_point : array_like, optional
        Subtracted from `x`: one number of its dtype.
    w_zero_point : array_like, optional
        Subtracted from `w`: one number of its dtype, or one for each of the M output maps.
    auto_pad, dilations, group, kernel_shape, pads, strides : optional
        As :func:`Conv` takes them.

    Returns
    -------
    ndarray of int32, shape (N, M, *out)

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.conv_integer : The same with torch's arguments.

    References
    ----------
    ONNX operator ConvInteger, version 10.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> image, ones = np.arange(2, 11, dtype="uint8").reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2), "uint8")
    >>> onnx.ConvInteger(image, ones, np.uint8(1))
    array([[[[12, 16],
             [24, 28]]]], dtype=int32)
    """
    operator = "ConvInteger"
    image, weight = as_array(operator, "x", x), as_array(operator, "w", w)
    rank = spatial_rank(operator, "x", image)
    view = window(operator, kernel_of(operator, weight, kernel_shape, rank, "w"), auto_pad, dilations, pads, strides)
    groups = integer(operator, "group", group, 1)
    with speaking_onnx(operator, input="x", weight="w"):
        return convx.conv_integer(
            image,
            weight,
            0 if x_zero_point is None else _one(operator, "x_zero_point", x_zero_point),
            0 if w_zero_point is None else _one_or_each(operator, "w_zero_point", w_zero_point),
            view.stride,
            view.padding,
            view.dilation,
            groups,
        )


def QLinearConv(
    x: ArrayLike,
    x_scale: ArrayLike,
    x_zero_point: ArrayLike,
    w: ArrayLike,
    w_scale: ArrayLike,
    w_zero_point: ArrayLike,
    y_scale: ArrayLike,
    y_zero_point: ArrayLike,
    B: ArrayLike | None = None,
    *,
    auto_pad: AutoPad = "NOTSET",
    dilations: Attribute = None,
    group: SupportsIndex = 1,
    kernel_shape: Attribute = None,
    pads: Attribute = None,
    strides: Attribute = None,
) -> AnyArray:
    """Convolve quantized images with quantized filters into a quantized result.

    Parameters
    ----------
    x : array_like, shape (N, C, *spatial)
        Images of int8 or uint8.
    x_scale, x_zero_point : array_like
        One number each: ``x`` stands for ``x_scale * (x - x_zero_point)``.
    w : array_like, shape (M, C // group, *kernel)
        Filters of int8 or uint8.
    w_scale, w_zero_point : array_like
        One number each, or one for each of the M output maps.
    y_scale, y_zero_point : array_like
        One number each. The dtype of `y_zero_point`, int8 or uint8, is that of the result.
    B : array_like of int32, shape (M,), optional
        Added to each output map, in units of ``x_scale * w_scale``.
    auto_pad, dilations, group, kernel_shape, pads, strides : optional
        As :func:`Conv` takes them.

    Returns
    -------
    ndarray, shape (N, M, *out)
        Rounded to the nearest, halves to even, and saturated.

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.qlinear_conv : The same with torch's arguments.

    References
    ----------
    ONNX operator QLinearConv, version 10.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> image, double = np.array([[[100, 128, 160]]], "uint8"), np.array([[[2]]], "int8")
    >>> zero, one = np.uint8(128), np.float32(1)
    >>> onnx.QLinearConv(image, one, zero, double, one, np.int8(0), one, zero)
    array([[[ 72, 128, 192]]], dtype=uint8)
    """
    operator = "QLinearConv"
    image, weight = as_array(operator, "x", x), as_array(operator, "w", w)
    rank = spatial_rank(operator, "x", image)
    view = window(operator, kernel_of(operator, weight, kernel_shape, rank, "w"), auto_pad, dilations, pads, strides)
    groups = integer(operator, "group", group, 1)
    with speaking_onnx(operator, input="x", weight="w"):
        return convx.qlinear_conv(
            image,
            _one(operator, "x_scale", x_scale),
            _one(operator, "x_zero_point", x_zero_point),
            weight,
            _one_or_each(operator, "w_scale", w_scale),
            _one_or_each(operator, "w_zero_point", w_zero_point),
            _one(operator, "y_scale", y_scale),
            _one(operator, "y_zero_point", y_zero_point),
            B,
            view.stride,
            view.padding,
            view.dilation,
            groups,
        )


def _one(operator: str, name: str, value: ArrayLike) -> AnyArray:
    """Return a scalar; ONNX files hold it as an array of one element too."""
    array = as_array(operator, name, value)
    if array.size != 1:
        fail(operator, f"{name} must be one number", f"shape {array.shape}")
    return array.reshape(())


def _one_or_each(operator: str, name: str, value: ArrayLike) -> AnyArray:
    array = as_array(operator, name, value)
    return array.reshape(()) if array.size == 1 else array
