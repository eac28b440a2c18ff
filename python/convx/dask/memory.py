"""How a block lies in memory, where the core's order of additions depends on it.

Where one window covers all of each map, and a map is one run of elements, the core adds it up as such, in another order
than it adds up windows. A block may be such a map where the array is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["apart", "is_run"]


def is_run(maps: Any, data_format: str, outputs: Sequence[int]) -> bool:
    """Return whether each map of an array is one run of elements under one window."""
    return max(outputs) == 1 and (data_format == "channels_first" or maps.shape[-1] == 1)


def apart(maps: NDArray[Any]) -> NDArray[Any]:
    """Return a copy whose neighbours are not neighbours in memory, so that maps are no run of elements."""
    room = np.empty((*maps.shape[:-1], 2 * maps.shape[-1]), maps.dtype)[..., ::2]
    room[...] = maps
    return room
