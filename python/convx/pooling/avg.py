"""The average of each window."""

from __future__ import annotations

from typing import SupportsIndex, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, Float, FloatArray, Ints, Padding

__all__ = ["avg_pool1d", "avg_pool2d", "avg_pool3d"]


@overload
def _avg_pool_nd(
    input: NDArray[Float],
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _avg_pool_nd(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _avg_pool_nd(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Average the elements of each window of each map.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, C, *spatial) or (C, *spatial)
        Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result has
        none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not copied.
    kernel_size : int or sequence of int
        Taps of the window: one number for every axis, or one per axis.
    stride : int or sequence of int, optional
        Input elements from one window to the next: one number for every axis, or one per axis.
        By default, and for None, that of `kernel_size`; an empty sequence is refused.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Zeros before and after each axis: one number for all, one per axis, one pair (before, after) per axis, each at
        most half of the dilated kernel, or ``'valid'``, ``'same'``, ``'same_lower'`` or ``'causal'`` as in
        :func:`conv2d`.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the padded input, if it starts before the high padding.
    count_include_pad : bool, default True
        Whether padded zeros count in the divisor. What `ceil_mode` adds beyond the padding never counts.
    divisor_override : int, optional
        Divide by this number instead of the number of elements. Not 0.
    dilation : int or sequence of int, default 1
        Input elements from one tap to the next: one number for every axis, or one per axis.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C, *out) or (C, *out)
        `out` if given, else a new array of the dtype of `input`.

    Raises
    ------
    TypeError
        If `input` is masked or of another dtype, if `out` is not an ndarray of that dtype, or if another argument
        is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
    ValueError
        If a size is zero (an empty batch is allowed), a number is out of range, a name is unknown, or an output
        size would be less than 1. The message names argument, rule and value.

    Notes
    -----
    The divisor is the number of the window's elements inside the padded input or, without `count_include_pad`, inside
    the input itself; a window without any then gives 0/0, that is NaN.

    Along each axis::

        out = floor((in + lo + hi - dilation * (kernel - 1) - 1) / stride) + 1

    With `ceil_mode` the division rounds up, and the last window is dropped if it starts in the high padding.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285.
    Names and defaults: ``torch.nn.functional``.

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

    >>> image = np.arange(16.0).reshape(1, 4, 4)
    >>> convx.avg_pool2d(image, 2)
    array([[[ 2.5,  4.5],
            [10.5, 12.5]]])
    >>> convx.avg_pool2d(image, 2, divisor_override=1)
    array([[[10., 18.],
            [42., 50.]]])

    >>> volume = np.arange(64.0).reshape(1, 4, 4, 4)
    >>> convx.avg_pool3d(volume, (4, 2, 2))
    array([[[[26.5, 28.5],
             [34.5, 36.5]]]])
    """
    return _core.avg_pool(
        _name,
        _rank,
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
        out=out,
        data_format=data_format,
        any_padding=False,
    )


avg_pool1d, avg_pool2d, avg_pool3d = ranks(_avg_pool_nd)
