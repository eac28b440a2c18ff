"""Deformable convolution: each tap of each output reads the input at a place of its own."""

from __future__ import annotations

from typing import overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, Float, FloatArray, Ints, Padding

__all__ = ["deform_conv1d", "deform_conv2d", "deform_conv3d"]


@overload
def _deform_conv_nd(
    input: NDArray[Float],
    offset: NDArray[Float],
    weight: NDArray[Float],
    bias: NDArray[Float] | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    mask: NDArray[Float] | None = None,
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _deform_conv_nd(
    input: ArrayLike,
    offset: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    mask: ArrayLike | None = None,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _deform_conv_nd(
    input: ArrayLike,
    offset: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    mask: ArrayLike | None = None,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Convolve images with filters whose taps are moved by offsets, output by output.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, Cin, *spatial) or (Cin, *spatial)
        Images of ``Cin`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result has
        none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not copied.
    offset : array_like, shape (N, offset groups * kernel elements * axes, *out), N as in `input`
        How far each tap is moved, in elements of the input: for each group of ``Cin // offset groups`` maps, each
        tap and each axis, one number per output. The number of groups follows from the shape.
    weight : array_like, shape (Cout, Cin // groups, *kernel)
        The filters, not flipped. The number of groups follows from the shape.
    bias : array_like, shape (Cout,), optional
        Added to every element of an output map.
    stride, padding, dilation : optional
        As :func:`conv2d` takes them.
    mask : array_like, shape (N, offset groups * kernel elements, *out), optional
        What each tap reads is multiplied by this. A tap whose mask is 0 does not count, whatever it reads.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, Cout, *out) or (Cout, *out)
        `out` if given, else a new array of the dtype to which NumPy promotes the arrays. float16 and bfloat16 are
        computed in float32 and rounded once.

    Raises
    ------
    TypeError
        If an array is masked or of another dtype, if `out` is not an ndarray of the result's dtype, or if another
        argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
    ValueError
        If shapes do not fit each other, a size is zero (an empty batch is allowed), a number is out of range, a
        name is unknown, or an output size would be less than 1. The message names argument, rule and value.

    See Also
    --------
    conv2d : What this is when all offsets are 0.

    Notes
    -----
    With g and h the group and the offset group of the map, t the tap, p the output, each one index per axis::

        place    = p * stride - lo + t * dilation + offset[n, (h, t), p]
        y[n, k, p] = bias[k] + sum over c, t of weight[k, c, t] * mask[n, (h, t), p] * input[n, (g, c)] at place

    where ``at`` interpolates linearly between the elements around a place, two along each axis. Elements outside of the
    input are 0; one whose share is 0 does not count even if it is infinite. A place that is NaN reads NaN.

    References
    ----------
    J. Dai et al., "Deformable Convolutional Networks", 2017, arXiv:1703.06211; with a mask: X. Zhu et al.,
    "Deformable ConvNets v2", 2018, arXiv:1811.11168.
    Names, order and layout: ``torchvision.ops``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1.0, 2.0, 4.0, 8.0]])
    >>> moved = np.array([[0.0, 1.0, 0.5, 0.0]])
    >>> convx.deform_conv1d(signal, moved, np.ones((1, 1, 1)))
    array([[1., 4., 6., 8.]])

    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> offset = np.zeros((2, 3, 3))
    >>> offset[1] = 0.5  # half an element to the right; beyond the edge there is nothing
    >>> convx.deform_conv2d(image, offset, np.ones((1, 1, 1, 1)))
    array([[[0.5, 1.5, 1. ],
            [3.5, 4.5, 2.5],
            [6.5, 7.5, 4. ]]])

    >>> volume, offset = np.ones((1, 4, 4, 4)), np.zeros((24, 3, 3, 3))
    >>> convx.deform_conv3d(volume, offset, np.ones((1, 1, 2, 2, 2))).sum()
    np.float64(216.0)
    """
    return _core.deform_conv(
        _name,
        _rank,
        input,
        offset,
        weight,
        bias=bias,
        stride=stride,
        padding=padding,
        dilation=dilation,
        mask=mask,
        out=out,
        data_format=data_format,
    )


deform_conv1d, deform_conv2d, deform_conv3d = ranks(_deform_conv_nd)
