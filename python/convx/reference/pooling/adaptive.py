"""Windows that divide each map among a given number of outputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx._ranks import ranks
from convx._types import DataFormat, FloatArray, Sizes
from convx.reference.arguments import (
    as_batch,
    as_floats,
    as_given,
    as_numbers,
    common_dtype,
    entries,
    in_range,
    repeated,
)
from convx.reference.geometry import adaptive_window
from convx.reference.pooling.largest import largest_in_windows

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
]


def _adaptive_avg_pool_nd(
    input: ArrayLike, output_size: Sizes, *, data_format: DataFormat = "channels_first", _rank: int = 0
) -> FloatArray:
    """Compute :func:`convx.adaptive_avg_pool2d` in NumPy.

    Parameters
    ----------
    input, output_size, data_format
        As :func:`convx.adaptive_avg_pool2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.adaptive_avg_pool2d` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.adaptive_avg_pool1d(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]), 3)
    array([[1.5, 3. , 4.5]])

    >>> reference.adaptive_avg_pool2d(np.arange(16.0).reshape(1, 4, 4), (2, None))
    array([[[ 2.,  3.,  4.,  5.],
            [10., 11., 12., 13.]]])

    >>> reference.adaptive_avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1)
    array([[[[3.5]]]])
    """
    x = as_floats("input", input)
    images = as_batch("input", x, _rank, data_format)
    outputs = _outputs(_rank, output_size, images.shape[2:])
    means = np.empty((*images.shape[:2], *outputs))
    with np.errstate(invalid="ignore"):  # inf - inf is NaN and no news
        for at in np.ndindex(*outputs):
            window = images[:, :, *_window(at, outputs, images.shape[2:])].astype(np.float64)
            means[:, :, *at] = window.mean(axis=tuple(range(2, 2 + _rank)))
    return as_given(means.astype(common_dtype(x)), x.ndim, _rank, data_format)


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = ranks(_adaptive_avg_pool_nd)


def _adaptive_max_pool_nd(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: bool = False,
    *,
    data_format: DataFormat = "channels_first",
    _rank: int = 0,
) -> Any:
    """Compute :func:`convx.adaptive_max_pool2d` in NumPy.

    Parameters
    ----------
    input, output_size, return_indices, data_format
        As :func:`convx.adaptive_max_pool2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.adaptive_max_pool2d` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.adaptive_max_pool1d(np.array([[1.0, 5.0, 3.0, 4.0, 2.0]]), 3)
    array([[5., 5., 4.]])

    >>> reference.adaptive_max_pool2d(np.arange(16.0).reshape(1, 4, 4), (2, None))
    array([[[ 4.,  5.,  6.,  7.],
            [12., 13., 14., 15.]]])

    >>> reference.adaptive_max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1)
    array([[[[7.]]]])
    """
    x = as_numbers("input", input)
    images = as_batch("input", x, _rank, data_format)
    sizes = images.shape[2:]
    outputs = _outputs(_rank, output_size, sizes)
    places = np.arange(math.prod(sizes)).reshape(1, 1, *sizes)
    values = np.empty((*images.shape[:2], *outputs), common_dtype(x))
    indices = np.empty(values.shape, np.int64)
    for at in np.ndindex(*outputs):
        window = _window(at, outputs, sizes)
        found = largest_in_windows(images[:, :, *window], places[:, :, *window], _rank)
        values[:, :, *at], indices[:, :, *at] = found
    result = as_given(values, x.ndim, _rank, data_format)
    return (result, as_given(indices, x.ndim, _rank, data_format)) if return_indices else result


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = ranks(_adaptive_max_pool_nd)


def _outputs(rank: int, output_size: Sizes, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the number of outputs along each axis."""
    given = repeated("output_size", [None] if output_size is None else entries("output_size", output_size), rank)
    outputs = tuple(n if one is None else in_range("output_size", one, 1) for n, one in zip(sizes, given, strict=True))
    if min(outputs) < 1:
        raise ValueError(f"output_size must be >= 1, got {outputs}")
    return outputs


def _window(at: tuple[int, ...], outputs: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[slice, ...]:
    """Return what output `at` sees: from floor(i * in / out) to ceil((i + 1) * in / out) along each axis."""
    axes = zip(at, outputs, sizes, strict=True)
    return tuple(slice(*adaptive_window(i, size, out)) for i, out, size in axes)
