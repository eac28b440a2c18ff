"""The pooling operators."""

from __future__ import annotations

from math import prod
from typing import Literal, SupportsIndex, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

import convx
from convx import _core
from convx.onnx.attributes import (
    AnyArray,
    Attribute,
    Window,
    as_array,
    check_size,
    fail,
    flag,
    integer,
    integers,
    pad_pairs,
    spatial_rank,
    speaking_onnx,
    window,
)

__all__ = [
    "AveragePool",
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "LpPool",
    "MaxPool",
    "MaxUnpool",
]


@overload
def MaxPool(
    X: ArrayLike,
    *,
    kernel_shape: Attribute,
    auto_pad: str = ...,
    ceil_mode: SupportsIndex = ...,
    dilations: Attribute = ...,
    pads: Attribute = ...,
    storage_order: SupportsIndex = ...,
    strides: Attribute = ...,
    return_indices: Literal[False] = ...,
) -> AnyArray: ...
@overload
def MaxPool(
    X: ArrayLike,
    *,
    kernel_shape: Attribute,
    auto_pad: str = ...,
    ceil_mode: SupportsIndex = ...,
    dilations: Attribute = ...,
    pads: Attribute = ...,
    storage_order: SupportsIndex = ...,
    strides: Attribute = ...,
    return_indices: Literal[True],
) -> tuple[AnyArray, NDArray[np.int64]]: ...
def MaxPool(
    X: ArrayLike,
    *,
    kernel_shape: Attribute,
    auto_pad: str = "NOTSET",
    ceil_mode: SupportsIndex = 0,
    dilations: Attribute = None,
    pads: Attribute = None,
    storage_order: SupportsIndex = 0,
    strides: Attribute = None,
    return_indices: bool = False,
) -> AnyArray | tuple[AnyArray, NDArray[np.int64]]:
    """Take the largest element of each window of each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of floating-point numbers or integers.
    kernel_shape : sequence of int
        Size of the window along each spatial axis.
    auto_pad : {'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'}, default 'NOTSET'
        Where padding comes from: `pads`, as much as ``ceil(in / stride)`` outputs need with the odd one at the end or
        at the beginning, or none.
    ceil_mode : {0, 1}, default 0
        Whether the number of outputs is rounded up. Windows that would start in the padding at the end are dropped.
    dilations, strides : sequence of int, optional
        One per spatial axis; 1 where not present.
    pads : sequence of int, optional
        All beginnings, then all ends; 0 where not present. Padding is never the largest.
    storage_order : {0, 1}, default 0
        Whether the indices count the elements of a map by rows, its last axis fastest, or by columns, its first.
    return_indices : bool, default False
        Whether to return ONNX's second output too.

    Returns
    -------
    Y : ndarray, shape (N, C, *out)
    Indices : ndarray of int64, shape (N, C, *out)
        With `return_indices`. Where in the flattened `X` the first of the largest elements lies.

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.max_pool2d : The same with torch's arguments, whose indices count within a map.

    References
    ----------
    ONNX operator MaxPool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> image = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> onnx.MaxPool(image, kernel_shape=[2, 2], strides=[2, 2], return_indices=True)
    (array([[[[ 5.,  7.],
             [13., 15.]]]]), array([[[[ 5,  7],
             [13, 15]]]]))
    """
    operator = "MaxPool"
    x = as_array(operator, "X", X)
    rank, view, ceil = _pool(operator, x, kernel_shape, auto_pad, ceil_mode, dilations, pads, strides)
    by_columns = flag(operator, "storage_order", storage_order)
    with speaking_onnx(operator):
        result = _core.max_pool(
            operator,
            rank,
            x,
            view.kernel,
            view.stride,
            view.padding,
            view.dilation,
            ceil,
            return_indices,
            None,
            "channels_first",
            True,
        )
    if not isinstance(result, tuple):
        return result
    values, indices = result
    return values, _onto_tensor(indices, x.shape, by_columns)


def AveragePool(
    X: ArrayLike,
    *,
    kernel_shape: Attribute,
    auto_pad: str = "NOTSET",
    ceil_mode: SupportsIndex = 0,
    count_include_pad: SupportsIndex = 0,
    dilations: Attribute = None,
    pads: Attribute = None,
    strides: Attribute = None,
) -> AnyArray:
    """Average the elements of each window of each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.
    kernel_shape : sequence of int
        Size of the window along each spatial axis.
    auto_pad : {'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'}, default 'NOTSET'
        Where padding comes from: `pads`, as much as ``ceil(in / stride)`` outputs need with the odd one at the end or
        at the beginning, or none.
    ceil_mode : {0, 1}, default 0
        Whether the number of outputs is rounded up. Windows that would start in the padding at the end are dropped.
    count_include_pad : {0, 1}, default 0
        Whether zeros of the padding count in the divisor. What `ceil_mode` adds beyond the padding never does.
    dilations, strides : sequence of int, optional
        One per spatial axis; 1 where not present.
    pads : sequence of int, optional
        All beginnings, then all ends; 0 where not present.

    Returns
    -------
    ndarray, shape (N, C, *out)

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.avg_pool2d : The same with torch's arguments.

    References
    ----------
    ONNX operator AveragePool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.AveragePool(np.array([[[2.0, 4.0, 6.0]]]), kernel_shape=[2], pads=[1, 0])
    array([[[2., 3., 5.]]])
    """
    operator = "AveragePool"
    x = as_array(operator, "X", X)
    rank, view, ceil = _pool(operator, x, kernel_shape, auto_pad, ceil_mode, dilations, pads, strides)
    include = flag(operator, "count_include_pad", count_include_pad)
    with speaking_onnx(operator):
        return _core.avg_pool(
            operator,
            rank,
            x,
            view.kernel,
            view.stride,
            view.padding,
            view.dilation,
            ceil,
            include,
            None,
            None,
            "channels_first",
            True,
        )


