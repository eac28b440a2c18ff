"""Pooling of Dask arrays by windows of a given size."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, SupportsFloat, SupportsIndex, overload

import dask.array as da
from numpy.typing import NDArray

from convx import _core
from convx._types import DataFormat, Ints, Padding
from convx.dask.blocks import arrays_by_blocks, spatial
from convx.dask.checks import as_dask, no_images, outcome
from convx.dask.indices import in_whole_map
from convx.dask.pieces import Piece, sliding
from convx.dask.text import EXACT, SUM, ranks_like
from convx.reference.arguments import per_axis
from convx.reference.geometry import spatial_axes

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]

_EXAMPLES = """
>>> import convx
>>> import dask.array as da
>>> images = da.ones((10, 3, 224, 224), chunks=(2, 3, 112, 224))
>>> convx.dask.{call}.chunks
((2, 2, 2, 2, 2), (3,), (56, 56), (112,))
"""


@overload
def _max_pool_nd(
    input: da.Array,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
    *,
    data_format: DataFormat = "channels_first",
) -> da.Array: ...
@overload
def _max_pool_nd(
    input: da.Array,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
    data_format: DataFormat = "channels_first",
) -> tuple[da.Array, da.Array]: ...
def _max_pool_nd(
    input: da.Array,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    data_format: DataFormat = "channels_first",
    _name: str = "",
    _rank: int = 0,
) -> da.Array | tuple[da.Array, da.Array]:
    more = {"return_indices": return_indices}
    return _pooled(
        _core.max_pool, _name, _rank, input, kernel_size, stride, padding, dilation, ceil_mode, data_format, more
    )


def _avg_pool_nd(
    input: da.Array,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: SupportsIndex | None = None,
    *,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    _name: str = "",
    _rank: int = 0,
) -> da.Array:
    more = {"count_include_pad": count_include_pad, "divisor_override": divisor_override}
    return _pooled(
        _core.avg_pool, _name, _rank, input, kernel_size, stride, padding, dilation, ceil_mode, data_format, more
    )


def _lp_pool_nd(
    input: da.Array,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
    *,
    padding: Padding = 0,
    dilation: Ints = 1,
    data_format: DataFormat = "channels_first",
    _name: str = "",
    _rank: int = 0,
) -> da.Array:
    more = {"norm_type": norm_type}
    return _pooled(
        _core.lp_pool, _name, _rank, input, kernel_size, stride, padding, dilation, ceil_mode, data_format, more
    )


def _pooled(
    pool: Callable[..., Any],
    name: str,
    rank: int,
    input: da.Array,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    dilation: Ints,
    ceil_mode: bool,
    data_format: DataFormat,
    more: dict[str, Any],
) -> Any:
    x = as_dask(name, "input", input)
    kept: dict[str, Any] = {
        "kernel_size": kernel_size,
        "stride": stride,
        "dilation": dilation,
        "data_format": data_format,
    }
    call = partial(pool, name, rank, padding=padding, ceil_mode=ceil_mode, any_padding=False, out=None, **kept, **more)
    result = outcome(call, x, no_images(x, rank))
    axes = spatial(x, rank, data_format)
    sizes, kernel = [x.shape[axis] for axis in axes], per_axis("kernel_size", kernel_size, rank)
    windows = spatial_axes(sizes, kernel, kernel if stride is None else stride, padding, dilation, bool(ceil_mode))
    cuts = {axis: sliding(window, x.chunks[axis]) for axis, window in zip(axes, windows, strict=True)}
    block = partial(_block, pool=pool.__name__, name=name, rank=rank, axes=axes, sizes=sizes, **kept, **more)
    return arrays_by_blocks(block, name, x, cuts, result)


def _block(
    input: NDArray[Any],
    *,
    pieces: list[Piece],
    pool: str,
    name: str,
    rank: int,
    axes: range,
    sizes: list[int],
    **parameters: Any,
) -> Any:
    found = getattr(_core, pool)(
        name,
        rank,
        input,
        padding=[(piece.lo, piece.hi) for piece in pieces],
        ceil_mode=any(piece.ceil_mode for piece in pieces),
        any_padding=True,  # a window may see less of the block than of the input
        out=None,
        **parameters,
    )
    if not isinstance(found, tuple):
        return found
    starts = [piece.runs[0][0] for piece in pieces]
    return found[0], in_whole_map(found[1], [input.shape[axis] for axis in axes], starts, sizes)


max_pool1d, max_pool2d, max_pool3d = ranks_like(
    _max_pool_nd, EXACT, _EXAMPLES.format(call="max_pool2d(images, 3, 2, padding=1)")
)
avg_pool1d, avg_pool2d, avg_pool3d = ranks_like(_avg_pool_nd, SUM, _EXAMPLES.format(call="avg_pool2d(images, 2)"))
lp_pool1d, lp_pool2d, lp_pool3d = ranks_like(
    _lp_pool_nd, SUM, _EXAMPLES.format(call="lp_pool2d(images, 2, 3, 2, padding=1)")
)
