"""MaxUnpool."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import ArrayLike

import convx
from convx.onnx.attributes import (
    AnyArray,
    Attribute,
    as_array,
    check_size,
    fail,
    integers,
    pad_pairs,
    spatial_rank,
    speaking_onnx,
)

__all__ = ["MaxUnpool"]


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


def _result_shape(operator: str, output_shape: ArrayLike, whole: tuple[int, ...]) -> tuple[int, ...]:
    given = as_array(operator, "output_shape", output_shape)
    if given.ndim != 1 or len(given) != len(whole):
        fail(operator, f"output_shape must hold {len(whole)} ints", given.tolist())
    shape = integers(operator, "output_shape", given.tolist(), len(whole), 0, 0)
    if shape[:2] != whole[:2] or any(a < b for a, b in zip(shape, whole, strict=True)):
        fail(operator, f"output_shape must be at least {whole}, and that in N and C", shape)
    return shape
