"""Pooling of whole maps."""

from __future__ import annotations

from typing import SupportsFloat, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._types import DataFormat, Float, FloatArray, NumberArray, Scalar

__all__ = ["global_avg_pool", "global_lp_pool", "global_max_pool"]


@overload
def global_avg_pool(
    input: NDArray[Float],
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def global_avg_pool(
    input: ArrayLike,
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def global_avg_pool(
    input: ArrayLike,
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Average all elements of each map.

    Parameters
    ----------
    input : array_like, shape (N, C, [[D,] H,] W)
        Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides.
    keepdims : bool, default True
        Whether the spatial axes stay, with size 1.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C, 1, ...) or, without `keepdims`, (N, C)
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
    adaptive_avg_pool2d : Any number of outputs for each map.

    Notes
    -----
    The average of all elements behind N and C; NaN and infinities take part.

    References
    ----------
    ONNX's GlobalAveragePool.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[[[1.5]],
    <BLANKLINE>
            [[5.5]]]])
    >>> convx.global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2), keepdims=False)
    array([[1.5, 5.5]])
    """
    return _core.global_pool(
        "global_avg_pool", kind="avg", input=input, norm_type=None, keepdims=keepdims, out=out, data_format=data_format
    )


@overload
def global_max_pool(
    input: NDArray[Scalar],
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: NDArray[Scalar] | None = None,
) -> NDArray[Scalar]: ...
@overload
def global_max_pool(
    input: ArrayLike,
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray: ...
def global_max_pool(
    input: ArrayLike,
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray:
    """Take the largest element of each map.

    Parameters
    ----------
    input : array_like, shape (N, C, [[D,] H,] W)
        Images of ``C`` maps: float16, bfloat16, float32, float64, integers or bool, of any strides.
    keepdims : bool, default True
        Whether the spatial axes stay, with size 1.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C, 1, ...) or, without `keepdims`, (N, C)
        `out` if given, else a new array of the dtype of `input`.

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
    adaptive_max_pool2d : Any number of outputs for each map.

    Notes
    -----
    A map that holds a NaN gives NaN.

    References
    ----------
    ONNX's GlobalMaxPool.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.global_max_pool(np.arange(8).reshape(1, 2, 2, 2), keepdims=False)
    array([[3, 7]])
    """
    return _core.global_pool(
        "global_max_pool", kind="max", input=input, norm_type=None, keepdims=keepdims, out=out, data_format=data_format
    )


@overload
def global_lp_pool(
    input: NDArray[Float],
    norm_type: SupportsFloat = 2,
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def global_lp_pool(
    input: ArrayLike,
    norm_type: SupportsFloat = 2,
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def global_lp_pool(
    input: ArrayLike,
    norm_type: SupportsFloat = 2,
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the Lp norm of each map.

    Parameters
    ----------
    input : array_like, shape (N, C, [[D,] H,] W)
        Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides.
    norm_type : float, default 2
        The p of the norm, > 0; ``inf`` is the largest absolute value.
    keepdims : bool, default True
        Whether the spatial axes stay, with size 1.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C, 1, ...) or, without `keepdims`, (N, C)
        `out` if given, else a new array of the dtype of `input`.

    Raises
    ------
    TypeError
        If `input` is masked or of another dtype, if `out` is not an ndarray of that dtype, or if another argument
        is of the wrong type (``"3"`` or ``True`` for a number).
    ValueError
        If `norm_type` is not > 0, a size is zero (an empty batch is allowed), a number is out of range, a name is
        unknown, or an output size would be less than 1. The message names argument, rule and value.

    See Also
    --------
    lp_pool2d : The norm of each window.

    Notes
    -----
    With x the real elements of a window, each output is (sum of |x|^p)^(1/p): padding and what `ceil_mode` adds
    count as zeros. torch multiplies the norm of a window that `ceil_mode` clipped by the share that it lost, to
    the power 1/p, and takes x^p for |x|^p. The sum is taken in the arithmetic's dtype without scaling: it
    overflows to inf where |x|^p does, and small elements may vanish.

    References
    ----------
    ONNX's GlobalLpPool.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.global_lp_pool(np.array([[[3.0, 4.0], [0.0, -5.0]]]), keepdims=False)
    array([[5., 5.]])
    """
    return _core.global_pool(
        "global_lp_pool",
        kind="lp",
        input=input,
        norm_type=norm_type,
        keepdims=keepdims,
        out=out,
        data_format=data_format,
    )
