"""Each Winograd transform against its literal matrices, and the errors of the schemes against those of a direct sum."""

import itertools
from dataclasses import dataclass
from typing import Any

import convx
import numpy as np
import pytest
from cases import Array
from convx import _core

pytestmark = pytest.mark.skipif("winograd" not in _core.algorithms(), reason="built without Winograd")


@dataclass(frozen=True)
class Axis:
    """y = A' [(G g) * (B' d)] for m outputs of r taps."""

    points: int
    taps: int
    bt: Array
    g: Array
    at: Array

    @property
    def outputs(self) -> int:
        """Of a tile."""
        return len(self.at)

    @property
    def stride(self) -> int:
        """Of the outputs."""
        return 2 if self.points == 9 else 1

    def weight_points(self) -> Array:
        """Index of each point's row among the rows of G: the odd inputs of stride 2 share the last."""
        return np.minimum(np.arange(len(self.bt)), len(self.g) - 1)


def matrix(*rows: list[float]) -> Array:
    return np.array(rows, np.float64)


def powers(points: list[float], count: int) -> Array:
    """Rows (1, p, p^2, ...) of the points, then that of infinity."""
    return np.vstack([np.vander(np.array(points), count, increasing=True), np.eye(count)[-1:]])


def axis(points: list[float], bt: Array, scale: list[float], taps: int) -> Axis:
    """The scheme of these finite points, whose rows of G are their powers times `scale`, and infinity."""
    g = powers(points, taps) * np.append(scale, 1)[:, None]
    return Axis(len(bt), taps, bt, g, powers(points, len(bt) + 1 - taps).T)


