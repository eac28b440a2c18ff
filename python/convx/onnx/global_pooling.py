"""The operators that pool whole maps."""

from __future__ import annotations

from typing import SupportsIndex

from numpy.typing import ArrayLike

import convx
from convx.onnx.attributes import AnyArray, as_array, integer, spatial_rank, speaking_onnx

__all__ = ["GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool"]


def GlobalAveragePool(X: ArrayLike) -> AnyArray:
    """Average each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.

    Returns
    -------
    ndarray, shape (N, C, 1, ...)

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If `X` has not that many axes.

    See Also
    --------
    convx.global_avg_pool : The same.

    References
    ----------
    ONNX operator GlobalAveragePool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.GlobalAveragePool(np.arange(8.0).reshape(1, 2, 4))
    array([[[1.5],
            [5.5]]])
    """
    x = as_array("GlobalAveragePool", "X", X)
    spatial_rank("GlobalAveragePool", "X", x)
    with speaking_onnx("GlobalAveragePool"):
        return convx.global_avg_pool(x)


def GlobalMaxPool(X: ArrayLike) -> AnyArray:
    """Take the largest element of each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of floating-point numbers or integers.

    Returns
    -------
    ndarray, shape (N, C, 1, ...)

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If `X` has not that many axes.

    See Also
    --------
    convx.global_max_pool : The same.

    References
    ----------
    ONNX operator GlobalMaxPool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.GlobalMaxPool(np.arange(8.0).reshape(1, 2, 4))
    array([[[3.],
            [7.]]])
    """
    x = as_array("GlobalMaxPool", "X", X)
    spatial_rank("GlobalMaxPool", "X", x)
    with speaking_onnx("GlobalMaxPool"):
        return convx.global_max_pool(x)


def GlobalLpPool(X: ArrayLike, *, p: SupportsIndex = 2) -> AnyArray:
    """Take the p-norm of each map.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.
    p : int, default 2
        Of the norm ``(sum |x|**p) ** (1 / p)``.

    Returns
    -------
    ndarray, shape (N, C, 1, ...)

    Raises
    ------
    TypeError
        If `X` is of another type.
    ValueError
        If `X` has not that many axes, or `p` is less than 1.

    See Also
    --------
    LpPool : Of windows.

    References
    ----------
    ONNX operator GlobalLpPool, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.GlobalLpPool(np.array([[[3.0, 4.0]]]))
    array([[[5.]]])
    """
    x = as_array("GlobalLpPool", "X", X)
    spatial_rank("GlobalLpPool", "X", x)
    power = integer("GlobalLpPool", "p", p, 1)
    with speaking_onnx("GlobalLpPool"):
        return convx.global_lp_pool(x, power)
