"""Convolution over one, two and three spatial axes."""

from __future__ import annotations

from typing import SupportsIndex, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import Activation, Algorithm, ConvArray, DataFormat, Float, Ints, Padding, PaddingMode

__all__ = ["conv1d", "conv2d", "conv3d"]


@overload
def _conv_nd(
    input: NDArray[Float],
    weight: NDArray[Float],
    bias: NDArray[Float] | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: PaddingMode = "zeros",
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    algorithm: Algorithm = "auto",
    residual: NDArray[Float] | None = None,
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _conv_nd(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: PaddingMode = "zeros",
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    algorithm: Algorithm = "auto",
    residual: ArrayLike | None = None,
    out: ConvArray | None = None,
) -> ConvArray: ...
def _conv_nd(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: PaddingMode = "zeros",
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    algorithm: Algorithm = "auto",
    residual: ArrayLike | None = None,
    out: ConvArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> ConvArray:
    """Convolve images of several maps with a bank of filters.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, Cin, *spatial) or (Cin, *spatial)
        Images of ``Cin`` maps, float16, bfloat16, float32, float64, or integers, of any strides. Without ``N`` the
        result has none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not copied.
    weight : array_like, shape (Cout, Cin // groups, *kernel)
        The filters, of the same dtypes: integers with integers. They are not flipped.
    bias : array_like, shape (Cout,), optional
        Added to every element of an output map.
    stride : int or sequence of int, default 1
        Input elements from one window to the next: one number for every axis, or one per axis.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Padding before and after each axis, zeros unless a `padding_mode` says otherwise: one number for all, one
        per axis, one pair (before, after) per axis, or

        - ``'valid'``: none;
        - ``'same'``: as many as ``ceil(in / stride)`` outputs need, the odd one at the end;
        - ``'same_lower'``: the same, the odd one at the beginning;
        - ``'causal'``: ``dilation * (kernel - 1)``, all at the beginning.

        Zeros are multiplied like any element: an infinite weight over the padding gives NaN.
    dilation : int or sequence of int, default 1
        Input elements from one tap to the next: one number for every axis, or one per axis.
    groups : int, default 1
        Splits the maps into groups that do not see each other: output map ``k`` reads only the ``Cin // groups``
        input maps of its group. ``groups=Cin`` is the depthwise convolution.
    padding_mode : str, default 'zeros'
        What the padding holds: ``'zeros'``; ``'reflect'``, the input mirrored at its outermost elements;
        ``'symmetric'``, mirrored at its edges, so that those elements come twice; ``'replicate'`` or ``'edge'``,
        the outermost element; ``'circular'`` or ``'wrap'``, the input from its other end. As :func:`numpy.pad`,
        for any width of padding.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last axis of `input`
        and of the result: ``(N, *spatial, C)``. The weight is the same for both.
    activation : None, 'relu', 'relu6', ('leaky_relu', slope) or ('clamp', lo, hi), default None
        Applied once to each output, after the bias, the sum over all maps and the residual. NaN stays NaN.
    algorithm : str, default 'auto'
        How it is computed; :func:`set_winograd` says whether ``'auto'`` may trade accuracy for speed.
    residual : array_like, shape (N, Cout, *out) or (Cout, *out), optional
        Added to the sums and the bias before the activation, while they are in registers: floats of exactly the
        result's shape and dtype, of any strides.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays, and be
        the residual itself.

    Returns
    -------
    ndarray, shape (N, Cout, *out) or (Cout, *out)
        `out` if given, else a new array of the dtype to which NumPy promotes the arrays. float16 and bfloat16 are
        computed in float32 and rounded once; integers see below.

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
    Conv2d : The same with the weight packed once, for many calls.

    Notes
    -----
    With g the group of output map k, each output is one sum over the maps of that group and all taps::

        y[n, k, p] = activation(sum over c, r of
                                weight[k, c, r] * input[n, g * (Cin // groups) + c, p * stride + r * dilation - lo]
                                + bias[k] + residual[n, k, p])

    where p and r stand for one index per spatial axis. Along each axis::

        out = floor((in + lo + hi - dilation * (kernel - 1) - 1) / stride) + 1

    Integers, any of int8, uint8, int16, uint16, int32, uint32 and int64, are summed exactly: into int32 where
    `input` and `weight` have 8 bits, else into int64; `bias` may be of any of these dtypes if its values fit. Sums
    are taken modulo 2**32 or 2**64, as two's complement. With 8 bits, none can wrap with fewer than 33026 terms
    (131071 of int8 alone); with 16 bits, none with fewer than 2**31. The activation is None, ``'relu'``,
    ``'relu6'`` or ``'clamp'`` with whole or infinite bounds, the algorithm ``'auto'``, ``'direct'``, ``'narrow'``
    or ``'reference'``; all of them give the same numbers.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285.
    Names and defaults: ``torch.nn.functional``.

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

    Two input maps, one filter that spans both: the products are summed over the maps too.

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

    The end of a block of a residual network, in one pass over memory:

    >>> convx.conv2d(image, weight, padding=1, residual=np.full((1, 3, 3), -10, dtype=np.float32), activation="relu")
    array([[[0., 2., 0.],
            [2., 8., 2.],
            [0., 2., 0.]]], dtype=float32)

    Depth is a third axis to slide along, not a second axis of maps:

    >>> volume = np.zeros((1, 1, 10, 42, 31))
    >>> weight = np.zeros((6, 1, 3, 4, 5))
    >>> convx.conv3d(volume, weight).shape
    (1, 6, 8, 39, 27)
    """
    return _core.conv(
        _name,
        _rank,
        input,
        weight,
        bias=bias,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        activation=activation,
        algorithm=algorithm,
        out=out,
        padding_mode=padding_mode,
        data_format=data_format,
        residual=residual,
    )


conv1d, conv2d, conv3d = ranks(_conv_nd, _core.algorithm_summaries())
