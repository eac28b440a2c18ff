"""What is special about Fourier transforms: tiles of every form, pieces of long kernels, accuracy, scratch."""

from typing import Any

import convx
import numpy as np
import pytest
from cases import Array
from checks import ACCURATE_FACTOR, assert_same_bits, assert_within

# input, weight, parameters
SHAPES: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "image": ((1, 1, 300, 310), (1, 1, 31, 31), {}),
    "one_tile": ((1, 1, 20, 20), (2, 1, 20, 20), {"padding": 3}),
    "odd_tiles": ((2, 3, 75, 130), (5, 3, 9, 12), {"padding": (4, 0)}),
    "rows": ((1, 2, 30, 700), (3, 2, 1, 101), {"padding": (0, 50)}),
    "few_rows": ((1, 1, 3, 5000), (1, 1, 1, 401), {}),
    "columns": ((1, 2, 700, 30), (3, 2, 101, 1), {"stride": (2, 1)}),
    "one_column": ((1, 1, 900, 1), (2, 1, 77, 1), {}),
    "signal": ((2, 3, 20_000), (4, 3, 1001), {"padding": 500}),
    "signal_stride": ((1, 1, 9000), (2, 1, 257), {"stride": 5, "dilation": 3}),
    "volume": ((1, 2, 20, 33, 31), (3, 2, 5, 7, 3), {"padding": 2, "stride": (1, 2, 1)}),
    "planes": ((1, 2, 9, 40, 40), (3, 2, 1, 11, 11), {"stride": (2, 1, 3)}),
    "channels": ((1, 70, 40, 40), (50, 70, 9, 9), {"padding": 4}),
    "steps_shared_by_threads": ((1, 24, 30, 33), (34, 24, 7, 7), {"padding": 3}),
    "groups": ((1, 12, 50, 50), (24, 2, 13, 13), {"groups": 6, "padding": "same"}),
    "dilation": ((1, 1, 120, 120), (1, 1, 5, 5), {"dilation": (20, 3)}),
    "vast_stride": ((1, 1, 500, 500), (1, 1, 11, 11), {"stride": (100, 333)}),
    # Kernels that no tile holds, in pieces along one axis or each tap alone.
    "pieces_of_a_signal": ((1, 1, 300_000), (1, 1, 150_000), {}),
    "pieces_of_an_image": ((1, 1, 900, 900), (1, 1, 700, 700), {}),
    "taps_apart": ((1, 1, 400_000), (2, 1, 3), {"dilation": 150_000, "padding": 7}),
}


def arrays(name: str, dtype: Any, *, positive: bool = False) -> tuple[Array, Array, dict[str, Any]]:
    rng = np.random.default_rng(len(name))
    x, w = (rng.uniform(0 if positive else -1, 1, shape).astype(dtype) for shape in SHAPES[name][:2])
    return x, w, SHAPES[name][2]


def function(x: Array) -> Any:
    return (convx.conv1d, convx.conv2d, convx.conv3d)[x.ndim - 3]


def plan(x: Array) -> Any:
    return (convx.Conv1d, convx.Conv2d, convx.Conv3d)[x.ndim - 3]


def rolled(x: Array, w: Array) -> Array:
    """All places where the kernel lies wholly in one channel of one image, by NumPy's transforms."""
    sizes, axes = x.shape[2:], tuple(range(x.ndim - 2))
    spectra = np.fft.rfftn(x[0, 0], sizes, axes) * np.conj(np.fft.rfftn(w[0, 0], sizes, axes))
    valid = tuple(slice(n - k + 1) for n, k in zip(sizes, w.shape[2:], strict=True))
    return np.fft.irfftn(spectra, sizes, axes)[valid]


@pytest.mark.parametrize("name", [name for name in SHAPES if not name.startswith("pieces")])
def test_stays_within_its_bound(isa: str, dtype: np.dtype, name: str) -> None:
    x, w, parameters = arrays(name, dtype, positive=True)
    expected = function(x)(x.astype("float64"), w.astype("float64"), **parameters, algorithm="direct")
    bound = ACCURATE_FACTOR * float(np.finfo(dtype).eps) * w[0].size
    assert_within(function(x)(x, w, **parameters, algorithm="fft"), expected, bound, name)


