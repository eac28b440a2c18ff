"""The gradient of a convolution with respect to its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import Algorithm, DataFormat, Float, FloatArray, Ints, Padding

__all__ = ["conv1d_input", "conv2d_input", "conv3d_input"]


@overload
def _conv_nd_input(
    input_size: Sequence[SupportsIndex],
    weight: NDArray[Float],
    grad_output: NDArray[Float],
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    algorithm: Algorithm = "auto",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _conv_nd_input(
    input_size: Sequence[SupportsIndex],
    weight: ArrayLike,
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    algorithm: Algorithm = "auto",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _conv_nd_input(
    input_size: Sequence[SupportsIndex],
    weight: ArrayLike,
    grad_output: ArrayLike,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    data_format: DataFormat = "channels_first",
    algorithm: Algorithm = "auto",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Compute the gradient of :func:`conv2d` with respect to its input.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input_size : sequence of int
        Shape of the input of the convolution, (N, Cin, *spatial) or (Cin, *spatial).
    weight : array_like, shape (Cout, Cin // groups, *kernel)
        The filters, of the same dtypes; not flipped.
    grad_output : array_like, shape (N, Cout, *out) or (Cout, *out)
        Gradient with respect to the output of the convolution, of exactly its shape; float16, bfloat16, float32 or
        float64, of any strides.
    stride, padding, dilation, groups : optional
        Those of the convolution, as :func:`conv2d` takes them.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    algorithm : str, default 'auto'
        Outputs `stride` apart form a phase, which is an ordinary convolution with stride 1 and every stride-th tap
        (where the dilation is 1); the algorithm is that of each phase.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape `input_size`
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
    conv_transpose2d : The same arithmetic, told as a function of its own.

    Notes
    -----
    With conv the convolution of these parameters and without bias, the result g is what makes::

        sum(conv(x) * grad_output) == sum(x * g)

    for every x of shape `input_size`. It is the transposed convolution of `grad_output`: each element is spread
    over the inputs that its window saw. Inputs that no window saw are 0.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285.
    Names and defaults: ``torch.nn.functional``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> weight = np.array([[[1.0, 10.0]]])
    >>> convx.conv1d_input((1, 4), weight, np.array([[1.0, 2.0, 3.0]]))
    array([[ 1., 12., 23., 30.]])

    >>> image, weight = np.ones((1, 3, 8, 9)), np.ones((4, 3, 3, 3))
    >>> output = convx.conv2d(image, weight, stride=2, padding="same")
    >>> convx.conv2d_input(image.shape, weight, np.ones_like(output), stride=2, padding="same").shape
    (1, 3, 8, 9)

    >>> convx.conv3d_input((2, 3, 5, 6, 7), np.zeros((4, 3, 3, 3, 3)), np.zeros((2, 4, 3, 4, 5))).shape
    (2, 3, 5, 6, 7)
    """
    return _core.conv_input(
        _name,
        _rank,
        input_size,
        weight,
        grad_output,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        algorithm=algorithm,
        out=out,
        data_format=data_format,
    )


conv1d_input, conv2d_input, conv3d_input = ranks(_conv_nd_input, _core.algorithm_summaries())
