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


@pytest.mark.parametrize("kind", ["noise", "bright", "rising"])
def test_long_and_odd_lines_are_scipys(isa, kind):
    """Up to the last number of taps that 16 bits take and beyond, and weights that they do not take."""
    image = image_of(kind, (90, 301))
    lines = [np.exp(-(np.arange(-half, half + 1) ** 2) / half**2) for half in (8, 15, 40, 41)]
    lines = [line / line.sum() for line in lines] + [
        [0.1, 0.3, 0.1],
        [0.49999, 0.00002, 0.49999],
        [0.1, 0.4, 0, 0.4, 0.1],
    ]
    for line in lines:
        for axis in (0, 1):
            expected = scipy_ndimage.correlate1d(image, line, axis)
            np.testing.assert_array_equal(ndimage.correlate1d(image, line, axis), expected, f"{len(line)} {axis}")


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


@pytest.mark.parametrize("kind", ["noise", "bright", "flat", "rising"])
def test_sums_of_three_bytes_are_scipys(isa, kind):
    """Weights that one product gives, those of no product of 16 bits, thirds, halves, and some that barely weigh."""
    image = image_of(kind, (70, 301))
    outer = [0.1, 0.106507, 1 / 8, 0.2, 0.239, 0.25, 0.3, 1 / 3, 0.45, 0.5, 1e-3, 1e-6, 1 / 510, 100 / 509, 1 / 16384]
    for number, w in enumerate(outer + list(np.random.default_rng(1).random(20) / 2)):
        keywords = {"mode": MODES[number % len(MODES)], "cval": 3}
        found = expected = image
        for axis in (0, 1):
            found = ndimage.correlate1d(found, [w, 1 - 2 * w, w], axis, **keywords)
            expected = scipy_ndimage.correlate1d(expected, [w, 1 - 2 * w, w], axis, **keywords)
            np.testing.assert_array_equal(found, expected, f"{w} along axis {axis}")


def test_each_sum_of_three_bytes_is_scipys(isa):
    """All values between all of some neighbours."""
    middle, first, last = np.meshgrid(np.arange(256), np.arange(0, 256, 3), [0, 1, 100, 254, 255], indexing="ij")
    image = np.stack([first.ravel(), middle.ravel(), last.ravel()]).astype(np.uint8)
    for sigma in (0.3, 0.5, 0.62, 0.8, 1.3):
        expected = scipy_ndimage.gaussian_filter1d(image, sigma, 0, radius=1)
        np.testing.assert_array_equal(ndimage.gaussian_filter1d(image, sigma, 0, radius=1), expected, str(sigma))


@pytest.mark.parametrize("shape", [(1, 1), (9, 33), (300, 70), (33, 300, 3), (20, 30, 4), (5, 6, 40)], ids=str)
def test_means_of_bytes_are_scipys(isa, shape):
    image = image_of("noise", shape)
    random = np.random.default_rng(0)
    for number, sizes in enumerate(
        [(1, 2), (2, 1), (3, 3), (4, 5), (9, 9), (16, 31), (64, 65), (130, 127), (256, 255)]
    ):
        origins = [int(random.integers(-(size // 2), (size - 1) // 2 + 1)) for size in sizes]
        keywords = {"mode": MODES[number % len(MODES)], "cval": 200, "axes": (0, 1), "origin": origins}
        expected = scipy_ndimage.uniform_filter(image, sizes, **keywords)
        np.testing.assert_array_equal(ndimage.uniform_filter(image, sizes, **keywords), expected, str(keywords))


@pytest.mark.parametrize("size", [*range(2, 40), 63, 64, 65, 127, 128, 129, 170, 254, 255, 256, 257, 300])
def test_means_of_bytes_are_exact(isa, size):
    """Of sums that the size divides, and of those next to them."""
    rising = np.repeat(np.arange(256, dtype=np.uint8), 3 * size)[None].repeat(2, 0)
    for axis, image in ((1, rising), (0, rising.T)):
        expected = scipy_ndimage.uniform_filter1d(image, size, axis)
        np.testing.assert_array_equal(ndimage.uniform_filter1d(image, size, axis), expected)


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


@pytest.mark.parametrize(
    "filtered", [lambda x: ndimage.gaussian_filter(x, 1.0), lambda x: ndimage.uniform_filter(x, 9)]
)
def test_bytes_of_any_threads(isa, keep_threads, filtered):
    image = image_of("noise", (300, 257))
    convx.set_num_threads(1)
    expected = filtered(image)
    for threads in (2, 3):
        convx.set_num_threads(threads)
        np.testing.assert_array_equal(filtered(image), expected)


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
