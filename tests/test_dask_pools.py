"""Pooling of Dask arrays in any chunks gives NumPy's result: maxima bit for bit, sums but for roundings."""

from typing import Any

import convx
import hypothesis.strategies as st
import numpy as np
import pytest
from checks import Array, assert_within
from hypothesis import given, settings
from random_cases import RandomPool, pool_cases

pytest.importorskip("dask.array")

from dask_arrays import FORMATS, chunked, da, last, same


def largest(x: Array) -> float:
    return float(np.abs(x).max(initial=0))


def nearly(lazy: Any, exact: Array, scale: float) -> None:
    assert lazy.shape == exact.shape
    assert lazy.dtype == exact.dtype
    found = lazy.compute()
    np.testing.assert_array_equal(np.isnan(found), np.isnan(exact))  # windows of nothing but padding
    found, exact = np.nan_to_num(found), np.nan_to_num(exact)
    assert_within(found, exact, 4 * float(np.finfo(exact.dtype).eps) * scale)


@settings(max_examples=50)
@given(
    pool_cases(),
    st.sampled_from(FORMATS),
    st.sampled_from(("float32", "float64", "float16")),
    st.sampled_from((1.0, 2.0, 3.0, np.inf)),
    st.data(),
)
def test_pools(case: RandomPool, data_format: Any, dtype: str, norm: float, data: Any) -> None:
    values = np.random.default_rng(case.seed).standard_normal(case.input).astype(dtype)
    x = last(values, data_format, case.rank)
    lazy = chunked(data.draw, x)
    arguments: dict[str, Any] = {**case.parameters, "data_format": data_format}
    largest_pool = f"max_pool{case.rank}d"
    same(getattr(convx.dask, largest_pool)(lazy, **arguments), getattr(convx, largest_pool)(x, **arguments))
    for kind, more in (("avg", case.average), ("lp", {"norm_type": norm})):
        function = f"{kind}_pool{case.rank}d"
        exact = getattr(convx, function)(x, **arguments, **more)
        nearly(getattr(convx.dask, function)(lazy, **arguments, **more), exact, case.terms * largest(x))
    rounded = np.round(x)  # equal elements: the first must be found
    exact = getattr(convx, largest_pool)(rounded, **arguments, return_indices=True)
    found = getattr(convx.dask, largest_pool)(lazy.round(), **arguments, return_indices=True)
    for got, wanted in zip(found, exact, strict=True):
        same(got, wanted)


@settings(max_examples=50)
@given(st.integers(1, 3), st.sampled_from(FORMATS), st.sampled_from(("float32", "float64", "float16")), st.data())
def test_adaptive_pools(rank: int, data_format: Any, dtype: str, data: Any) -> None:
    sizes = [data.draw(st.integers(1, (40, 14, 8)[rank - 1])) for _ in range(rank)]
    outputs = [data.draw(st.one_of(st.none(), st.integers(1, 9))) for _ in range(rank)]
    values = np.random.default_rng(sum(sizes)).standard_normal((2, 3, *sizes)).astype(dtype)
    x = last(values, data_format, rank)
    lazy = chunked(data.draw, x)
    average = f"adaptive_avg_pool{rank}d"
    exact = getattr(convx, average)(x, outputs, data_format=data_format)
    nearly(getattr(convx.dask, average)(lazy, outputs, data_format=data_format), exact, largest(x))
    maxima = f"adaptive_max_pool{rank}d"
    same(
        getattr(convx.dask, maxima)(lazy, outputs, data_format=data_format),
        getattr(convx, maxima)(x, outputs, data_format=data_format),
    )
    exact = getattr(convx, maxima)(x, outputs, True, data_format=data_format)
    for got, wanted in zip(
        getattr(convx.dask, maxima)(lazy, outputs, True, data_format=data_format), exact, strict=True
    ):
        same(got, wanted)


@settings(max_examples=30)
@given(st.integers(1, 3), st.sampled_from(FORMATS), st.booleans(), st.sampled_from(("float32", "float64")), st.data())
def test_global_pools(rank: int, data_format: Any, keepdims: bool, dtype: str, data: Any) -> None:
    values = np.random.default_rng(rank).standard_normal((2, 3, *(11,) * rank)).astype(dtype)
    x = last(values, data_format, rank)
    arguments: dict[str, Any] = {"keepdims": keepdims, "data_format": data_format}
    lazy, maps = chunked(data.draw, x), chunked(data.draw, x, 0)
    same(convx.dask.global_max_pool(lazy, **arguments), convx.global_max_pool(x, **arguments))
    for kind, more in (("avg", {}), ("lp", {}), ("lp", {"norm_type": 1}), ("lp", {"norm_type": np.inf})):
        function = f"global_{kind}_pool"
        exact = getattr(convx, function)(x, **arguments, **more)
        same(getattr(convx.dask, function)(maps, **arguments, **more), exact)
        nearly(getattr(convx.dask, function)(lazy, **arguments, **more), exact, 11**rank)


def test_maps_in_chunks_are_summed_in_float64() -> None:
    x = np.random.default_rng(0).standard_normal((1, 2, 300, 301), np.float32)
    lazy = da.from_array(x, chunks=(1, 1, 70, 64))
    exact = x.mean(axis=(2, 3), dtype=np.float64).astype(np.float32)
    np.testing.assert_array_equal(convx.dask.global_avg_pool(lazy, keepdims=False).compute(), exact)
    x[0, 1, 7, 9] = np.inf
    x[0, 0, 7, 9] = np.nan
    lazy = da.from_array(x, chunks=(1, 1, 70, 64))
    for name in ("global_avg_pool", "global_max_pool", "global_lp_pool"):
        found = getattr(convx.dask, name)(lazy).compute()
        np.testing.assert_array_equal(found, getattr(convx, name)(x), name)


@given(st.integers(1, 4), st.integers(1, 5), st.integers(-3, 2), st.data())
def test_maxout(pool: int, groups: int, axis: int, data: Any) -> None:
    shape = [4, 5, 6]
    shape[axis] = pool * groups
    x = np.random.default_rng(pool).standard_normal(shape).astype("float32")
    same(convx.dask.maxout(chunked(data.draw, x), pool, axis), convx.maxout(x, pool, axis))
