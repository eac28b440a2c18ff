"""convx.ndimage against scipy.ndimage: every argument of every function, drawn at random."""

import warnings

import numpy as np
import pytest
from convx import ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

scipy_ndimage = pytest.importorskip("scipy.ndimage")

MODES = ["reflect", "mirror", "nearest", "wrap", "constant", "grid-mirror", "grid-wrap", "grid-constant"]
INTEGERS = ["uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", "uint64"]
FLOATS = ["float32", "float64"]


class Draw:
    """An array and arguments that fit it."""

    def __init__(self, seed, *, dtypes=(*INTEGERS, *FLOATS), ndim=None):
        self.random = np.random.default_rng(seed)
        self.ndim = ndim or self.integer(1, 5)
        self.input = self._array(np.dtype(self.one_of(dtypes)))
        whole = self.random.random() < 0.4
        count = self.ndim if whole else self.integer(1, self.ndim)
        self.axes = None if whole else tuple(int(axis) for axis in self.random.permutation(self.ndim)[:count])
        self.count = count
        self.sizes = [self.integer(1, 4 if count > 2 else 6) for _ in range(count)]
        self.origins = [self.origin(size) for size in self.sizes]
        self.modes = [self.one_of(MODES) for _ in range(count)]
        self.keywords = {"cval": self.one_of([0.0, 1.0, -2.5, 300.0])}
        output = self.one_of([None, None, np.float64, np.float32, np.int32, np.int16])
        if output is not None:
            self.keywords["output"] = output

    def integer(self, low, high):
        return int(self.random.integers(low, high + 1))

    def one_of(self, items):
        return items[self.integer(0, len(items) - 1)]

    def origin(self, size):
        return self.integer(-(size // 2), (size - 1) // 2)

    def weights(self, shape):
        whole = self.random.random() < 0.5
        return self.random.integers(-2, 4, shape).astype(float) if whole else self.random.random(shape)

    def _array(self, dtype):
        shape = [self.integer(1, 7 if self.ndim > 2 else 13) for _ in range(self.ndim)]
        if dtype.kind == "b":
            array = self.random.random(shape) < 0.4
        elif dtype.kind == "f":
            array = self.random.standard_normal(shape).astype(dtype)
        else:
            # From 0 on where negative sums would be stored unsigned, which C leaves open.
            array = self.random.integers(0, min(np.iinfo(dtype).max, 1000), shape, endpoint=True).astype(dtype)
            if self.random.random() < 0.2:
                array[...] = array.flat[0]  # a constant: every sum lies at a whole number
        if self.random.random() < 0.2:
            array = np.asfortranarray(array)
        return array[::-1] if self.random.random() < 0.2 else array


seeds = st.integers(0, 2**32 - 1)


def agree(name, draw, *arguments, **keywords):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = getattr(scipy_ndimage, name)(draw.input, *arguments, **keywords)
        found = getattr(ndimage, name)(draw.input, *arguments, **keywords)
    assert found.dtype == expected.dtype
    if expected.dtype.kind == "f":
        narrow = np.float32 in (expected.dtype, draw.input.dtype)
        scale = max(np.abs(expected).max(), np.abs(draw.input.astype(float)).max(), 300.0)
        np.testing.assert_allclose(found, expected, rtol=0, atol=(3e-6 if narrow else 1e-13) * scale)
    else:
        np.testing.assert_array_equal(found, expected)


def trials(count):
    return settings(max_examples=count, deadline=None, derandomize=True)


@trials(150)
@given(seeds)
def test_correlate_and_convolve(seed):
    draw = Draw(seed)
    weights, mode = draw.weights(draw.sizes), draw.modes[0]
    for name in ("correlate", "convolve"):
        if draw.input.dtype.kind == "u" and "output" not in draw.keywords:
            weights = np.abs(weights)
            draw.keywords["cval"] = abs(draw.keywords["cval"])
        axes = draw.axes if draw.axes is None else tuple(sorted(draw.axes))
        agree(name, draw, weights, mode=mode, origin=draw.origins, axes=axes, **draw.keywords)


@trials(150)
@given(seeds)
def test_along_one_axis(seed):
    draw = Draw(seed)
    weights = np.abs(draw.weights(draw.integer(1, 7)))
    if draw.random.random() < 0.4:
        weights = np.concatenate([weights, weights[-2::-1]])
    draw.keywords["cval"] = abs(draw.keywords["cval"])
    origin, axis = draw.origin(len(weights)), draw.integer(-draw.ndim, draw.ndim - 1)
    for name in ("correlate1d", "convolve1d"):
        agree(name, draw, weights, axis, mode=draw.modes[0], origin=origin, **draw.keywords)
    antisymmetric = np.concatenate([weights, [0.0], -weights[::-1]])
    if "output" in draw.keywords:
        agree("correlate1d", draw, antisymmetric, axis, mode=draw.modes[0], **draw.keywords)
    sigma = 0.1 + 1.4 * draw.random.random()
    agree("gaussian_filter1d", draw, sigma, axis, mode=draw.modes[0], **draw.keywords)
    agree("uniform_filter1d", draw, len(weights), axis, mode=draw.modes[0], origin=origin, **draw.keywords)
    for name in ("maximum_filter1d", "minimum_filter1d"):
        agree(name, draw, len(weights), axis, mode=draw.modes[0], origin=origin, **draw.keywords)


@trials(150)
@given(seeds)
def test_axis_by_axis(seed):
    draw = Draw(seed, dtypes=("int16", "int32", "int64", *FLOATS))
    more = {"axes": draw.axes, "mode": draw.modes, **draw.keywords}
    sigmas = [float(sigma) for sigma in 1.5 * draw.random.random(draw.count)]
    orders = [draw.integer(0, 3) for _ in sigmas]
    agree("gaussian_filter", draw, sigmas, order=orders, **more)
    agree("gaussian_filter", draw, 0.7, truncate=2.0, **more)
    agree("gaussian_filter", draw, 0.7, radius=[draw.integer(0, 3) for _ in sigmas], **more)
    agree("uniform_filter", draw, draw.sizes, origin=draw.origins, **more)
    agree("laplace", draw, **more)
    agree("gaussian_laplace", draw, [0.5 + sigma for sigma in sigmas], **more)
    agree("gaussian_gradient_magnitude", draw, 0.8, **more)
    del more["axes"]
    more["mode"] = [draw.one_of(MODES) for _ in range(draw.ndim)]
    for name in ("sobel", "prewitt"):
        agree(name, draw, draw.integer(-draw.ndim, draw.ndim - 1), **more)


@trials(150)
@given(seeds)
def test_maxima_and_minima(seed):
    draw = Draw(seed, dtypes=(*INTEGERS, *FLOATS, "bool"))
    draw.keywords["cval"] = abs(draw.keywords["cval"])
    if draw.input.dtype == bool:
        draw.keywords["cval"] = min(draw.keywords["cval"], 1.0)
    footprint = draw.random.random(draw.sizes) < 0.6
    footprint.flat[0] = True
    heights = np.round(4 * draw.random.random(draw.sizes), 1)
    box = {"axes": draw.axes, "mode": draw.modes, "origin": draw.origins, **draw.keywords}
    one = {**box, "mode": draw.modes[0], "axes": draw.axes if draw.axes is None else tuple(sorted(draw.axes))}
    for name in ("maximum_filter", "minimum_filter", "grey_dilation", "grey_erosion"):
        agree(name, draw, draw.sizes, **box)
        agree(name, draw, footprint=footprint, **one)
    if draw.input.dtype.kind == "f":
        for name in ("grey_dilation", "grey_erosion"):
            agree(name, draw, footprint=footprint, structure=heights, **one)


@trials(100)
@given(seeds)
def test_extremes_of_wide_windows(seed):
    """Windows wider than a vector or than the array, of any origin, with constants that decide or that do not."""
    draw = Draw(seed, dtypes=(*INTEGERS, *FLOATS, "bool"), ndim=2)
    draw.keywords.pop("output", None)
    kind, number = draw.input.dtype.kind, draw.input.dtype
    random = np.random.default_rng(seed)
    shape = (draw.integer(1, 90), draw.integer(1, 150))
    low, high = (0, 1) if kind == "b" else (-9, 9) if kind == "f" else (np.iinfo(number).min, np.iinfo(number).max)
    low, high = max(low, -(2**53)), min(high, 2**53)  # SciPy computes in float64
    draw.input = random.integers(low, high, shape, np.int64 if kind in "bf" else number, endpoint=True).astype(number)
    cval = draw.one_of([0, 1, low, high])
    sizes = [draw.integer(1, 70) for _ in range(2)]
    origins, modes = [draw.origin(size) for size in sizes], [draw.one_of(MODES) for _ in range(2)]
    for name in ("maximum_filter", "minimum_filter"):
        agree(name, draw, sizes, mode=modes, origin=origins, cval=cval)


@trials(60)
@given(seeds)
def test_output_may_be_the_input(seed):
    draw = Draw(seed, dtypes=("int32", *FLOATS))
    for name, arguments in {
        "correlate1d": ([0.25, 0.5, 0.25],),
        "gaussian_filter": (0.8,),
        "uniform_filter": (3,),
        "maximum_filter": (3,),
        "minimum_filter": (3,),
        "sobel": (),
        "laplace": (),
    }.items():
        expected = getattr(ndimage, name)(draw.input, *arguments)
        array = draw.input.copy()
        assert getattr(ndimage, name)(array, *arguments, output=array) is array
        np.testing.assert_allclose(array, expected, rtol=0, atol=0 if array.dtype == np.int32 else 1e-5)


@pytest.mark.parametrize("pixels", ["uint8", "float32", "float64"])
def test_larger_than_a_block(pixels):
    image = (255 * np.random.default_rng(0).random((700, 901))).astype(pixels)
    atol = 0 if pixels == "uint8" else 1e-3
    for name, arguments in {
        "gaussian_filter": (2.0,),
        "uniform_filter": (9,),
        "maximum_filter": (21,),
        "minimum_filter": ((5, 1),),
        "correlate": (np.arange(35.0).reshape(5, 7) / 600,),
    }.items():
        expected = getattr(scipy_ndimage, name)(image, *arguments)
        np.testing.assert_allclose(getattr(ndimage, name)(image, *arguments), expected, rtol=0, atol=atol)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("uniform_filter", (63,)),
        ("gaussian_filter", (9.0,)),
        ("correlate", (np.ones((9, 9)), np.int32)),
        ("correlate", (np.arange(-144, 145).reshape(17, 17) % 7 - 3.0, np.int32)),
        ("correlate", (np.arange(81.0).reshape(9, 9) / 3240,)),
    ],
)
def test_wide_windows_of_integers_are_scipys(name, arguments):
    """Where a convolution of floats may take what rounds, as transforms do, these must not."""
    image = np.random.default_rng(0).integers(0, 256, (1100, 1000), np.uint8)
    expected = getattr(scipy_ndimage, name)(image, *arguments)
    np.testing.assert_array_equal(getattr(ndimage, name)(image, *arguments), expected)


