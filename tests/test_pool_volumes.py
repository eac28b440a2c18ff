"""Pools of volumes whose windows overlap along depth: planes first, then depth."""

from typing import Any

import convx
import numpy as np
import pytest
from cases import Array
from checks import assert_equal_values, assert_same_bits, assert_within
from convx import reference

# Shape, kernel, stride, padding.
VOLUMES = [
    ((1, 1, 12, 20, 40), 3, 1, 1),
    ((2, 3, 9, 10, 17), 5, 1, 2),
    ((1, 2, 40, 30, 33), 9, 1, 4),
    ((1, 1, 70, 50, 20), 17, 1, 8),
    ((3, 5, 8, 7, 7), (3, 5, 3), 1, 1),
    ((1, 2, 33, 21, 50), (7, 4, 2), (2, 3, 2), (3, 2, 0)),
    ((1, 2, 20, 64, 130), (5, 5, 1), 1, (2, 2, 0)),
    ((1, 2, 11, 9, 3), (6, 9, 3), (1, 2, 1), ((3, 2), (0, 1), (1, 1))),
    ((1, 70, 6, 4, 4), 4, 1, 2),
    ((1, 1, 26, 90, 1100), (4, 6, 8), (3, 1, 1), (2, 3, 4)),
    ((4, 19, 1, 1), (10, 3, 1), 1, (5, 1, 0)),
    ((1, 1, 5, 6, 7), 5, 1, 2),
]


def slow(value: object) -> object:
    return pytest.param(value, marks=pytest.mark.slow)


EACH = pytest.mark.parametrize(("shape", "kernel", "stride", "padding"), VOLUMES, ids=[str(v[0]) for v in VOLUMES])


def numbers(shape: tuple[int, ...], number: Any) -> Array:
    return np.random.default_rng(len(shape)).integers(0, 200, shape).astype(number)


@EACH
@pytest.mark.parametrize("number", ["float32", slow("float64"), "uint8", slow("int16")])
def test_maxima(isa: str, number: str, shape: Any, kernel: Any, stride: Any, padding: Any) -> None:
    x = numbers(shape, number)
    expected = reference.max_pool3d(x, kernel, stride, padding)
    assert_equal_values(convx.max_pool3d(x, kernel, stride, padding), expected)


@EACH
@pytest.mark.parametrize("special", [np.nan, slow(np.inf), slow(-np.inf)])
def test_maxima_of_what_is_not_finite(
    isa: str, special: float, shape: Any, kernel: Any, stride: Any, padding: Any
) -> None:
    x = numbers(shape, "float32")
    x.flat[np.random.default_rng(0).integers(0, x.size, 1 + x.size // 99)] = special
    expected = reference.max_pool3d(x, kernel, stride, padding)
    assert_equal_values(convx.max_pool3d(x, kernel, stride, padding), expected)


@EACH
@pytest.mark.parametrize("divisor", [{}, {"count_include_pad": False}, {"divisor_override": 7}], ids=str)
def test_averages(isa: str, dtype: Any, divisor: Any, shape: Any, kernel: Any, stride: Any, padding: Any) -> None:
    x = numbers(shape, dtype)
    expected = reference.avg_pool3d(x.astype("float64"), kernel, stride, padding, **divisor)
    actual = convx.avg_pool3d(x, kernel, stride, padding, **divisor)
    assert_within(actual, expected, 4 * np.finfo(dtype).eps * np.abs(expected).max())  # sums of whole numbers are exact


@EACH
def test_sums_are_exact(isa: str, dtype: Any, shape: Any, kernel: Any, stride: Any, padding: Any) -> None:
    x = numbers(shape, dtype)
    expected = reference.avg_pool3d(x.astype("float64"), kernel, stride, padding, divisor_override=1)
    actual = convx.avg_pool3d(x, kernel, stride, padding, divisor_override=1)
    assert_equal_values(actual, expected.astype(dtype))


@pytest.mark.parametrize("kernel", [3, 5, (9, 3, 4)])
def test_bits_do_not_depend_on_threads_or_batch(kernel: Any) -> None:
    x = np.random.default_rng(0).standard_normal((3, 2, 40, 41, 66), np.float32)
    with convx.num_threads(1):
        expected = convx.avg_pool3d(x, kernel, 1)
    with convx.num_threads(2):
        assert_same_bits(convx.avg_pool3d(x, kernel, 1), expected)
    for i in range(3):
        assert_same_bits(convx.avg_pool3d(x[i], kernel, 1), expected[i])


def test_layouts() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 30, 20, 40), np.float32)
    for view in (
        x[:, ::-1],
        x[::-1, :, ::2],
        x[:, :, :, ::-1],
        x.swapaxes(0, 1),
        x.swapaxes(2, 3),
        x[..., ::-1],
        x[:1],
    ):
        assert_equal_values(convx.max_pool3d(view, 5, 1, 2), reference.max_pool3d(view, 5, 1, 2))
        assert_equal_values(convx.max_pool3d(view, 9, 2, 4), reference.max_pool3d(view, 9, 2, 4))
