"""Resize and Upsample: one axis after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from math import prod
from operator import add
from typing import Any, NamedTuple

import numpy as np

from convx import _core
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.coordinates import Sampling, coordinates
from convx._graph.operators.elements import by_core
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Run, operator
from convx._graph.operators.taps import nearest, taps
from convx.onnx.attributes import fail

__all__: list[str] = []


class _Change(NamedTuple):
    """What becomes of an axis."""

    axis: int
    size: int
    scale: float
    roi: tuple[float, float]


@operator("Upsample")
def _upsample(node: Node, opset: int, constants: Constants) -> Run:
    """Version 1 had two scales as attributes, version 7 all of them, 9 an input; Resize took over."""
    given = node.attributes
    sampling = _old_sampling(node)

    def prepare(scales: Sequence[float] | None) -> Callable[[AnyArray], AnyArray]:
        factors = [1.0, 1.0, given["height_scale"], given["width_scale"]] if scales is None else scales
        return lambda x: _resized(x, _by_scales(x, factors, range(x.ndim)), sampling)

    return settled(node, constants, ("scales",), prepare)


@operator("Resize")
def _resize(node: Node, opset: int, constants: Constants) -> Run:
    if opset < 11:
        return _upsample(node, opset, constants)
    given = node.attributes
    axes, policy = given.get("axes"), given.get("keep_aspect_ratio_policy", "stretch")
    sampling = Sampling(
        given.get("mode", "nearest"),
        given.get("coordinate_transformation_mode", "half_pixel"),
        given.get("nearest_mode", "round_prefer_floor"),
        given.get("cubic_coeff_a", -0.75),
        bool(given.get("exclude_outside", 0)),
        bool(given.get("antialias", 0)),
        given.get("extrapolation_value", 0.0),
    )

    def prepare(
        roi: Sequence[float] | None, scales: Sequence[float] | None, sizes: Sequence[int] | None
    ) -> Callable[[AnyArray], AnyArray]:
        if not scales and not sizes:
            fail("Resize", "scales or sizes must be present", None)

        def run(x: AnyArray) -> AnyArray:
            along = range(x.ndim) if axes is None else [axis % x.ndim for axis in axes]
            changes = _by_sizes(x, sizes, along, policy) if sizes else _by_scales(x, scales or (), along)
            if roi:
                starts, ends = roi[: len(along)], roi[len(along) :]
                changes = [
                    change._replace(roi=part)
                    for change, part in zip(changes, zip(starts, ends, strict=True), strict=True)
                ]
            return _resized(x, changes, sampling)

        return run

    return settled(node, constants, ("roi", "scales", "sizes"), prepare)


def _old_sampling(node: Node) -> Sampling:
    mode = node.attributes.get("mode", "nearest")
    return Sampling("linear" if mode == "bilinear" else mode, "asymmetric", "floor", -0.75, False, False, 0.0)


def _by_scales(x: AnyArray, scales: Sequence[float], axes: Sequence[int]) -> list[_Change]:
    """Sizes are computed in float32, in which scales are written: 10 * 0.7 is 7."""
    if not all(0 < scale < np.inf for scale in scales):
        fail("Resize", "scales must be > 0 and finite", scales)
    return [
        _Change(axis, int(np.float32(x.shape[axis]) * np.float32(scale)), scale, (0.0, 1.0))
        for axis, scale in zip(axes, scales, strict=True)
    ]


def _by_sizes(x: AnyArray, sizes: Sequence[int], axes: Sequence[int], policy: str) -> list[_Change]:
    """Keep the proportions if a policy says so: one scale for all axes, the least or the largest of theirs."""
    scales = [size / x.shape[axis] for size, axis in zip(sizes, axes, strict=True)]
    if policy != "stretch":
        scale = min(scales) if policy == "not_larger" else max(scales)
        scales = [scale] * len(axes)
        sizes = [int(scale * x.shape[axis] + 0.5) for axis in axes]
    return [_Change(axis, size, scale, (0.0, 1.0)) for axis, size, scale in zip(axes, sizes, scales, strict=True)]


def _resized(x: AnyArray, changes: Sequence[_Change], sampling: Sampling) -> AnyArray:
    """Shrink first: the other axes then have less to do."""
    result = x
    for change in sorted(changes, key=lambda change: change.scale):
        if change.scale != 1 or change.size != x.shape[change.axis] or change.roi != (0.0, 1.0):
            result = _along(result, change, sampling)
    if result.dtype != x.dtype and x.dtype.kind in "iu":
        limits = np.iinfo(x.dtype)
        result = np.clip(np.rint(result), limits.min, limits.max)
    return result.astype(x.dtype, copy=False)


def _along(x: AnyArray, change: _Change, sampling: Sampling) -> AnyArray:
    size = x.shape[change.axis]
    where = coordinates(sampling.transformation, size, change.size, change.scale, change.roi)
    result: AnyArray
    if sampling.mode == "nearest":
        result = x.take(nearest(where, size, sampling.rounding), change.axis)
    else:
        indices, weights = taps(where, size, change.scale, sampling)
        result = _weighted(x, change.axis, indices, weights)
    if sampling.transformation == "tf_crop_and_resize":
        outside = (where < 0) | (where > size - 1)
        result[(slice(None),) * change.axis + (outside,)] = sampling.beyond
    return result


def _weighted(x: AnyArray, axis: int, indices: AnyArray, weights: AnyArray) -> AnyArray:
    """Sum the elements at each tap's indices, times its weights; along the last axis by 2, 4 or 8 at a time."""
    if not by_core(x):
        x = x.astype(np.float64 if x.dtype.kind == "f" else np.float32)
    if prod(x.shape[axis + 1 :]) != 1:
        return _core.resample("Resize", x, axis, indices, weights)
    count = next((count for count in (2, 4) if count >= len(indices)), 8)
    more = ((0, -len(indices) % count), (0, 0))
    parts = zip(
        np.pad(indices, more).reshape(-1, count, indices.shape[1]),
        np.pad(weights, more).reshape(-1, count, indices.shape[1]),
        strict=True,
    )
    sums: list[Any] = [_core.resample("Resize", x, axis, *part) for part in parts]
    return reduce(add, sums)