@pytest.mark.parametrize("name", ["image", "pieces_of_a_signal", "pieces_of_an_image"])
def test_is_what_numpys_transforms_make(name: str, dtype: np.dtype) -> None:
    x, w, parameters = arrays(name, dtype)
    expected = rolled(x.astype("float64"), w.astype("float64"))
    actual = function(x)(x, w, **parameters, algorithm="fft")[0, 0]
    norm = float(np.linalg.norm(w.astype("float64")))
    assert_within(actual, expected, 64 * float(np.finfo(dtype).eps) * norm, name)


@pytest.mark.parametrize("taps", [9, 15, 31, 63])
def test_large_kernels_err_less_than_a_direct_sum(isa: str, taps: int) -> None:
    rng = np.random.default_rng(taps)
    x, w = (
        rng.uniform(0, 1, (1, 1, 200, 200)).astype("float32"),
        rng.uniform(0, 1, (1, 1, taps, taps)).astype("float32"),
    )
    exact = convx.conv2d(x.astype("float64"), w.astype("float64"))

    def error(algorithm: str) -> float:
        return float(np.sqrt(np.mean((convx.conv2d(x, w, algorithm=algorithm) - exact) ** 2)))

    assert error("fft") < error("direct")


@pytest.mark.parametrize("name", ["odd_tiles", "signal", "volume", "channels", "groups", "steps_shared_by_threads"])
def test_bits_depend_neither_on_threads_nor_on_the_batch(name: str, keep_threads: int) -> None:
    x, w, parameters = arrays(name, "float32")
    p = plan(x)(w, **parameters, algorithm="fft")
    convx.set_num_threads(1)
    expected = p(x)
    for threads in (2, 3):
        convx.set_num_threads(threads)
        assert_same_bits(p(x), expected, f"{threads} threads")
        batch = p(np.concatenate([x, x[::-1], x]))
        assert_same_bits(batch[: len(x)], expected, "of a batch")
        assert_same_bits(batch[-len(x) :], expected, "of a batch")


@pytest.mark.parametrize("name", SHAPES)
def test_scratch_stays_below_five_mebibytes_a_thread(name: str, isa: str, dtype: np.dtype) -> None:
    x, w, parameters = arrays(name, dtype)
    with convx.num_threads(2):
        assert plan(x)(w, **parameters, algorithm="fft").workspace_bytes(x.shape) <= 2 * 5 << 20


def no_product(size: int, dtype: np.dtype) -> np.ndarray:
    """A filter of positive weights that "separable" cannot split."""
    return (np.ones((size, size)) + np.eye(size)).astype(dtype)[None, None]


def test_auto_takes_it_for_large_kernels_of_finite_arrays(isa: str, dtype: np.dtype) -> None:
    x, w = np.ones((1, 1, 512, 512), dtype), no_product(31, dtype)
    p = convx.Conv2d(w)
    assert p.algorithm_for(x.shape) == "fft"
    assert convx.Conv1d(np.ones((1, 1, 1001), dtype)).algorithm_for((1, 1, 100_000)) == "fft"
    assert convx.Conv2d(w).algorithm_for((1, 1, 40, 40)) != "fft", "a small call"
    x[0, 0, 400, 400] = np.inf
    spread = np.isinf(p(x)[0, 0])
    assert spread.sum() == 31 * 31
    assert np.isinf(p(x)[0, 0, 370:401, 370:401]).all()
    w[0, 0, 3, 4] = np.nan
    assert convx.Conv2d(w).algorithm_for(x.shape) != "fft"


def test_is_not_taken_where_transforms_are_forbidden(keep_winograd: None, dtype: np.dtype) -> None:
    p = convx.Conv2d(no_product(31, dtype))
    convx.set_winograd("accurate")
    assert p.algorithm_for((1, 1, 512, 512)) == "fft"
    convx.set_winograd("off")
    assert p.algorithm_for((1, 1, 512, 512)) != "fft"


def test_named_it_spreads_a_nan_over_tiles_but_loses_none() -> None:
    x = np.ones((1, 1, 400, 400), "float32")
    x[0, 0, 200, 200] = np.nan
    nans = np.isnan(convx.conv2d(x, np.ones((1, 1, 9, 9), "float32"), algorithm="fft")[0, 0])
    assert nans[192:201, 192:201].all()
    assert not nans.all()
