"""The gradient of a convolution with respect to its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding

__all__ = ["conv1d_input", "conv2d_input", "conv3d_input"]


@document(rank=1)
def conv1d_input(
    input_size: Sequence[SupportsIndex],
    weight: ArrayLike,
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: str = "channels_first",
    algorithm: str = "auto",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`conv1d` with respect to its input.

    Parameters
    ----------
    $input_size
    $weight
    $grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format
    $transposed_algorithm
    $out

    Returns
    -------
    $input_gradient_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv_transpose1d : The same arithmetic, told as a function of its own.

    Notes
    -----
    $input_gradient_formula

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> weight = np.array([[[1.0, 10.0]]])
    >>> convx.conv1d_input((1, 4), weight, np.array([[1.0, 2.0, 3.0]]))
    array([[ 1., 12., 23., 30.]])
    """
    return _core.conv_input(
        "conv1d_input",
        1,
        input_size,
        weight,
        grad_output,
        stride,
        padding,
        dilation,
        groups,
        algorithm,
        out,
        data_format,
    )


@document(rank=2)
def conv2d_input(
    input_size: Sequence[SupportsIndex],
    weight: ArrayLike,
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: str = "channels_first",
    algorithm: str = "auto",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`conv2d` with respect to its input.

    Parameters
    ----------
    $input_size
    $weight
    $grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format
    $transposed_algorithm
    $out

    Returns
    -------
    $input_gradient_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv_transpose2d : The same arithmetic, told as a function of its own.

    Notes
    -----
    $input_gradient_formula

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> image, weight = np.ones((1, 3, 8, 9)), np.ones((4, 3, 3, 3))
    >>> output = convx.conv2d(image, weight, stride=2, padding="same")
    >>> convx.conv2d_input(image.shape, weight, np.ones_like(output), stride=2, padding="same").shape
    (1, 3, 8, 9)
    """
    return _core.conv_input(
        "conv2d_input",
        2,
        input_size,
        weight,
        grad_output,
        stride,
        padding,
        dilation,
        groups,
        algorithm,
        out,
        data_format,
    )


@document(rank=3)
def conv3d_input(
    input_size: Sequence[SupportsIndex],
    weight: ArrayLike,
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: str = "channels_first",
    algorithm: str = "auto",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`conv3d` with respect to its input.

    Parameters
    ----------
    $input_size
    $weight
    $grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format
    $transposed_algorithm
    $out

    Returns
    -------
    $input_gradient_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv_transpose3d : The same arithmetic, told as a function of its own.

    Notes
    -----
    $input_gradient_formula

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.conv3d_input((2, 3, 5, 6, 7), np.zeros((4, 3, 3, 3, 3)), np.zeros((2, 4, 3, 4, 5))).shape
    (2, 3, 5, 6, 7)
    """
    return _core.conv_input(
        "conv3d_input",
        3,
        input_size,
        weight,
        grad_output,
        stride,
        padding,
        dilation,
        groups,
        algorithm,
        out,
        data_format,
    )
