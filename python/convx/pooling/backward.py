"""Gradients of max and average pooling with respect to their input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

from numpy.typing import ArrayLike

from convx import _core
from convx._docs import document
from convx._types import FloatArray, Ints, Padding

__all__ = [
    "avg_pool1d_backward",
    "avg_pool2d_backward",
    "avg_pool3d_backward",
    "max_pool1d_backward",
    "max_pool2d_backward",
    "max_pool3d_backward",
]


@document(rank=1)
def max_pool1d_backward(
    grad_output: ArrayLike,
    indices: ArrayLike,
    input_size: Sequence[SupportsIndex],
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`max_pool1d` with respect to its input.

    Parameters
    ----------
    $pool_grad_output
    $pool_indices
    $pool_input_size
    $data_format
    $out

    Returns
    -------
    $pool_gradient_returns

    Raises
    ------
    $gradient_raises

    Notes
    -----
    Each element of the result is the sum of the `grad_output` of the windows whose maximum it was, added in the order
    of the outputs; 0 where there was none. Which elements the windows held does not matter: the indices say it all.

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> grad = np.array([[1.0, 2.0]])
    >>> convx.max_pool1d_backward(grad, np.array([[1, 1]]), (1, 4))
    array([[0., 3., 0., 0.]])
    """
    return _core.max_pool_backward("max_pool1d_backward", 1, grad_output, indices, input_size, out, data_format)


@document(rank=2)
def max_pool2d_backward(
    grad_output: ArrayLike,
    indices: ArrayLike,
    input_size: Sequence[SupportsIndex],
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`max_pool2d` with respect to its input.

    Parameters
    ----------
    $pool_grad_output
    $pool_indices
    $pool_input_size
    $data_format
    $out

    Returns
    -------
    $pool_gradient_returns

    Raises
    ------
    $gradient_raises

    Notes
    -----
    Each element of the result is the sum of the `grad_output` of the windows whose maximum it was, added in the order
    of the outputs; 0 where there was none. Which elements the windows held does not matter: the indices say it all.

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> grad = np.array([[[1.0, 2.0]]])
    >>> convx.max_pool2d_backward(grad, np.array([[[0, 5]]]), (1, 2, 3))
    array([[[1., 0., 0.],
            [0., 0., 2.]]])
    """
    return _core.max_pool_backward("max_pool2d_backward", 2, grad_output, indices, input_size, out, data_format)


@document(rank=3)
def max_pool3d_backward(
    grad_output: ArrayLike,
    indices: ArrayLike,
    input_size: Sequence[SupportsIndex],
    *,
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`max_pool3d` with respect to its input.

    Parameters
    ----------
    $pool_grad_output
    $pool_indices
    $pool_input_size
    $data_format
    $out

    Returns
    -------
    $pool_gradient_returns

    Raises
    ------
    $gradient_raises

    Notes
    -----
    Each element of the result is the sum of the `grad_output` of the windows whose maximum it was, added in the order
    of the outputs; 0 where there was none. Which elements the windows held does not matter: the indices say it all.

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> grad = np.array([[[[1.0]]]])
    >>> convx.max_pool3d_backward(grad, np.array([[[[3]]]]), (1, 2, 2, 1))
    array([[[[0.],
             [0.]],
    <BLANKLINE>
            [[0.],
             [1.]]]])
    """
    return _core.max_pool_backward("max_pool3d_backward", 3, grad_output, indices, input_size, out, data_format)


@document(rank=1, pad_elements="Zeros")
def avg_pool1d_backward(
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
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`avg_pool1d` with respect to its input.

    Parameters
    ----------
    $pool_grad_output
    $pool_input_size
    $kernel_size
    $pool_stride
    $pool_padding
    $ceil_mode
    $count_include_pad
    $divisor_override
    $dilation
    $data_format
    $out

    Returns
    -------
    $pool_gradient_returns

    Raises
    ------
    $gradient_raises

    Notes
    -----
    The exact adjoint of :func:`avg_pool1d` with the same arguments: each element of the result is the sum, over the
    windows that hold it, of `grad_output` divided by the divisor of that window. A NaN or infinity of `grad_output`
    reaches the elements of its window and no others. A window without any real element, whose average is NaN where
    the padding does not count, has no element to pass its gradient to: it is left out.

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.avg_pool1d_backward(np.array([[2.0, 4.0]]), (1, 4), 2)
    array([[1., 1., 2., 2.]])
    """
    return _core.avg_pool_backward(
        "avg_pool1d_backward",
        1,
        grad_output,
        input_size,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
        dilation,
        out,
        data_format,
    )


@document(rank=2, pad_elements="Zeros")
def avg_pool2d_backward(
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
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`avg_pool2d` with respect to its input.

    Parameters
    ----------
    $pool_grad_output
    $pool_input_size
    $kernel_size
    $pool_stride
    $pool_padding
    $ceil_mode
    $count_include_pad
    $divisor_override
    $dilation
    $data_format
    $out

    Returns
    -------
    $pool_gradient_returns

    Raises
    ------
    $gradient_raises

    Notes
    -----
    The exact adjoint of :func:`avg_pool2d` with the same arguments: each element of the result is the sum, over the
    windows that hold it, of `grad_output` divided by the divisor of that window. A NaN or infinity of `grad_output`
    reaches the elements of its window and no others. A window without any real element, whose average is NaN where
    the padding does not count, has no element to pass its gradient to: it is left out.

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.avg_pool2d_backward(np.array([[[4.0, 8.0]]]), (1, 2, 4), 2)
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.]]])
    """
    return _core.avg_pool_backward(
        "avg_pool2d_backward",
        2,
        grad_output,
        input_size,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
        dilation,
        out,
        data_format,
    )


@document(rank=3, pad_elements="Zeros")
def avg_pool3d_backward(
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
    data_format: str = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray:
    """Compute the gradient of :func:`avg_pool3d` with respect to its input.

    Parameters
    ----------
    $pool_grad_output
    $pool_input_size
    $kernel_size
    $pool_stride
    $pool_padding
    $ceil_mode
    $count_include_pad
    $divisor_override
    $dilation
    $data_format
    $out

    Returns
    -------
    $pool_gradient_returns

    Raises
    ------
    $gradient_raises

    Notes
    -----
    The exact adjoint of :func:`avg_pool3d` with the same arguments: each element of the result is the sum, over the
    windows that hold it, of `grad_output` divided by the divisor of that window. A NaN or infinity of `grad_output`
    reaches the elements of its window and no others. A window without any real element, whose average is NaN where
    the padding does not count, has no element to pass its gradient to: it is left out.

    References
    ----------
    $gradient_references

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.avg_pool3d_backward(np.array([[[[8.0]]]]), (1, 2, 2, 2), 2)
    array([[[[1., 1.],
             [1., 1.]],
    <BLANKLINE>
            [[1., 1.],
             [1., 1.]]]])
    """
    return _core.avg_pool_backward(
        "avg_pool3d_backward",
        3,
        grad_output,
        input_size,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
        dilation,
        out,
        data_format,
    )
