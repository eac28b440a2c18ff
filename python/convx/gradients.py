"""Gradients of convolution with respect to its weight and its bias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding

__all__ = ["conv1d_bias", "conv1d_weight", "conv2d_bias", "conv2d_weight", "conv3d_bias", "conv3d_weight"]


@document(rank=1)
def conv1d_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
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
    """Compute the gradient of :func:`conv1d` with respect to its weight.

    Parameters
    ----------
    $conv_input
    $weight_size
    $conv_grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format
    $gradient_algorithm
    $out

    Returns
    -------
    $weight_gradient_returns

    Raises
    ------
    $gradient_raises

    See Also
    --------
    conv1d_bias : The gradient with respect to the bias.
    conv1d_input : The gradient with respect to the input.

    Notes
    -----
    $weight_gradient_formula

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1.0, 2.0, 4.0, 7.0]])
    >>> convx.conv1d_weight(signal, (1, 1, 2), np.array([[1.0, 0.0, 2.0]]))
    array([[[ 9., 16.]]])
    """
    return _core.conv_weight(
        "conv1d_weight",
        1,
        input,
        weight_size,
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
def conv2d_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
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
    """Compute the gradient of :func:`conv2d` with respect to its weight.

    Parameters
    ----------
    $conv_input
    $weight_size
    $conv_grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format
    $gradient_algorithm
    $out

    Returns
    -------
    $weight_gradient_returns

    Raises
    ------
    $gradient_raises

    See Also
    --------
    conv2d_bias : The gradient with respect to the bias.
    conv2d_input : The gradient with respect to the input.

    Notes
    -----
    $weight_gradient_formula

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> convx.conv2d_weight(image, (1, 1, 2, 2), np.ones((1, 2, 2)))
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    return _core.conv_weight(
        "conv2d_weight",
        2,
        input,
        weight_size,
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
def conv3d_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
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
    """Compute the gradient of :func:`conv3d` with respect to its weight.

    Parameters
    ----------
    $conv_input
    $weight_size
    $conv_grad_output
    $stride
    $conv_padding
    $dilation
    $groups
    $data_format
    $gradient_algorithm
    $out

    Returns
    -------
    $weight_gradient_returns

    Raises
    ------
    $gradient_raises

    See Also
    --------
    conv3d_bias : The gradient with respect to the bias.
    conv3d_input : The gradient with respect to the input.

    Notes
    -----
    $weight_gradient_formula

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> volume = np.arange(27.0).reshape(1, 3, 3, 3)
    >>> convx.conv3d_weight(volume, (1, 1, 1, 1, 1), np.ones((1, 3, 3, 3)))
    array([[[[[351.]]]]])
    """
    return _core.conv_weight(
        "conv3d_weight",
        3,
        input,
        weight_size,
        grad_output,
        stride,
        padding,
        dilation,
        groups,
        algorithm,
        out,
        data_format,
    )


@document(rank=1)
def conv1d_bias(
    grad_output: ArrayLike, *, data_format: str = "channels_first", out: FloatArray | None = None
) -> FloatArray:
    """Compute the gradient of :func:`conv1d` with respect to its bias: the sum over batch and space.

    Parameters
    ----------
    $conv_grad_output
    $data_format
    $out

    Returns
    -------
    ndarray, shape (Cout,)
        `out` if given, else a new array of the dtype of `grad_output`. Summed in float64 and rounded once.

    Raises
    ------
    $gradient_raises

    See Also
    --------
    conv1d_weight : The gradient with respect to the weight.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.conv1d_bias(np.ones((2, 3, 4)))
    array([8., 8., 8.])
    """
    return _core.conv_bias("conv1d_bias", 1, grad_output, out, data_format)


@document(rank=2)
def conv2d_bias(
    grad_output: ArrayLike, *, data_format: str = "channels_first", out: FloatArray | None = None
) -> FloatArray:
    """Compute the gradient of :func:`conv2d` with respect to its bias: the sum over batch and space.

    Parameters
    ----------
    $conv_grad_output
    $data_format
    $out

    Returns
    -------
    ndarray, shape (Cout,)
        `out` if given, else a new array of the dtype of `grad_output`. Summed in float64 and rounded once.

    Raises
    ------
    $gradient_raises

    See Also
    --------
    conv2d_weight : The gradient with respect to the weight.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.conv2d_bias(np.ones((2, 3, 4, 4)))
    array([32., 32., 32.])
    """
    return _core.conv_bias("conv2d_bias", 2, grad_output, out, data_format)


@document(rank=3)
def conv3d_bias(
    grad_output: ArrayLike, *, data_format: str = "channels_first", out: FloatArray | None = None
) -> FloatArray:
    """Compute the gradient of :func:`conv3d` with respect to its bias: the sum over batch and space.

    Parameters
    ----------
    $conv_grad_output
    $data_format
    $out

    Returns
    -------
    ndarray, shape (Cout,)
        `out` if given, else a new array of the dtype of `grad_output`. Summed in float64 and rounded once.

    Raises
    ------
    $gradient_raises

    See Also
    --------
    conv3d_weight : The gradient with respect to the weight.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.conv3d_bias(np.ones((2, 3, 4, 4, 4)))
    array([128., 128., 128.])
    """
    return _core.conv_bias("conv3d_bias", 3, grad_output, out, data_format)
