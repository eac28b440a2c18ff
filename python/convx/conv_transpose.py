"""Transposed convolution over one, two and three spatial axes."""

from __future__ import annotations

from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import Activation, FloatArray, Ints, Padding

__all__ = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


@document(rank=1)
def conv_transpose1d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    output_padding: Ints = 0,
    groups: SupportsIndex = 1,
    dilation: Ints = 1,
    *,
    output_size: Ints | None = None,
    data_format: str = "channels_first",
    activation: Activation = None,
    algorithm: str = "auto",
    out: FloatArray | None = None,
) -> FloatArray:
    """Spread each element of a signal over its surroundings, weighted by a bank of filters.

    The transpose of :func:`conv1d`, known as deconvolution too.

    Parameters
    ----------
    $conv_input
    $transposed_weight
    $bias
    $transposed_stride
    $transposed_padding
    $output_padding
    $transposed_groups
    $transposed_dilation
    $output_size
    $data_format
    $activation
    $transposed_algorithm
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    ConvTranspose1d : The same with the weight packed once, for many calls.
    conv1d_input : The same arithmetic, told as the gradient of a convolution.

    Notes
    -----
    $transposed_formula

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1.0, 10.0, 100.0]])
    >>> triangle = np.array([[[1.0, 2.0, 1.0]]])
    >>> convx.conv_transpose1d(signal, triangle, stride=2)
    array([[  1.,   2.,  11.,  20., 110., 200., 100.]])
    >>> convx.conv_transpose1d(signal, triangle, stride=2, padding="same")
    array([[  1.,   2.,  11.,  20., 110., 200.]])
    """
    return _core.conv_transpose(
        "conv_transpose1d",
        1,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
        output_size,
        activation,
        algorithm,
        out,
        data_format,
    )


@document(rank=2)
def conv_transpose2d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    output_padding: Ints = 0,
    groups: SupportsIndex = 1,
    dilation: Ints = 1,
    *,
    output_size: Ints | None = None,
    data_format: str = "channels_first",
    activation: Activation = None,
    algorithm: str = "auto",
    out: FloatArray | None = None,
) -> FloatArray:
    """Spread each element of images over its surroundings, weighted by a bank of filters.

    The transpose of :func:`conv2d`, known as deconvolution too.

    Parameters
    ----------
    $conv_input
    $transposed_weight
    $bias
    $transposed_stride
    $transposed_padding
    $output_padding
    $transposed_groups
    $transposed_dilation
    $output_size
    $data_format
    $activation
    $transposed_algorithm
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    ConvTranspose2d : The same with the weight packed once, for many calls.
    conv2d_input : The same arithmetic, told as the gradient of a convolution.

    Notes
    -----
    $transposed_formula

    References
    ----------
    $references

    Examples
    --------
    Each element becomes a square of four:

    >>> import numpy as np
    >>> import convx
    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> convx.conv_transpose2d(image, np.ones((1, 1, 2, 2)), stride=2)
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.],
            [3., 3., 4., 4.],
            [3., 3., 4., 4.]]])

    A convolution with stride 2 gives the same size for two sizes of its input; `output_size` says which one is meant:

    >>> convx.conv_transpose2d(image, np.ones((1, 5, 3, 3)), stride=2, padding=1, output_size=(3, 4)).shape
    (5, 3, 4)
    """
    return _core.conv_transpose(
        "conv_transpose2d",
        2,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
        output_size,
        activation,
        algorithm,
        out,
        data_format,
    )


@document(rank=3)
def conv_transpose3d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    output_padding: Ints = 0,
    groups: SupportsIndex = 1,
    dilation: Ints = 1,
    *,
    output_size: Ints | None = None,
    data_format: str = "channels_first",
    activation: Activation = None,
    algorithm: str = "auto",
    out: FloatArray | None = None,
) -> FloatArray:
    """Spread each element of volumes over its surroundings, weighted by a bank of filters.

    The transpose of :func:`conv3d`, known as deconvolution too.

    Parameters
    ----------
    $conv_input
    $transposed_weight
    $bias
    $transposed_stride
    $transposed_padding
    $output_padding
    $transposed_groups
    $transposed_dilation
    $output_size
    $data_format
    $activation
    $transposed_algorithm
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    ConvTranspose3d : The same with the weight packed once, for many calls.
    conv3d_input : The same arithmetic, told as the gradient of a convolution.

    Notes
    -----
    $transposed_formula

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> volume = np.zeros((1, 8, 4, 5, 6))
    >>> convx.conv_transpose3d(volume, np.zeros((8, 3, 2, 2, 2)), stride=2).shape
    (1, 3, 8, 10, 12)
    """
    return _core.conv_transpose(
        "conv_transpose3d",
        3,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
        output_size,
        activation,
        algorithm,
        out,
        data_format,
    )
