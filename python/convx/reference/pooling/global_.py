"""Pooling of whole maps."""

from __future__ import annotations

from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from convx._types import DataFormat, FloatArray, NumberArray
from convx.reference.arguments import as_batch, as_floats, as_given, as_numbers, common_dtype
from convx.reference.pooling.lp import norms

__all__ = ["global_avg_pool", "global_lp_pool", "global_max_pool"]


def global_avg_pool(
    input: ArrayLike, *, keepdims: bool = True, data_format: DataFormat = "channels_first"
) -> FloatArray:
    """Compute :func:`convx.global_avg_pool` in NumPy.

    Parameters
    ----------
    input, keepdims, data_format
        As :func:`convx.global_avg_pool` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.global_avg_pool` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2), keepdims=False)
    array([[1.5, 5.5]])
    """
    x = as_floats("input", input)
    maps = _maps(x, data_format)
    with np.errstate(invalid="ignore"):  # inf - inf is NaN and no news
        means: FloatArray = maps.astype(np.float64).mean(axis=-1).astype(common_dtype(x))
    return _shaped(means, x.ndim, keepdims, data_format)


def global_max_pool(
    input: ArrayLike, *, keepdims: bool = True, data_format: DataFormat = "channels_first"
) -> NumberArray:
    """Compute :func:`convx.global_max_pool` in NumPy.

    Parameters
    ----------
    input, keepdims, data_format
        As :func:`convx.global_max_pool` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.global_max_pool` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.global_max_pool(np.arange(8).reshape(1, 2, 2, 2), keepdims=False)
    array([[3, 7]])
    """
    x = as_numbers("input", input)
    return _shaped(_maps(x, data_format).max(axis=-1).astype(common_dtype(x)), x.ndim, keepdims, data_format)


def global_lp_pool(
    input: ArrayLike, norm_type: SupportsFloat = 2, *, keepdims: bool = True, data_format: DataFormat = "channels_first"
) -> FloatArray:
    """Compute :func:`convx.global_lp_pool` in NumPy.

    Parameters
    ----------
    input, norm_type, keepdims, data_format
        As :func:`convx.global_lp_pool` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.global_lp_pool` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.global_lp_pool(np.array([[[3.0, 4.0], [0.0, -5.0]]]), keepdims=False)
    array([[5., 5.]])
    """
    x = as_floats("input", input)
    sizes = np.abs(_maps(x, data_format).astype(np.float64))
    return _shaped(norms(sizes, norm_type, (-1,)).astype(common_dtype(x)), x.ndim, keepdims, data_format)


def _maps(x: NumberArray, data_format: DataFormat) -> NumberArray:
    """Return x as (N, C, elements)."""
    if not 3 <= x.ndim <= 5:
        raise ValueError(f"input must have 3, 4 or 5 axes, got shape {x.shape}")
    images = as_batch("input", x, x.ndim - 2, data_format)
    return images.reshape(*images.shape[:2], np.prod(images.shape[2:], dtype=np.int64))


def _shaped(pooled: NumberArray, ndim: int, keepdims: bool, data_format: DataFormat) -> NumberArray:
    """Return the (N, C) array with the spatial axes that it lost, if they are to be kept."""
    if not keepdims:
        return pooled
    return as_given(pooled.reshape(*pooled.shape, *[1] * (ndim - 2)), ndim, ndim - 2, data_format)