def test_large_footprints_and_long_lines():
    signal = np.random.default_rng(0).random(600_000)
    np.testing.assert_array_equal(ndimage.maximum_filter1d(signal, 1001), scipy_ndimage.maximum_filter1d(signal, 1001))
    disk = np.hypot(*np.ogrid[-15:16, -15:16]) <= 15.5
    image = signal.reshape(600, 1000)
    np.testing.assert_array_equal(
        ndimage.grey_dilation(image, footprint=disk), scipy_ndimage.grey_dilation(image, footprint=disk)
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: ndimage.correlate(x, [1, 2]), RuntimeError, r"correlate: weights.ndim \(1\) must match"),
        (lambda x: ndimage.correlate1d(x, [1, 2], origin=1), ValueError, "correlate1d: invalid origin 1"),
        (lambda x: ndimage.correlate1d(x, [], 0), RuntimeError, "correlate1d: weights must have one axis and at least"),
        (lambda x: ndimage.sobel(x, 2), ValueError, "sobel: axis must be from -2 to 1, got 2"),
        (lambda x: ndimage.sobel(x, mode="same"), RuntimeError, "mode must be one of 'reflect', 'mirror'"),
        (lambda x: ndimage.uniform_filter(x, -1, output=np.zeros(3)), RuntimeError, r"output must have shape \(4, 5\)"),
        (lambda x: ndimage.uniform_filter1d(x, 0), RuntimeError, "uniform_filter1d: size must be >= 1, got 0"),
        (lambda x: ndimage.gaussian_filter(x, 1, radius=-1), ValueError, "radius must be an int >= 0, got -1"),
        (lambda x: ndimage.gaussian_filter(x, 1, order=-1), ValueError, "order must be >= 0, got -1"),
        (lambda x: ndimage.maximum_filter(x), RuntimeError, "no footprint provided"),
        (lambda x: ndimage.maximum_filter(x, footprint=np.zeros((3, 3))), ValueError, "All-zero footprint"),
        (lambda x: ndimage.maximum_filter(x * 1j, 3), TypeError, "complex numbers have no order"),
        (lambda x: ndimage.laplace(np.ma.masked_array(x)), TypeError, "input must not be masked"),
        (lambda x: ndimage.laplace(x.astype(object)), TypeError, "input must hold numbers"),
        (lambda x: ndimage.laplace(x, axes=(0, 0)), ValueError, "axes must be unique"),
    ],
)
def test_bad_input(call, error, words):
    with pytest.raises(error, match=words):
        call(np.ones((4, 5)))


@pytest.mark.parametrize(
    "name", ["maximum_filter", "minimum_filter", "grey_dilation", "grey_erosion", "gaussian_filter"]
)
@pytest.mark.parametrize("value", [5, np.float32(3), np.array(2, "uint8")], ids=repr)
def test_no_axes(name, value):
    actual, expected = getattr(ndimage, name)(value, 3), getattr(scipy_ndimage, name)(value, 3)
    assert (actual.dtype, actual.shape) == (expected.dtype, ())
    np.testing.assert_array_equal(actual, expected)
