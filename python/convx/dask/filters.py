"""A weight and its bias, cut as the maps are: whole groups to a block, or some of the filters of the only group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import dask.array as da
import numpy as np

from convx.dask.blocks import Chunks, Cuts, by_blocks
from convx.dask.checks import as_dask

__all__ = ["Filters", "as_filters", "cut_filters", "filtered"]


class Filters(NamedTuple):
    """Weight and bias whose chunks are those of the maps.

    Attributes
    ----------
    weight, bias : dask array
        The bias may be None.
    axis : int
        The axis of the weight that is cut.
    inputs, outputs : tuple of int
        The chunks of maps that go in and come out.
    """

    weight: da.Array
    bias: da.Array | None
    axis: int
    inputs: Chunks
    outputs: Chunks


def as_filters(function: str, name: str, array: Any) -> Any:
    """Return a weight or a bias as a Dask array, in one chunk if it was none; None for None."""
    if array is None:
        return None
    if not isinstance(array, da.Array):
        masked = isinstance(array, np.ma.MaskedArray)  # stays so, to be refused
        array = da.from_array(array if masked else np.asarray(array), chunks=-1)
    return as_dask(function, name, array)


def cut_filters(
    weight: da.Array, bias: da.Array | None, maps: Sequence[int], groups: int, outputs: int, output_axis: int
) -> Filters:
    """Cut a weight.

    Parameters
    ----------
    weight, bias : dask array
        The bias may be None.
    maps : sequence of int
        Chunks of the input's maps.
    groups, outputs : int
        How many groups and how many maps of output there are.
    output_axis : int
        The axis of the weight along which the filters of a group lie.
    """
    inputs = sum(maps)
    if groups == 1:
        axis, sizes = output_axis, weight.chunks[output_axis]
        before: Chunks = (inputs,)
        after: Chunks = sizes
    else:  # wherever a chunk of the input or of the weight ends together with a group
        axis, length = 0, weight.shape[0]
        ends = {edge * groups // inputs for edge in accumulate(maps) if edge * groups % inputs == 0}
        ends |= {edge * groups // length for edge in accumulate(weight.chunks[0]) if edge * groups % length == 0}
        counts = [stop - start for start, stop in pairwise([0, *sorted(ends)])]
        sizes, before, after = (
            tuple(count * (total // groups) for count in counts) for total in (length, inputs, outputs)
        )
    weight = weight.rechunk({i: sizes if i == axis else -1 for i in range(weight.ndim)}, method="tasks")
    if bias is not None:
        bias = bias.rechunk((after,), method="tasks")
    return Filters(weight, bias, axis, before, after)


def filtered(
    function: Callable[..., Any],
    name: str,
    input: da.Array,
    cuts: Cuts,
    dtype: np.dtype[Any],
    filters: Filters,
    maps: int,
    *more: tuple[da.Array | None, tuple[int, ...]],
) -> da.Array:
    """Return the array whose blocks ``function(input, weight, bias, *more, pieces=...)`` makes.

    `maps` is the axis of maps; `more` is as :func:`by_blocks` takes others.
    """
    maps %= input.ndim
    places = tuple(maps if i == filters.axis else input.ndim + i for i in range(filters.weight.ndim))
    others = [(filters.weight, places), (filters.bias, (maps,)), *more]
    return by_blocks(function, name, input, cuts, dtype, *others, chunks={maps: (filters.inputs, filters.outputs)})
