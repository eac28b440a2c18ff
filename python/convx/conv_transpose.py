"""Transposed convolution over one, two and three spatial axes."""

from __future__ import annotations

from typing import SupportsIndex, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import Activation, Algorithm, DataFormat, Float, FloatArray, Ints, Padding

__all__ = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


@overload
def _conv_transpose_nd(
    input: NDArray[Float],
    weight: NDArray[Float],
    bias: NDArray[Float] | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    output_padding: Ints = 0,
    groups: SupportsIndex = 1,
    dilation: Ints = 1,
    *,
    output_size: Ints | None = None,
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    algorithm: Algorithm = "auto",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _conv_transpose_nd(
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
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    algorithm: Algorithm = "auto",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _conv_transpose_nd(
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
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    algorithm: Algorithm = "auto",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Spread each element of images over its surroundings, weighted by a bank of filters.

    The transpose of :func:`conv2d`, known as deconvolution too.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, Cin, *spatial) or (Cin, *spatial)
        Images of ``Cin`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result has
        none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not copied.
    weight : array_like, shape (Cin, Cout // groups, *kernel)
        What each element of an input map is spread with, of the same dtypes; not flipped. As the weight of the
        convolution that is transposed.
    bias : array_like, shape (Cout,), optional
        Added to every element of an output map.
    stride : int or sequence of int, default 1
        Output elements from what one input element is spread over to the next: one number for every axis, or one
        per axis.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Output elements cut off before and after each axis, of any number: one for all, one per axis, one pair
        (before, after) per axis, or

        - ``'valid'``: none;
        - ``'same'``: as many as leave ``in * stride`` outputs, the odd one at the end;
        - ``'same_lower'``: the same, the odd one at the beginning;
        - ``'causal'``: the same, all at the end: output ``o`` sees no input behind ``o // stride``.

        With the last three, where the kernel is shorter than the stride, outputs without a tap are added at the
        end.
    output_padding : int or sequence of int, default 0
        Outputs added at the end of each axis, less than its stride or its dilation: one number for every axis, or
        one per axis. Not with `output_size`, nor with a padding that names the size.
    groups : int, default 1
        Splits the maps into groups that do not see each other: output map ``k`` reads only the ``Cin // groups``
        input maps of its group. ``groups=Cin`` with ``Cout // groups = 1`` spreads each map by itself.
    dilation : int or sequence of int, default 1
        Output elements from one tap to the next: one number for every axis, or one per axis.
    output_size : int or sequence of int, optional
        Spatial sizes of the output, each as `output_padding` could make it: one number for every axis, or one per
        axis. Not with a padding that names the size.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last axis of `input`
        and of the result: ``(N, *spatial, C)``. The weight is the same for both.
    activation : None, 'relu', 'relu6', ('leaky_relu', slope) or ('clamp', lo, hi), default None
        Applied once to each output, after the bias and the sum over all maps. NaN stays NaN.
    algorithm : str, default 'auto'
        Outputs `stride` apart form a phase, which is an ordinary convolution with stride 1 and every stride-th tap
        (where the dilation is 1); the algorithm is that of each phase.
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
    ConvTranspose2d : The same with the weight packed once, for many calls.
    conv2d_input : The same arithmetic, told as the gradient of a convolution.

    Notes
    -----
    With g the group of output map k, each output is one sum over the maps of that group and those taps that the
    stride lets reach it::

        y[n, k, o] = activation(bias[k] + sum over c, r of
                                weight[g * (Cin // groups) + c, k, r] * input[n, g * (Cin // groups) + c, i])

    where ``i = (o + lo - r * dilation) / stride`` has to be whole; o, r and i stand for one index per spatial axis,
    and k in the weight counts within the group. Input elements beyond the edges are zeros, which are multiplied
    like any element. Along each axis::

        out = (in - 1) * stride - lo - hi + dilation * (kernel - 1) + 1 + output_padding

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285.
    Names and defaults: ``torch.nn.functional``.

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

    Each element becomes a square of four:

    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> convx.conv_transpose2d(image, np.ones((1, 1, 2, 2)), stride=2)
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.],
            [3., 3., 4., 4.],
            [3., 3., 4., 4.]]])

    A convolution with stride 2 gives the same size for two sizes of its input; `output_size` says which one is meant:

    >>> convx.conv_transpose2d(image, np.ones((1, 5, 3, 3)), stride=2, padding=1, output_size=(3, 4)).shape
    (5, 3, 4)

    >>> volume = np.zeros((1, 8, 4, 5, 6))
    >>> convx.conv_transpose3d(volume, np.zeros((8, 3, 2, 2, 2)), stride=2).shape
    (1, 3, 8, 10, 12)
    """
    return _core.conv_transpose(
        _name,
        _rank,
        input,
        weight,
        bias=bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        groups=groups,
        dilation=dilation,
        output_size=output_size,
        activation=activation,
        algorithm=algorithm,
        out=out,
        data_format=data_format,
    )


conv_transpose1d, conv_transpose2d, conv_transpose3d = ranks(_conv_transpose_nd, _core.algorithm_summaries())
