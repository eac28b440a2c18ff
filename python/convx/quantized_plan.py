"""The plan of a quantised convolution."""

from __future__ import annotations

from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from convx import _core
from convx._plan import Plan
from convx._types import ByteArray, DataFormat, Ints, NumberArray, Padding

__all__ = ["QLinearConv"]


class QLinearConv(Plan):
    """A :func:`qlinear_conv` with all but its input fixed; the weight is packed once and used for many inputs.

    Weight, bias, scales and zero points are copied: later changes of the arrays do not reach the plan. It may be
    called from several threads at once.

    Parameters
    ----------
    x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias : as for qlinear_conv
        As :func:`qlinear_conv` takes them.
    stride, padding, dilation, groups, data_format : optional
        As :func:`conv_integer` takes them.

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

    __slots__ = ("_numbers",)
    _name = "QLinearConv"
    _parameters = ("stride", "padding", "dilation", "groups", "data_format")
    _numbers: dict[str, NumberArray]

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
        data_format: DataFormat = "channels_first",
    ) -> None:
        self._core = _core.quantized_plan(
            self._name,
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
            data_format=data_format,
        )
        self._activation = None
        numbers = {
            "x_scale": x_scale,
            "x_zero_point": x_zero_point,
            "w_scale": w_scale,
            "w_zero_point": w_zero_point,
            "y_scale": y_scale,
            "y_zero_point": y_zero_point,
        }
        self._numbers = {name: np.asarray(value).copy() for name, value in numbers.items()}

    _pack = __init__

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
        return self._core(x, out)

    def _arguments(self) -> dict[str, Any]:
        arguments = super()._arguments()
        return {**self._numbers, "w": arguments.pop("weight"), **arguments}
