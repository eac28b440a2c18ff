"""Maxima of integers, and minima: of whole types, from every path, against the NumPy reference."""

import itertools

import convx
import numpy as np
import pytest
from cases import Array
from checks import assert_equal_values, assert_result
from convx import _core, reference
from pool_cases import POOL_CASES, PoolCase

INTEGERS = ["uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", "uint64"]


def whole_range(case: PoolCase, number: str) -> Array:
    """Elements from the whole range of a type, its ends among them."""
    limits = np.iinfo(number)
    x = case.data(np.float64)
    values = np.random.default_rng(x.size).integers(limits.min, limits.max, x.shape, number, endpoint=True)
    values.flat[::5], values.flat[1::7] = limits.min, limits.max
    return values


def core_pool(smallest: bool, x: Array, case: PoolCase) -> Array:
    p = case.parameters
    arguments = (f"max_pool{case.rank}d", case.rank, x, p["kernel_size"], p["stride"], p["padding"], p["dilation"])
    if smallest:
        return _core.min_pool(*arguments, p["ceil_mode"], None, "channels_first", False)
    return _core.max_pool(*arguments, p["ceil_mode"], False, None, "channels_first", False)


@pytest.mark.parametrize("number", INTEGERS)
@pytest.mark.parametrize("case", POOL_CASES, ids=lambda case: case.name)
def test_integers_match_reference(isa: str, number: str, case: PoolCase) -> None:
    x = whole_range(case, number)
    largest = getattr(reference, f"max_pool{case.rank}d")
    for smallest, turn in ((False, lambda v: v), (True, np.invert)):
        expected = turn(largest(turn(x), **case.parameters))
        actual = core_pool(smallest, x, case)
        assert_result(actual, expected.shape, number)
        assert_equal_values(actual, expected, f"smallest: {smallest}")


@pytest.mark.parametrize("case", POOL_CASES, ids=lambda case: case.name)
def test_minima_of_floats_match_reference(isa: str, dtype: np.dtype, case: PoolCase) -> None:
    for special in (None, np.nan, np.inf, -np.inf):
        x = case.data(dtype)
        if special is not None:
            x.flat[::11] = special
        expected = -getattr(reference, f"max_pool{case.rank}d")(-x, **case.parameters)
        assert_equal_values(core_pool(True, x, case), expected, f"with {special}")


@pytest.mark.parametrize("number", ["uint8", "int16"])
def test_every_width_and_window(isa: str, number: str) -> None:
    """Rows of every length around a vector's, by every number of taps around where the way of reducing them changes."""
    limits = np.iinfo(number)
    random = np.random.default_rng(0)
    for width, taps in itertools.product((1, 7, 31, 33, 63, 64, 65, 129, 200), (1, 3, 4, 5, 6, 7, 15, 16, 17, 63, 64)):
        x = random.integers(limits.min, limits.max, (2, 19, width), number, endpoint=True)
        for kernel in ((1, taps), (taps, 1), (min(taps, 9), taps)):
            padding = [size // 2 for size in kernel]
            expected = reference.max_pool2d(x, kernel, 1, padding)
            actual = _core.max_pool("f", 2, x, kernel, 1, padding, 1, False, False, None, "channels_first", False)
            assert_equal_values(actual, expected, f"{width} by {kernel}")


def test_many_rows_shorter_than_a_vector(isa: str, dtype: np.dtype) -> None:
    """Rows are reduced some at a time, and the next must not be touched."""
    for width, taps in itertools.product(range(2, 18), range(7, 20)):
        x = np.random.default_rng(width).random((1, 120, width)).astype(dtype)
        arguments = ((1, min(taps, width)), 1, (0, min(taps, width) // 2))
        assert_equal_values(convx.max_pool2d(x, *arguments), reference.max_pool2d(x, *arguments), f"{width} by {taps}")


@pytest.mark.parametrize("view", ["transposed", "every second", "backwards", "channels last"])
def test_integers_of_any_layout(view: str) -> None:
    x = np.random.default_rng(0).integers(0, 256, (3, 40, 70, 70), np.uint8)
    x = {
        "transposed": x.swapaxes(2, 3),
        "every second": x[:, :, ::2, ::2],
        "backwards": x[:, :, ::-1, ::-1],
        "channels last": np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
    }[view]
    case = PoolCase("", x.shape, 9, 1, 4)
    assert_equal_values(core_pool(False, x, case), reference.max_pool2d(x, **case.parameters))
    assert_equal_values(core_pool(True, x, case), ~reference.max_pool2d(~x, **case.parameters))