def LpPool(
    X: ArrayLike,
    *,
    kernel_shape: Attribute,
    auto_pad: str = "NOTSET",
    ceil_mode: SupportsIndex = 0,
    dilations: Attribute = None,
    p: SupportsIndex = 2,
    pads: Attribute = None,
    strides: Attribute = None,
) -> AnyArray:
    """Take the p-norm of the elements of each window of each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.
    kernel_shape : sequence of int
        Size of the window along each spatial axis.
    auto_pad : {'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'}, default 'NOTSET'
        Where padding comes from: `pads`, as much as ``ceil(in / stride)`` outputs need with the odd one at the end or
        at the beginning, or none.
    ceil_mode : {0, 1}, default 0
        Whether the number of outputs is rounded up. Windows that would start in the padding at the end are dropped.
    dilations, strides : sequence of int, optional
        One per spatial axis; 1 where not present.
    p : int, default 2
        Of the norm ``(sum |x|**p) ** (1 / p)``.
    pads : sequence of int, optional
        All beginnings, then all ends; 0 where not present.

    Returns
    -------
    ndarray, shape (N, C, *out)

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.lp_pool2d : The same with torch's arguments, which scales what a window misses of its elements.

    References
    ----------
    ONNX operator LpPool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.LpPool(np.array([[[3.0, 4.0, 0.0]]]), kernel_shape=[2])
    array([[[5., 4.]]])
    """
    operator = "LpPool"
    x = as_array(operator, "X", X)
    rank, view, ceil = _pool(operator, x, kernel_shape, auto_pad, ceil_mode, dilations, pads, strides)
    power = integer(operator, "p", p, 1)
    with speaking_onnx(operator):
        return _core.lp_pool(
            operator,
            rank,
            x,
            power,
            view.kernel,
            view.stride,
            view.padding,
            view.dilation,
            ceil,
            None,
            "channels_first",
            True,
        )


def GlobalAveragePool(X: ArrayLike) -> AnyArray:
    """Average each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.

    Returns
    -------
    ndarray, shape (N, C, 1, ...)

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If `X` has not that many axes.

    See Also
    --------
    convx.global_avg_pool : The same.

    References
    ----------
    ONNX operator GlobalAveragePool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.GlobalAveragePool(np.arange(8.0).reshape(1, 2, 4))
    array([[[1.5],
            [5.5]]])
    """
    x = as_array("GlobalAveragePool", "X", X)
    spatial_rank("GlobalAveragePool", "X", x)
    with speaking_onnx("GlobalAveragePool"):
        return convx.global_avg_pool(x)


def GlobalMaxPool(X: ArrayLike) -> AnyArray:
    """Take the largest element of each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of floating-point numbers or integers.

    Returns
    -------
    ndarray, shape (N, C, 1, ...)

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If `X` has not that many axes.

    See Also
    --------
    convx.global_max_pool : The same.

    References
    ----------
    ONNX operator GlobalMaxPool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.GlobalMaxPool(np.arange(8.0).reshape(1, 2, 4))
    array([[[3.],
            [7.]]])
    """
    x = as_array("GlobalMaxPool", "X", X)
    spatial_rank("GlobalMaxPool", "X", x)
    with speaking_onnx("GlobalMaxPool"):
        return convx.global_max_pool(x)


def GlobalLpPool(X: ArrayLike, *, p: SupportsIndex = 2) -> AnyArray:
    """Take the p-norm of each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.
    p : int, default 2
        Of the norm ``(sum |x|**p) ** (1 / p)``.

    Returns
    -------
    ndarray, shape (N, C, 1, ...)

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If `X` has not that many axes, or `p` is less than 1.

    See Also
    --------
    LpPool : Of windows.

    References
    ----------
    ONNX operator GlobalLpPool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.GlobalLpPool(np.array([[[3.0, 4.0]]]))
    array([[[5.]]])
    """
    x = as_array("GlobalLpPool", "X", X)
    spatial_rank("GlobalLpPool", "X", x)
    power = integer("GlobalLpPool", "p", p, 1)
    with speaking_onnx("GlobalLpPool"):
        return convx.global_lp_pool(x, power)


