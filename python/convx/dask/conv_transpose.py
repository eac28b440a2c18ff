"""Transposed convolution of Dask arrays."""

from __future__ import annotations

from functools import partial
from operator import index
from typing import Any, SupportsIndex

import dask.array as da
from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._types import Activation, Algorithm, DataFormat, FloatArray, Ints, Padding
from convx.dask.blocks import maps_axis, spatial
from convx.dask.checks import as_dask, no_images, outcome, proxy
from convx.dask.filters import as_filters, cut_filters, filtered
from convx.dask.pieces import Piece, spreading
from convx.dask.text import CONVOLUTION, ranks_like
from convx.reference.arguments import padding_pairs, per_axis
from convx.reference.conv_transpose import named_cut

__all__ = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

_EXAMPLES = """
>>> import convx
>>> import dask.array as da
>>> import numpy as np
>>> maps = da.ones((8, 100, 100), chunks=(8, 50, 50))
>>> convx.dask.conv_transpose2d(maps, np.ones((8, 3, 4, 4)), stride=2, padding="same").chunks
((3,), (100, 100), (100, 100))
"""


def _conv_transpose_nd(
    input: da.Array,
    weight: ArrayLike | da.Array,
    bias: ArrayLike | da.Array | None = None,
    stride: Ints = 1,
    padding: Padding = 0,
    output_padding: Ints = 0,
    groups: SupportsIndex = 1,
    dilation: Ints = 1,
    *,
    output_size: Ints | None = None,
    data_format: DataFormat = "channels_first",
    activation: Activation = None,
    algorithm: Algorithm = "auto",
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
        "data_format": data_format,
        "out": None,
    }
    call = partial(_core.conv_transpose, _name, _rank, weight=proxy(w), bias=proxy(b), groups=groups, **parameters)
    call = partial(call, padding=padding, output_padding=output_padding, output_size=output_size)
    result = outcome(call, x, no_images(x, _rank))
    axes, maps = spatial(x, _rank, data_format), maps_axis(_rank, data_format)
    steps, gaps = per_axis("stride", stride, _rank), per_axis("dilation", dilation, _rank)
    pads = padding_pairs(padding, _rank)
    cuts = {}
    for axis, taps, step, gap, pad in zip(axes, w.shape[2:], steps, gaps, pads, strict=True):
        lo, _ = named_cut(pad, taps, step, gap) if isinstance(pad, str) else pad
        outputs = result.shape[axis - x.ndim]
        cuts[axis] = spreading(x.shape[axis], taps, step, gap, lo, outputs, x.chunks[axis])
    fan_in = x.shape[maps] // index(groups)
    filters = cut_filters(w, b, x.chunks[maps], index(groups), result.shape[maps], 1)
    block = partial(_block, name=_name, rank=_rank, maps=maps, fan_in=fan_in, **parameters)
    return filtered(block, _name, x, cuts, result.dtype, filters, maps)


def _block(
    input: NDArray[Any],
    weight: NDArray[Any],
    bias: NDArray[Any] | None,
    *,
    pieces: list[Piece],
    name: str,
    rank: int,
    maps: int,
    fan_in: int,
    **parameters: Any,
) -> FloatArray:
    return _core.conv_transpose(
        name,
        rank,
        input,
        weight,
        bias=bias,
        padding=[(piece.lo, piece.hi) for piece in pieces],
        output_padding=[piece.added for piece in pieces],
        output_size=None,
        groups=input.shape[maps] // fan_in,
        **parameters,
    )


conv_transpose1d, conv_transpose2d, conv_transpose3d = ranks_like(_conv_transpose_nd, CONVOLUTION, _EXAMPLES)
