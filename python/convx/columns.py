"""The patches of an image as columns, and their sum back into an image."""

from __future__ import annotations

from typing import overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._types import DataFormat, Float, FloatArray, Ints, Padding

__all__ = ["fold", "unfold"]


@overload
def unfold(
    input: NDArray[Float],
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def unfold(
    input: ArrayLike,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def unfold(
    input: ArrayLike,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Lay out the patches under a sliding window as columns (im2col), over one, two or three spatial axes.

    Parameters
    ----------
    input : array_like, shape (N, C, [[D,] H,] W) or (C, [[D,] H,] W)
        Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result
        has none either.
    kernel_size : int or sequence of int
        Taps of the window. A sequence holds one number per spatial axis, and so says how many there are: ``(3,)`` for
        signals, ``(3, 3, 3)`` for volumes. A lone int means three axes where `input` has five, else two, as in torch.
    dilation : int or sequence of int, default 1
        Input elements from one tap to the next: one number for every axis, or one per axis.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Zeros before and after each axis of the image: one number for all, one per axis, one pair (before, after) per
        axis, or ``'valid'``, ``'same'``, ``'same_lower'`` or ``'causal'`` as in :func:`conv2d`.
    stride : int or sequence of int, default 1
        Input elements from one window to the next: one number for every axis, or one per axis.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        ``'channels_last'`` for images (N, [[D,] H,] W, C) and columns (N, L, C * kernel elements).
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C * kernel elements, L) or (C * kernel elements, L)
        `out` if given, else a new array of the dtype of `input`. ``L`` counts the positions of the window, the last
        axis running fastest; rows are ordered by map, then by tap.

    Raises
    ------
    TypeError
        If `input` is masked or of another dtype, if `out` is not an ndarray of that dtype, or if another argument
        is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
    ValueError
        If a size is zero (an empty batch is allowed), a number is out of range, a name is unknown, or an output
        size would be less than 1. The message names argument, rule and value.

    See Also
    --------
    fold : The adjoint.

    Notes
    -----
    With c a map, t and l one index per axis of the window and of its positions::

        y[n, (c, t), l] = input[n, c, l * stride + t * dilation - lo], 0 in the padding

    L is the product over the axes of::

        floor((in + lo + hi - dilation * (kernel - 1) - 1) / stride) + 1

    The convolutions of convx never make this array, which is as many times the input as the kernel has elements.

    References
    ----------
    Names, order and layout: ``torch.nn.functional.unfold``, which takes two spatial axes.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> convx.unfold(image, 2)
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.],
           [3., 4., 6., 7.],
           [4., 5., 7., 8.]])
    >>> convx.unfold(np.array([[1.0, 2.0, 3.0]]), (2,), padding="causal")
    array([[0., 1., 2.],
           [1., 2., 3.]])
    """
    return _core.unfold(
        input,
        kernel_size=kernel_size,
        dilation=dilation,
        padding=padding,
        stride=stride,
        out=out,
        data_format=data_format,
    )


@overload
def fold(
    input: NDArray[Float],
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def fold(
    input: ArrayLike,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def fold(
    input: ArrayLike,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Sum the columns of patches back into an image (col2im), over one, two or three spatial axes.

    Parameters
    ----------
    input : array_like, shape (N, C * kernel elements, L) or (C * kernel elements, L)
        Columns as :func:`unfold` gives them, of the same dtypes and any strides.
    output_size : int or sequence of int
        Spatial size of the image. A sequence holds one number per spatial axis, and so says how many there are; where
        both this and `kernel_size` are lone ints there are two, as in torch.
    kernel_size : int or sequence of int
        Taps of the window: one number for every axis, or one per axis.
    dilation : int or sequence of int, default 1
        Input elements from one tap to the next: one number for every axis, or one per axis.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Elements left out before and after each axis of the image: one number for all, one per axis, one pair
        (before, after) per axis, or ``'valid'``, ``'same'``, ``'same_lower'`` or ``'causal'`` as in :func:`conv2d`.
    stride : int or sequence of int, default 1
        Input elements from one window to the next: one number for every axis, or one per axis.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        ``'channels_last'`` for images (N, [[D,] H,] W, C) and columns (N, L, C * kernel elements).
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C, *output_size) or (C, *output_size)
        `out` if given, else a new array of the dtype of `input`.

    Raises
    ------
    TypeError
        If `input` is masked or of another dtype, if `out` is not an ndarray of that dtype, or if another argument
        is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
    ValueError
        If a size is zero (an empty batch is allowed), a number is out of range, a name is unknown, or an output
        size would be less than 1. The message names argument, rule and value.

    See Also
    --------
    unfold : The adjoint.

    Notes
    -----
    Every element is the sum of the patch elements that lie on it, those of the first tap first; it is 0 where there is
    none. So ``sum(unfold(x) * y) == sum(x * fold(y))`` for any x and y. With i the position in the image::

        y[n, c, i] = sum over t, l with l * stride + t * dilation - lo == i of input[n, (c, t), l]

    L is the product over the axes of::

        floor((in + lo + hi - dilation * (kernel - 1) - 1) / stride) + 1

    References
    ----------
    Names, order and layout: ``torch.nn.functional.fold``, which takes two spatial axes.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.fold(np.ones((4, 4)), (3, 3), 2)
    array([[[1., 2., 1.],
            [2., 4., 2.],
            [1., 2., 1.]]])
    >>> convx.fold(np.array([[1.0, 2.0], [30.0, 40.0]]), (3,), (2,))
    array([[ 1., 32., 40.]])
    """
    return _core.fold(
        input,
        output_size=output_size,
        kernel_size=kernel_size,
        dilation=dilation,
        padding=padding,
        stride=stride,
        out=out,
        data_format=data_format,
    )
