"""Pooling of whole maps of a Dask array."""

from __future__ import annotations

import math
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
    if math.prod(x.numblocks[axis] for axis in axes) > 1:
        x = _of_blocks(block, name, x, axes, exact=kind == "max")
    cuts = {axis: [Piece(1, ((0, x.shape[axis]),))] for axis in axes}
    pooled = by_blocks(partial(block, dtype=result.dtype), name, x, cuts, result.dtype)
    return pooled if keepdims else pooled[tuple(0 if axis in axes else slice(None) for axis in range(x.ndim))]


def _of_blocks(block: Any, name: str, x: da.Array, axes: range, *, exact: bool) -> da.Array:
    """Pool each block of a map: the result of those results is that of the map, and sums are taken in float64.

    An average counts for more where its block is larger.
    """
    cuts, shares = {}, []
    for axis in axes:
        edges = [0, *accumulate(x.chunks[axis])]
        cuts[axis] = [Piece(1, (run,)) for run in pairwise(edges)]
        shares.append(np.array(x.chunks[axis]) * len(cuts[axis]) / x.shape[axis])
    dtype = x.dtype if exact else np.dtype(np.float64)
    pooled = by_blocks(partial(block, dtype=dtype), f"{name}-blocks", x, cuts, dtype)
    if name != "global_avg_pool":
        return pooled
    for axis, share in zip(axes, shares, strict=True):
        pooled = pooled * share.reshape(-1, *[1] * (x.ndim - 1 - axis))
    return pooled


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
