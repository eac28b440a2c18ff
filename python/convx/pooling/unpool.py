"""Maxima put back to where they were found."""

from __future__ import annotations

from typing import overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, Ints, NumberArray, Padding, Scalar

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


@overload
def _max_unpool_nd(
    input: NDArray[Scalar],
    indices: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    output_size: Ints | None = None,
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[Scalar] | None = None,
) -> NDArray[Scalar]: ...
@overload
def _max_unpool_nd(
    input: ArrayLike,
    indices: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    output_size: Ints | None = None,
    *,
    data_format: DataFormat = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray: ...
def _max_unpool_nd(
    input: ArrayLike,
    indices: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    output_size: Ints | None = None,
    *,
    data_format: DataFormat = "channels_first",
    out: NumberArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> NumberArray:
    """Put the elements of each map back to their indices, and zeros everywhere else.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, C, *spatial) or (C, *spatial)
        Images of ``C`` maps: float16, bfloat16, float32, float64, integers or bool, of any strides. Without ``N``
        the result has none either.
    indices : array_like, int64, of the shape of `input`
        Where each element belongs in its map, counted row by row.
    kernel_size : int or sequence of int
        Taps of the window: one number for every axis, or one per axis.
    stride : int or sequence of int, optional
        Input elements from one window to the next: one number for every axis, or one per axis.
        By default, and for None, that of `kernel_size`; an empty sequence is refused.
    padding : int, sequence of int, or sequence of (lo, hi), default 0
        What the pooling padded, before and after each axis: one number for all, one per axis, or one pair per axis.
    output_size : int or sequence of int, optional
        Spatial size of the result, one per axis or a whole shape; less than a stride off the usual
        ``(in - 1) * stride + kernel - lo - hi``.
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
        If `input` is masked or of another dtype, if `indices` is not int64, if `out` is not an ndarray of the
        dtype of `input`, or if another argument is of the wrong type.
    ValueError
        If an index lies outside of its map, if shapes do not fit each other, a size is zero (an empty batch is
        allowed) or a number is out of range. The message names argument, rule and value.

    See Also
    --------
    max_pool2d : Gives `input` and `indices`.

    Notes
    -----
    ``y[n, c].flat[indices[n, c, p]] = input[n, c, p]`` for all positions p, one after the other, so that of
    elements with the same index the last one stays, for any number of threads.

    References
    ----------
    Names and defaults: ``torch.nn.functional``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1, 5, 2, 4, 3]])
    >>> pooled, indices = convx.max_pool1d(signal, 2, return_indices=True)
    >>> convx.max_unpool1d(pooled, indices, 2)
    array([[0, 5, 0, 4]])
    >>> convx.max_unpool1d(pooled, indices, 2, output_size=5)
    array([[0, 5, 0, 4, 0]])

    >>> pooled, indices = convx.max_pool2d(np.arange(8).reshape(1, 2, 4), 2, return_indices=True)
    >>> convx.max_unpool2d(pooled, indices, 2)
    array([[[0, 0, 0, 0],
            [0, 5, 0, 7]]])

    >>> pooled, indices = convx.max_pool3d(np.arange(8).reshape(1, 2, 2, 2), 2, return_indices=True)
    >>> convx.max_unpool3d(pooled, indices, 2).ravel()
    array([0, 0, 0, 0, 0, 0, 0, 7])
    """
    return _core.max_unpool(
        _name,
        _rank,
        input,
        indices,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        output_size=output_size,
        out=out,
        data_format=data_format,
    )


max_unpool1d, max_unpool2d, max_unpool3d = ranks(_max_unpool_nd)
