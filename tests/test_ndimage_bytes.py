"""Mirrored kernels over bytes, and two kernels added, against scipy.ndimage: on every instruction set."""

import convx
import numpy as np
import pytest
from convx import ndimage

scipy_ndimage = pytest.importorskip("scipy.ndimage")

MODES = ["reflect", "mirror", "nearest", "wrap", "constant"]
GAUSSIANS = [(0.3, 1), (0.5, 1), (0.8, 1), (5 / 6, 2), (7 / 6, 3), (2.5, 7), (4.0, 12)]


def image_of(kind, shape):
    random = np.random.default_rng(0)
    if kind == "noise":
        return random.integers(0, 256, shape, np.uint8)
    if kind == "bright":
        return random.integers(250, 256, shape, np.uint8)
    if kind == "flat":
        return np.full(shape, 77, np.uint8)
    steps = np.arange(np.prod(shape)).reshape(shape) % 3001 // 11  # rising evenly, with edges
    return (steps % 256).astype(np.uint8)


@pytest.mark.parametrize("kind", ["noise", "bright", "flat", "rising"])
@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (9, 33), (70, 301), (3, 9000), (40, 41, 3), (30, 50, 4)], ids=str)
def test_gaussians_of_bytes_are_scipys(isa, kind, shape):
    image = image_of(kind, shape)
    for number, (sigma, radius) in enumerate(GAUSSIANS):
        keywords = {"radius": radius, "mode": MODES[number % len(MODES)], "cval": 200, "axes": (0, 1)}
        expected = scipy_ndimage.gaussian_filter(image, sigma, **keywords)
        np.testing.assert_array_equal(ndimage.gaussian_filter(image, sigma, **keywords), expected, str(keywords))


def test_all_flat_areas_are_scipys(isa):
    """Whether the sum of weights times a value reaches the value is a matter of the last bit."""
    image = np.repeat(np.arange(256, dtype=np.uint8), 20).reshape(1, -1).repeat(9, 0)
    for sigma, radius in GAUSSIANS:
        expected = scipy_ndimage.gaussian_filter(image, sigma, radius=radius)
        np.testing.assert_array_equal(ndimage.gaussian_filter(image, sigma, radius=radius), expected)


@pytest.mark.parametrize("weights", [(1, 2, 1), (1, 4, 6, 4, 1), (0, 1, 0), (2, 1, 2)], ids=str)
@pytest.mark.parametrize("kind", ["noise", "flat"])
def test_sums_that_floats_hold_are_scipys(isa, kind, weights):
    """Every fourth or sixteenth of them is whole."""
    image = image_of(kind, (50, 90))
    for divisor in (2 ** int(np.ceil(np.log2(sum(weights)))), 2 * sum(weights), 4096):
        line = np.array(weights) / divisor
        for axis in (0, 1):
            expected = scipy_ndimage.correlate1d(image, line, axis)
            np.testing.assert_array_equal(ndimage.correlate1d(image, line, axis), expected)


@pytest.mark.parametrize("pixels", ["uint8", "float32"])
@pytest.mark.parametrize("width", [2051, 4099, 8195])
def test_means_of_windows_that_reach_far_to_one_side(isa, pixels, width):
    """What lies beyond the last columns is mirrored from more columns than the narrowest strip might have."""
    image = image_of("noise", (70, width)).astype(pixels)
    for origin in (-15, 15):
        expected = scipy_ndimage.uniform_filter(
            image.astype(np.float64 if pixels == "float32" else pixels), 31, origin=(0, origin)
        )
        np.testing.assert_allclose(ndimage.uniform_filter(image, 31, origin=(0, origin)), expected, rtol=1e-5)


def test_bytes_of_any_threads(isa, keep_threads):
    image = image_of("noise", (300, 257))
    convx.set_num_threads(1)
    expected = ndimage.gaussian_filter(image, 1.0)
    for threads in (2, 3):
        convx.set_num_threads(threads)
        np.testing.assert_array_equal(ndimage.gaussian_filter(image, 1.0), expected)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pixels", ["float32", "float64", "uint8"])
def test_laplace_up_to_the_sides(isa, mode, pixels):
    random = np.random.default_rng(0)
    for shape in ((1, 1), (1, 9), (9, 1), (2, 2), (3, 40), (70, 65), (130, 1500), (4, 9000), (20, 21, 3), (5, 6, 40)):
        image = (255 * random.random(shape)).astype(pixels)
        expected = scipy_ndimage.laplace(image, np.float64, mode=mode, cval=3)
        found = ndimage.laplace(image, np.float64 if pixels == "float64" else np.float32, mode=mode, cval=3)
        tolerance = 3e-12 if pixels == "float64" else 3e-4
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance, err_msg=str(shape))


def test_laplace_leaves_infinities_where_they_are(isa):
    image = np.ones((40, 1100), np.float32)
    image[20, [0, 500, 1099]] = np.inf, np.nan, -np.inf
    with np.errstate(invalid="ignore"):
        expected = scipy_ndimage.laplace(image.astype(np.float64))
    np.testing.assert_array_equal(np.isfinite(ndimage.laplace(image)), np.isfinite(expected))
