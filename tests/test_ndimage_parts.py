"""Filters that are made part by part, against scipy.ndimage: parts of any size give the same."""

from typing import Any

import numpy as np
import pytest
from convx import ndimage
from convx.ndimage import _axes, _blocks, _combined

scipy_ndimage = pytest.importorskip("scipy.ndimage")

MODES = ["reflect", "mirror", "nearest", "wrap", "constant"]


def noise(shape: tuple[int, ...], numbers: str) -> Any:
    return (200 * np.random.default_rng(0).random(shape)).astype(numbers)


@pytest.mark.parametrize("name", ["gaussian_laplace", "gaussian_gradient_magnitude"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("shape", "sigma"), [((90, 170), 1.5), ((21, 30, 40), (1.0, 0.0, 2.0)), ((5, 7, 9, 18), 0.7), ((700,), 2.0)]
)
def test_combined(monkeypatch: Any, name: str, mode: str, shape: tuple[int, ...], sigma: float) -> None:
    """Parts of many rows or of few, and cut along several axes where rows are long."""
    for numbers, limit in {"float32": 2e-4, "float64": 1e-11, "uint8": 0, "int32": 0}.items():
        array = noise(shape, numbers)
        expected = getattr(scipy_ndimage, name)(array, sigma, mode=mode, cval=7.0)
        first = getattr(ndimage, name)(array, sigma, mode=mode, cval=7.0)
        np.testing.assert_allclose(first, expected, rtol=0, atol=limit)
        for part in (1 << 13, 1 << 11, 1 << 8):
            with monkeypatch.context() as patch:
                patch.setattr(_combined, "PART", part)
                found = getattr(ndimage, name)(array, sigma, mode=mode, cval=7.0)
            np.testing.assert_array_equal(found, first)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("size", "origin"), [(3, 1), ((5, 1, 9), 0), ((25, 3, 2), 0)])
def test_blocks(monkeypatch: Any, mode: str, size: Any, origin: int) -> None:
    """Blocks at one border, at several or at none, and windows wider than the array."""
    array = noise((11, 60, 7), "int64")
    keywords = {"mode": mode, "cval": 50, "origin": origin}
    expected = scipy_ndimage.maximum_filter(array, size, **keywords)
    for part in (1 << 19, 1 << 10, 1 << 7):
        monkeypatch.setattr(_blocks, "BYTES", part)
        np.testing.assert_array_equal(ndimage.maximum_filter(array, size, **keywords), expected)


@pytest.mark.parametrize(("numbers", "limit"), [("float32", 2e-4), ("uint8", 0), ("int32", 0)])
def test_in_place(monkeypatch: Any, numbers: str, limit: float) -> None:
    """Where no pass of the core takes all axes, a part across the later ones is filtered at a time."""
    array = noise((30, 40, 50), numbers)
    expected = scipy_ndimage.gaussian_filter(array, 1.5, mode="constant", cval=7.0)
    for copy in (1 << 21, 1 << 12):
        monkeypatch.setattr(_axes, "COPY", copy)
        found = ndimage.gaussian_filter(array, 1.5, mode="constant", cval=7.0)
        np.testing.assert_allclose(found, expected, rtol=0, atol=limit)
