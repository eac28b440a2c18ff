"""What is checked while the graph is built: the functions of convx themselves say what they would refuse or return."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
from numpy.typing import NDArray

__all__ = ["as_dask", "no_images", "outcome", "proxy"]


def as_dask(function: str, name: str, array: Any) -> da.Array:
    """Return `array`, which must be a Dask array whose chunks are known."""
    if not isinstance(array, da.Array):
        raise TypeError(
            f"{function}: {name} must be a dask array, got {type(array).__name__} "
            "(make one by dask.array.from_array, or call the function of convx itself)"
        )
    if any(math.isnan(size) for sizes in array.chunks for size in sizes):
        raise ValueError(
            f"{function}: {name} must have chunks of known sizes, got shape {array.shape} "
            f"(call its compute_chunk_sizes() first)"
        )
    return array


def proxy(array: da.Array | None, shape: tuple[int, ...] | None = None) -> Any:
    """Return something of the dtype and shape of `array` that takes no memory; masked where that is; None for None."""
    if array is None:
        return None
    if isinstance(array._meta, np.ma.MaskedArray):
        return np.ma.zeros(0)
    return np.broadcast_to(np.zeros((), array.dtype), array.shape if shape is None else shape)


def no_images(input: da.Array, rank: int) -> tuple[int, ...]:
    """Return the shape of no image such as those of `input`."""
    return (0, *(input.shape if input.ndim == rank + 1 else input.shape[1:]))


def outcome(call: Callable[[NDArray[Any]], Any], input: da.Array, empty: tuple[int, ...]) -> Any:
    """Return what `call` makes of an input of shape `empty`, which costs nothing, or raise what it would raise.

    The message of an error shall tell the shape of the true input, which is tried where the empty one was refused.
    """
    try:
        return call(proxy(input, empty))
    except (TypeError, ValueError):
        call(proxy(input))
        raise
