"""Filters of Dask arrays against those of NumPy arrays."""

import doctest
import inspect
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("dask.array")

import dask.array as da
from convx import ndimage
from convx.dask import ndimage as lazy
from dask_arrays import chunked, same

MODES = st.sampled_from(["reflect", "mirror", "nearest", "wrap", "constant", "grid-wrap", "grid-constant"])
WINDOWS = [name for name in lazy.__all__ if name.startswith(("maximum", "minimum", "uniform", "grey"))]
GAUSSIANS = [name for name in lazy.__all__ if name.startswith("gaussian")]
WEIGHTED = ["correlate", "convolve", "correlate1d", "convolve1d"]
FIXED = ["laplace", "prewitt", "sobel"]


def test_all_have_a_twin_that_can() -> None:
    missing = set(ndimage.__all__) - set(lazy.__all__)
    assert missing == {"generic_laplace", "generic_gradient_magnitude"}
    assert set(lazy.__all__) == {*WINDOWS, *GAUSSIANS, *WEIGHTED, *FIXED}


def arrays(data: Any, dtype: Any) -> Any:
    shape = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    numbers = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, 200, shape)
    return numbers.astype(dtype)


def axes_of(data: Any, ndim: int) -> Any:
    """All axes, one, or some in any order; negative ones too."""
    order = data.draw(st.permutations(range(ndim)))
    some = order[: data.draw(st.integers(1, ndim))]
    some = [axis - data.draw(st.sampled_from([0, ndim])) for axis in some]
    return data.draw(st.sampled_from([None, tuple(some), some[0]]))


def items(data: Any, count: int, one: Any) -> Any:
    """One item for all axes, or one for each."""
    return data.draw(st.one_of(one, st.lists(one, min_size=count, max_size=count)))


def arguments_of(name: str, data: Any, ndim: int) -> dict[str, Any]:
    chosen: dict[str, Any] = {"cval": data.draw(st.sampled_from([0.0, 3.0]))}
    if name.endswith("1d") or name in ("prewitt", "sobel"):
        chosen["axis"] = data.draw(st.integers(-ndim, ndim - 1))
        chosen["mode"] = data.draw(MODES)
        count = 1
    else:
        axes = chosen["axes"] = axes_of(data, ndim)
        count = ndim if axes is None else len(np.atleast_1d(axes))
        chosen["mode"] = data.draw(MODES) if name in WEIGHTED else items(data, count, MODES)
    if name in WINDOWS:
        size = st.integers(1, 6)
        chosen["size"] = data.draw(size) if name.endswith("1d") else items(data, count, size)
        least = int(np.min(chosen["size"]))
        chosen["origin"] = data.draw(st.integers(-(least // 2), (least - 1) // 2))
    elif name in GAUSSIANS:
        sigma = st.sampled_from([0.4, 0.6, 1.0])
        if name == "gaussian_gradient_magnitude":
            count = ndim  # of its Gaussians, whatever the axes
        chosen["sigma"] = data.draw(sigma) if name.endswith("1d") else items(data, count, sigma)
        chosen |= data.draw(st.sampled_from([{}, {"truncate": 2.0}]))
    elif name in WEIGHTED:
        shape = (data.draw(st.integers(1, 5)),) * (1 if name.endswith("1d") else count)
        chosen["weights"] = np.random.default_rng(0).integers(-3, 4, shape)
        chosen["origin"] = data.draw(st.integers(-(shape[0] // 2), (shape[0] - 1) // 2))
    return chosen


@pytest.mark.parametrize("name", lazy.__all__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_filters(name: str, data: Any) -> None:
    x = arrays(data, data.draw(st.sampled_from(["uint8", "int16", "float32", "float64"])))
    chosen = arguments_of(name, data, x.ndim)
    output = data.draw(st.sampled_from([None, "float32"]))
    expected = getattr(ndimage, name)(x, **chosen, output=output)
    found = getattr(lazy, name)(chunked(data.draw, x, *range(x.ndim)), **chosen, output=output)
    assert found.dtype == expected.dtype
    if (name in WINDOWS and "uniform" not in name) or expected.dtype.kind in "iu":
        same(found, expected)
    else:
        tolerance = 1e-4 if expected.dtype == np.float32 else 1e-10
        np.testing.assert_allclose(found.compute(), expected, rtol=tolerance, atol=200 * tolerance)


def test_blocks_lie_where_chunks_do_and_nothing_is_computed_yet() -> None:
    x = da.zeros((100, 100), chunks=(30, 50))
    filtered = lazy.gaussian_filter(x, 1)
    assert isinstance(filtered, da.Array)
    assert filtered.chunks == x.chunks


def test_an_axis_that_is_not_filtered_is_not_exchanged() -> None:
    x = da.zeros((4, 100, 100), chunks=(1, 50, 50))
    assert lazy.uniform_filter(x, (1, 5, 5)).chunks == x.chunks
    assert lazy.uniform_filter(x, 9, axes=(1, 2)).chunks == x.chunks


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: lazy.sobel(np.zeros((4, 4))), TypeError, "sobel: input must be a dask array, got ndarray"),
        (
            lambda x: lazy.sobel(x, output=np.zeros((4, 4))),
            TypeError,
            "sobel: output must be a dtype or None, got ndarray",
        ),
        (lambda x: lazy.sobel(x, mode="edge"), RuntimeError, "sobel: mode must be one of .*write 'nearest'"),
        (lambda x: lazy.correlate(x, np.ones(3)), RuntimeError, "correlate: "),
        (lambda x: lazy.gaussian_filter(x, 1, axes=(0, 5)), ValueError, "gaussian_filter: axes"),
        (lambda x: lazy.gaussian_filter(x), TypeError, "sigma"),
        (lambda x: lazy.sobel(x[x[:, 0] > 0]), ValueError, "chunks of known sizes"),
    ],
)
def test_mistakes_are_told_at_once(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call(da.zeros((4, 4), chunks=2))


def test_masked_arrays_are_refused() -> None:
    x = da.ma.masked_equal(da.zeros((4, 4), chunks=2), 1)
    with pytest.raises(TypeError, match="mask"):
        lazy.sobel(x)


@pytest.mark.parametrize("name", lazy.__all__)
def test_texts_and_signatures_are_those_of_the_twins(name: str) -> None:
    twin = getattr(lazy, name)
    assert inspect.signature(twin) == inspect.signature(getattr(ndimage, name))
    assert f":func:`convx.ndimage.{name}`" in twin.__doc__
    assert not re.search(r"^ndarray", twin.__doc__, re.MULTILINE)
    assert "num-threads" in twin.__doc__
    assert max(map(len, twin.__doc__.splitlines())) <= 120
    (example,) = doctest.DocTestFinder().find(twin, name, globs={})
    assert doctest.DocTestRunner().run(example).failed == 0
