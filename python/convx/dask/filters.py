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
    """Return `array`; a Dask array must have chunks of known sizes."""
    return as_dask(function, name, array) if isinstance(array, da.Array) else array


def cut_filters(weight: Any, bias: Any, maps: Sequence[int], groups: int, outputs: int, output_axis: int) -> Filters:
    """Cut a weight.

    Parameters
    ----------
    weight, bias : array_like or dask array
        As they were given.
    maps : sequence of int
        Chunks of the input's maps.
    groups, outputs : int
        How many groups and how many maps of output there are.
    output_axis : int
        The axis of the weight along which the filters of a group lie.
    """
    weight = weight if isinstance(weight, da.Array) else da.from_array(np.asarray(weight), chunks=-1)
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
        bias = bias if isinstance(bias, da.Array) else da.from_array(np.asarray(bias), chunks=-1)
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
) -> da.Array:
    """Return the array whose blocks ``function(input, weight, bias, pieces=...)`` makes; `maps` is the axis of maps."""
    maps %= input.ndim
    places = tuple(maps if i == filters.axis else input.ndim + i for i in range(filters.weight.ndim))
    others = [(filters.weight, places), (filters.bias, (maps,))]
    return by_blocks(function, name, input, cuts, dtype, *others, chunks={maps: (filters.inputs, filters.outputs)})
