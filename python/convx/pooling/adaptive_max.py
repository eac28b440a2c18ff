"""The largest elements of as many windows as are asked for, and where they lie."""

from __future__ import annotations

from typing import Literal, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, IndexArray, NumberArray, Scalar, Sizes

__all__ = ["adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"]


@overload
def _adaptive_max_pool_nd(
    input: NDArray[Scalar],
    output_size: Sizes,
    return_indices: Literal[False] = False,
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[Scalar] | None = None,
) -> NDArray[Scalar]: ...
@overload
def _adaptive_max_pool_nd(
    input: NDArray[Scalar],
    output_size: Sizes,
    return_indices: Literal[True],
    *,
    data_format: DataFormat = "channels_first",
    out: tuple[NDArray[Scalar], IndexArray] | None = None,
) -> tuple[NDArray[Scalar], IndexArray]: ...
@overload
def _adaptive_max_pool_nd(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: Literal[False] = False,
    *,
    data_format: DataFormat = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray: ...
@overload
def _adaptive_max_pool_nd(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: Literal[True],
    *,
    data_format: DataFormat = "channels_first",
    out: tuple[NumberArray, IndexArray] | None = None,
) -> tuple[NumberArray, IndexArray]: ...
def _adaptive_max_pool_nd(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: bool = False,
    *,
    data_format: DataFormat = "channels_first",
    out: NumberArray | tuple[NumberArray, IndexArray] | None = None,
    _name: str = "",
    _rank: int = 0,
) -> NumberArray | tuple[NumberArray, IndexArray]:
    """Take the largest elements of windows that divide each map among `output_size` outputs.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, C, *spatial) or (C, *spatial)
        Images of ``C`` maps: float16, bfloat16, float32, float64, integers or bool, of any strides. Without ``N``
        the result has none either.
    output_size : int, None, or sequence of them
        Outputs along each axis: one number for every axis, or one per axis; ``None`` keeps the size of the input.
        May be larger than the input.
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
    max_pool2d : Windows of a given size.
    global_max_pool : One output for each map.

    Notes
    -----
    Along each axis, output i sees the elements from ``floor(i * in / out)`` to ``ceil((i + 1) * in / out)``, the
    latter excluded; neighbours may overlap.

    A window that holds a NaN gives NaN; one without any real element gives -inf or the least value of an integer
    type. The index is that of the first of equal elements in the order of the window, but of the last NaN, as in
    torch. A window without any real element has index -1, where torch gives one outside of the map.

    References
    ----------
    Names and windows: ``torch.nn.functional``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.adaptive_max_pool1d(np.array([[1.0, 5.0, 3.0, 4.0, 2.0]]), 3)
    array([[5., 5., 4.]])

    >>> convx.adaptive_max_pool2d(np.arange(16.0).reshape(1, 4, 4), (2, None))
    array([[[ 4.,  5.,  6.,  7.],
            [12., 13., 14., 15.]]])

    >>> convx.adaptive_max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1)
    array([[[[7.]]]])
    """
    return _core.adaptive_max_pool(
        _name, _rank, input, output_size=output_size, return_indices=return_indices, out=out, data_format=data_format
    )


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = ranks(_adaptive_max_pool_nd)
