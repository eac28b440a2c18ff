"""The largest element of each window, and where it lies."""

from __future__ import annotations

from typing import Literal, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, IndexArray, Ints, NumberArray, Padding, Scalar

__all__ = ["max_pool1d", "max_pool2d", "max_pool3d"]


@overload
def _max_pool_nd(
    input: NDArray[Scalar],
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[Scalar] | None = None,
) -> NDArray[Scalar]: ...
@overload
def _max_pool_nd(
    input: NDArray[Scalar],
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
    data_format: DataFormat = "channels_first",
    out: tuple[NDArray[Scalar], IndexArray] | None = None,
) -> tuple[NDArray[Scalar], IndexArray]: ...
@overload
def _max_pool_nd(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
    *,
    data_format: DataFormat = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray: ...
@overload
def _max_pool_nd(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
    data_format: DataFormat = "channels_first",
    out: tuple[NumberArray, IndexArray] | None = None,
) -> tuple[NumberArray, IndexArray]: ...
def _max_pool_nd(
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    data_format: DataFormat = "channels_first",
    out: NumberArray | tuple[NumberArray, IndexArray] | None = None,
    _name: str = "",
    _rank: int = 0,
) -> NumberArray | tuple[NumberArray, IndexArray]:
    """Take the largest element of each window of each map.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, C, *spatial) or (C, *spatial)
        Images of ``C`` maps: float16, bfloat16, float32, float64, integers or bool, of any strides. Without ``N``
        the result has none either.
    kernel_size : int or sequence of int
        Taps of the window: one number for every axis, or one per axis.
    stride : int or sequence of int, optional
        Input elements from one window to the next: one number for every axis, or one per axis.
        By default, and for None, that of `kernel_size`; an empty sequence is refused.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Elements before and after each axis that never are the largest: one number for all, one per axis, one pair
        (before, after) per axis, each at most half of the dilated kernel, or ``'valid'``, ``'same'``, ``'same_lower'``
        or ``'causal'`` as in :func:`conv2d`.
    dilation : int or sequence of int, default 1
        Input elements from one tap to the next: one number for every axis, or one per axis.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the padded input, if it starts before the high padding.
    return_indices : bool, default False
        Also return where each of them lies.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    out : ndarray, or tuple of two, optional
        Where to write the result, of exactly its shape and dtype; any strides. With `return_indices` a tuple of
        arrays for the values and for the indices. May overlap `input`.

    Returns
    -------
    ndarray, shape (N, C, *out) or (C, *out)
        `out` if given, else a new array of the dtype of `input`. With `return_indices` a tuple of it and of an
        int64 array of its shape: where each element lies in its map, counted row by row.

    Raises
    ------
    TypeError
        If `input` is masked or of another dtype, if `out` is not an ndarray (with `return_indices` a tuple of
        two) of the result's dtype, or if another argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for
        an int).
    ValueError
        If a size is zero (an empty batch is allowed), a number is out of range, a name is unknown, or an output
        size would be less than 1. The message names argument, rule and value.

    See Also
    --------
    max_unpool2d : Puts elements back to where they were found.
    maxout : The largest element across maps.

    Notes
    -----
    A window that holds a NaN gives NaN; one without any real element gives -inf or the least value of an integer
    type. The index is that of the first of equal elements in the order of the window, but of the last NaN, as in
    torch. A window without any real element has index -1, where torch gives one outside of the map.

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
    >>> signal = np.array([[1.0, 5.0, 2.0, 4.0, 3.0]])
    >>> convx.max_pool1d(signal, 2)
    array([[5., 4.]])
    >>> convx.max_pool1d(signal, 2, ceil_mode=True, return_indices=True)
    (array([[5., 4., 3.]]), array([[1, 3, 4]]))

    >>> image = np.arange(16.0).reshape(1, 4, 4)
    >>> convx.max_pool2d(image, 2)
    array([[[ 5.,  7.],
            [13., 15.]]])
    >>> convx.max_pool2d(image, 3, stride=2, padding=1)
    array([[[ 5.,  7.],
            [13., 15.]]])

    >>> volume = np.arange(64.0).reshape(1, 4, 4, 4)
    >>> convx.max_pool3d(volume, (4, 2, 2))
    array([[[[53., 55.],
             [61., 63.]]]])
    """
    return _core.max_pool(
        _name,
        _rank,
        input,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        return_indices=return_indices,
        out=out,
        data_format=data_format,
        any_padding=False,
    )


max_pool1d, max_pool2d, max_pool3d = ranks(_max_pool_nd)
