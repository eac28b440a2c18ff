"""Labelled arrays: xarray hands Dask arrays over, or blocks of them."""

import convx
import numpy as np
import pytest
from checks import assert_same_bits

pytest.importorskip("dask.array")
xarray = pytest.importorskip("xarray")

W = np.random.default_rng(1).standard_normal((4, 3, 3, 3), np.float32)


@pytest.fixture
def maps() -> "xarray.DataArray":
    values = np.random.default_rng(0).standard_normal((2, 3, 24, 30), np.float32)
    return xarray.DataArray(values, dims=("time", "band", "y", "x"), coords={"time": [3, 5]})


def test_whole_arrays(maps: "xarray.DataArray") -> None:
    """dask='allowed': convx.dask sees the chunks and exchanges what windows share."""
    result = xarray.apply_ufunc(
        convx.dask.conv2d,
        maps.chunk({"time": 1, "y": 7, "x": 11}),
        kwargs={"weight": W, "padding": "same", "algorithm": "direct"},
        input_core_dims=[["band", "y", "x"]],
        output_core_dims=[["map", "y", "x"]],
        exclude_dims={"y", "x"},
        dask="allowed",
    )
    assert result.dims == ("time", "map", "y", "x")
    assert result.chunksizes["y"] == (7, 7, 7, 3)
    assert list(result.time.values) == [3, 5]
    assert_same_bits(result.values, convx.conv2d(maps.values, W, padding="same", algorithm="direct"))


def test_images_one_by_one(maps: "xarray.DataArray") -> None:
    """dask='parallelized': convx itself, where no image is cut."""
    result = xarray.apply_ufunc(
        convx.max_pool2d,
        maps.chunk({"time": 1}),
        kwargs={"kernel_size": 2},
        input_core_dims=[["band", "y", "x"]],
        output_core_dims=[["band", "y", "x"]],
        exclude_dims={"y", "x"},
        dask="parallelized",
        output_dtypes=[np.float32],
        dask_gufunc_kwargs={"output_sizes": {"y": 12, "x": 15}},
    )
    assert_same_bits(result.values, convx.max_pool2d(maps.values, 2))