def MaxUnpool(
    X: ArrayLike,
    I: ArrayLike,  # noqa: E741 - ONNX's name
    output_shape: ArrayLike | None = None,
    *,
    kernel_shape: Attribute,
    pads: Attribute = None,
    strides: Attribute = None,
) -> AnyArray:
    """Put the largest elements back where they were; the rest is 0.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        What MaxPool gave.
    I : array_like of int64, shape (N, C, *spatial)
        Its indices, into the flattened array of the shape that `kernel_shape`, `strides` and `pads` give.
    output_shape : array_like of int, optional
        Shape of the result. Elements keep their coordinates; what is larger than that shape is 0.
    kernel_shape : sequence of int
        Size of the window along each spatial axis.
    pads : sequence of int, optional
        All beginnings, then all ends; 0 where not present.
    strides : sequence of int, optional
        One per spatial axis; 1 where not present.

    Returns
    -------
    ndarray, shape (N, C, *out)
        Where not given, ``out = stride * (in - 1) + kernel - pads``.

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If an attribute, a shape or an index breaks a rule; the message names it.

    See Also
    --------
    convx.max_unpool2d : The same with torch's arguments, whose indices count within a map.

    References
    ----------
    ONNX operator MaxUnpool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.MaxUnpool(np.array([[[5.0, 7.0]]]), np.array([[[1, 2]]]), kernel_shape=[2], strides=[2])
    array([[[0., 5., 7., 0.]]])
    """
    operator = "MaxUnpool"
    x, where = as_array(operator, "X", X), as_array(operator, "I", I)
    rank = spatial_rank(operator, "X", x)
    kernel = integers(operator, "kernel_shape", kernel_shape, rank, 1, 1)
    stride = integers(operator, "strides", strides, rank, 1, 1)
    pairs = pad_pairs(operator, pads, rank)
    sizes = tuple(
        s * (n - 1) + k - lo - hi for n, k, s, (lo, hi) in zip(x.shape[2:], kernel, stride, pairs, strict=True)
    )
    if min(sizes) < 1:
        fail(operator, "pads must leave something of the result", f"a result of shape {(*x.shape[:2], *sizes)}")
    if where.dtype != np.int64:
        raise TypeError(f"{operator}: I must be int64, got dtype {where.dtype}")
    if where.shape != x.shape:
        fail(operator, f"I must have the shape of X, {x.shape}", f"shape {where.shape}")
    check_size(operator, (*x.shape[:2], *sizes))
    plane = prod(sizes)
    first = np.arange(len(x) * x.shape[1], dtype=np.int64).reshape(*x.shape[:2], *[1] * rank) * plane
    inside = where - first
    if where.size and (inside.min() < 0 or inside.max() >= plane):
        fail(operator, f"I must point into each element's own map, of {plane} elements", "an index outside")
    whole = (*x.shape[:2], *sizes)
    shape = whole if output_shape is None else _result_shape(operator, output_shape, whole)
    check_size(operator, shape)
    result = np.zeros(shape, x.dtype)
    part = result[:, :, *map(slice, sizes)]
    with speaking_onnx(operator, indices="I"):
        function = getattr(convx, f"max_unpool{rank}d")
        function(x, inside, kernel, stride, output_size=sizes, out=part)
    return result


def _pool(
    operator: str,
    x: AnyArray,
    kernel_shape: Attribute,
    auto_pad: str,
    ceil_mode: SupportsIndex,
    dilations: Attribute,
    pads: Attribute,
    strides: Attribute,
) -> tuple[int, Window, bool]:
    """Return number of spatial axes, window and ceil_mode, which only explicit padding heeds."""
    rank = spatial_rank(operator, "X", x)
    if kernel_shape is None:
        fail(operator, "kernel_shape must be present", None)
    kernel = integers(operator, "kernel_shape", kernel_shape, rank, 1, 1)
    view = window(operator, kernel, auto_pad, dilations, pads, strides)
    return rank, view, flag(operator, "ceil_mode", ceil_mode) and auto_pad == "NOTSET"


def _onto_tensor(indices: NDArray[np.int64], shape: tuple[int, ...], by_columns: bool) -> NDArray[np.int64]:
    """Turn indices within a map, counted by rows, into ones within the whole tensor."""
    sizes = shape[2:]
    if by_columns:
        coordinates = np.unravel_index(indices, sizes)
        indices = np.ravel_multi_index(coordinates[::-1], sizes[::-1]).astype(np.int64)
    maps = np.arange(shape[0] * shape[1], dtype=np.int64).reshape(*shape[:2], *[1] * len(sizes))
    tensor: NDArray[np.int64] = indices + maps * prod(sizes)
    return tensor


def _result_shape(operator: str, output_shape: ArrayLike, whole: tuple[int, ...]) -> tuple[int, ...]:
    given = as_array(operator, "output_shape", output_shape)
    if given.ndim != 1 or len(given) != len(whole):
        fail(operator, f"output_shape must hold {len(whole)} ints", given.tolist())
    shape = integers(operator, "output_shape", given.tolist(), len(whole), 0, 0)
    if shape[:2] != whole[:2] or any(a < b for a, b in zip(shape, whole, strict=True)):
        fail(operator, f"output_shape must be at least {whole}, and that in N and C", shape)
    return shape
