"""Convolution of Dask arrays."""

from __future__ import annotations

from functools import partial
from operator import index
from typing import Any, SupportsIndex

import dask.array as da
import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._types import Activation, Algorithm, DataFormat, Ints, Padding, PaddingMode
from convx.dask.blocks import Chunks, maps_axis, spatial
from convx.dask.checks import as_dask, no_images, outcome, proxy
from convx.dask.filters import as_filters, cut_filters, filtered
from convx.dask.pieces import Piece, sliding
from convx.dask.text import CONVOLUTION, ranks_like
from convx.reference.geometry import spatial_axes

__all__ = ["conv1d", "conv2d", "conv3d"]

_EXAMPLES = """
>>> import convx
>>> import dask.array as da
>>> import numpy as np
>>> image = da.ones((1, 1000, 1000), chunks=(1, 250, 500))
>>> blur = np.full((1, 1, 5, 5), 1 / 25)
>>> blurred = convx.dask.conv2d(image, blur, padding="same", padding_mode="reflect")
>>> blurred.chunks
((1,), (250, 250, 250, 250), (500, 500))
>>> print(f"{blurred[0, 10:12, 10:12].sum().compute():.3f}")
4.000
"""


def _conv_nd(
    input: da.Array,
    weight: ArrayLike | da.Array,
    bias: ArrayLike | da.Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    dilation: Ints = 1,
    groups: SupportsIndex = 1,
    *,
    padding_mode: PaddingMode = "zeros",
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    algorithm: Algorithm = "auto",
    residual: ArrayLike | da.Array | None = None,
    _name: str = "",
    _rank: int = 0,
) -> da.Array:
    x = as_dask(_name, "input", input)
    w, b = as_filters(_name, "weight", weight), as_filters(_name, "bias", bias)
    parameters: dict[str, Any] = {
        "stride": stride,
        "dilation": dilation,
        "activation": activation,
        "algorithm": algorithm,
        "padding_mode": padding_mode,
        "data_format": data_format,
        "out": None,
    }
    call = partial(_core.conv, _name, _rank, weight=proxy(w), bias=proxy(b), groups=groups, **parameters)
    result = outcome(partial(call, padding=padding, residual=None), x, no_images(x, _rank))
    axes, maps = spatial(x, _rank, data_format), maps_axis(_rank, data_format)
    windows = spatial_axes([x.shape[axis] for axis in axes], w.shape[2:], stride, padding, dilation)
    cuts = {axis: sliding(window, x.chunks[axis], padding_mode) for axis, window in zip(axes, windows, strict=True)}
    filters = cut_filters(w, b, x.chunks[maps], index(groups), result.shape[maps], 0)
    block = partial(_block, name=_name, rank=_rank, maps=maps, fan_in=x.shape[maps] // index(groups), **parameters)
    sizes = dict(enumerate(x.chunks))
    sizes |= {axis: tuple(piece.outputs for piece in pieces) for axis, pieces in cuts.items()}
    sizes[maps % x.ndim] = filters.outputs
    added = _as_residual(_name, residual, result.dtype, tuple(sizes.values()))
    return filtered(block, _name, x, cuts, result.dtype, filters, maps, (added, tuple(range(x.ndim))))


def _as_residual(
    name: str, residual: ArrayLike | da.Array | None, dtype: np.dtype[Any], chunks: tuple[Chunks, ...]
) -> da.Array | None:
    """Return a residual in the chunks of the result."""
    added: da.Array | None = as_filters(name, "residual", residual)
    if added is None:
        return None
    shape = tuple(map(sum, chunks))
    if added.dtype != dtype:
        raise TypeError(f"{name}: residual must have the result's dtype {dtype}, got dtype {added.dtype}")
    if added.shape != shape:
        raise ValueError(f"{name}: residual must have the result's shape {shape}, got shape {added.shape}")
    return added.rechunk(chunks, method="tasks")


def _block(
    input: NDArray[Any],
    weight: NDArray[Any],
    bias: NDArray[Any] | None,
    residual: NDArray[Any] | None,
    *,
    pieces: list[Piece],
    name: str,
    rank: int,
    maps: int,
    fan_in: int,
    **parameters: Any,
) -> NDArray[Any]:
    padding = [(piece.lo, piece.hi) for piece in pieces]
    groups = input.shape[maps] // fan_in
    return _core.conv(
        name, rank, input, weight, bias=bias, residual=residual, padding=padding, groups=groups, **parameters
    )


conv1d, conv2d, conv3d = ranks_like(_conv_nd, CONVOLUTION, _EXAMPLES)
