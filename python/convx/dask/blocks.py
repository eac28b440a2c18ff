"""From pieces to a Dask array: the input cut as the blocks need it, and one task for each block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any, TypeAlias

import dask.array as da
import numpy as np

from convx.dask import limit
from convx.dask.pieces import Piece

__all__ = ["Chunks", "Cuts", "arrays_by_blocks", "by_blocks", "maps_axis", "spatial"]

Chunks: TypeAlias = tuple[int, ...]
Cuts: TypeAlias = Mapping[int, Sequence[Piece]]
"""The pieces of each axis that windows slide along."""


def spatial(input: da.Array, rank: int, data_format: str) -> range:
    """Return the spatial axes; those of maps and images are the others."""
    last = input.ndim - (data_format == "channels_last")
    return range(last - rank, last)


def maps_axis(rank: int, data_format: str) -> int:
    """Return the axis of maps, counted from the end."""
    return -1 if data_format == "channels_last" else -1 - rank


def by_blocks(
    function: Callable[..., Any],
    name: str,
    input: da.Array,
    cuts: Cuts,
    dtype: np.dtype[Any],
    *others: tuple[da.Array | None, tuple[int, ...]],
    chunks: Mapping[int, tuple[Chunks, Chunks]] | None = None,
) -> da.Array:
    """Return the array whose blocks `function` makes.

    Parameters
    ----------
    function : callable
        Called as ``function(input, *others, pieces=pieces)`` on blocks, with a piece for each axis of `cuts`.
    name : str
        What the tasks are called.
    input : dask array
        What is cut.
    cuts : mapping
        The pieces of each axis along which blocks overlap.
    dtype
        Of the result.
    *others : (dask array or None, axes)
        Further arrays: the axis of the result along which each axis of theirs lies, or a number of its own where a
        block takes all of it.
    chunks : mapping, optional
        Along further axes, the chunks that the input must have and those of the result.
    """
    chunks = chunks or {}
    axes = tuple(range(input.ndim))
    arguments: list[Any] = [_gathered(input, cuts, {axis: before for axis, (before, _) in chunks.items()}), axes]
    for other, places in others:
        arguments += [other, None if other is None else places]
    for axis, pieces in cuts.items():
        arguments += [_table(pieces), (axis,)]
    sizes = {axis: tuple(piece.outputs for piece in pieces) for axis, pieces in cuts.items()}
    sizes |= {axis: after for axis, (_, after) in chunks.items()}
    return da.blockwise(
        _block,
        axes,
        *arguments,
        token=name,
        dtype=dtype,
        meta=np.empty((0,) * input.ndim, dtype),
        adjust_chunks=sizes,
        align_arrays=False,
        function=function,
        count=1 + len(others),
        axes=tuple(cuts),
        threads=limit.asked_threads(),
    )


def _gathered(input: da.Array, cuts: Cuts, chunks: Mapping[int, Chunks]) -> da.Array:
    """Return `input` with the elements that blocks share repeated, so that a block of the result needs one of it."""
    for axis, pieces in cuts.items():
        runs = [run for piece in pieces for run in piece.runs]
        edges = [0, *accumulate(input.chunks[axis])]
        if runs != list(pairwise(edges)):
            parts = [input[(slice(None),) * axis + (slice(*run),)] for run in runs]
            input = da.concatenate(parts, axis)
    wanted = {axis: tuple(piece.size for piece in pieces) for axis, pieces in cuts.items()}
    return input.rechunk({**wanted, **chunks}, method="tasks")


def _table(pieces: Sequence[Piece]) -> da.Array:
    table = np.empty(len(pieces), object)
    table[:] = pieces
    return da.from_array(table, chunks=1)


def _block(*arrays: Any, function: Callable[..., Any], count: int, axes: tuple[int, ...], threads: int | None) -> Any:
    """Run one task: mirror or wrap what the borders need, and call `function`."""
    input, *others = (_alone(array) for array in arrays[:count])
    pieces: list[Piece] = [table[0] for table in arrays[count:]]
    for axis, piece in zip(axes, pieces, strict=True):
        if piece.order is not None:
            input = np.take(input, piece.order, axis)
    with limit.threads(threads):
        return function(input, *others, pieces=pieces)


def _alone(array: Any) -> Any:
    """Unpack the only block along the axes that the result does not have."""
    while isinstance(array, list):
        (array,) = array
    return array


def arrays_by_blocks(
    function: Callable[..., Any], name: str, input: da.Array, cuts: Cuts, outcome: Any
) -> da.Array | tuple[da.Array, ...]:
    """Return what :func:`by_blocks` returns, with the dtype of `outcome`; a tuple of arrays where that is one.

    `function` then returns such tuples of blocks.
    """
    if not isinstance(outcome, tuple):
        return by_blocks(function, name, input, cuts, outcome.dtype)
    tuples = by_blocks(function, name, input, cuts, np.dtype(object))
    return tuple(
        tuples.map_blocks(itemgetter(i), dtype=part.dtype, meta=np.empty((0,) * input.ndim, part.dtype))
        for i, part in enumerate(outcome)
    )
