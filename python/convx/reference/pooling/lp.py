"""The Lp norm of each window."""

from __future__ import annotations

from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from convx._ranks import ranks
from convx._types import DataFormat, FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_given, as_real, common_dtype
from convx.reference.geometry import windows
from convx.reference.pooling.axes import pool_axes, taps

__all__ = ["lp_pool1d", "lp_pool2d", "lp_pool3d"]


def _lp_pool_nd(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    _rank: int = 0,
) -> FloatArray:
    """Compute :func:`convx.lp_pool2d` in NumPy.

    Parameters
    ----------
    input, norm_type, kernel_size, stride, ceil_mode, padding, dilation, data_format
        As :func:`convx.lp_pool2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.lp_pool2d` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.lp_pool1d(np.array([[3.0, -4.0, 0.0, 2.0]]), 2, 2)
    array([[5., 2.]])

    >>> reference.lp_pool2d(np.array([[[3.0, -4.0], [0.0, 2.0]]]), 1, 2)
    array([[[9.]]])

    >>> reference.lp_pool3d(-np.ones((1, 2, 2, 2)), 3, 2)
    array([[[[2.]]]])
    """
    x = as_floats("input", input)
    images = as_batch("input", x, _rank, data_format)
    axes = pool_axes(images.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    seen = windows(np.abs(images.astype(np.float64)), axes, fill=0.0)
    return as_given(norms(seen, norm_type, taps(_rank)).astype(common_dtype(x)), x.ndim, _rank, data_format)


lp_pool1d, lp_pool2d, lp_pool3d = ranks(_lp_pool_nd)


def norms(sizes: FloatArray, norm_type: SupportsFloat, axes: tuple[int, ...]) -> FloatArray:
    """Return the Lp norm over `axes` of numbers that are not negative."""
    p = as_real("norm_type", norm_type)
    if not p > 0:
        raise ValueError(f"norm_type must be > 0, got {p}")
    norm: FloatArray
    if p == np.inf:
        norm = sizes.max(axis=axes)
        return norm
    with np.errstate(over="ignore", under="ignore"):
        norm = (sizes**p).sum(axis=axes) ** (1 / p)
    return norm
