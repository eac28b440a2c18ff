"""Where results go."""

from __future__ import annotations

import numpy as np

from convx._graph.graph import AnyArray

__all__ = ["into"]


def into(out: AnyArray | None, result: AnyArray) -> AnyArray:
    """Copy a result that could not be written into `out` at once, if there is one."""
    if out is None:
        return result
    np.copyto(out, result)
    return out
