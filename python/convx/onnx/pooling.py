"""MaxPool, AveragePool and LpPool."""

from __future__ import annotations

from math import prod
from typing import Literal, SupportsIndex, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx.onnx.attributes import AnyArray, Attribute, AutoPad, as_array, flag, integer, pool_window, speaking_onnx

__all__ = ["AveragePool", "LpPool", "MaxPool"]


@overload
def MaxPool(
    X: ArrayLike,
    *,
    kernel_shape: Attribute,
    auto_pad: AutoPad = "NOTSET",
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
    auto_pad: AutoPad = "NOTSET",
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
    auto_pad: AutoPad = "NOTSET",
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
    rank, view, ceil = pool_window(operator, x, kernel_shape, auto_pad, ceil_mode, dilations, pads, strides)
    by_columns = flag(operator, "storage_order", storage_order)
    with speaking_onnx(operator):
        result = _core.max_pool(
            operator,
            rank,
            x,
            kernel_size=view.kernel,
            stride=view.stride,
            padding=view.padding,
            dilation=view.dilation,
            ceil_mode=ceil,
            return_indices=return_indices,
            out=None,
            data_format="channels_first",
            any_padding=True,
        )
    if not isinstance(result, tuple):
        return result
    values, indices = result
    return values, onto_tensor(indices, x.shape, by_columns)


def AveragePool(
    X: ArrayLike,
    *,
    kernel_shape: Attribute,
    auto_pad: AutoPad = "NOTSET",
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
    auto_pad, ceil_mode, dilations, pads, strides : optional
        As :func:`MaxPool` takes them.
    count_include_pad : {0, 1}, default 0
        Whether zeros of the padding count in the divisor. What `ceil_mode` adds beyond the padding never does.

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
    rank, view, ceil = pool_window(operator, x, kernel_shape, auto_pad, ceil_mode, dilations, pads, strides)
    include = flag(operator, "count_include_pad", count_include_pad)
    with speaking_onnx(operator):
        return _core.avg_pool(
            operator,
            rank,
            x,
            kernel_size=view.kernel,
            stride=view.stride,
            padding=view.padding,
            dilation=view.dilation,
            ceil_mode=ceil,
            count_include_pad=include,
            divisor_override=None,
            out=None,
            data_format="channels_first",
            any_padding=True,
        )


def LpPool(
    X: ArrayLike,
    *,
    kernel_shape: Attribute,
    auto_pad: AutoPad = "NOTSET",
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
    auto_pad, ceil_mode, dilations, pads, strides : optional
        As :func:`MaxPool` takes them.
    p : int, default 2
        Of the norm ``(sum |x|**p) ** (1 / p)``.

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
    rank, view, ceil = pool_window(operator, x, kernel_shape, auto_pad, ceil_mode, dilations, pads, strides)
    power = integer(operator, "p", p, 1)
    with speaking_onnx(operator):
        return _core.lp_pool(
            operator,
            rank,
            x,
            norm_type=power,
            kernel_size=view.kernel,
            stride=view.stride,
            padding=view.padding,
            dilation=view.dilation,
            ceil_mode=ceil,
            out=None,
            data_format="channels_first",
            any_padding=True,
        )


def onto_tensor(indices: NDArray[np.int64], shape: tuple[int, ...], by_columns: bool) -> NDArray[np.int64]:
    """Turn indices within a map, counted by rows, into ones within the whole tensor."""
    sizes = shape[2:]
    if by_columns:
        coordinates = np.unravel_index(indices, sizes)
        indices = np.ravel_multi_index(coordinates[::-1], sizes[::-1]).astype(np.int64)
    maps = np.arange(shape[0] * shape[1], dtype=np.int64).reshape(*shape[:2], *[1] * len(sizes))
    tensor: NDArray[np.int64] = indices + maps * prod(sizes)
    return tensor
