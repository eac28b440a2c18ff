"""The Lp norm of each window."""

from __future__ import annotations

from typing import SupportsFloat, overload

from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._ranks import ranks
from convx._types import DataFormat, Float, FloatArray, Ints, Padding

__all__ = ["lp_pool1d", "lp_pool2d", "lp_pool3d"]


@overload
def _lp_pool_nd(
    input: NDArray[Float],
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: NDArray[Float] | None = None,
) -> NDArray[Float]: ...
@overload
def _lp_pool_nd(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
) -> FloatArray: ...
def _lp_pool_nd(
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    out: FloatArray | None = None,
    _name: str = "",
    _rank: int = 0,
) -> FloatArray:
    """Take the Lp norm of each window of each map.

    Of any rank: ``*spatial`` is ``W``, ``H, W`` or ``D, H, W``; ``*kernel`` and ``*out`` in the same way.

    Parameters
    ----------
    input : array_like, shape (N, C, *spatial) or (C, *spatial)
        Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result has
        none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not copied.
    norm_type : float
        The p of the norm, > 0; ``inf`` is the largest absolute value. 1, 2 and ``inf`` are the fast ones.
    kernel_size : int or sequence of int
        Taps of the window: one number for every axis, or one per axis.
    stride : int or sequence of int, optional
        Input elements from one window to the next: one number for every axis, or one per axis.
        By default, and for None, that of `kernel_size`; an empty sequence is refused.
    ceil_mode : bool, default False
        Also take a last window that reaches beyond the padded input, if it starts before the high padding.
    padding : int, sequence of int, sequence of (lo, hi), or str, default 0
        Zeros before and after each axis: one number for all, one per axis, one pair (before, after) per axis, each at
        most half of the dilated kernel, or ``'valid'``, ``'same'``, ``'same_lower'`` or ``'causal'`` as in
        :func:`conv2d`.
    dilation : int or sequence of int, default 1
        Input elements from one tap to the next: one number for every axis, or one per axis.
    data_format : 'channels_first' or 'channels_last', default 'channels_first'
        Whether the axis of maps comes before the spatial axes, as written here, or is the last one.
    out : ndarray, optional
        Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.

    Returns
    -------
    ndarray, shape (N, C, *out) or (C, *out)
        `out` if given, else a new array of the dtype of `input`.

    Raises
    ------
    TypeError
        If `input` is masked or of another dtype, if `out` is not an ndarray of that dtype, or if another argument
        is of the wrong type (``"3"`` or ``True`` for a number).
    ValueError
        If `norm_type` is not > 0, a size is zero (an empty batch is allowed), a number is out of range, a name is
        unknown, or an output size would be less than 1. The message names argument, rule and value.

    See Also
    --------
    global_lp_pool : The norm of whole maps.

    Notes
    -----
    With x the real elements of a window, each output is (sum of |x|^p)^(1/p): padding and what `ceil_mode` adds
    count as zeros. torch multiplies the norm of a window that `ceil_mode` clipped by the share that it lost, to
    the power 1/p, and takes x^p for |x|^p. The sum is taken in the arithmetic's dtype without scaling: it
    overflows to inf where |x|^p does, and small elements may vanish.

    Along each axis::

        out = floor((in + lo + hi - dilation * (kernel - 1) - 1) / stride) + 1

    With `ceil_mode` the division rounds up, and the last window is dropped if it starts in the high padding.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285.
    Names and defaults: ``torch.nn.functional``.

    Examples
    --------
    >>> import numpy as np
    >>> import convx
    >>> convx.lp_pool1d(np.array([[3.0, -4.0, 0.0, 2.0]]), 2, 2)
    array([[5., 2.]])

    >>> convx.lp_pool2d(np.array([[[3.0, -4.0], [0.0, 2.0]]]), 1, 2)
    array([[[9.]]])

    >>> convx.lp_pool3d(-np.ones((1, 2, 2, 2)), 3, 2)
    array([[[[2.]]]])
    """
    return _core.lp_pool(
        _name,
        _rank,
        input,
        norm_type=norm_type,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        out=out,
        data_format=data_format,
        any_padding=False,
    )


lp_pool1d, lp_pool2d, lp_pool3d = ranks(_lp_pool_nd)
