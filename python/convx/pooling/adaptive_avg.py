"""Averages of as many windows as are asked for."""

from __future__ import annotations

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Sizes


@document(rank=1)
def adaptive_avg_pool1d(
    input: ArrayLike,
    output_size: Sizes,
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Average the elements of windows that divide each map among `output_size` outputs.

    Parameters
    ----------
    $pool_input
    $adaptive_size
    $data_format
    $out

    Returns
    -------
    $adaptive_returns

    Raises
    ------
    $pool_raises

    See Also
    --------
    avg_pool1d : Windows of a given size.
    global_avg_pool : One output for each map.

    Notes
    -----
    $adaptive_windows

    References
    ----------
    $adaptive_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.adaptive_avg_pool1d(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]), 3)
    array([[1.5, 3. , 4.5]])
    """
    return _core.adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size, out, data_format)


@document(rank=2)
def adaptive_avg_pool2d(
    input: ArrayLike,
    output_size: Sizes,
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Average the elements of windows that divide each map among `output_size` outputs.

    Parameters
    ----------
    $pool_input
    $adaptive_size
    $data_format
    $out

    Returns
    -------
    $adaptive_returns

    Raises
    ------
    $pool_raises

    See Also
    --------
    avg_pool2d : Windows of a given size.
    global_avg_pool : One output for each map.

    Notes
    -----
    $adaptive_windows

    References
    ----------
    $adaptive_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.adaptive_avg_pool2d(np.arange(16.0).reshape(1, 4, 4), (2, None))
    array([[[ 2.,  3.,  4.,  5.],
            [10., 11., 12., 13.]]])
    """
    return _core.adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size, out, data_format)


@document(rank=3)
def adaptive_avg_pool3d(
    input: ArrayLike,
    output_size: Sizes,
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Average the elements of windows that divide each map among `output_size` outputs.

    Parameters
    ----------
    $pool_input
    $adaptive_size
    $data_format
    $out

    Returns
    -------
    $adaptive_returns

    Raises
    ------
    $pool_raises

    See Also
    --------
    avg_pool3d : Windows of a given size.
    global_avg_pool : One output for each map.

    Notes
    -----
    $adaptive_windows

    References
    ----------
    $adaptive_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.adaptive_avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1)
    array([[[[3.5]]]])
    """
    return _core.adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size, out, data_format)
