"""What the tests of Dask arrays share: chunks of any sizes, and results equal to the last bit."""

import itertools
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from checks import Array, assert_same_bits

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")

FORMATS = ("channels_first", "channels_last")


def chunked(draw: Any, array: Array, *axes: int) -> Any:
    """The array in chunks of any sizes along these axes, all where none is named."""
    chunks = []
    for axis, size in enumerate(array.shape):
        cuts = draw(st.sets(st.integers(1, size - 1), max_size=3)) if size > 1 and axis in (axes or range(9)) else ()
        edges = [0, *sorted(cuts), size]
        chunks.append(tuple(b - a for a, b in itertools.pairwise(edges)))
    return da.from_array(array, chunks=tuple(chunks))


def last(x: Array, data_format: str, rank: int) -> Array:
    return np.moveaxis(x, -1 - rank, -1).copy("C") if data_format == "channels_last" else x


def same(lazy: Any, exact: Array) -> None:
    """Shape and dtype are told before anything is computed, and are those of the result."""
    assert lazy.shape == exact.shape
    assert lazy.dtype == exact.dtype
    assert_same_bits(lazy.compute(), exact)
    assert_same_bits(lazy.blocks[(-1,) * lazy.ndim].compute(), exact[tuple(slice(-c[-1], None) for c in lazy.chunks)])
