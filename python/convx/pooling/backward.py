"""Gradients of max and average pooling with respect to their input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, Float, FloatArray, Ints, Padding

__all__ = [
    "avg_pool1d_backward",
    "avg_pool2d_backward",
    "avg_pool3d_backward",
    "max_pool1d_backward",
    "max_pool2d_backward",
    "max_pool3d_backward",
]


@overload
def _max_pool_nd_backward(
    grad_output: NDArray[Float],
    indices: ArrayLike,
    input_size: Sequence[SupportsIndex],
    *,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _max_pool_nd_backward(
    grad_output: ArrayLike,
    indices: ArrayLike,
    input_size: Sequence[SupportsIndex],
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _max_pool_nd_backward(
    grad_output: ArrayLike,
    indices: ArrayLike,
    input_size: Sequence[SupportsIndex],
    *,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Compute the gradient of :func:`max_pool2d` with respect to its input.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    grad_output : array_like, shape (N, C, *out) or (C, *out)
        The gradient with respect to the output: float16, bfloat16, float32 or float64, of any strides.
    indices : array_like of int64, of the shape of `grad_output`
        Where in its plane of the input (one map of one image) each maximum was found, counted row by row.
    input_size : sequence of int
        The shape of the pooling's input, ``(N, C, *spatial)`` or ``(C, *spatial)``; ordered by `data_format`.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C, *spatial) or (C, *spatial)
        `out` if given, else a new array of the dtype of `grad_output`; float16 and bfloat16 are summed in float32
        and rounded once.

    Raises
    ------
    TypeError
        If an array is masked or of another dtype, if `out` is not an ndarray of the result's dtype, or if another
        argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
    ValueError
        If shapes do not fit each other, a size is zero (an empty batch is allowed) or negative, a number is out of
        range, or a name is unknown. The message names argument, rule and value.

    Notes
    -----
    Each element of the result is the sum of the `grad_output` of the windows whose maximum it was, added in the order
    of the outputs; 0 where there was none. Which elements the windows held does not matter: the indices say it all.

    References
    ----------
    Names, order and defaults: ``torch.nn.grad``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> grad = np.array([[1.0, 2.0]])
    >>> convx.max_pool1d_backward(grad, np.array([[1, 1]]), (1, 4))
    array([[0., 3., 0., 0.]])

    >>> grad = np.array([[[1.0, 2.0]]])
    >>> convx.max_pool2d_backward(grad, np.array([[[0, 5]]]), (1, 2, 3))
    array([[[1., 0., 0.],
            [0., 0., 2.]]])

    >>> grad = np.array([[[[1.0]]]])
    >>> convx.max_pool3d_backward(grad, np.array([[[[3]]]]), (1, 2, 2, 1))
    array([[[[0.],
             [0.]],
    <BLANKLINE>
            [[0.],
             [1.]]]])
    """
    return _core.max_pool_backward(_name, _rank, grad_output, indices, input_size, out=out, data_format=data_format)


max_pool1d_backward, max_pool2d_backward, max_pool3d_backward = ranks(_max_pool_nd_backward)


@overload
def _avg_pool_nd_backward(
    grad_output: NDArray[Float],
    input_size: Sequence[SupportsIndex],
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _avg_pool_nd_backward(
    grad_output: ArrayLike,
    input_size: Sequence[SupportsIndex],
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _avg_pool_nd_backward(
    grad_output: ArrayLike,
    input_size: Sequence[SupportsIndex],
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Compute the gradient of :func:`avg_pool2d` with respect to its input.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    grad_output : array_like, shape (N, C, *out) or (C, *out)
        The gradient with respect to the output: float16, bfloat16, float32 or float64, of any strides.
    input_size : sequence of int
        The shape of the pooling's input, ``(N, C, *spatial)`` or ``(C, *spatial)``; ordered by `data_format`.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, dilation : see avg_pool2d
        Those of the pooling.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C, *spatial) or (C, *spatial)
        `out` if given, else a new array of the dtype of `grad_output`; float16 and bfloat16 are summed in float32
        and rounded once.

    Raises
    ------
    TypeError
        If an array is masked or of another dtype, if `out` is not an ndarray of the result's dtype, or if another
        argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
    ValueError
        If shapes do not fit each other, a size is zero (an empty batch is allowed) or negative, a number is out of
        range, or a name is unknown. The message names argument, rule and value.

    Notes
    -----
    The exact adjoint of :func:`avg_pool2d` with the same arguments: each element of the result is the sum, over the
    windows that hold it, of `grad_output` divided by the divisor of that window. A NaN or infinity of `grad_output`
    reaches the elements of its window and no others. A window without any real element, whose average is NaN where
    the padding does not count, has no element to pass its gradient to: it is left out.

    References
    ----------
    Names, order and defaults: ``torch.nn.grad``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.avg_pool1d_backward(np.array([[2.0, 4.0]]), (1, 4), 2)
    array([[1., 1., 2., 2.]])

    >>> convx.avg_pool2d_backward(np.array([[[4.0, 8.0]]]), (1, 2, 4), 2)
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.]]])

    >>> convx.avg_pool3d_backward(np.array([[[[8.0]]]]), (1, 2, 2, 2), 2)
    array([[[[1., 1.],
             [1., 1.]],
    <BLANKLINE>
            [[1., 1.],
             [1., 1.]]]])
    """
    return _core.avg_pool_backward(
        _name,
        _rank,
        grad_output,
        input_size,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
        dilation=dilation,
        out=out,
        data_format=data_format,
    )


avg_pool1d_backward, avg_pool2d_backward, avg_pool3d_backward = ranks(_avg_pool_nd_backward)
