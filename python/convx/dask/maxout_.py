"""The largest element across maps of a Dask array."""

from __future__ import annotations

from functools import partial
from operator import index
from typing import Any, SupportsIndex

import dask.array as da
from numpy.typing import NDArray

from convx import _core
from convx.dask.blocks import by_blocks
from convx.dask.checks import as_dask, outcome
from convx.dask.pieces import Piece, sliding
from convx.dask.text import EXACT, like
from convx.reference.geometry import Axis

__all__ = ["maxout"]

_EXAMPLES = """
>>> import convx
>>> import dask.array as da
>>> maps = da.ones((2, 12, 100, 100), chunks=(1, 4, 100, 100))
>>> convx.dask.maxout(maps, 2).chunks
((1, 1), (2, 2, 2), (100,), (100,))
"""


@like(EXACT, _EXAMPLES)
def maxout(input: da.Array, pool_size: SupportsIndex, axis: SupportsIndex = 1) -> da.Array:  # noqa: D103
    x = as_dask("maxout", "input", input)
    given: Any = axis  # the twin refuses what is no int
    place = index(given) % max(x.ndim, 1) if isinstance(given, SupportsIndex) else 0
    empty = tuple(size if i == place else 0 for i, size in enumerate(x.shape))
    result = outcome(lambda maps: _core.maxout(maps, pool_size, axis, None), x, empty)
    pool = index(pool_size)
    cuts = {place: sliding(Axis(x.shape[place], pool, pool, 1, 0, 0, False), x.chunks[place])}
    return by_blocks(partial(_block, pool_size=pool, axis=place), "maxout", x, cuts, result.dtype)


def _block(input: NDArray[Any], *, pieces: list[Piece], pool_size: int, axis: int) -> NDArray[Any]:
    return _core.maxout(input, pool_size, axis, None)
