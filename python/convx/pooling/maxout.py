"""The largest element across maps."""

from __future__ import annotations

from typing import SupportsIndex, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._types import NumberArray, Scalar

__all__ = ["maxout"]


@overload
def maxout(
    input: NDArray[Scalar],
    pool_size: SupportsIndex,
    axis: SupportsIndex = 1,
    *,
    out: NDArray[Scalar] | None = None,
) -> NDArray[Scalar]: ...
@overload
def maxout(
    input: ArrayLike,
    pool_size: SupportsIndex,
    axis: SupportsIndex = 1,
    *,
    out: NumberArray | None = None,
) -> NumberArray: ...
def maxout(
    input: ArrayLike,
    pool_size: SupportsIndex,
    axis: SupportsIndex = 1,
    *,
    out: NumberArray | None = None,
) -> NumberArray:
    """Take the largest of every `pool_size` neighbouring maps: pooling across maps, not within them.

    Parameters
    ----------
    input : array_like
        float16, bfloat16, float32, float64, integers or bool, of any shape that has `axis`.
    pool_size : int
        How many maps become one. Must divide the length of `axis`.
    axis : int, default 1
        The axis of the maps; negative numbers count from the end. Without ``N`` the maps lie along 0.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap `input`.

    Returns
    -------
    ndarray
        `out` if given, else a new array: as `input`, but ``C // pool_size`` long along `axis`::

            y[n, j, ...] = max over i in 0 ... pool_size - 1 of input[n, j * pool_size + i, ...]

        A NaN among the maps gives NaN.

    Raises
    ------
    TypeError
        If `input` is of another dtype, if `out` is not an ndarray of that dtype, or if `pool_size` or `axis`
        is not an int.
    ValueError
        If `pool_size` is less than 1 or does not divide the length of `axis`, if there is no such axis, or if `out` has
        the wrong shape or is read-only.

    See Also
    --------
    max_pool2d : The largest element of each window of each map.

    References
    ----------
    I. Goodfellow et al., "Maxout Networks", ICML 2013, arXiv:1302.4389.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> maps = np.array([[[1.0, 6.0], [2.0, 5.0], [3.0, 4.0], [0.0, 9.0]]])
    >>> convx.maxout(maps, 2)
    array([[[2., 6.],
            [3., 9.]]])
    """
    return _core.maxout(input, pool_size, axis, out)
