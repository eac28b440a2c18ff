"""The Lp norm of each window."""

from __future__ import annotations

from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from convx._docs import document
from convx._types import FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_given, as_real, common_dtype
from convx.reference.geometry import windows
from convx.reference.pooling.axes import pool_axes, taps


@document(rank=1, pad_elements="Zeros")
def lp_pool1d(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.lp_pool1d` in NumPy.

    Parameters
    ----------
    $pool_input
    $norm_type
    $kernel_size
    $pool_stride
    $ceil_mode
    $pool_padding
    $dilation
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.lp_pool1d(np.array([[3.0, -4.0, 0.0, 2.0]]), 2, 2)
    array([[5., 2.]])
    """
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode, padding, dilation, data_format)


@document(rank=2, pad_elements="Zeros")
def lp_pool2d(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.lp_pool2d` in NumPy.

    Parameters
    ----------
    $pool_input
    $norm_type
    $kernel_size
    $pool_stride
    $ceil_mode
    $pool_padding
    $dilation
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.lp_pool2d(np.array([[[3.0, -4.0], [0.0, 2.0]]]), 1, 2)
    array([[[9.]]])
    """
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode, padding, dilation, data_format)


@document(rank=3, pad_elements="Zeros")
def lp_pool3d(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: str = "channels_first",
) -> FloatArray:
    """Compute :func:`convx.lp_pool3d` in NumPy.

    Parameters
    ----------
    $pool_input
    $norm_type
    $kernel_size
    $pool_stride
    $ceil_mode
    $pool_padding
    $dilation
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.lp_pool3d(-np.ones((1, 2, 2, 2)), 3, 2)
    array([[[[2.]]]])
    """
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode, padding, dilation, data_format)


def _lp_pool(
    rank: int,
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None,
    ceil_mode: bool,
    padding: Padding,
    dilation: Ints,
    data_format: str,
) -> FloatArray:
    x = as_floats("input", input)
    images = as_batch("input", x, rank, data_format)
    axes = pool_axes(images.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    seen = windows(np.abs(images.astype(np.float64)), axes, fill=0.0)
    return as_given(norms(seen, norm_type, taps(rank)).astype(common_dtype(x)), x.ndim, rank, data_format)


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
