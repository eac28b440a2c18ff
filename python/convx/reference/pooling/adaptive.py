"""Windows that divide each map among a given number of outputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx._docs import document
from convx._types import FloatArray, Sizes
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
from convx.reference.pooling.largest import largest_in_windows


@document(rank=1)
def adaptive_avg_pool1d(input: ArrayLike, output_size: Sizes, *, data_format: str = "channels_first") -> FloatArray:
    """Compute :func:`convx.adaptive_avg_pool1d` in NumPy.

    Parameters
    ----------
    $pool_input
    $adaptive_size
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.adaptive_avg_pool1d(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]), 3)
    array([[1.5, 3. , 4.5]])
    """
    return _average(1, input, output_size, data_format)


@document(rank=2)
def adaptive_avg_pool2d(input: ArrayLike, output_size: Sizes, *, data_format: str = "channels_first") -> FloatArray:
    """Compute :func:`convx.adaptive_avg_pool2d` in NumPy.

    Parameters
    ----------
    $pool_input
    $adaptive_size
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.adaptive_avg_pool2d(np.arange(16.0).reshape(1, 4, 4), (2, None))
    array([[[ 2.,  3.,  4.,  5.],
            [10., 11., 12., 13.]]])
    """
    return _average(2, input, output_size, data_format)


@document(rank=3)
def adaptive_avg_pool3d(input: ArrayLike, output_size: Sizes, *, data_format: str = "channels_first") -> FloatArray:
    """Compute :func:`convx.adaptive_avg_pool3d` in NumPy.

    Parameters
    ----------
    $pool_input
    $adaptive_size
    $data_format

    Returns
    -------
    $reference_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.adaptive_avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1)
    array([[[[3.5]]]])
    """
    return _average(3, input, output_size, data_format)


@document(rank=1)
def adaptive_max_pool1d(
    input: ArrayLike, output_size: Sizes, return_indices: bool = False, *, data_format: str = "channels_first"
) -> Any:
    """Compute :func:`convx.adaptive_max_pool1d` in NumPy.

    Parameters
    ----------
    $number_input
    $adaptive_size
    $return_indices
    $data_format

    Returns
    -------
    $max_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.adaptive_max_pool1d(np.array([[1.0, 5.0, 3.0, 4.0, 2.0]]), 3)
    array([[5., 5., 4.]])
    """
    return _largest(1, input, output_size, return_indices, data_format)


@document(rank=2)
def adaptive_max_pool2d(
    input: ArrayLike, output_size: Sizes, return_indices: bool = False, *, data_format: str = "channels_first"
) -> Any:
    """Compute :func:`convx.adaptive_max_pool2d` in NumPy.

    Parameters
    ----------
    $number_input
    $adaptive_size
    $return_indices
    $data_format

    Returns
    -------
    $max_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.adaptive_max_pool2d(np.arange(16.0).reshape(1, 4, 4), (2, None))
    array([[[ 4.,  5.,  6.,  7.],
            [12., 13., 14., 15.]]])
    """
    return _largest(2, input, output_size, return_indices, data_format)


@document(rank=3)
def adaptive_max_pool3d(
    input: ArrayLike, output_size: Sizes, return_indices: bool = False, *, data_format: str = "channels_first"
) -> Any:
    """Compute :func:`convx.adaptive_max_pool3d` in NumPy.

    Parameters
    ----------
    $number_input
    $adaptive_size
    $return_indices
    $data_format

    Returns
    -------
    $max_returns

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.adaptive_max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1)
    array([[[[7.]]]])
    """
    return _largest(3, input, output_size, return_indices, data_format)


def _average(rank: int, input: ArrayLike, output_size: Sizes, data_format: str) -> FloatArray:
    x = as_floats("input", input)
    images = as_batch("input", x, rank, data_format)
    outputs = _outputs(rank, output_size, images.shape[2:])
    means = np.empty((*images.shape[:2], *outputs))
    with np.errstate(invalid="ignore"):  # inf - inf is NaN and no news
        for at in np.ndindex(*outputs):
            window = images[:, :, *_window(at, outputs, images.shape[2:])].astype(np.float64)
            means[:, :, *at] = window.mean(axis=tuple(range(2, 2 + rank)))
    return as_given(means.astype(common_dtype(x)), x.ndim, rank, data_format)


def _largest(rank: int, input: ArrayLike, output_size: Sizes, return_indices: bool, data_format: str) -> Any:
    x = as_numbers("input", input)
    images = as_batch("input", x, rank, data_format)
    sizes = images.shape[2:]
    outputs = _outputs(rank, output_size, sizes)
    places = np.arange(math.prod(sizes)).reshape(1, 1, *sizes)
    values = np.empty((*images.shape[:2], *outputs), common_dtype(x))
    indices = np.empty(values.shape, np.int64)
    for at in np.ndindex(*outputs):
        window = _window(at, outputs, sizes)
        found = largest_in_windows(images[:, :, *window], places[:, :, *window], rank)
        values[:, :, *at], indices[:, :, *at] = found
    result = as_given(values, x.ndim, rank, data_format)
    return (result, as_given(indices, x.ndim, rank, data_format)) if return_indices else result


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
    return tuple(slice(i * size // out, -(-(i + 1) * size // out)) for i, out, size in axes)