# Points 0, 1, -1, infinity.
FOUR = [0.0, 1, -1], matrix([-1, 0, 1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]), [-1, 1 / 2, 1 / 2]
# Points 1/2, -1/2, 5/4, -5/4, infinity.
FIVE = (
    [1 / 2, -1 / 2, 5 / 4, -5 / 4],
    matrix(
        [-25 / 32, -25 / 16, 1 / 2, 1, 0],
        [25 / 32, -25 / 16, -1 / 2, 1, 0],
        [-5 / 16, -1 / 4, 5 / 4, 1, 0],
        [5 / 16, -1 / 4, -5 / 4, 1, 0],
        [25 / 64, 0, -29 / 16, 0, 1],
    ),
    [-16 / 21, 16 / 21, 32 / 105, -32 / 105],
)
# Points 0, 3/4, -3/4, 3/2, -3/2, infinity.
SIX = (
    [0, 3 / 4, -3 / 4, 3 / 2, -3 / 2],
    matrix(
        [81 / 64, 0, -45 / 16, 0, 1, 0],
        [0, -27 / 16, -9 / 4, 3 / 4, 1, 0],
        [0, 27 / 16, -9 / 4, -3 / 4, 1, 0],
        [0, -27 / 32, -9 / 16, 3 / 2, 1, 0],
        [0, 27 / 32, -9 / 16, -3 / 2, 1, 0],
        [0, 81 / 64, 0, -45 / 16, 0, 1],
    ),
    [64 / 81, -128 / 243, -128 / 243, 32 / 243, 32 / 243],
)
# Points 3/8, -3/8, 7/8, -7/8, 15/8, -15/8, infinity.
SEVEN = (
    [3 / 8, -3 / 8, 7 / 8, -7 / 8, 15 / 8, -15 / 8],
    matrix(
        [33075 / 32768, 11025 / 4096, -411 / 256, -137 / 32, 3 / 8, 1, 0],
        [-33075 / 32768, 11025 / 4096, 411 / 256, -137 / 32, -3 / 8, 1, 0],
        [14175 / 32768, 2025 / 4096, -819 / 256, -117 / 32, 7 / 8, 1, 0],
        [-14175 / 32768, 2025 / 4096, 819 / 256, -117 / 32, -7 / 8, 1, 0],
        [6615 / 32768, 441 / 4096, -435 / 256, -29 / 32, 15 / 8, 1, 0],
        [-6615 / 32768, 441 / 4096, 435 / 256, -29 / 32, -15 / 8, 1, 0],
        [-99225 / 262144, 0, 13491 / 4096, 0, -283 / 64, 0, 1],
    ),
    [256 / 405, -256 / 405, -128 / 385, 128 / 385, 128 / 4455, -128 / 4455],
)
# Points 0, 1/2, -1/2, 1, -1, 2, -2, infinity.
EIGHT = (
    [0, 1 / 2, -1 / 2, 1, -1, 2, -2],
    matrix(
        [-1, 0, 21 / 4, 0, -21 / 4, 0, 1, 0],
        [0, 2, 4, -5 / 2, -5, 1 / 2, 1, 0],
        [0, -2, 4, 5 / 2, -5, -1 / 2, 1, 0],
        [0, 1, 1, -17 / 4, -17 / 4, 1, 1, 0],
        [0, -1, 1, 17 / 4, -17 / 4, -1, 1, 0],
        [0, 1 / 2, 1 / 4, -5 / 2, -5 / 4, 2, 1, 0],
        [0, -1 / 2, 1 / 4, 5 / 2, -5 / 4, -2, 1, 0],
        [0, -1, 0, 21 / 4, 0, -21 / 4, 0, 1],
    ),
    [-1, 32 / 45, 32 / 45, -2 / 9, -2 / 9, 1 / 90, 1 / 90],
)
ONE = Axis(1, 1, matrix([1]), matrix([1]), matrix([1]))
# Stride 2. Inputs 0, 2, 4, 6, 8 at the points 1/2, -1/2, 5/4, -5/4, infinity; inputs 1, 3, 5, 7 as they are.
NINE = Axis(
    9,
    3,
    matrix(
        [-25 / 32, 0, -25 / 16, 0, 1 / 2, 0, 1, 0, 0],
        [25 / 32, 0, -25 / 16, 0, -1 / 2, 0, 1, 0, 0],
        [-5 / 16, 0, -1 / 4, 0, 5 / 4, 0, 1, 0, 0],
        [5 / 16, 0, -1 / 4, 0, -5 / 4, 0, 1, 0, 0],
        [25 / 64, 0, 0, 0, -29 / 16, 0, 0, 0, 1],
        [0, 1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 1, 0],
    ),
    matrix(
        [-16 / 21, 0, -8 / 21],
        [16 / 21, 0, -8 / 21],
        [32 / 105, 0, 8 / 21],
        [-32 / 105, 0, 8 / 21],
        [0, 0, 1],
        [0, 1, 0],
    ),
    matrix(
        [1, 1, 1, 1, 0, 1, 0, 0, 0],
        [1 / 2, -1 / 2, 5 / 4, -5 / 4, 0, 0, 1, 0, 0],
        [1 / 4, 1 / 4, 25 / 16, 25 / 16, 0, 0, 0, 1, 0],
        [1 / 8, -1 / 8, 125 / 64, -125 / 64, 1, 0, 0, 0, 1],
    ),
)
SCHEMES = {
    "F(2,3)": axis(*FOUR, 3),
    "F(3,2)": axis(*FOUR, 2),
    "F(4,2)": axis(*FIVE, 2),
    "F(5,2)": axis(*SIX, 2),
    "F(4,3)": axis(*SIX, 3),
    "F(3,4)": axis(*SIX, 4),
    "F(2,5)": axis(*SIX, 5),
    "F(5,3)": axis(*SEVEN, 3),
    "F(6,3)": axis(*EIGHT, 3),
    "F(5,4)": axis(*EIGHT, 4),
    "F(4,5)": axis(*EIGHT, 5),
    "F(3,6)": axis(*EIGHT, 6),
    "F(2,7)": axis(*EIGHT, 7),
    "F(4,3) of stride 2": NINE,
    "F(1,1)": ONE,
}
# Each with itself, and each beside others along the other axis.
PAIRS = [(h, w) for h, w in itertools.product(SCHEMES, SCHEMES) if "F(1,1)" not in (h, w) or h != w]
pairs = pytest.mark.parametrize(("h_name", "w_name"), PAIRS)


@pairs
def test_literal_matrices_convolve(h_name: str, w_name: str) -> None:
    """The identity itself, in float64, so that the matrices are right before anything is held against them."""
    rng = np.random.default_rng(0)
    h, w = SCHEMES[h_name], SCHEMES[w_name]
    d, g = rng.standard_normal((h.points, w.points)), rng.standard_normal((h.taps, w.taps))
    u = (h.g @ g @ w.g.T)[np.ix_(h.weight_points(), w.weight_points())]
    y = h.at @ (u * (h.bt @ d @ w.bt.T)) @ w.at.T
    for p, q in itertools.product(range(h.outputs), range(w.outputs)):
        window = d[p * h.stride : p * h.stride + h.taps, q * w.stride : q * w.stride + w.taps]
        assert y[p, q] == pytest.approx((window * g).sum(), abs=1e-11)


