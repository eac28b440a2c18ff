"""Transposed convolution, and the gradient of a convolution with respect to its input: windows scattered and added."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._ranks import ranks
from convx._types import Activation, DataFormat, FloatArray, Ints, Padding
from convx.reference.arguments import (
    as_batch,
    as_floats,
    as_given,
    as_int,
    check_size,
    common_dtype,
    padding_pairs,
    per_axis,
)
from convx.reference.conv import activated
from convx.reference.geometry import spatial_axes

__all__ = ["conv1d_input", "conv2d_input", "conv3d_input", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


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
    _rank: int = 0,
) -> FloatArray:
    """Compute :func:`convx.conv_transpose2d` in NumPy.

    Parameters
    ----------
    input, weight, bias, stride, padding, output_padding, groups, dilation, output_size, data_format, activation
        As :func:`convx.conv_transpose2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.conv_transpose2d` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.conv_transpose1d(np.array([[1.0, 10.0]]), np.array([[[1.0, 2.0, 1.0]]]), stride=2)
    array([[ 1.,  2., 11., 20., 10.]])

    >>> reference.conv_transpose2d(np.array([[[1.0, 2.0]]]), np.ones((1, 1, 2, 2)), stride=2)
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.]]])

    >>> reference.conv_transpose3d(np.zeros((8, 4, 5, 6)), np.zeros((8, 3, 2, 2, 2)), stride=2).shape
    (3, 8, 10, 12)
    """
    x, w = as_floats("input", input), as_floats("weight", weight)
    b = None if bias is None else as_floats("bias", bias)
    dtype = common_dtype(x, w) if b is None else common_dtype(x, w, b)
    images, groups = as_batch("input", x, _rank, data_format), as_int("groups", groups)
    if w.ndim != _rank + 2 or w.size == 0 or len(w) != images.shape[1] or groups < 1 or len(w) % groups != 0:
        raise ValueError(f"weight must be (Cin, Cout / groups, *kernel), got {w.shape} for input {x.shape}")
    steps, gaps = per_axis("stride", stride, _rank), per_axis("dilation", dilation, _rank)
    lows, sizes = [], []
    wanted = [None] * _rank if output_size is None else per_axis("output_size", output_size, _rank)
    added = per_axis("output_padding", output_padding, _rank, 0)
    if any(extra >= max(step, gap) for extra, step, gap in zip(added, steps, gaps, strict=True)):
        raise ValueError(f"output_padding must be < stride or < dilation, got {output_padding}")
    if (any(added) and output_size is not None) or (padding in _NAMES and (any(added) or output_size is not None)):
        raise ValueError("only one of output_padding, output_size and a padding that names the size must be given")
    axes = zip(images.shape[2:], w.shape[2:], steps, padding_pairs(padding, _rank), added, gaps, wanted, strict=True)
    for size, taps, step, pads, extra, gap, exact in axes:
        lo, hi = named_cut(pads, taps, step, gap) if isinstance(pads, str) else pads
        natural = (size - 1) * step + gap * (taps - 1) + 1 - lo - hi
        if exact is not None and not natural <= exact < natural + max(step, gap):
            raise ValueError(f"output_size must be from {natural} to {natural + max(step, gap) - 1}, got {exact}")
        lows.append(lo)
        sizes.append(size * step if pads in _NAMES else natural + extra if exact is None else exact)
    if min(sizes) < 1:
        raise ValueError(f"output size must be >= 1, got {sizes}")
    if b is not None and b.shape != (w.shape[1] * groups,):
        raise ValueError(f"bias must have shape ({w.shape[1] * groups},), got {b.shape}")
    check_size("output", (len(images), w.shape[1] * groups, *sizes))
    with np.errstate(all="ignore"):  # Inf * 0 is NaN and no news
        result = _scattered(images, w, steps, lows, gaps, groups, sizes)
        if b is not None:
            result += b.astype(np.float64).reshape(-1, *[1] * _rank)
        rounded = activated(result, activation, dtype).astype(dtype)
    return as_given(rounded, x.ndim, _rank, data_format)


conv_transpose1d, conv_transpose2d, conv_transpose3d = ranks(_conv_transpose_nd)


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
    _rank: int = 0,
) -> FloatArray:
    """Compute :func:`convx.conv2d_input` in NumPy.

    Parameters
    ----------
    input_size, weight, grad_output, stride, padding, dilation, groups, data_format
        As :func:`convx.conv2d_input` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.conv2d_input` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> reference.conv1d_input((1, 4), np.array([[[1.0, 10.0]]]), np.array([[1.0, 2.0, 3.0]]))
    array([[ 1., 12., 23., 30.]])

    >>> reference.conv2d_input((1, 1, 4), np.array([[[[1.0, 10.0]]]]), np.array([[[1.0, 2.0, 3.0]]]))
    array([[[ 1., 12., 23., 30.]]])

    >>> reference.conv3d_input((1, 1, 1, 4), np.array([[[[[1.0, 10.0]]]]]), np.array([[[[1.0, 2.0, 3.0]]]]))
    array([[[[ 1., 12., 23., 30.]]]])
    """
    w, grad, groups = as_floats("weight", weight), as_floats("grad_output", grad_output), as_int("groups", groups)
    shape = tuple(as_int("input_size", size) for size in input_size)
    x = as_batch("input_size", np.broadcast_to(np.float64(0), shape), _rank, data_format)
    axes = spatial_axes(x.shape[2:], w.shape[2:], stride, padding, dilation)
    expected = (len(x), len(w), *(a.outputs for a in axes))
    gradient = as_batch("grad_output", grad, _rank, data_format)
    if gradient.shape != expected or grad.ndim != len(shape) or x.shape[1] != groups * w.shape[1]:
        raise ValueError(f"grad_output must be {expected}, N first and channels second, got {grad.shape}")
    with np.errstate(all="ignore"):
        result = _scattered(
            gradient, w, [a.stride for a in axes], [a.lo for a in axes], [a.dilation for a in axes], groups, x.shape[2:]
        )
    return as_given(result.astype(common_dtype(w, grad)), grad.ndim, _rank, data_format)


conv1d_input, conv2d_input, conv3d_input = ranks(_conv_nd_input)


_NAMES = ("same", "same_lower", "causal")


def named_cut(name: str, taps: int, step: int, gap: int) -> tuple[int, int]:
    """Return how many outputs a padding name cuts off at either end, so that ``size * step`` are left."""
    total = max(gap * (taps - 1) + 1 - step, 0)
    small, large = total // 2, total - total // 2
    cut = {"valid": (0, 0), "same": (small, large), "same_lower": (large, small), "causal": (0, total)}
    if name not in cut:
        raise ValueError(f"padding must be 'valid', 'same', 'same_lower' or 'causal', got {name!r}")
    return cut[name]


def _scattered(
    images: FloatArray,
    w: FloatArray,
    steps: Sequence[int],
    lows: Sequence[int],
    gaps: Sequence[int],
    groups: int,
    sizes: Sequence[int],
) -> NDArray[np.float64]:
    """Add weight[r] * images[i] to output i * step + r * gap - low, for every tap r and every position i.

    Zeros stand around the images, as many as reach the outputs: an infinite weight makes NaN of them.
    """
    axes = list(zip(images.shape[2:], w.shape[2:], steps, lows, gaps, sizes, strict=True))
    before = [-(-max((k - 1) * d - low, 0) // s) for _, k, s, low, d, _ in axes]
    after = [-(-max(size + low - n * s, 0) // s) + 1 for n, _, s, low, _, size in axes]
    padded = np.pad(images.astype(np.float64), [(0, 0), (0, 0), *zip(before, after, strict=True)])
    filters = w.astype(np.float64).reshape(groups, -1, w.shape[1], math.prod(w.shape[2:]))
    grouped = padded.reshape(len(padded), groups, len(w) // groups, *padded.shape[2:])

    # A canvas that holds every window; the outputs are cut from it.
    span = [(n - 1) * s + (k - 1) * d + 1 for n, (_, k, s, _, d, _) in zip(padded.shape[2:], axes, strict=True)]
    canvas = np.zeros((len(images), groups, w.shape[1], *span))
    for number, tap in enumerate(product(*(range(k) for k in w.shape[2:]))):
        window = [
            slice(r * d, r * d + (n - 1) * s + 1, s)
            for r, n, (_, _, s, _, d, _) in zip(tap, padded.shape[2:], axes, strict=True)
        ]
        canvas[:, :, :, *window] += np.einsum("ngc...,gck->ngk...", grouped, filters[..., number])
    starts = [front * s + low for front, (_, _, s, low, _, _) in zip(before, axes, strict=True)]
    canvas = canvas.reshape(len(images), groups * w.shape[1], *span)
    cut = canvas[:, :, *(slice(start, start + size) for start, size in zip(starts, sizes, strict=True))]
    result = np.zeros((*canvas.shape[:2], *sizes))
    result[:, :, *(slice(0, n) for n in cut.shape[2:])] = cut
    return result
