"""The largest element across maps."""

from __future__ import annotations

from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx._types import NumberArray
from convx.reference.arguments import as_int, as_numbers, common_dtype

__all__ = ["maxout"]


def maxout(input: ArrayLike, pool_size: SupportsIndex, axis: SupportsIndex = 1) -> NumberArray:
    """Compute :func:`convx.maxout` in NumPy.

    Parameters
    ----------
    input, pool_size, axis
        As :func:`convx.maxout` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.maxout` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.maxout(np.array([[1.0, 2.0, 3.0, 0.0]]), 2)
    array([[2., 3.]])
    """
    x, size = as_numbers("input", input), as_int("pool_size", pool_size)
    axis = as_int("axis", axis)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis must be in [-{x.ndim}, {x.ndim}), got {axis}")
    axis %= x.ndim
    if size < 1 or x.shape[axis] == 0 or x.shape[axis] % size != 0:
        raise ValueError(f"pool_size must be >= 1 and divide the {x.shape[axis]} maps, got {size}")
    neighbours = x.reshape(*x.shape[:axis], x.shape[axis] // size, size, *x.shape[axis + 1 :])
    largest: NumberArray = neighbours.max(axis=axis + 1).astype(common_dtype(x))
    return largest
