"""Conv, ConvTranspose, DeformConv and CausalConvWithState."""

from __future__ import annotations

from math import prod
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

import convx
from convx.onnx.attributes import (
    AnyArray,
    Attribute,
    Window,
    as_array,
    auto_pad_name,
    check_size,
    fail,
    integer,
    integers,
    kernel_of,
    pad_pairs,
    spatial_rank,
    speaking_onnx,
    window,
)

__all__ = ["CausalConvWithState", "Conv", "ConvTranspose", "DeformConv"]


def Conv(
    X: ArrayLike,
    W: ArrayLike,
    B: ArrayLike | None = None,
    *,
    auto_pad: str = "NOTSET",
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


def ConvTranspose(
    X: ArrayLike,
    W: ArrayLike,
    B: ArrayLike | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Attribute = None,
    group: SupportsIndex = 1,
    kernel_shape: Attribute = None,
    output_padding: Attribute = None,
    output_shape: Attribute = None,
    pads: Attribute = None,
    strides: Attribute = None,
) -> AnyArray:
    """Apply the transpose of a convolution: every element of `X` adds its multiple of the filters to the result.

    Parameters
    ----------
    X : array_like, shape (N, C, *spatial)
        Images of one to three spatial axes, of float16, bfloat16, float32 or float64.
    W : array_like, shape (C, M // group, *kernel)
        The filters.
    B : array_like, shape (M,), optional
        Added to each output map.
    auto_pad : {'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'}, default 'NOTSET'
        With ``SAME_UPPER`` and ``SAME_LOWER``, `output_shape` is ``in * stride`` where not present.
    dilations, strides : sequence of int, optional
        One per spatial axis; 1 where not present.
    group : int, default 1
        Groups of maps that do not see each other.
    kernel_shape : sequence of int, optional
        That of `W`, if present.
    output_padding : sequence of int, optional
        Elements added at the end of each axis, fewer than its stride or its dilation; 0 where not present.
    output_shape : sequence of int, optional
        Spatial shape of the result. `pads` are then not read but follow from it: what is too much is cut, the larger
        half at the end with ``SAME_UPPER`` and else at the beginning; what is missing is added at the end.
    pads : sequence of int, optional
        What is cut: all beginnings, then all ends; 0 where not present.

    Returns
    -------
    ndarray, shape (N, M, *out)
        Where not given, ``out = stride * (in - 1) + output_padding + dilation * (kernel - 1) + 1 - pads``.

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.conv_transpose2d : The same with torch's arguments.

    References
    ----------
    ONNX operator ConvTranspose, version 22.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.ConvTranspose(np.array([[[1.0, 2]]]), np.ones((1, 1, 3)), strides=[2], output_shape=[4])
    array([[[1., 3., 2., 2.]]])
    """
    operator = "ConvTranspose"
    x, w = as_array(operator, "X", X), as_array(operator, "W", W)
    rank = spatial_rank(operator, "X", x)
    kernel = kernel_of(operator, w, kernel_shape, rank)
    groups = integer(operator, "group", group, 1)
    if w.shape[0] != x.shape[1]:
        fail(operator, f"W must have shape (C, M / group, *kernel) with C = {x.shape[1]}", f"shape {w.shape}")
    stride = integers(operator, "strides", strides, rank, 1, 1)
    dilation = integers(operator, "dilations", dilations, rank, 1, 1)
    added = integers(operator, "output_padding", output_padding, rank, 0, 0)
    for extra, step, gap in zip(added, stride, dilation, strict=True):
        if extra >= max(step, gap):
            fail(operator, "output_padding must be less than strides or dilations", added)
    whole = [  # sizes of the result before anything is cut
        s * (n - 1) + d * (k - 1) + 1 + a
        for n, k, s, d, a in zip(x.shape[2:], kernel, stride, dilation, added, strict=True)
    ]
    pairs = pad_pairs(operator, pads, rank)
    wanted = None if output_shape is None else integers(operator, "output_shape", output_shape, rank, 1, 1)
    if auto_pad_name(operator, auto_pad) == "VALID" and wanted is None:
        pairs = ((0, 0),) * rank
    elif auto_pad != "NOTSET" and wanted is None:
        wanted = tuple(n * s for n, s in zip(x.shape[2:], stride, strict=True))
    if wanted is not None:
        pairs = tuple(_cut(full - size, auto_pad == "SAME_UPPER") for full, size in zip(whole, wanted, strict=True))
    out = tuple(full - lo - hi for full, (lo, hi) in zip(whole, pairs, strict=True))
    if min(out) < 1:
        fail(operator, f"pads must leave something of the sizes {tuple(whole)}", pairs)
    return _transpose(x, w, B, Window(kernel, stride, dilation, pairs), out, groups)


def _cut(total: int, upper: bool) -> tuple[int, int]:
    """Share what is too much between both sides; what is missing is missing at the end."""
    small, large = total // 2, total - total // 2
    if total < 0:
        return 0, total
    return (small, large) if upper else (large, small)


def _transpose(
    x: AnyArray, w: AnyArray, bias: ArrayLike | None, view: Window, out: tuple[int, ...], groups: int
) -> AnyArray:
    """Cut or extend the full result to `out`: what no element of x reaches holds the bias alone."""
    rank = len(out)
    function = getattr(convx, f"conv_transpose{rank}d")
    reached = [
        s * (n - 1) + d * (k - 1) + 1
        for n, k, s, d in zip(x.shape[2:], view.kernel, view.stride, view.dilation, strict=True)
    ]
    assert not isinstance(view.padding, str)
    los = [lo for lo, _ in view.padding]
    inner = tuple(max(min(size, n - lo), 0) for size, n, lo in zip(out, reached, los, strict=True))
    cuts = tuple((lo, max(n - lo - size, 0)) for size, n, lo in zip(out, reached, los, strict=True))
    b = None if bias is None else as_array("ConvTranspose", "B", bias)
    arguments: dict[str, Any] = {"stride": view.stride, "dilation": view.dilation, "groups": groups}
    with speaking_onnx("ConvTranspose"):
        if inner == out:
            whole: AnyArray = function(x, w, b, padding=cuts, **arguments)
            return whole
        check_size("ConvTranspose", (len(x), w.shape[1] * groups, *out))
        dtype = np.result_type(x, w) if b is None else np.result_type(x, w, b)
        result = np.zeros((len(x), w.shape[1] * groups, *out), dtype)
        if b is not None:
            result += b.reshape(-1, *[1] * rank)
        if min(inner) > 0:
            function(x, w, b, padding=cuts, **arguments, out=result[:, :, *map(slice, inner)])
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
    dilations, strides : sequence of int, optional
        One per spatial axis; 1 where not present.
    group : int, default 1
        Groups of maps that do not see each other.
    kernel_shape : sequence of int, optional
        That of `W`, if present.
    offset_group : int, default 1
        Groups of maps of `X` that share offsets.
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


def CausalConvWithState(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    past_state: ArrayLike | None = None,
    *,
    activation: str = "none",
) -> tuple[AnyArray, AnyArray]:
    """Convolve signals map by map, seeing only the past, and carry the past over to the next call.

    Parameters
    ----------
    input : array_like, shape (N, C, L)
        Signals of float16, bfloat16, float32 or float64.
    weight : array_like, shape (C, 1, k)
        One filter for each map.
    bias : array_like, shape (C,), optional
        Added to each map.
    past_state : array_like, shape (N, C, k - 1), optional
        What came before `input`: the second result of the call before. Zeros where not present.
    activation : {'none', 'silu', 'swish'}, default 'none'
        The last two are the same: ``y / (1 + exp(-y))``.

    Returns
    -------
    output : ndarray, shape (N, C, L)
        The convolution of `past_state` followed by `input`.
    present_state : ndarray, shape (N, C, k - 1)
        The last ``k - 1`` elements of both.

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If the attribute or a shape breaks a rule; the message names it.

    References
    ----------
    ONNX operator CausalConvWithState, version 27.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> first, state = onnx.CausalConvWithState(np.array([[[1.0, 2.0]]]), np.ones((1, 1, 3)))
    >>> second, state = onnx.CausalConvWithState(np.array([[[3.0]]]), np.ones((1, 1, 3)), past_state=state)
    >>> first, second, state
    (array([[[1., 3.]]]), array([[[6.]]]), array([[[2., 3.]]]))
    """
    operator = "CausalConvWithState"
    x, w = as_array(operator, "input", input), as_array(operator, "weight", weight)
    if not isinstance(activation, str):
        raise TypeError(f"{operator}: activation must be a str, got {activation!r}")
    if activation not in ("none", "silu", "swish"):
        fail(operator, "activation must be one of none, silu, swish", repr(activation))
    if x.ndim != 3:
        fail(operator, "input must have 3 axes (N, C, L)", f"shape {x.shape}")
    if w.ndim != 3 or w.shape[:2] != (x.shape[1], 1) or w.shape[2] == 0:
        fail(operator, f"weight must have shape ({x.shape[1]}, 1, k)", f"shape {w.shape}")
    reach = w.shape[2] - 1
    carried = (len(x), x.shape[1], reach)
    past = np.zeros(carried, x.dtype) if past_state is None else as_array(operator, "past_state", past_state)
    if past.shape != carried:
        fail(operator, f"past_state must have shape {carried}", f"shape {past.shape}")
    dtype = np.result_type(x, w)
    if activation != "none" and dtype.itemsize == 2:
        w = w.astype(np.float32)  # one rounding, after the activation
    with speaking_onnx(operator, input="input", weight="weight", bias="bias"):
        y = convx.conv1d(x, w, bias, padding="causal", groups=len(w))
        head = np.concatenate([past, x[..., :reach]], axis=2)
        if past_state is not None and reach:  # the outputs that see the past
            y[..., :reach] = convx.conv1d(head, w, bias, groups=len(w))
    if activation != "none":
        with np.errstate(over="ignore"):
            y = (y / (1 + np.exp(-y))).astype(dtype, copy=False)
    state = np.concatenate([past, x[..., max(x.shape[2] - reach, 0) :]], axis=2)
    return y, state[..., state.shape[2] - reach :].copy()
