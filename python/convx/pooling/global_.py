"""Pooling of whole maps."""

from __future__ import annotations

from typing import SupportsFloat

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, NumberArray


@document(rank=2)
def global_avg_pool(
    input: ArrayLike,
    *,
    keepdims: bool = True,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Average all elements of each map.

    Parameters
    ----------
    $global_input
    $keepdims
    $global_format
    $out

    Returns
    -------
    $global_returns

    Raises
    ------
    $pool_raises

    See Also
    --------
    adaptive_avg_pool2d : Any number of outputs for each map.

    Notes
    -----
    The average of all elements behind N and C; NaN and infinities take part.

    References
    ----------
    ONNX's GlobalAveragePool.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[[[1.5]],
    <BLANKLINE>
            [[5.5]]]])
    >>> convx.global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2), keepdims=False)
    array([[1.5, 5.5]])
    """
    return _core.global_pool("global_avg_pool", "avg", input, None, keepdims, out, data_format)


@document(rank=2)
def global_max_pool(
    input: ArrayLike,
    *,
    keepdims: bool = True,
    data_format: str = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray:
    """Take the largest element of each map.

    Parameters
    ----------
    $global_number_input
    $keepdims
    $global_format
    $out

    Returns
    -------
    $global_returns

    Raises
    ------
    $max_raises

    See Also
    --------
    adaptive_max_pool2d : Any number of outputs for each map.

    Notes
    -----
    A map that holds a NaN gives NaN.

    References
    ----------
    ONNX's GlobalMaxPool.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.global_max_pool(np.arange(8).reshape(1, 2, 2, 2), keepdims=False)
    array([[3, 7]])
    """
    return _core.global_pool("global_max_pool", "max", input, None, keepdims, out, data_format)


@document(rank=2)
def global_lp_pool(
    input: ArrayLike,
    norm_type: SupportsFloat = 2,
    *,
    keepdims: bool = True,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Take the Lp norm of each map.

    Parameters
    ----------
    $global_input
    $global_norm
    $keepdims
    $global_format
    $out

    Returns
    -------
    $global_returns

    Raises
    ------
    $lp_raises

    See Also
    --------
    lp_pool2d : The norm of each window.

    Notes
    -----
    $lp_formula

    References
    ----------
    ONNX's GlobalLpPool.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.global_lp_pool(np.array([[[3.0, 4.0], [0.0, -5.0]]]), keepdims=False)
    array([[5., 5.]])
    """
    return _core.global_pool("global_lp_pool", "lp", input, norm_type, keepdims, out, data_format)