@pairs
def test_each_transform_is_its_matrix(isa: str, dtype: np.dtype[Any], h_name: str, w_name: str) -> None:
    """Single elements give the products of two columns; random tiles add them up."""
    h, w = SCHEMES[h_name], SCHEMES[w_name]
    for stage, down, along in (("input", h.bt, w.bt), ("weight", h.g, w.g), ("output", h.at, w.at)):
        shape = down.shape[1], along.shape[1]
        rng = np.random.default_rng(1)
        tiles = [*np.eye(shape[0] * shape[1]).reshape(-1, *shape), *rng.standard_normal((20, *shape))]
        for tile in tiles:
            tile = tile.astype(dtype)
            actual = _core.winograd_transform((h.points, w.points), (h.taps, w.taps), stage, tile)
            assert actual.dtype == dtype
            expected = down @ tile.astype(np.float64) @ along.T
            bound = 4 * np.finfo(dtype).eps * (np.abs(down) @ np.abs(tile.astype(np.float64)) @ np.abs(along).T)
            assert np.all(np.abs(actual - expected) <= bound), stage


# Taps, level, and the root mean square of the error that any count of channels below gave at most, as a multiple of
# that of the direct sum, a fifth added: without FMA it is largest.
ERRORS = {
    ((3, 3), "accurate"): 2.5,
    ((3, 3), "all"): 9.8,
    ((2, 2), "accurate"): 1.2,
    ((2, 2), "all"): 4.1,
    ((4, 4), "accurate"): 1.9,
    ((4, 4), "all"): 7.0,
    ((5, 5), "accurate"): 1.8,
    ((5, 5), "all"): 5.6,
    ((6, 6), "all"): 5.1,
    ((7, 7), "all"): 5.2,
    ((1, 7), "all"): 2.75,
    ((5, 1), "all"): 2.8,
    ((3, 5), "all"): 7.0,
}


def error_of_level(taps: tuple[int, int], channels: int, size: int = 61) -> tuple[float, float]:
    """Of what a level allows beside a sequential direct sum: ratio of root mean squares, and largest over largest."""
    rng = np.random.default_rng(channels)
    x = rng.standard_normal((1, channels, size, size)).astype("float32")
    # Few channels need more outputs for Winograd to be what "auto" takes.
    w = rng.standard_normal((max(32, 2048 // channels), channels, *taps)).astype("float32")
    plan = convx.Conv2d(w)
    if convx.get_winograd() == "all":  # by name it may take any scheme; "auto" may find Fourier's transforms faster
        plan = convx.Conv2d(w, algorithm="winograd")
    else:  # nor may those err more
        assert plan.algorithm_for(x.shape) in ("winograd", "fft")
    exact = convx.conv2d(x.astype("float64"), w.astype("float64"), algorithm="direct")
    direct, fast = convx.conv2d(x, w, algorithm="direct") - exact, plan(x) - exact
    rms = np.sqrt(np.mean(fast**2) / np.mean(direct**2))
    return float(rms), float(np.abs(fast).max() / np.abs(exact).max())


@pytest.mark.parametrize(("taps", "level"), ERRORS, ids=str)
def test_error_of_a_scheme_beside_a_sequential_direct_sum(
    isa: str, taps: tuple[int, int], level: str, keep_winograd: None
) -> None:
    convx.set_winograd(level)
    for channels in (32, 128, 512):
        rms, largest = error_of_level(taps, channels)
        if channels < 512:  # where the error of a sequential sum grows, the ratio falls
            assert rms <= ERRORS[taps, level], (channels, rms)
        assert largest <= 3e-5, (channels, largest)


@pytest.mark.parametrize(("stride", "channels", "size", "most"), [(2, 128, 40, 1.2), (1, 1024, 7, 2.4)], ids=str)
def test_error_of_stride_2_and_of_few_tiles(isa: str, stride: int, channels: int, size: int, most: float) -> None:
    rng = np.random.default_rng(channels)
    x = rng.standard_normal((1, channels, size, size)).astype("float32")
    w = rng.standard_normal((1024 if stride == 1 else 32, channels, 3, 3)).astype("float32")
    exact = convx.conv2d(x.astype("float64"), w.astype("float64"), None, stride, algorithm="direct")
    direct, fast = (convx.conv2d(x, w, None, stride, algorithm=name) - exact for name in ("direct", "winograd"))
    assert np.sqrt(np.mean(fast**2) / np.mean(direct**2)) <= most


def test_error_of_seven_points_on_the_maps_that_they_cut_well(isa: str, keep_winograd: None) -> None:
    convx.set_winograd("all")
    for channels in (32, 128, 512):
        rms, largest = error_of_level((3, 3), channels, 16)
        assert rms <= 4.5, (channels, rms)
        assert largest <= 1e-5, (channels, largest)
