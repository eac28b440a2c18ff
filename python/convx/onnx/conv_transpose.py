"""ConvTranspose."""

from __future__ import annotations

from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

import convx
from convx.onnx.attributes import (
    AnyArray,
    Attribute,
    AutoPad,
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
)

__all__ = ["ConvTranspose"]


def ConvTranspose(
    X: ArrayLike,
    W: ArrayLike,
    B: ArrayLike | None = None,
    *,
    auto_pad: AutoPad = "NOTSET",
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
    dilations, group, kernel_shape, strides : optional
        As :func:`Conv` takes them.
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
