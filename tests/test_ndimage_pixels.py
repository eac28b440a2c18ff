"""Correlation of 8- and 16-bit pixels, which the core does as they are, against scipy.ndimage to the last integer."""

import itertools

import numpy as np
import pytest
from checks import use_isa
from convx import ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

scipy_ndimage = pytest.importorskip("scipy.ndimage")

PIXELS = ("bool", "uint8", "int8", "uint16", "int16")
RESULTS = ("uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", "uint64", "float32", "float64")
MODES = ("reflect", "mirror", "nearest", "wrap", "constant")
KINDS = ("mean", "whole", "halves", "tenths", "any")


def pixels(rng, dtype, shape):
    """Noise, now and then of one colour in all or in half of it, seen through some view."""
    kind = np.dtype(dtype)
    low, high = (0, 1) if kind.kind == "b" else (np.iinfo(kind).min, np.iinfo(kind).max)
    array = rng.integers(low, high, [2 * size for size in shape], endpoint=True).astype(kind)
    flat = rng.random()
    if flat < 0.4:
        array[: len(array) if flat < 0.2 else len(array) // 2] = array.flat[0]
    views = [slice(0, size) if rng.random() < 0.5 else slice(None, None, (-2, 2)[rng.integers(2)]) for size in shape]
    array = array[tuple(views)]
    return array.transpose(rng.permutation(array.ndim)) if rng.random() < 0.3 else array


def weights(rng, kind, shape):
    """Kernels of sums at whole numbers, between two, near them, and anywhere."""
    if kind == "mean":
        return np.full(shape, 1 / np.prod(shape))
    if kind == "any":
        return rng.normal(size=shape)
    return rng.integers(-4, 6, shape) / {"whole": 1, "halves": 2, "tenths": 10}[kind]


def same(found, expected, scale):
    """Integers are SciPy's; floats are summed in their own precision."""
    assert found.dtype == expected.dtype
    if found.dtype.kind == "f":
        np.testing.assert_allclose(found, expected, rtol=0, atol=np.finfo(found.dtype).eps * scale)
    else:
        np.testing.assert_array_equal(found, expected)


@settings(max_examples=300, deadline=None)
@given(
    types=st.tuples(st.sampled_from(PIXELS), st.sampled_from(RESULTS)),
    kind=st.sampled_from(KINDS),
    mode=st.sampled_from(MODES),
    shape=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    cval=st.sampled_from([0.0, 7.0, 0.1, -300.5]),
    seed=st.integers(0, 2**20),
)
def test_all_arguments(isa_name, types, kind, mode, shape, cval, seed):
    rng = np.random.default_rng(seed)
    image = pixels(rng, types[0], shape)
    sizes = rng.integers(1, 6, image.ndim)
    kernel = weights(rng, kind, sizes)
    if np.dtype(types[1]).kind == "u":  # C leaves open what becomes of sums below zero
        kernel, cval = np.abs(kernel), abs(cval)
        image = np.abs(image.astype("int32")).astype("uint8") if image.dtype.kind == "i" else image
    scale = np.abs(kernel).sum() * max(np.abs(image.astype(float)).max(), abs(cval))
    if np.dtype(types[1]).kind in "iu" and scale >= 2**31:
        return
    arguments = {"output": np.dtype(types[1]), "mode": mode, "cval": cval}
    arguments["origin"] = [int(rng.integers(-(size // 2), (size - 1) // 2, endpoint=True)) for size in sizes]
    line, axis = kernel.ravel()[: 1 + len(kernel.ravel()) % 9], int(rng.integers(image.ndim))
    if rng.random() < 0.5:
        line = line + (-1) ** int(rng.integers(2)) * line[::-1]
    if np.dtype(types[1]).kind == "u":
        line = np.abs(line)
    with use_isa(isa_name):
        found = ndimage.correlate(image, kernel, **arguments)
        turned = ndimage.convolve(image, kernel, **{**arguments, "origin": 0})
        along = ndimage.correlate1d(image, line, axis, **{**arguments, "origin": 0})
    scale *= kernel.size + 2  # of the error
    same(found, scipy_ndimage.correlate(image, kernel, **arguments), scale)
    same(turned, scipy_ndimage.convolve(image, kernel, **{**arguments, "origin": 0}), scale)
    same(along, scipy_ndimage.correlate1d(image, line, axis, **{**arguments, "origin": 0}), 2 * scale)


@pytest.mark.parametrize("size", [3, 5, 7, 9, 13, 25])
def test_photographs_and_constant_areas(isa_name, size):
    rng = np.random.default_rng(size)
    image = rng.integers(0, 256, (150, 1400), np.uint8)
    image[:, 100:900] = rng.integers(0, 256, (150, 1), np.uint8)
    for dtype, out in itertools.product(("uint8", "uint16"), ("uint8", "int16")):
        for kernel in (np.full((size, size), 1 / size**2), rng.random((size, size)) / size**2 * 2):
            picture = image.astype(dtype) * (1 if dtype == "uint8" else 100)
            with use_isa(isa_name):
                found = ndimage.correlate(picture, kernel, out)
            np.testing.assert_array_equal(found, scipy_ndimage.correlate(picture, kernel, out))


@pytest.mark.parametrize("pixel", ["uint8", "int16"])
def test_in_place_and_colours(pixel):
    rng = np.random.default_rng(3)
    image = rng.integers(0, 120, (40, 50, 3)).astype(pixel)
    kernel = rng.random((5, 3)) / 15
    expected = scipy_ndimage.correlate(image, kernel, axes=(0, 1))
    np.testing.assert_array_equal(ndimage.correlate(image, kernel, axes=(0, 1)), expected)
    shifted = ndimage.correlate(image, kernel, axes=(0, 1), mode="mirror", origin=(-1, 1))
    np.testing.assert_array_equal(
        shifted, scipy_ndimage.correlate(image, kernel, axes=(0, 1), mode="mirror", origin=(-1, 1))
    )
    assert ndimage.correlate(image, kernel, image, axes=(0, 1)) is image
    np.testing.assert_array_equal(image, expected)
    wide = np.zeros((40, 150), "float32")
    ndimage.correlate(image[..., 0], kernel, wide[:, ::3])
    np.testing.assert_allclose(wide[:, ::3], scipy_ndimage.correlate(image[..., 0], kernel, "float32"), atol=1e-4)


@pytest.mark.parametrize("shape", [(90, 61), (700,), (20, 21, 22)], ids=str)
@pytest.mark.parametrize("mode", ["reflect", "mirror", "nearest", "wrap", "constant"])
def test_large_windows(isa_name, mode, shape):
    """By transforms where sums of products take longer: noise, areas of one value, and weights of one side."""
    rng = np.random.default_rng(0)
    sizes = {1: (301,), 2: (19, 17), 3: (5, 8, 8)}[len(shape)]
    for number, (pixel, out) in enumerate(itertools.product(("uint8", "int8"), ("uint8", "int16"))):
        image = rng.integers(0, 120, shape).astype(pixel)
        image[len(image) // 2 :] = 77
        for kernel in (
            rng.random(sizes) / np.prod(sizes),
            np.full(sizes, 1 / np.prod(sizes)),
            rng.integers(0, 2, sizes) / 256,
        ):
            keywords = {"mode": mode, "cval": 9, "origin": [min(number, 2)] * len(shape)}
            with use_isa(isa_name):
                found = ndimage.correlate(image, kernel, out, **keywords)
            np.testing.assert_array_equal(found, scipy_ndimage.correlate(image, kernel, out, **keywords))
