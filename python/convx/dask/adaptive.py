"""Adaptive pooling of Dask arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, overload

import dask.array as da
import numpy as np
from numpy.typing import NDArray

from convx import _core
from convx._types import DataFormat, Sizes
from convx.dask.blocks import arrays_by_blocks, spatial
from convx.dask.checks import as_dask, no_images, outcome
from convx.dask.indices import in_whole_map
from convx.dask.pieces import Part, Piece, dividing
from convx.dask.text import EXACT, SUM, ranks_like

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
]

_EXAMPLES = """
>>> import convx
>>> import dask.array as da
>>> images = da.ones((3, 1000, 1000), chunks=(3, 300, 1000))
>>> convx.dask.{name}(images, 7).chunks
((3,), (3, 2, 2), (7,))
"""


@overload
def _adaptive_max_pool_nd(
    input: da.Array,
    output_size: Sizes,
    return_indices: Literal[False] = False,
    *,
    data_format: DataFormat = "channels_first",
) -> da.Array: ...
@overload
def _adaptive_max_pool_nd(
    input: da.Array,
    output_size: Sizes,
    return_indices: Literal[True],
    *,
    data_format: DataFormat = "channels_first",
) -> tuple[da.Array, da.Array]: ...
def _adaptive_max_pool_nd(
    input: da.Array,
    output_size: Sizes,
    return_indices: bool = False,
    *,
    data_format: DataFormat = "channels_first",
    _name: str = "",
    _rank: int = 0,
) -> da.Array | tuple[da.Array, da.Array]:
    return _pooled(
        _core.adaptive_max_pool, _name, _rank, input, output_size, data_format, return_indices=return_indices
    )


def _adaptive_avg_pool_nd(
    input: da.Array,
    output_size: Sizes,
    *,
    data_format: DataFormat = "channels_first",
    _name: str = "",
    _rank: int = 0,
) -> da.Array:
    array: da.Array = _pooled(_core.adaptive_avg_pool, _name, _rank, input, output_size, data_format)
    return array


def _pooled(
    pool: Callable[..., Any],
    name: str,
    rank: int,
    input: da.Array,
    output_size: Sizes,
    data_format: DataFormat,
    **more: Any,
) -> Any:
    x = as_dask(name, "input", input)
    call = partial(pool, name, rank, output_size=output_size, data_format=data_format, out=None, **more)
    result = outcome(call, x, no_images(x, rank))
    values = result[0] if isinstance(result, tuple) else result
    axes = spatial(x, rank, data_format)
    cuts = {axis: dividing(x.shape[axis], values.shape[axis - x.ndim], x.chunks[axis]) for axis in axes}
    sizes = tuple(x.shape[axis] for axis in axes)
    block = partial(
        _block, pool=pool.__name__, name=name, rank=rank, axes=axes, sizes=sizes, data_format=data_format, **more
    )
    return arrays_by_blocks(block, name, x, cuts, result)


def _block(
    input: NDArray[Any],
    *,
    pieces: list[Piece],
    pool: str,
    name: str,
    rank: int,
    axes: range,
    sizes: tuple[int, ...],
    **parameters: Any,
) -> Any:
    def pooled(window: NDArray[Any], parts: tuple[Part, ...]) -> tuple[NDArray[Any], ...]:
        outputs = [part.outputs for part in parts]
        found = getattr(_core, pool)(name, rank, window, output_size=outputs, out=None, **parameters)
        if not isinstance(found, tuple):
            return (found,)
        starts = [piece.runs[0][0] + part.start for piece, part in zip(pieces, parts, strict=True)]
        return found[0], in_whole_map(found[1], [window.shape[axis] for axis in axes], starts, sizes)

    arrays = _by_parts(pooled, input, axes, [piece.parts for piece in pieces])
    return arrays if len(arrays) > 1 else arrays[0]


def _by_parts(
    call: Callable[[NDArray[Any], tuple[Part, ...]], tuple[NDArray[Any], ...]],
    input: NDArray[Any],
    axes: Sequence[int],
    parts: Sequence[tuple[Part, ...]],
    chosen: tuple[Part, ...] = (),
) -> tuple[NDArray[Any], ...]:
    """Call for each combination of parts, one of each axis, and put together what it returns."""
    if not axes:
        return call(input, chosen)
    axis = axes[0]
    found = [
        _by_parts(
            call, input[(slice(None),) * axis + (slice(part.start, part.stop),)], axes[1:], parts[1:], (*chosen, part)
        )
        for part in parts[0]
    ]
    return found[0] if len(found) == 1 else tuple(np.concatenate(arrays, axis) for arrays in zip(*found, strict=True))


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = ranks_like(
    _adaptive_max_pool_nd, EXACT, _EXAMPLES.format(name="adaptive_max_pool2d")
)
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = ranks_like(
    _adaptive_avg_pool_nd, SUM, _EXAMPLES.format(name="adaptive_avg_pool2d")
)
