"""The largest elements of as many windows as are asked for, and where they lie."""

from __future__ import annotations

from typing import Literal, overload

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import IndexArray, NumberArray, Sizes


@overload
def adaptive_max_pool1d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: Literal[False] = ...,
    *,
    data_format: str = ...,
    out: NumberArray | None = ...,
) -> NumberArray: ...
@overload
def adaptive_max_pool1d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: Literal[True],
    *,
    data_format: str = ...,
    out: tuple[NumberArray, IndexArray] | None = ...,
) -> tuple[NumberArray, IndexArray]: ...
@document(rank=1)
def adaptive_max_pool1d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: bool = False,
    *,
    data_format: str = "channels_first",
    out: NumberArray | tuple[NumberArray, IndexArray] | None = None,
) -> NumberArray | tuple[NumberArray, IndexArray]:
    """Take the largest elements of windows that divide each map among `output_size` outputs.

    Parameters
    ----------
    $number_input
    $adaptive_size
    $return_indices
    $data_format
    $max_out

    Returns
    -------
    $max_returns

    Raises
    ------
    $max_raises

    See Also
    --------
    max_pool1d : Windows of a given size.
    global_max_pool : One output for each map.

    Notes
    -----
    $adaptive_windows

    $max_notes

    References
    ----------
    $adaptive_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.adaptive_max_pool1d(np.array([[1.0, 5.0, 3.0, 4.0, 2.0]]), 3)
    array([[5., 5., 4.]])
    """
    return _core.adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices, out, data_format)


@overload
def adaptive_max_pool2d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: Literal[False] = ...,
    *,
    data_format: str = ...,
    out: NumberArray | None = ...,
) -> NumberArray: ...
@overload
def adaptive_max_pool2d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: Literal[True],
    *,
    data_format: str = ...,
    out: tuple[NumberArray, IndexArray] | None = ...,
) -> tuple[NumberArray, IndexArray]: ...
@document(rank=2)
def adaptive_max_pool2d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: bool = False,
    *,
    data_format: str = "channels_first",
    out: NumberArray | tuple[NumberArray, IndexArray] | None = None,
) -> NumberArray | tuple[NumberArray, IndexArray]:
    """Take the largest elements of windows that divide each map among `output_size` outputs.

    Parameters
    ----------
    $number_input
    $adaptive_size
    $return_indices
    $data_format
    $max_out

    Returns
    -------
    $max_returns

    Raises
    ------
    $max_raises

    See Also
    --------
    max_pool2d : Windows of a given size.
    global_max_pool : One output for each map.

    Notes
    -----
    $adaptive_windows

    $max_notes

    References
    ----------
    $adaptive_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.adaptive_max_pool2d(np.arange(16.0).reshape(1, 4, 4), (2, None))
    array([[[ 4.,  5.,  6.,  7.],
            [12., 13., 14., 15.]]])
    """
    return _core.adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices, out, data_format)


@overload
def adaptive_max_pool3d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: Literal[False] = ...,
    *,
    data_format: str = ...,
    out: NumberArray | None = ...,
) -> NumberArray: ...
@overload
def adaptive_max_pool3d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: Literal[True],
    *,
    data_format: str = ...,
    out: tuple[NumberArray, IndexArray] | None = ...,
) -> tuple[NumberArray, IndexArray]: ...
@document(rank=3)
def adaptive_max_pool3d(
    input: ArrayLike,
    output_size: Sizes,
    return_indices: bool = False,
    *,
    data_format: str = "channels_first",
    out: NumberArray | tuple[NumberArray, IndexArray] | None = None,
) -> NumberArray | tuple[NumberArray, IndexArray]:
    """Take the largest elements of windows that divide each map among `output_size` outputs.

    Parameters
    ----------
    $number_input
    $adaptive_size
    $return_indices
    $data_format
    $max_out

    Returns
    -------
    $max_returns

    Raises
    ------
    $max_raises

    See Also
    --------
    max_pool3d : Windows of a given size.
    global_max_pool : One output for each map.

    Notes
    -----
    $adaptive_windows

    $max_notes

    References
    ----------
    $adaptive_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.adaptive_max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1)
    array([[[[7.]]]])
    """
    return _core.adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices, out, data_format)
