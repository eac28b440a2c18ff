"""Patches as columns, and columns summed back into images."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx._types import DataFormat, FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_given, common_dtype, per_axis
from convx.reference.geometry import spatial_axes, windows

__all__ = ["fold", "unfold"]


def unfold(
    input: ArrayLike,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: DataFormat = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.unfold` in NumPy.

    Parameters
    ----------
    input, kernel_size, dilation, padding, stride, data_format
        As :func:`convx.unfold` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.unfold` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.unfold(np.array([[1.0, 2.0, 3.0]]), (2,))
    array([[1., 2.],
           [2., 3.]])
    """
    x = as_floats("input", input)
    rank = _rank(kernel_size, 3 if x.ndim == 5 else 2)
    images = as_batch("input", x, rank, data_format)
    axes = spatial_axes(images.shape[2:], per_axis("kernel_size", kernel_size, rank), stride, padding, dilation)
    seen = windows(images, axes, fill=0.0)  # (N, C, *outputs, *kernel)
    taps_first = np.moveaxis(seen, range(2, 2 + rank), range(-rank, 0))
    rows = images.shape[1] * math.prod(a.kernel for a in axes)
    columns: FloatArray = taps_first.reshape(len(images), rows, math.prod(a.outputs for a in axes))
    return as_given(columns.astype(common_dtype(x)), x.ndim - rank + 1, 1, data_format)


def fold(
    input: ArrayLike,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: DataFormat = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.fold` in NumPy.

    Parameters
    ----------
    input, output_size, kernel_size, dilation, padding, stride, data_format
        As :func:`convx.fold` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.fold` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.fold(np.array([[1.0, 2.0], [30.0, 40.0]]), (3,), (2,))
    array([[ 1., 32., 40.]])
    """
    x = as_floats("input", input)
    rank = _rank(output_size, _rank(kernel_size, 2))
    sizes = per_axis("output_size", output_size, rank)
    kernel = per_axis("kernel_size", kernel_size, rank)
    axes = spatial_axes(sizes, kernel, stride, padding, dilation)
    outputs = tuple(a.outputs for a in axes)
    taps = math.prod(kernel)
    batch = as_batch("input", x, 1, data_format)
    if batch.shape[1] % taps != 0 or batch.shape[2] != math.prod(outputs):
        raise ValueError(f"input must be (N, C * {taps}, {math.prod(outputs)}), got {batch.shape}")
    columns = batch.reshape(len(batch), batch.shape[1] // taps, *kernel, *outputs).astype(np.float64)

    # What lies beyond the padded image is dropped at the end; every patch lies within it.
    padded = np.zeros((*columns.shape[:2], *(a.size + a.lo + a.hi for a in axes)))
    for tap in product(*map(range, kernel)):
        under_tap: Any = tuple(
            slice(t * a.dilation, t * a.dilation + (a.outputs - 1) * a.stride + 1, a.stride)
            for t, a in zip(tap, axes, strict=True)
        )
        this_tap: Any = (slice(None), slice(None), *tap)
        padded[:, :, *under_tap] += columns[this_tap]
    inner: Any = [slice(a.lo, a.lo + a.size) for a in axes]
    images: FloatArray = padded[:, :, *inner].astype(common_dtype(x))
    return as_given(images, x.ndim - 1 + rank, rank, data_format)


def _rank(given: Ints, otherwise: int) -> int:
    """Return how many spatial axes an argument speaks of: a lone int leaves it to `otherwise`."""
    length = getattr(given, "__len__", None)
    return otherwise if length is None else length()
