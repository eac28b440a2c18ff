"""Deformable convolution: samples by linear interpolation, then weights times samples."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._ranks import ranks
from convx._types import DataFormat, FloatArray, Ints, Padding
from convx.reference.arguments import as_batch, as_floats, as_given, common_dtype
from convx.reference.geometry import Axis, spatial_axes

__all__ = ["deform_conv1d", "deform_conv2d", "deform_conv3d"]


def _deform_conv_nd(
    input: ArrayLike,
    offset: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    mask: ArrayLike | None = None,
    *,
    data_format: DataFormat = "channels_first",
    _rank: int = 0,
) -> FloatArray:
    """Compute :func:`convx.deform_conv2d` in NumPy.

    Parameters
    ----------
    input, offset, weight, bias, stride, padding, dilation, mask, data_format
        As :func:`convx.deform_conv2d` takes them.

    Returns
    -------
    ndarray
        As :func:`convx.deform_conv2d` gives it; summed in float64 and rounded once.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import reference
    >>> signal, moved = np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([[0.0, 1.0, 0.5, 0.0]])
    >>> reference.deform_conv1d(signal, moved, np.ones((1, 1, 1)))
    array([[1., 4., 6., 8.]])

    >>> image, offset = np.arange(4.0).reshape(1, 2, 2), np.full((2, 2, 2), 0.5)
    >>> reference.deform_conv2d(image, offset, np.ones((1, 1, 1, 1)))
    array([[[1.5 , 1.  ],
            [1.25, 0.75]]])

    >>> volume, offset = np.ones((1, 4, 4, 4)), np.zeros((24, 3, 3, 3))
    >>> reference.deform_conv3d(volume, offset, np.ones((1, 1, 2, 2, 2))).sum()
    np.float64(216.0)
    """
    x, moves, w = as_floats("input", input), as_floats("offset", offset), as_floats("weight", weight)
    others = [as_floats(name, a) for name, a in (("bias", bias), ("mask", mask)) if a is not None]
    images = as_batch("input", x, _rank, data_format)
    if w.ndim != _rank + 2 or w.size == 0 or images.shape[1] % w.shape[1] or len(w) % (images.shape[1] // w.shape[1]):
        raise ValueError(f"weight {w.shape} and input {x.shape} must fit each other")
    axes = spatial_axes(images.shape[2:], w.shape[2:], stride, padding, dilation)
    kernel, outputs = w.shape[2:], tuple(a.outputs for a in axes)
    groups, taps = images.shape[1] // w.shape[1], math.prod(kernel)
    moves = as_batch("offset", moves, _rank, data_format)
    offset_groups = moves.shape[1] // (taps * _rank)
    _check_shape("offset", moves, (len(images), offset_groups * taps * _rank, *outputs))
    if offset_groups == 0 or images.shape[1] % offset_groups:
        raise ValueError(f"offset must have groups that divide the {images.shape[1]} maps, got {offset_groups}")
    moves = moves.reshape(len(images), offset_groups, *kernel, _rank, *outputs).astype(np.float64)
    share = None
    if mask is not None:
        share = as_batch("mask", as_floats("mask", mask), _rank, data_format)
        _check_shape("mask", share, (len(images), offset_groups * taps, *outputs))
        share = share.reshape(len(images), offset_groups, *kernel, *outputs).astype(np.float64)
    if bias is not None:
        _check_shape("bias", as_floats("bias", bias), (len(w),))

    result = np.empty((len(images), len(w), *outputs))
    maps_in, maps_out = w.shape[1], len(w) // groups
    with np.errstate(all="ignore"):
        for n in range(len(images)):
            samples = np.concatenate(
                [
                    _sample(part, axes, moves[n, g], None if share is None else share[n, g])
                    for g, part in enumerate(np.split(images[n].astype(np.float64), offset_groups))
                ]
            )  # (C, *kernel, *outputs)
            for g in range(groups):
                ins, outs = slice(g * maps_in, (g + 1) * maps_in), slice(g * maps_out, (g + 1) * maps_out)
                result[n, outs] = np.tensordot(w[outs].astype(np.float64), samples[ins], axes=_rank + 1)
        if bias is not None:
            result += np.asarray(bias, np.float64).reshape(-1, *[1] * _rank)
        rounded: FloatArray = result.astype(common_dtype(x, as_floats("offset", offset), w, *others))
    return as_given(rounded, x.ndim, _rank, data_format)


deform_conv1d, deform_conv2d, deform_conv3d = ranks(_deform_conv_nd)


def _check_shape(name: str, array: FloatArray, expected: tuple[int, ...]) -> None:
    if array.shape != expected:
        raise ValueError(f"{name} must have shape {expected} (channels first), got {array.shape}")


def _sample(
    maps: NDArray[np.float64], axes: list[Axis], moves: NDArray[np.float64], mask: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return (C, *kernel, *outputs): the maps (C, *size) read at each tap's place moved by moves[*tap, axis, *output].

    A corner whose weight is 0 does not count, whatever the map holds there.
    """
    rank = len(axes)
    neighbours = []  # per axis: the elements below and above each place, with their weights
    for i, axis in enumerate(axes):
        regular = axis.taps().T  # (kernel, outputs)
        shape = [1] * (2 * rank)
        shape[i], shape[rank + i] = axis.kernel, axis.outputs
        place = regular.reshape(shape) + moves[(slice(None),) * rank + (i,)]
        below = np.floor(place)
        neighbours.append([(below, 1 - (place - below)), (below + 1, place - below)])
    total = np.zeros((len(maps), *neighbours[0][0][0].shape))
    for corner in product((0, 1), repeat=rank):
        weight = np.ones(total.shape[1:])
        index: Any = [slice(None)]
        for i, side in enumerate(corner):
            element, part = neighbours[i][side]
            outside = (element < 0) | (element >= axes[i].size)
            weight = weight * np.where(outside, 0.0, part)
            index.append(np.where(outside | np.isnan(element), 0, element).astype(np.int64))
        if mask is not None:
            weight = np.where(weight == 0, 0.0, weight * mask)
        total += np.where(weight != 0, weight * maps[tuple(index)], 0.0)
    return total
