"""Lp pooling against the reference."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_result, assert_same_bits, use_isa
from convx import _core, reference
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import LAYOUTS, Layout
from pool_cases import POOL_CASES, PoolCase, any_padding
from random_cases import RandomPool, pool_cases

NORMS = [1, 2, 3, 0.5, 2.5, np.inf]


def assert_close(actual: Array, expected: Array, terms: int, p: float, label: str = "") -> None:
    """Relative error of a sum of `terms` numbers that are not negative, and of a root, which shrinks or grows it."""
    eps = float(np.finfo(actual.dtype).eps)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected == 0, actual == 0, actual.astype("float64") / expected)
    bound = 4 * eps * (2 + (terms + 4) / min(p, 1e9))
    worst = float(np.abs(ratio - 1).max(initial=0))
    assert worst <= bound, f"{label}: {worst:.3e} > {bound:.3e}"


def lp(module: Any, x: Array, p: Any, rank: int, parameters: dict[str, Any], **more: Any) -> Any:
    return getattr(module, f"lp_pool{rank}d")(x, p, **parameters, **more)


@pytest.mark.parametrize("case", POOL_CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("p", NORMS)
def test_lp_pool_matches_reference(isa: str, dtype: np.dtype, p: float, case: PoolCase) -> None:
    x = case.data(dtype)
    expected = lp(reference, x.astype("float64"), p, case.rank, case.parameters)
    actual = lp(convx, x, p, case.rank, case.parameters)
    assert_result(actual, expected.shape, dtype)
    assert_close(actual, expected, case.terms, p)


@settings(max_examples=150)
@given(case=pool_cases(), p=st.sampled_from(NORMS) | st.floats(0.25, 9))
def test_random_lp_pools(isa_name: str, case: RandomPool, p: float) -> None:
    with use_isa(isa_name):
        x = case.data("float64")
        assert_close(
            lp(convx, x, p, case.rank, case.parameters), lp(reference, x, p, case.rank, case.parameters), case.terms, p
        )
        last = np.ascontiguousarray(np.moveaxis(x, -case.rank - 1, -1))
        more = {**case.parameters, "data_format": "channels_last"}
        assert_close(lp(convx, last, p, case.rank, more), lp(reference, last, p, case.rank, more), case.terms, p)


def test_lp_pool_by_hand(isa: str, dtype: np.dtype) -> None:
    x = np.array([[3, -4, 0, -2, 5]], dtype)
    assert_equal_values(convx.lp_pool1d(x, 2, 2), np.array([[5, 2]]))
    assert_equal_values(convx.lp_pool1d(x, 1, 2, ceil_mode=True), np.array([[7, 2, 5]]))
    assert_equal_values(convx.lp_pool1d(x, np.inf, 3, 1), np.array([[4, 4, 5]]))
    assert_equal_values(convx.lp_pool1d(x, 1, 3, 2, padding=1), np.array([[7, 6, 7]]))
    assert_equal_values(convx.lp_pool1d(x, 2, 2, 1, dilation=3), np.sqrt(np.array([[13, 41]])).astype(dtype))
    assert convx.lp_pool1d(x.astype("float16"), 2, 2).dtype == np.float16


@pytest.mark.parametrize("p", [1, 2, 3, np.inf])
def test_lp_pool_nonfinite(isa: str, dtype: np.dtype, p: float) -> None:
    for value in (np.nan, np.inf, -np.inf):
        x = np.random.default_rng(0).integers(-9, 10, (1, 35, 5, 7)).astype(dtype)
        x.reshape(35, 35)[np.arange(35), np.arange(35)] = value
        parameters = {"kernel_size": 3, "stride": 1, "padding": 1}
        with np.errstate(invalid="ignore"):
            expected = reference.lp_pool2d(x, p, **parameters)
        actual = convx.lp_pool2d(x, p, **parameters)
        assert_equal_values(np.isnan(actual), np.isnan(expected))
        assert_equal_values(np.isinf(actual), np.isinf(expected))


def test_lp_pool_of_no_element_is_zero(isa: str, dtype: np.dtype) -> None:
    for p in (1, 2, 3, np.inf):
        actual = convx.lp_pool1d(np.array([[6, 8]], dtype), p, 2, 1, padding=2, dilation=3)
        assert_equal_values(actual, np.array([[8, 0, 6]]).astype(dtype)) if p != 3 else None
        assert actual[0, 1] == 0


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_lp_pool_takes_any_layout(isa: str, dtype: np.dtype, layout: Layout) -> None:
    x = layout(np.random.default_rng(0).integers(-9, 10, (2, 5, 9, 35)).astype(dtype))
    plain = np.ascontiguousarray(x).astype(dtype)
    for p in (1, 2, 3, np.inf):
        assert_equal_values(convx.lp_pool2d(x, p, 3, 2), convx.lp_pool2d(plain, p, 3, 2), f"p = {p}")


def test_lp_pool_same_bits_for_any_threads(isa: str, dtype: np.dtype, keep_threads: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 20, 40, 41)).astype(dtype)
    for p in (1, 2, 3, np.inf):
        results = []
        for threads in (1, 2, 3):
            convx.set_num_threads(threads)
            results.append(convx.lp_pool2d(x, p, 3, 2))
        for result in results[1:]:
            assert_same_bits(result, results[0])


def test_lp_pool_writes_to_out(isa: str, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 9, 9)).astype(dtype)
    expected = convx.lp_pool2d(x, 2, 3, 1, padding=1)
    assert convx.lp_pool2d(x, 2, 3, 1, padding=1, out=x) is x
    assert_equal_values(x, expected)


def test_lp_pool_any_padding_through_the_core(isa: str, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).integers(-9, 10, (1, 2, 9, 19)).astype(dtype)
    padding = ((4, 5), (20, 6))
    actual = _core.lp_pool("f", 2, x, 1, 3, 2, padding, 1, False, None, "channels_first", True)
    with any_padding():
        assert_equal_values(actual, reference.lp_pool2d(x, 1, 3, 2, padding=padding))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"norm_type": 0}, ValueError, "norm_type must be > 0, got 0"),
        ({"norm_type": -1.5}, ValueError, "norm_type must be > 0, got -1.5"),
        ({"norm_type": np.nan}, ValueError, "norm_type must be > 0, got nan"),
        ({"norm_type": -np.inf}, ValueError, "norm_type must be > 0, got -inf"),
        ({"norm_type": "2"}, TypeError, "norm_type must be a real number, got '2'"),
        ({"norm_type": True}, TypeError, "norm_type must be a real number, got True"),
        ({"norm_type": None}, TypeError, "norm_type must be a real number, got None"),
        ({"norm_type": 2j}, TypeError, "norm_type must be a real number, got 2j"),
        ({"kernel_size": 0}, ValueError, "kernel_size must be >= 1, got 0"),
        ({"stride": 0}, ValueError, "stride must be >= 1, got 0"),
        ({"dilation": 0}, ValueError, "dilation must be >= 1, got 0"),
        ({"padding": 2}, ValueError, "padding must be <= half of the effective kernel size 3, got 2"),
        ({"padding": "reflect"}, ValueError, "padding must be an int"),
        ({"kernel_size": 9}, ValueError, "kernel must fit the padded input"),
        ({"ceil_mode": 1}, TypeError, "ceil_mode must be a bool, got 1"),
        ({"input": np.ones((1, 1, 4, 4), "int32")}, TypeError, "input must be float16"),
        ({"input": np.ones((4, 4))}, ValueError, "input must have 4 axes"),
        ({"data_format": "NHWC"}, ValueError, "data_format must be"),
        ({"out": np.ones((1, 1, 9, 9))}, ValueError, "out must have shape"),
    ],
    ids=str,
)
def test_lp_pool_refuses(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    good: dict[str, Any] = {"input": np.ones((1, 1, 4, 4)), "norm_type": 2, "kernel_size": 3}
    with pytest.raises(error, match=f"^lp_pool2d: {message}"):
        convx.lp_pool2d(**{**good, **arguments})
