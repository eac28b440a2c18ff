"""Maxima put back to where they were found."""

from __future__ import annotations

import math
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from convx._ranks import ranks
from convx._types import DataFormat, Ints, NumberArray, Padding
from convx.reference.arguments import as_array, as_batch, as_given, as_numbers, common_dtype, padding_pairs, per_axis

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


def _max_unpool_nd(
    input: ArrayLike,
    indices: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    output_size: Ints | None = None,
    *,
    data_format: DataFormat = "channels_first",
    _rank: int = 0,
) -> NumberArray:
    """Compute :func:`convx.max_unpool2d` in NumPy.

    Parameters
    ----------
    input, indices, kernel_size, stride, padding, output_size, data_format
        As :func:`convx.max_unpool2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.max_unpool2d` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.max_unpool1d(np.array([[5, 4]]), np.array([[1, 3]]), 2, output_size=5)
    array([[0, 5, 0, 4, 0]])

    >>> reference.max_unpool2d(np.array([[[5, 7]]]), np.array([[[5, 7]]]), 2)
    array([[[0, 0, 0, 0],
            [0, 5, 0, 7]]])

    >>> reference.max_unpool3d(np.array([[[[7]]]]), np.array([[[[7]]]]), 2).ravel()
    array([0, 0, 0, 0, 0, 0, 0, 7])
    """
    x, where = as_numbers("input", input), as_array("indices", indices)
    pooled = as_batch("input", x, _rank, data_format)
    places = as_batch("indices", where, _rank, data_format)
    if where.dtype != np.int64:
        raise TypeError(f"indices must have dtype int64, got {where.dtype}")
    if places.shape != pooled.shape:
        raise ValueError(f"indices must have the shape of input {x.shape}, got {where.shape}")
    sizes = _sizes(_rank, pooled.shape[2:], kernel_size, stride, padding, output_size, data_format)
    if places.size and not (places.min() >= 0 and places.max() < math.prod(sizes)):
        raise ValueError(f"indices must be >= 0 and < {math.prod(sizes)}, got {places.min()} to {places.max()}")
    images = np.zeros((*pooled.shape[:2], *sizes), common_dtype(x))
    for n, c in np.ndindex(*pooled.shape[:2]):
        images[n, c].reshape(-1)[places[n, c].ravel()] = pooled[n, c].ravel()  # one after the other: the last one stays
    return as_given(images, x.ndim, _rank, data_format)


max_unpool1d, max_unpool2d, max_unpool3d = ranks(_max_unpool_nd)


def _sizes(
    rank: int,
    pooled: tuple[int, ...],
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    output_size: Ints | None,
    data_format: DataFormat,
) -> list[int]:
    """Return the spatial size of the result."""
    kernel = per_axis("kernel_size", kernel_size, rank)
    steps = kernel if stride is None else per_axis("stride", stride, rank)
    pairs = padding_pairs(padding, rank)
    usual = [
        (n - 1) * s + k - sum(pads)
        for n, k, s, pads in zip(pooled, kernel, steps, pairs, strict=True)
        if not isinstance(pads, str)
    ]
    if len(usual) != rank:
        raise ValueError(f"padding must not be a name, got {padding!r}")
    if output_size is None:
        if min(usual) < 1:
            raise ValueError(f"output size must be >= 1, got {usual}")
        return usual
    given = [output_size] * rank if isinstance(output_size, SupportsIndex) else list(output_size)
    if len(given) == rank + 2:
        given = given[2:] if data_format == "channels_first" else given[1:-1]
    sizes = per_axis("output_size", given, rank)
    if not all(abs(size - n) < s for size, n, s in zip(sizes, usual, steps, strict=True)):
        raise ValueError(f"output_size must be less than a stride off {usual}, got {sizes}")
    return sizes
