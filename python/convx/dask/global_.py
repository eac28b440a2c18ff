"""Pooling of whole maps of a Dask array."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, Literal, SupportsFloat

import dask.array as da
import numpy as np
from numpy.typing import NDArray

from convx import _core
from convx._types import DataFormat
from convx.dask.blocks import by_blocks, spatial
from convx.dask.checks import as_dask, outcome
from convx.dask.pieces import Piece
from convx.dask.text import EXACT, GLOBAL, like

__all__ = ["global_avg_pool", "global_lp_pool", "global_max_pool"]

_EXAMPLES = """
>>> import convx
>>> import dask.array as da
>>> maps = da.ones((10, 3, 224, 224), chunks=(2, 3, 100, 224))
>>> convx.dask.{name}(maps, keepdims=False).chunks
((2, 2, 2, 2, 2), (3,))
"""

NEIGHBOURS = 4  # along each axis

_Kind = Literal["max", "avg", "lp"]


@like(EXACT, _EXAMPLES.format(name="global_max_pool"))
def global_max_pool(  # noqa: D103
    input: da.Array, *, keepdims: bool = True, data_format: DataFormat = "channels_first"
) -> da.Array:
    return _pooled("max", input, None, keepdims, data_format)


@like(GLOBAL, _EXAMPLES.format(name="global_avg_pool"))
def global_avg_pool(  # noqa: D103
    input: da.Array, *, keepdims: bool = True, data_format: DataFormat = "channels_first"
) -> da.Array:
    return _pooled("avg", input, None, keepdims, data_format)


@like(GLOBAL, _EXAMPLES.format(name="global_lp_pool"))
def global_lp_pool(  # noqa: D103
    input: da.Array,
    norm_type: SupportsFloat = 2,
    *,
    keepdims: bool = True,
    data_format: DataFormat = "channels_first",
) -> da.Array:
    return _pooled("lp", input, norm_type, keepdims, data_format)


def _pooled(
    kind: _Kind, input: da.Array, norm_type: SupportsFloat | None, keepdims: bool, data_format: DataFormat
) -> da.Array:
    name = f"global_{kind}_pool"
    x = as_dask(name, "input", input)
    call = partial(_core.global_pool, name, kind, norm_type=norm_type, keepdims=keepdims, out=None)
    result = outcome(partial(call, data_format=data_format), x, (0, *x.shape[1:]))
    axes = spatial(x, x.ndim - 2, data_format)
    block = partial(_block, kind=kind, name=name, norm_type=norm_type, data_format=data_format)
    pooled = _by_levels(block, name, x, axes, result.dtype, exact=kind == "max")
    return pooled if keepdims else pooled[tuple(0 if axis in axes else slice(None) for axis in range(x.ndim))]


def _by_levels(block: Any, name: str, x: da.Array, axes: range, dtype: np.dtype[Any], *, exact: bool) -> da.Array:
    """Pool each chunk of a map, then what a few neighbours gave, and so on: no task waits for all of them.

    Sums are taken in float64 where there is more than one level.
    """
    between = x.dtype if exact else np.dtype(np.float64)
    sizes = {axis: x.chunks[axis] for axis in axes}
    runs = {axis: list(pairwise([0, *accumulate(sizes[axis])])) for axis in axes}
    while True:
        last = all(len(runs[axis]) == 1 for axis in axes)
        cuts = {axis: [Piece(1, (run,)) for run in runs[axis]] for axis in axes}
        x = by_blocks(partial(block, dtype=dtype if last else between), name, x, cuts, dtype if last else between)
        if last:
            return x
        for axis in axes:
            count = len(sizes[axis])
            runs[axis] = [(i, min(i + NEIGHBOURS, count)) for i in range(0, count, NEIGHBOURS)]
            if name == "global_avg_pool":
                x = x * _shares(sizes[axis], runs[axis]).reshape(-1, *[1] * (x.ndim - 1 - axis))
            sizes[axis] = tuple(sum(sizes[axis][start:stop]) for start, stop in runs[axis])


def _shares(sizes: Sequence[int], runs: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Return what averages of so many elements count for in the average of each run of them."""
    together = [sizes[start:stop] for start, stop in runs]
    return np.concatenate([np.array(some) * len(some) / sum(some) for some in together])


def _block(
    input: NDArray[Any],
    *,
    pieces: list[Piece],
    kind: _Kind,
    name: str,
    norm_type: SupportsFloat | None,
    data_format: DataFormat,
    dtype: np.dtype[Any],
) -> NDArray[Any]:
    if dtype == np.float64:
        input = input.astype(dtype, copy=False)
    pooled = _core.global_pool(name, kind, input, norm_type=norm_type, keepdims=True, out=None, data_format=data_format)
    return pooled.astype(dtype, copy=False)
