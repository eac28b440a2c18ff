"""Which element of a window is its largest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from convx._types import IndexArray, NumberArray


def least(dtype: np.dtype[Any]) -> Any:
    """Return what stands for padding: smaller than every element, or equal to the smallest."""
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return False if dtype.kind == "b" else -np.inf


def largest_in_windows(seen: NumberArray, places: IndexArray, rank: int) -> tuple[NumberArray, IndexArray]:
    """Return the largest element of each window, over its last `rank` axes, and its place; -1 where all is padding.

    The place of padding is -1. The first of equal elements counts, but the last NaN.
    """
    flat = (*seen.shape[: seen.ndim - rank], math.prod(seen.shape[-rank:]))
    values = seen.reshape(flat)
    where = np.broadcast_to(places, seen.shape).reshape(flat)
    largest = values.max(axis=-1, keepdims=True)
    chosen = ((values == largest) & (where >= 0)).argmax(axis=-1)
    is_nan = values != values
    last_nan = values.shape[-1] - 1 - is_nan[..., ::-1].argmax(axis=-1)
    chosen = np.where(is_nan.any(axis=-1), last_nan, chosen)
    place = np.take_along_axis(where, chosen[..., np.newaxis], axis=-1)
    return largest[..., 0], np.where((where >= 0).any(axis=-1), place[..., 0], -1)
