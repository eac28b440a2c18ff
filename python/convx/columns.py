"""The patches of an image as columns, and their sum back into an image."""

from __future__ import annotations

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding

__all__ = ["fold", "unfold"]


@document(rank=2, pad_elements="Zeros")
def unfold(
    input: ArrayLike,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Lay out the patches under a sliding window as columns (im2col), over one, two or three spatial axes.

    Parameters
    ----------
    input : array_like, shape (N, C, [[D,] H,] W) or (C, [[D,] H,] W)
        Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result
        has none either.
    kernel_size : int or sequence of int
        Taps of the window. A sequence holds one number per spatial axis, and so says how many there are: ``(3,)`` for
        signals, ``(3, 3, 3)`` for volumes. A lone int means three axes where `input` has five, else two, as in torch.
    $dilation
    $unfold_padding
    $stride
    $columns_format
    $out

    Returns
    -------
    ndarray, shape (N, C * kernel elements, L) or (C * kernel elements, L)
        `out` if given, else a new array of the dtype of `input`. ``L`` counts the positions of the window, the last
        axis running fastest; rows are ordered by map, then by tap.

    Raises
    ------
    $pool_raises

    See Also
    --------
    fold : The adjoint.

    Notes
    -----
    With c a map, t and l one index per axis of the window and of its positions::

        y[n, (c, t), l] = input[n, c, l * stride + t * dilation - lo], 0 in the padding

    $unfold_size

    The convolutions of convx never make this array, which is as many times the input as the kernel has elements.

    References
    ----------
    Names, order and layout: ``torch.nn.functional.unfold``, which takes two spatial axes.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> convx.unfold(image, 2)
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.],
           [3., 4., 6., 7.],
           [4., 5., 7., 8.]])
    >>> convx.unfold(np.array([[1.0, 2.0, 3.0]]), (2,), padding="causal")
    array([[0., 1., 2.],
           [1., 2., 3.]])
    """
    return _core.unfold(input, kernel_size, dilation, padding, stride, out, data_format)


@document(rank=2, pad_elements="Elements that are left out")
def fold(
    input: ArrayLike,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Padding = 0,
    stride: Ints = 1,
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Sum the columns of patches back into an image (col2im), over one, two or three spatial axes.

    Parameters
    ----------
    input : array_like, shape (N, C * kernel elements, L) or (C * kernel elements, L)
        Columns as :func:`unfold` gives them, of the same dtypes and any strides.
    output_size : int or sequence of int
        Spatial size of the image. A sequence holds one number per spatial axis, and so says how many there are; where
        both this and `kernel_size` are lone ints there are two, as in torch.
    kernel_size : int or sequence of int
        Taps of the window: one number for every axis, or one per axis.
    $dilation
    $unfold_padding
    $stride
    $columns_format
    $out

    Returns
    -------
    ndarray, shape (N, C, *output_size) or (C, *output_size)
        `out` if given, else a new array of the dtype of `input`.

    Raises
    ------
    $pool_raises

    See Also
    --------
    unfold : The adjoint.

    Notes
    -----
    Every element is the sum of the patch elements that lie on it, those of the first tap first; it is 0 where there is
    none. So ``sum(unfold(x) * y) == sum(x * fold(y))`` for any x and y. With i the position in the image::

        y[n, c, i] = sum over t, l with l * stride + t * dilation - lo == i of input[n, (c, t), l]

    $unfold_size

    References
    ----------
    Names, order and layout: ``torch.nn.functional.fold``, which takes two spatial axes.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.fold(np.ones((4, 4)), (3, 3), 2)
    array([[[1., 2., 1.],
            [2., 4., 2.],
            [1., 2., 1.]]])
    >>> convx.fold(np.array([[1.0, 2.0], [30.0, 40.0]]), (3,), (2,))
    array([[ 1., 32., 40.]])
    """
    return _core.fold(input, output_size, kernel_size, dilation, padding, stride, out, data_format)
