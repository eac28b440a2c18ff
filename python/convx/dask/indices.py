"""Where maxima lie: from places in a block to places in the whole map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["in_whole_map"]


def in_whole_map(
    indices: NDArray[np.int64], block: Sequence[int], starts: Sequence[int], sizes: Sequence[int]
) -> NDArray[np.int64]:
    """Return `indices`, counted row by row in a block that begins at `starts`, as counted in a map of `sizes`.

    -1, where a window has no real element, stays.
    """
    if tuple(block) == tuple(sizes):
        return indices
    places = np.unravel_index(np.maximum(indices, 0), tuple(block))
    moved = [place + start for place, start in zip(places, starts, strict=True)]
    return np.where(indices < 0, indices, np.ravel_multi_index(moved, tuple(sizes)))
