"""Deformable convolution: each tap of each output reads the input at a place of its own."""

from __future__ import annotations

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding

__all__ = ["deform_conv1d", "deform_conv2d", "deform_conv3d"]


@document(rank=1)
def deform_conv1d(
    input: ArrayLike,
    offset: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    mask: ArrayLike | None = None,
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Convolve signals with filters whose taps are moved by offsets, output by output.

    Parameters
    ----------
    $conv_input
    $deform_offset
    $deform_weight
    $bias
    $stride
    $conv_padding
    $dilation
    $deform_mask
    $data_format
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv1d : What this is when all offsets are 0.

    Notes
    -----
    $deform_formula

    References
    ----------
    $deform_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1.0, 2.0, 4.0, 8.0]])
    >>> moved = np.array([[0.0, 1.0, 0.5, 0.0]])
    >>> convx.deform_conv1d(signal, moved, np.ones((1, 1, 1)))
    array([[1., 4., 6., 8.]])
    """
    return _core.deform_conv(
        "deform_conv1d", 1, input, offset, weight, bias, stride, padding, dilation, mask, out, data_format
    )


@document(rank=2)
def deform_conv2d(
    input: ArrayLike,
    offset: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    mask: ArrayLike | None = None,
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Convolve images with filters whose taps are moved by offsets, output by output.

    Parameters
    ----------
    $conv_input
    $deform_offset
    $deform_weight
    $bias
    $stride
    $conv_padding
    $dilation
    $deform_mask
    $data_format
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv2d : What this is when all offsets are 0.

    Notes
    -----
    $deform_formula

    References
    ----------
    $deform_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> offset = np.zeros((2, 3, 3))
    >>> offset[1] = 0.5  # half an element to the right; beyond the edge there is nothing
    >>> convx.deform_conv2d(image, offset, np.ones((1, 1, 1, 1)))
    array([[[0.5, 1.5, 1. ],
            [3.5, 4.5, 2.5],
            [6.5, 7.5, 4. ]]])
    """
    return _core.deform_conv(
        "deform_conv2d", 2, input, offset, weight, bias, stride, padding, dilation, mask, out, data_format
    )


@document(rank=3)
def deform_conv3d(
    input: ArrayLike,
    offset: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    mask: ArrayLike | None = None,
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Convolve volumes with filters whose taps are moved by offsets, output by output.

    Parameters
    ----------
    $conv_input
    $deform_offset
    $deform_weight
    $bias
    $stride
    $conv_padding
    $dilation
    $deform_mask
    $data_format
    $out

    Returns
    -------
    $conv_returns

    Raises
    ------
    $conv_raises

    See Also
    --------
    conv3d : What this is when all offsets are 0.

    Notes
    -----
    $deform_formula

    References
    ----------
    $deform_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> volume, offset = np.ones((1, 4, 4, 4)), np.zeros((24, 3, 3, 3))
    >>> convx.deform_conv3d(volume, offset, np.ones((1, 1, 2, 2, 2))).sum()
    np.float64(216.0)
    """
    return _core.deform_conv(
        "deform_conv3d", 3, input, offset, weight, bias, stride, padding, dilation, mask, out, data_format
    )
