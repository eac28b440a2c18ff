"""Gradients of convolution with respect to its weight and its bias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, Float, FloatArray, GradientAlgorithm, Ints, Padding

__all__ = ["conv1d_bias", "conv1d_weight", "conv2d_bias", "conv2d_weight", "conv3d_bias", "conv3d_weight"]


@overload
def _conv_nd_weight(
    input: NDArray[Float],
    weight_size: Sequence[SupportsIndex],
    grad_output: NDArray[Float],
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    algorithm: GradientAlgorithm = "auto",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _conv_nd_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    algorithm: GradientAlgorithm = "auto",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _conv_nd_weight(
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    algorithm: GradientAlgorithm = "auto",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Compute the gradient of :func:`conv2d` with respect to its weight.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, Cin, *spatial) or (Cin, *spatial)
        Images of ``Cin`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result has
        none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not copied.
    weight_size : sequence of int
        The shape of the weight, ``(Cout, Cin // groups, *kernel)``.
    grad_output : array_like, shape (N, Cout, *out) or (Cout, *out)
        The gradient with respect to the convolution's output; of the same dtypes, of any strides.
    stride, padding, dilation, groups : optional
        Those of the convolution, as :func:`conv2d` takes them.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    algorithm : str, default 'auto'
        How it is computed; :func:`set_winograd` says whether ``'auto'`` may trade accuracy for speed.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (Cout, Cin // groups, *kernel)
        `out` if given, else a new array of the dtype to which NumPy promotes the arrays. float16 and bfloat16 are
        computed in float32 and rounded once. An empty batch gives zeros.

    Raises
    ------
    TypeError
        If an array is masked or of another dtype, if `out` is not an ndarray of the result's dtype, or if another
        argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
    ValueError
        If shapes do not fit each other, a size is zero (an empty batch is allowed) or negative, a number is out of
        range, or a name is unknown. The message names argument, rule and value.

    See Also
    --------
    conv2d_bias : The gradient with respect to the bias.
    conv2d_input : The gradient with respect to the input.

    Notes
    -----
    With g the group of output map k, each element is one sum over the batch and all outputs::

        dw[k, c, r] = sum over n, p of
                          grad_output[n, k, p] * input[n, g * (Cin // groups) + c, p * stride + r * dilation - lo]

    where p and r stand for one index per spatial axis. The bits do not depend on the number of threads. With T
    products in a sum, the error stays below ``4 * eps * T * max|input| * max|grad_output|``, where Winograd's
    algorithm was used below ``16 * eps * T * max|input| * max|grad_output|``. ``'auto'`` takes that for finite
    float32 arrays alone and 4 million operations or more.

    References
    ----------
    Names, order and defaults: ``torch.nn.grad``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> signal = np.array([[1.0, 2.0, 4.0, 7.0]])
    >>> convx.conv1d_weight(signal, (1, 1, 2), np.array([[1.0, 0.0, 2.0]]))
    array([[[ 9., 16.]]])

    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> convx.conv2d_weight(image, (1, 1, 2, 2), np.ones((1, 2, 2)))
    array([[[[ 8., 12.],
             [20., 24.]]]])

    >>> volume = np.arange(27.0).reshape(1, 3, 3, 3)
    >>> convx.conv3d_weight(volume, (1, 1, 1, 1, 1), np.ones((1, 3, 3, 3)))
    array([[[[[351.]]]]])
    """
    return _core.conv_weight(
        _name,
        _rank,
        input,
        weight_size,
        grad_output,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        algorithm=algorithm,
        out=out,
        data_format=data_format,
    )


conv1d_weight, conv2d_weight, conv3d_weight = ranks(_conv_nd_weight, _core.conv_weight_summaries())


@overload
def _conv_nd_bias(
    grad_output: NDArray[Float], *, data_format: DataFormat = "channels_first", out: NDArray[Float] | None = None
) -> NDArray[Float]: ...
@overload
def _conv_nd_bias(
    grad_output: ArrayLike, *, data_format: DataFormat = "channels_first", out: FloatArray | None = None
) -> FloatArray: ...
def _conv_nd_bias(
    grad_output: ArrayLike,
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Compute the gradient of :func:`conv2d` with respect to its bias: the sum over batch and space.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    grad_output : array_like, shape (N, Cout, *out) or (Cout, *out)
        The gradient with respect to the convolution's output; of the same dtypes, of any strides.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (Cout,)
        `out` if given, else a new array of the dtype of `grad_output`. Summed in float64 and rounded once.

    Raises
    ------
    TypeError
        If an array is masked or of another dtype, if `out` is not an ndarray of the result's dtype, or if another
        argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
    ValueError
        If shapes do not fit each other, a size is zero (an empty batch is allowed) or negative, a number is out of
        range, or a name is unknown. The message names argument, rule and value.

    See Also
    --------
    conv2d_weight : The gradient with respect to the weight.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.conv1d_bias(np.ones((2, 3, 4)))
    array([8., 8., 8.])

    >>> convx.conv2d_bias(np.ones((2, 3, 4, 4)))
    array([32., 32., 32.])

    >>> convx.conv3d_bias(np.ones((2, 3, 4, 4, 4)))
    array([128., 128., 128.])
    """
    return _core.conv_bias(_name, _rank, grad_output, out, data_format)


conv1d_bias, conv2d_bias, conv3d_bias = ranks(_conv_nd_bias)
