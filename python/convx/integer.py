"""Convolution of 8-bit integers with scales and zero points, as ONNX has it."""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._docs import document
from convx._types import ByteArray, Ints, Padding

__all__ = ["QLinearConv", "conv_integer", "qlinear_conv"]


@document(rank=2)
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
    data_format: str = "channels_first",
    out: NDArray[np.int32] | None = None,
) -> NDArray[np.int32]:
    """Convolve 8-bit integers less their zero points, over one to three spatial axes, with sums in int32.

    Parameters
    ----------
    $quantized_x
    $quantized_w
    $x_zero_point
    $w_zero_point
    $stride
    $quantized_padding
    $dilation
    $groups
    $data_format
    $out

    Returns
    -------
    ndarray of int32, shape (N, Cout, ...) or (Cout, ...)
        `out` if given, else a new array.

    Raises
    ------
    $quantized_raises

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
    return _core.conv_integer(x, w, x_zero_point, w_zero_point, stride, padding, dilation, groups, out, data_format)


@document(rank=2)
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
    data_format: str = "channels_first",
    out: ByteArray | None = None,
) -> ByteArray:
    """Convolve 8-bit integers that stand for real numbers into 8-bit integers, over one to three spatial axes.

    Parameters
    ----------
    $quantized_x
    $x_scale
    $x_zero_point
    $quantized_w
    $w_scale
    $w_zero_point
    $y_scale
    $y_zero_point
    $quantized_bias
    $stride
    $quantized_padding
    $dilation
    $groups
    $data_format
    $out

    Returns
    -------
    ndarray of int8 or uint8, shape (N, Cout, ...) or (Cout, ...)
        `out` if given, else a new array of the dtype of `y_zero_point`.

    Raises
    ------
    $quantized_raises

    See Also
    --------
    QLinearConv : The same with the weight packed once, for many calls.
    conv_integer : The sums alone.

    Notes
    -----
    $requantization

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
        x_scale,
        x_zero_point,
        w,
        w_scale,
        w_zero_point,
        y_scale,
        y_zero_point,
        bias,
        stride,
        padding,
        dilation,
        groups,
        out,
        data_format,
    )


@document(rank=2)
class QLinearConv:
    """A :func:`qlinear_conv` with all but its input fixed; the weight is packed once and used for many inputs.

    Weight, bias, scales and zero points are copied: later changes of the arrays do not reach the plan. It may be
    called from several threads at once.

    Parameters
    ----------
    $x_scale
    $x_zero_point
    $quantized_w
    $w_scale
    $w_zero_point
    $y_scale
    $y_zero_point
    $quantized_bias
    $stride
    $quantized_padding
    $dilation
    $groups
    $data_format

    Raises
    ------
    $quantized_raises

    See Also
    --------
    qlinear_conv : The same for a single call, with its formula.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> weight = np.array([[[-1, 2]]], np.int8)
    >>> layer = convx.QLinearConv(0.1, 10, weight, 0.5, 0, 0.05, np.uint8(100))
    >>> layer(np.array([[12, 13, 15, 18]], np.uint8))
    array([[104, 107, 111]], dtype=uint8)
    """

    __slots__ = ("_run",)

    def __init__(
        self,
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
        data_format: str = "channels_first",
    ) -> None:
        self._run = _core.quantized_plan(
            "QLinearConv",
            x_scale,
            x_zero_point,
            w,
            w_scale,
            w_zero_point,
            y_scale,
            y_zero_point,
            bias,
            stride,
            padding,
            dilation,
            groups,
            data_format,
        )

    def __call__(self, x: ArrayLike, *, out: ByteArray | None = None) -> ByteArray:
        """Convolve `x`, see the class and :func:`qlinear_conv`.

        Parameters
        ----------
        x : array_like, shape (N, Cin, ...) or (Cin, ...)
            Images of ``Cin`` maps, int8 or uint8, of any strides.
        out : ndarray, optional
            Where to write the result, of exactly its shape and dtype; any strides. May overlap `x`.

        Returns
        -------
        ndarray of int8 or uint8, shape (N, Cout, ...) or (Cout, ...)
            `out` if given, else a new array of the dtype of `y_zero_point`.

        Raises
        ------
        TypeError
            If `x` is neither int8 nor uint8, or if `out` is not an ndarray of the result's dtype.
        ValueError
            If the shape of `x` or `out` does not fit, if `x_zero_point` is no number of the dtype of `x`, or if `out`
            is read-only.
        """
        return self._run(x, out)
