"""Conv and DeformConv."""

from __future__ import annotations

from math import prod
from typing import SupportsIndex

from numpy.typing import ArrayLike

import convx
from convx.onnx.attributes import (
    AnyArray,
    Attribute,
    AutoPad,
    as_array,
    fail,
    integer,
    kernel_of,
    spatial_rank,
    speaking_onnx,
    window,
)

__all__ = ["Conv", "DeformConv"]


def Conv(
    X: ArrayLike,
    W: ArrayLike,
    B: ArrayLike | None = None,
    *,
    auto_pad: AutoPad = "NOTSET",
    dilations: Attribute = None,
    group: SupportsIndex = 1,
    kernel_shape: Attribute = None,
    pads: Attribute = None,
    strides: Attribute = None,
) -> AnyArray:
    """Convolve images with a bank of filters.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.
    W : array_like, shape (M, C // group, *kernel)
        The filters.
    B : array_like, shape (M,), optional
        Added to each output map.
    auto_pad : {'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'}, default 'NOTSET'
        Where padding comes from: `pads`, as much as ``ceil(in / stride)`` outputs need with the odd one at the end or
        at the beginning, or none.
    dilations, strides : sequence of int, optional
        One per spatial axis; 1 where not present.
    group : int, default 1
        Groups of maps that do not see each other.
    kernel_shape : sequence of int, optional
        That of `W`, if present.
    pads : sequence of int, optional
        All beginnings, then all ends; 0 where not present.

    Returns
    -------
    ndarray, shape (N, M, *out)

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.conv2d : The same with torch's arguments, an activation and a choice of algorithms.

    References
    ----------
    ONNX operator Conv, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.Conv(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), auto_pad="SAME_UPPER")
    array([[[[4., 4., 2.],
             [4., 4., 2.],
             [2., 2., 1.]]]])
    """
    x, w = as_array("Conv", "X", X), as_array("Conv", "W", W)
    rank = spatial_rank("Conv", "X", x)
    view = window("Conv", kernel_of("Conv", w, kernel_shape, rank), auto_pad, dilations, pads, strides)
    groups = integer("Conv", "group", group, 1)
    with speaking_onnx("Conv"):
        result: AnyArray = getattr(convx, f"conv{rank}d")(x, w, B, view.stride, view.padding, view.dilation, groups)
    return result


def DeformConv(
    X: ArrayLike,
    W: ArrayLike,
    offset: ArrayLike,
    B: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    *,
    dilations: Attribute = None,
    group: SupportsIndex = 1,
    kernel_shape: Attribute = None,
    offset_group: SupportsIndex = 1,
    pads: Attribute = None,
    strides: Attribute = None,
) -> AnyArray:
    """Convolve images with filters whose taps are moved by offsets, output by output.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.
    W : array_like, shape (M, C // group, *kernel)
        The filters.
    offset : array_like, shape (N, offset_group * kernel elements * spatial axes, *out)
        How far each tap is moved along each axis.
    B : array_like, shape (M,), optional
        Added to each output map.
    mask : array_like, shape (N, offset_group * kernel elements, *out), optional
        What each tap reads is multiplied by this.
    dilations, group, kernel_shape, pads, strides : optional
        As :func:`Conv` takes them.
    offset_group : int, default 1
        Groups of maps of `X` that share offsets.

    Returns
    -------
    ndarray, shape (N, M, *out)

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.deform_conv2d : The same with torchvision's arguments, and the formula.

    References
    ----------
    ONNX operator DeformConv, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> image, still = np.arange(9.0).reshape(1, 1, 3, 3), np.zeros((1, 8, 2, 2))
    >>> onnx.DeformConv(image, np.ones((1, 1, 2, 2)), still)
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    operator = "DeformConv"
    x, w, moves = (as_array(operator, name, a) for name, a in (("X", X), ("W", W), ("offset", offset)))
    rank = spatial_rank(operator, "X", x)
    kernel = kernel_of(operator, w, kernel_shape, rank)
    view = window(operator, kernel, "NOTSET", dilations, pads, strides)
    groups, moving = integer(operator, "group", group, 1), integer(operator, "offset_group", offset_group, 1)
    if x.shape[1] != groups * w.shape[1]:
        rule = f"X must have group * W.shape[1] = {groups} * {w.shape[1]} channels"
        fail(operator, rule, f"{x.shape[1]} channels in shape {x.shape}")
    if x.shape[1] % moving:
        fail(operator, f"offset_group must divide the {x.shape[1]} channels of X", moving)
    places = moving * prod(kernel) * rank
    if moves.ndim != rank + 2 or moves.shape[1] != places:
        fail(operator, f"offset must have {rank + 2} axes, with {places} channels", f"shape {moves.shape}")
    with speaking_onnx(operator):
        result: AnyArray = getattr(convx, f"deform_conv{rank}d")(
            x, moves, w, B, view.stride, view.padding, view.dilation, mask
        )
    return result
