"""Filters of images of integers, rounded and limited to the range of the result."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from convx._types import DataFormat, Ints, NumberArray, Padding, PaddingMode
from convx.reference.arguments import as_array, as_batch, as_given, as_int, as_numbers
from convx.reference.geometry import extended, spatial_axes, windows

__all__ = ["filter_image"]

_PIXELS = (np.int8, np.uint8, np.int16, np.uint16)
_RESULTS = (*_PIXELS, np.int32, np.float32, np.float64)


def filter_image(
    input: ArrayLike,
    weight: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: PaddingMode = "zeros",
    data_format: DataFormat = "channels_first",
    dtype: DTypeLike | None = None,
) -> NumberArray:
    """Compute :func:`convx.filter_image` in NumPy.

    Parameters
    ----------
    input, weight, stride, padding, dilation, groups, padding_mode, data_format, dtype
        As :func:`convx.filter_image` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.filter_image` gives it; summed in float64, tap by tap.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.filter_image(np.array([[10, 20, 60]], np.uint8), np.array([[[0.25, 0.5]]]))
    array([[12, 35]], dtype=uint8)
    """
    x, w = as_array("input", input), as_numbers("weight", weight).astype(np.float64)
    wanted = x.dtype if dtype is None else np.dtype(dtype)
    for name, given, known in (("input", x.dtype, _PIXELS), ("dtype", wanted, _RESULTS)):
        if given.type not in known:
            raise TypeError(f"{name} must be one of {', '.join(t.__name__ for t in known)}, got {given}")
    rank = w.ndim - 2
    if not 1 <= rank <= 3 or w.size == 0:
        raise ValueError(f"weight must have 3 to 5 axes and no size of 0, got shape {w.shape}")
    if not np.isfinite(w).all():
        raise ValueError("weight must be finite")
    images, groups = as_batch("input", x, rank, data_format), as_int("groups", groups)
    if groups < 1 or len(w) % groups or images.shape[1] != w.shape[1] * groups:
        raise ValueError(f"groups must divide the maps of input and weight, got {groups} for {x.shape} and {w.shape}")
    axes = spatial_axes(images.shape[2:], w.shape[2:], stride, padding, dilation)
    padded = extended(images.astype(np.float64), axes, padding_mode)
    seen = windows(padded, [replace(a, size=a.size + a.lo + a.hi, lo=0, hi=0) for a in axes], fill=0.0)
    sums = np.zeros((len(images), len(w), *(a.outputs for a in axes)))
    with np.errstate(all="ignore"):  # beyond the range of a float is infinite
        for k, filters in enumerate(w):
            first = k // (len(w) // groups) * w.shape[1]
            for c, *tap in product(*map(range, filters.shape)):
                sums[:, k] += filters[(c, *tap)] * seen[(slice(None), first + c, ..., *tap)]
        return as_given(_rounded(sums, wanted), x.ndim, rank, data_format)


def _rounded(sums: NDArray[np.float64], dtype: np.dtype[Any]) -> NumberArray:
    if dtype.kind == "f":
        return sums.astype(dtype)
    limits = np.iinfo(dtype)
    return np.rint(sums).clip(limits.min, limits.max).astype(dtype)
