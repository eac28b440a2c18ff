"""Which elements a resized element is made of, and in what shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convx._graph.operators.coordinates import Sampling
from convx.onnx.attributes import fail

__all__ = ["cubic_kernel", "nearest", "taps"]

_Floats = NDArray[np.float64]
_Places = NDArray[np.intp]


def nearest(where: _Floats, size: int, rounding: str) -> _Places:
    """Return the element nearest to each place, after its last digits are rounded away: scales are float32."""
    places = where.astype(np.float32)
    if rounding == "round_prefer_floor":
        chosen = np.ceil(places - np.float32(0.5))
    elif rounding == "round_prefer_ceil":
        chosen = np.floor(places + np.float32(0.5))
    elif rounding in ("floor", "ceil"):
        chosen = np.floor(places) if rounding == "floor" else np.ceil(places)
    else:
        rule = "nearest_mode must be one of round_prefer_floor, round_prefer_ceil, floor, ceil"
        fail("Resize", rule, repr(rounding))
    result: _Places = np.clip(chosen, 0, size - 1).astype(np.intp)
    return result


def taps(where: _Floats, size: int, scale: float, sampling: Sampling) -> tuple[_Places, _Floats]:
    """Return indices and weights, both (taps, resized); at the border its element is taken again.

    An antialiasing kernel is as much wider as the result is smaller.
    """
    if sampling.mode not in ("linear", "cubic"):
        fail("Resize", "mode must be one of nearest, linear, cubic", repr(sampling.mode))
    reach = 1 if sampling.mode == "linear" else 2
    stretch = min(scale, 1.0) if sampling.antialias else 1.0
    first = int(np.floor(-reach / stretch)) + 1
    base = np.floor(where)
    offsets = np.arange(first, 2 - first)[:, None]
    distance = np.abs(offsets - (where - base)) * stretch
    weights = np.maximum(1 - distance, 0) if reach == 1 else cubic_kernel(distance, sampling.cubic)
    places = (base + offsets).astype(np.intp)
    if sampling.exclude_outside:
        weights = np.where((places >= 0) & (places < size), weights, 0)
    if sampling.exclude_outside or sampling.antialias:
        weights = weights / weights.sum(0)
    used = weights.any(1)
    return np.clip(places, 0, size - 1)[used], weights[used]


def cubic_kernel(distance: _Floats, a: float) -> _Floats:
    """Return the weight of an element at a distance: Keys, Cubic convolution interpolation, 1981, equation 4."""
    d = distance
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))
