"""The fused filter of convx.ndimage: along columns, then along rows, in one pass."""

import tracemalloc

import convx
import numpy as np
import pytest
from convx import _core, ndimage

LINE = (np.array([0.25, 0.5, 0.25]), 1, "symmetric", False)


def separable(input, out, down=LINE, along=LINE, *, added=False, inner=1, cval=0.0):
    _core.separable("filter", input, out, down, along, added, inner, cval)
    return out


def along_axis(array, line, axis, cval=0.0):
    """Correlate by plain loops, in float64."""
    weights, before, mode, _ = line
    width = [(0, 0)] * array.ndim
    width[axis] = (before, len(weights) - 1 - before)
    mode = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}.get(mode, mode)
    values = {"constant_values": cval} if mode == "constant" else {}
    padded = np.pad(array.astype(np.float64), width, mode, **values)
    size = array.shape[axis]
    return sum(w * padded.take(range(t, t + size), axis) for t, w in enumerate(weights))


@pytest.mark.parametrize("mode", ["zeros", "reflect", "symmetric", "replicate", "circular"])
@pytest.mark.parametrize("kind", ["float32", "float64", "uint8", "int16"])
@pytest.mark.parametrize("shape", [(2, 9, 12), (1, 70, 3300), (3, 5, 6)])
def test_sums_of_both_axes(mode, kind, shape):
    random = np.random.default_rng(0)
    array = random.integers(0, 100, shape).astype(kind)
    down, along = ((random.standard_normal(size), size // 3, mode, False) for size in (4, 5))
    rounded = np.float64 if kind == "float64" else np.float32
    inner = 3
    found = separable(array, np.empty(shape, rounded), down, along, inner=inner, cval=7.0)
    pixels = array.reshape(*shape[:2], shape[2] // inner, inner)
    expected = along_axis(along_axis(pixels, down, 1, 7.0), along, 2, 7.0).reshape(shape)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * 1e4 if kind == "float64" else 1e-3)
    found = separable(array, np.empty(shape, rounded), down, along, inner=inner, cval=7.0, added=True)
    expected = (along_axis(pixels, down, 1, 7.0) + along_axis(pixels, along, 2, 7.0)).reshape(shape)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * 1e4 if kind == "float64" else 1e-3)


@pytest.mark.parametrize("size", [2, 9, 31, 64, 200])
def test_error_of_a_box(size):
    """A sum of n numbers is made of n - 1 additions, however far from the border it lies."""
    array = np.random.default_rng(size).standard_normal((300, 700)).astype(np.float32) + 1000
    found = ndimage.uniform_filter(array, size)
    exact = ndimage.uniform_filter(array.astype(np.float64), size)
    assert np.abs(found - exact).max() <= (2 * size + 2) * 2.0**-24 * np.abs(array).max()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("size", [3, 9, 40])
def test_what_is_not_finite_stays_under_its_windows(value, size):
    array = np.ones((100, 120), np.float32)
    array[50, 60] = value
    found = ndimage.uniform_filter(array, size)
    reached = np.zeros(array.shape, bool)
    low, high = size - 1 - size // 2, size // 2
    reached[50 - low : 51 + high, 60 - low : 61 + high] = True
    np.testing.assert_array_equal(np.isfinite(found), ~reached)
    np.testing.assert_allclose(found[~reached], 1, rtol=1e-6)


def test_means_of_integers_are_those_of_their_sums():
    for dtype, size in (("uint8", 63), ("int8", 7), ("uint16", 40), ("int16", 3)):
        info = np.iinfo(dtype)
        array = np.random.default_rng(1).integers(info.min, info.max, (90, 200), dtype, endpoint=True)
        array[:, :70] = info.max
        padded = np.pad(array.astype(np.int64), ((size // 2, size - 1 - size // 2), (0, 0)), "symmetric")
        sums = np.lib.stride_tricks.sliding_window_view(padded, size, axis=0).sum(-1)
        found = ndimage.uniform_filter1d(array, size, axis=0)
        np.testing.assert_array_equal(found, np.trunc(sums / size).astype(dtype))
        turned = ndimage.uniform_filter1d(np.ascontiguousarray(array.T), size, axis=1)
        np.testing.assert_array_equal(turned, found.T)


@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_bits_do_not_depend_on_threads(kind):
    array = (np.random.default_rng(2).random((500, 700, 3)) * 255).astype(kind)
    before = convx.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            convx.set_num_threads(threads)
            gaussian, box = ndimage.gaussian_filter(array, 2, axes=(0, 1)), ndimage.uniform_filter(array, 21)
            results.append((gaussian.tobytes(), box.tobytes()))
    finally:
        convx.set_num_threads(before)
    assert results[0] == results[1] == results[2]


def test_each_colour_is_filtered_alone():
    image = np.random.default_rng(3).integers(0, 256, (60, 80, 4), np.uint8)
    found = ndimage.gaussian_filter(image, 1.5, axes=(0, 1))
    alone = [ndimage.gaussian_filter(np.ascontiguousarray(image[:, :, c]), 1.5) for c in range(4)]
    np.testing.assert_array_equal(found, np.stack(alone, -1))


def test_a_part_of_an_image_is_read_where_it_lies():
    image = np.random.default_rng(4).random((300, 400), dtype=np.float32)
    part = image[20:-30, 11:-9]
    out = np.zeros((300, 400), np.float32)
    ndimage.gaussian_filter(part, 1.5, output=out[20:-30, 11:-9])
    np.testing.assert_array_equal(out[20:-30, 11:-9], ndimage.gaussian_filter(part.copy(), 1.5))
    assert not out[:20].any()
    assert not out[:, -9:].any()


def test_no_copy_of_an_image():
    image = np.zeros((2000, 2000), np.float32)
    tracemalloc.start()
    try:
        result = ndimage.gaussian_filter(image, 3)
        assert tracemalloc.get_traced_memory()[1] < result.nbytes + (1 << 20)
    finally:
        tracemalloc.stop()


IMAGE = np.zeros((1, 4, 6), np.float32)
BAD = [
    ({"input": IMAGE[0]}, ValueError, "input must have three axes"),
    ({"out": np.zeros((1, 4, 5), np.float32)}, ValueError, r"out must have shape \(1, 4, 6\)"),
    ({"out": np.zeros((1, 6, 4), np.float32).swapaxes(1, 2)}, ValueError, "out must have three axes, the last"),
    ({"input": IMAGE.astype(np.int64)}, TypeError, "pixels must be float32, float64 or of 8 or 16 bits"),
    ({"down": (np.ones(3), 3, "zeros", False)}, ValueError, "down must have weights of one axis"),
    ({"along": (np.ones(3), 1, "mirror", False)}, ValueError, "along must be one of 'zeros'"),
    ({"along": 3}, TypeError, "along must be None or weights"),
    ({"inner": 4}, ValueError, "inner must divide the last axis, got 4"),
]


@pytest.mark.parametrize(("argument", "error", "message"), BAD)
def test_bad_arguments(argument, error, message):
    good = {"input": IMAGE, "out": IMAGE.copy(), "down": LINE, "along": LINE}
    with pytest.raises(error, match=f"^filter: {message}"):
        separable(**(good | argument))


def test_sums_of_integers_that_may_not_fit():
    pixels = np.zeros((1, 4, 6), np.int16)
    with pytest.raises(ValueError, match="do not fit into 32 bits"):
        separable(pixels, pixels.copy(), (np.full(3, 1e6), 1, "zeros", False), None)
