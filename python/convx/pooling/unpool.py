"""Maxima put back to where they were found."""

from __future__ import annotations

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import Ints, NumberArray, Padding


@document(rank=1, pad_elements="What the pooling padded,")
def max_unpool1d(
    input: ArrayLike,
    indices: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    output_size: Ints | None = None,
    *,
    data_format: str = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray:
    """Put the elements of each map back to their indices, and zeros everywhere else.

    Parameters
    ----------
    $number_input
    $unpool_indices
    $kernel_size
    $pool_stride
    $unpool_padding
    $unpool_size
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $unpool_raises

    See Also
    --------
    max_pool1d : Gives `input` and `indices`.

    Notes
    -----
    $unpool_formula

    References
    ----------
    Names and defaults: ``torch.nn.functional``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1, 5, 2, 4, 3]])
    >>> pooled, indices = convx.max_pool1d(signal, 2, return_indices=True)
    >>> convx.max_unpool1d(pooled, indices, 2)
    array([[0, 5, 0, 4]])
    >>> convx.max_unpool1d(pooled, indices, 2, output_size=5)
    array([[0, 5, 0, 4, 0]])
    """
    return _core.max_unpool(
        "max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size, out, data_format
    )


@document(rank=2, pad_elements="What the pooling padded,")
def max_unpool2d(
    input: ArrayLike,
    indices: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    output_size: Ints | None = None,
    *,
    data_format: str = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray:
    """Put the elements of each map back to their indices, and zeros everywhere else.

    Parameters
    ----------
    $number_input
    $unpool_indices
    $kernel_size
    $pool_stride
    $unpool_padding
    $unpool_size
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $unpool_raises

    See Also
    --------
    max_pool2d : Gives `input` and `indices`.

    Notes
    -----
    $unpool_formula

    References
    ----------
    Names and defaults: ``torch.nn.functional``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> pooled, indices = convx.max_pool2d(np.arange(8).reshape(1, 2, 4), 2, return_indices=True)
    >>> convx.max_unpool2d(pooled, indices, 2)
    array([[[0, 0, 0, 0],
            [0, 5, 0, 7]]])
    """
    return _core.max_unpool(
        "max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size, out, data_format
    )


@document(rank=3, pad_elements="What the pooling padded,")
def max_unpool3d(
    input: ArrayLike,
    indices: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    output_size: Ints | None = None,
    *,
    data_format: str = "channels_first",
    out: NumberArray | None = None,
) -> NumberArray:
    """Put the elements of each map back to their indices, and zeros everywhere else.

    Parameters
    ----------
    $number_input
    $unpool_indices
    $kernel_size
    $pool_stride
    $unpool_padding
    $unpool_size
    $data_format
    $out

    Returns
    -------
    $pool_returns

    Raises
    ------
    $unpool_raises

    See Also
    --------
    max_pool3d : Gives `input` and `indices`.

    Notes
    -----
    $unpool_formula

    References
    ----------
    Names and defaults: ``torch.nn.functional``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> pooled, indices = convx.max_pool3d(np.arange(8).reshape(1, 2, 2, 2), 2, return_indices=True)
    >>> convx.max_unpool3d(pooled, indices, 2).ravel()
    array([0, 0, 0, 0, 0, 0, 0, 7])
    """
    return _core.max_unpool(
        "max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size, out, data_format
    )
