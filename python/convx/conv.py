"""Convolution over one, two and three spatial axes."""

from __future__ import annotations

from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import Activation, ConvArray, Ints, Padding

__all__ = ["conv1d", "conv2d", "conv3d"]


@document(rank=1)
def conv1d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: str = "zeros",
    data_format: str = "channels_first",
    activation: Activation = None,
    algorithm: str = "auto",
    out: ConvArray | None = None,
) -> ConvArray:
    """Convolve signals of several channels with a bank of filters.

    Parameters
    ----------
    $conv_input
    $weight
    $bias
    $stride
    $conv_padding
    $dilation
    $groups
    $padding_mode
    $data_format
    $activation
    $algorithm
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    Conv1d : The same with the weight packed once, for many calls.

    Notes
    -----
    $conv_formula

    $conv_integers

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1.0, 2.0, 4.0, 7.0]])
    >>> difference = np.array([[[-1.0, 1.0]]])
    >>> convx.conv1d(signal, difference)
    array([[1., 2., 3.]])
    >>> convx.conv1d(signal, difference, padding="causal")
    array([[1., 1., 2., 3.]])
    """
    return _core.conv(
        "conv1d",
        1,
        input,
        weight,
        bias,
        stride,
        padding,
        dilation,
        groups,
        activation,
        algorithm,
        out,
        padding_mode,
        data_format,
    )


@document(rank=2)
def conv2d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: str = "zeros",
    data_format: str = "channels_first",
    activation: Activation = None,
    algorithm: str = "auto",
    out: ConvArray | None = None,
) -> ConvArray:
    """Convolve images of several maps with a bank of filters.

    Parameters
    ----------
    $conv_input
    $weight
    $bias
    $stride
    $conv_padding
    $dilation
    $groups
    $padding_mode
    $data_format
    $activation
    $algorithm
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    Conv2d : The same with the weight packed once, for many calls.

    Notes
    -----
    $conv_formula

    $conv_integers

    References
    ----------
    $references

    Examples
    --------
    Two input maps, one filter that spans both: the products are summed over the maps too.

    >>> import numpy as np
    >>> import convx
    >>> image = np.ones((2, 3, 3), dtype=np.float32)
    >>> weight = np.ones((1, 2, 3, 3), dtype=np.float32)
    >>> convx.conv2d(image, weight, padding=1)
    array([[[ 8., 12.,  8.],
            [12., 18., 12.],
            [ 8., 12.,  8.]]], dtype=float32)

    Bias first, then the activation:

    >>> convx.conv2d(image, weight, bias=np.array([-10.0], dtype=np.float32), padding=1, activation="relu")
    array([[[0., 2., 0.],
            [2., 8., 2.],
            [0., 2., 0.]]], dtype=float32)
    """
    return _core.conv(
        "conv2d",
        2,
        input,
        weight,
        bias,
        stride,
        padding,
        dilation,
        groups,
        activation,
        algorithm,
        out,
        padding_mode,
        data_format,
    )


@document(rank=3)
def conv3d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: str = "zeros",
    data_format: str = "channels_first",
    activation: Activation = None,
    algorithm: str = "auto",
    out: ConvArray | None = None,
) -> ConvArray:
    """Convolve volumes of several maps with a bank of filters.

    Parameters
    ----------
    $conv_input
    $weight
    $bias
    $stride
    $conv_padding
    $dilation
    $groups
    $padding_mode
    $data_format
    $activation
    $algorithm
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    Conv3d : The same with the weight packed once, for many calls.

    Notes
    -----
    $conv_formula

    $conv_integers

    References
    ----------
    $references

    Examples
    --------
    Depth is a third axis to slide along, not a second axis of maps:

    >>> import numpy as np
    >>> import convx
    >>> volume = np.zeros((1, 1, 10, 42, 31))
    >>> weight = np.zeros((6, 1, 3, 4, 5))
    >>> convx.conv3d(volume, weight).shape
    (1, 6, 8, 39, 27)
    """
    return _core.conv(
        "conv3d",
        3,
        input,
        weight,
        bias,
        stride,
        padding,
        dilation,
        groups,
        activation,
        algorithm,
        out,
        padding_mode,
        data_format,
    )
