"""Averages of as many windows as are asked for."""

from __future__ import annotations

from typing import overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, Float, FloatArray, Sizes

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"]


@overload
def _adaptive_avg_pool_nd(
    input: NDArray[Float],
    output_size: Sizes,
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _adaptive_avg_pool_nd(
    input: ArrayLike,
    output_size: Sizes,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _adaptive_avg_pool_nd(
    input: ArrayLike,
    output_size: Sizes,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Average the elements of windows that divide each map among `output_size` outputs.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, C, *spatial) or (C, *spatial)
        Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result has
        none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not copied.
    output_size : int, None, or sequence of them
        Outputs along each axis: one number for every axis, or one per axis; ``None`` keeps the size of the input.
        May be larger than the input.
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

    See Also
    --------
    avg_pool2d : Windows of a given size.
    global_avg_pool : One output for each map.

    Notes
    -----
    Along each axis, output i sees the elements from ``floor(i * in / out)`` to ``ceil((i + 1) * in / out)``, the
    latter excluded; neighbours may overlap.

    References
    ----------
    Names and windows: ``torch.nn.functional``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.adaptive_avg_pool1d(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]), 3)
    array([[1.5, 3. , 4.5]])

    >>> convx.adaptive_avg_pool2d(np.arange(16.0).reshape(1, 4, 4), (2, None))
    array([[[ 2.,  3.,  4.,  5.],
            [10., 11., 12., 13.]]])

    >>> convx.adaptive_avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1)
    array([[[[3.5]]]])
    """
    return _core.adaptive_avg_pool(_name, _rank, input, output_size=output_size, out=out, data_format=data_format)


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = ranks(_adaptive_avg_pool_nd)
