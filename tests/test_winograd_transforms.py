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
class Scheme:
    """Y = A' [(G g G') * (B' d B)] A for outputs of a given stride."""

    number: int
    stride: int
    bt: Array
    g: Array
    at: Array

    def weight_points(self) -> Array:
        """Index of each point's row among the rows of G: the odd inputs of stride 2 share the last."""
        return np.minimum(np.arange(len(self.bt)), len(self.g) - 1)


def matrix(*rows: list[float]) -> Array:
    return np.array(rows, np.float64)


# Points 0, 3/4, -3/4, 3/2, -3/2, infinity.
BT6 = matrix(
    [81 / 64, 0, -45 / 16, 0, 1, 0],
    [0, -27 / 16, -9 / 4, 3 / 4, 1, 0],
    [0, 27 / 16, -9 / 4, -3 / 4, 1, 0],
    [0, -27 / 32, -9 / 16, 3 / 2, 1, 0],
    [0, 27 / 32, -9 / 16, -3 / 2, 1, 0],
    [0, 81 / 64, 0, -45 / 16, 0, 1],
)
F4X3 = Scheme(
    0,
    1,
    BT6,
    matrix(
        [64 / 81, 0, 0],
        [-128 / 243, -32 / 81, -8 / 27],
        [-128 / 243, 32 / 81, -8 / 27],
        [32 / 243, 16 / 81, 8 / 27],
        [32 / 243, -16 / 81, 8 / 27],
        [0, 0, 1],
    ),
    matrix(
        [1, 1, 1, 1, 1, 0],
        [0, 3 / 4, -3 / 4, 3 / 2, -3 / 2, 0],
        [0, 9 / 16, 9 / 16, 9 / 4, 9 / 4, 0],
        [0, 27 / 64, -27 / 64, 27 / 8, -27 / 8, 1],
    ),
)
# Points 0, 1, -1, infinity.
F2X3 = Scheme(
    1,
    1,
    matrix([-1, 0, 1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]),
    matrix([-1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]),
    matrix([1, 1, 1, 0], [0, 1, -1, 1]),
)
F2X5 = Scheme(
    2,
    1,
    BT6,
    matrix(
        [64 / 81, 0, 0, 0, 0],
        [-128 / 243, -32 / 81, -8 / 27, -2 / 9, -1 / 6],
        [-128 / 243, 32 / 81, -8 / 27, 2 / 9, -1 / 6],
        [32 / 243, 16 / 81, 8 / 27, 4 / 9, 2 / 3],
        [32 / 243, -16 / 81, 8 / 27, -4 / 9, 2 / 3],
        [0, 0, 0, 0, 1],
    ),
    matrix([1, 1, 1, 1, 1, 0], [0, 3 / 4, -3 / 4, 3 / 2, -3 / 2, 1]),
)
# Stride 2. Inputs 0, 2, 4, 6, 8 at the points 1/2, -1/2, 5/4, -5/4, infinity; inputs 1, 3, 5, 7 as they are.
F4X3S2 = Scheme(
    3,
    2,
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
SCHEMES = {"F4X3": F4X3, "F2X3": F2X3, "F2X5": F2X5, "F4X3S2": F4X3S2}
scheme_of = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


@scheme_of
def test_literal_matrices_convolve(scheme: Scheme) -> None:
    """The identity itself, in float64, so that the matrices are right before anything is held against them."""
    rng = np.random.default_rng(0)
    n, r, m = len(scheme.bt), scheme.g.shape[1], len(scheme.at)
    d, g = rng.standard_normal((n, n)), rng.standard_normal((r, r))
    u = (scheme.g @ g @ scheme.g.T)[np.ix_(scheme.weight_points(), scheme.weight_points())]
    y = scheme.at @ (u * (scheme.bt @ d @ scheme.bt.T)) @ scheme.at.T
    for p, q in itertools.product(range(m), range(m)):
        window = d[p * scheme.stride : p * scheme.stride + r, q * scheme.stride : q * scheme.stride + r]
        assert y[p, q] == pytest.approx((window * g).sum(), abs=1e-12)


@scheme_of
@pytest.mark.parametrize("stage", ["input", "weight", "output"])
def test_each_transform_is_its_matrix(isa: str, dtype: np.dtype[Any], scheme: Scheme, stage: str) -> None:
    """Single elements give the products of two columns; random tiles add them up."""
    matrices = {"input": scheme.bt, "weight": scheme.g, "output": scheme.at}
    t = matrices[stage]
    side = t.shape[1]
    rng = np.random.default_rng(1)
    tiles = [np.zeros((side, side)) for _ in range(side * side)]
    for i, tile in enumerate(tiles):
        tile.flat[i] = 1
    for tile in [*tiles, *rng.standard_normal((20, side, side))]:
        tile = tile.astype(dtype)
        actual = _core.winograd_transform(scheme.number, stage, tile)
        assert actual.dtype == dtype
        expected = t @ tile.astype(np.float64) @ t.T
        bound = 4 * np.finfo(dtype).eps * (np.abs(t) @ np.abs(tile.astype(np.float64)) @ np.abs(t).T)
        assert np.all(np.abs(actual - expected) <= bound), stage


# The most that any channel count below gave was 2.1, 0.6, 1.5 and 1.0 times the error of the direct sum.
MOST = {"F4X3": 2.4, "F2X3": 0.7, "F2X5": 1.8, "F4X3S2": 1.2}


@pytest.mark.parametrize("name", SCHEMES)
def test_error_of_a_scheme_beside_a_sequential_direct_sum(isa: str, name: str) -> None:
    """Root mean square of the error, both in float32, over many outputs."""
    scheme = SCHEMES[name]
    r = scheme.g.shape[1]
    for channels in (32, 128):
        rng = np.random.default_rng(channels)
        # F(2x2,3x3) is taken where few tiles meet many weights.
        size, outputs = (7, 1024) if name == "F2X3" else (40, 32)
        if name == "F2X3":
            channels *= 8
        x = rng.standard_normal((1, channels, size, size)).astype("float32")
        w = rng.standard_normal((outputs, channels, r, r)).astype("float32")
        exact, direct, fast = (
            convx.conv2d(x.astype(kind), w.astype(kind), None, scheme.stride, algorithm=algorithm)
            for kind, algorithm in (("float64", "direct"), ("float32", "direct"), ("float32", "winograd"))
        )

        def rms(y: Array, exact: Array = exact) -> float:
            return float(np.sqrt(np.mean((y - exact) ** 2)))

        assert rms(fast) <= MOST[name] * rms(direct), (channels, rms(fast) / rms(direct))
