"""Where in its input an element of a resized axis lies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convx.onnx.attributes import fail

__all__ = ["Sampling", "coordinates"]


class Sampling(NamedTuple):
    """How Resize samples, by the attributes mode, coordinate_transformation_mode, nearest_mode, ..."""

    mode: str
    transformation: str
    rounding: str
    cubic: float
    exclude_outside: bool
    antialias: bool
    beyond: float


def coordinates(
    transformation: str, size: int, resized: int, scale: float, roi: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the place in an axis of `size` elements of each of its `resized` elements, by ONNX's formulas."""
    i = np.arange(resized, dtype=np.float64)
    exact = size * scale  # of which `resized` is the whole part
    if transformation in ("half_pixel", "pytorch_half_pixel"):
        if transformation == "pytorch_half_pixel" and resized == 1:
            return i
        return (i + 0.5) / scale - 0.5
    if transformation == "half_pixel_symmetric":
        return size / 2 * (1 - resized / exact) + (i + 0.5) / scale - 0.5
    if transformation == "asymmetric":
        return i / scale
    if transformation == "align_corners":
        return i if resized == 1 else i * (size - 1) / (exact - 1)
    if transformation == "tf_half_pixel_for_nn":
        return (i + 0.5) / scale
    if transformation == "tf_crop_and_resize":
        start, end = roi
        if resized == 1:
            return np.full(1, (start + end) * (size - 1) / 2)
        return start * (size - 1) + i * (end - start) * (size - 1) / (exact - 1)
    fail("Resize", "coordinate_transformation_mode must be one of ONNX's", repr(transformation))
