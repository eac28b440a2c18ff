"""Outputs that nobody else has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["owned"]


def owned(values: Sequence[Any], taken: set[int]) -> list[Any]:
    """Return values that may be given away: copies of views, and of what somebody else has.

    Parameters
    ----------
    values : sequence
        Arrays, NumPy's scalars, and lists where a model has sequences.
    taken : set of int
        The ``id`` of arrays that somebody else has.

    Returns
    -------
    list
        The values in arrays with their own memory.
    """
    found = []
    for value in values:
        own = value
        if isinstance(value, np.generic):
            own = np.asarray(value)
        elif isinstance(value, np.ndarray) and (value.base is not None or id(value) in taken):
            own = np.array(value)
        taken = taken | {id(own)}
        found.append(own)
    return found
