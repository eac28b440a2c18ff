"""Hypothesis over all parameters of convolution and pooling."""

import math
from typing import Any

import convx
import hypothesis.strategies as st
import numpy as np
import pytest
from cases import ConvCase
from checks import Array, assert_equal_values, assert_integers, assert_result, assert_within, conv_bound, use_isa
from convx import _core, reference
from hypothesis import given, settings
from random_cases import ACTIVATIONS, RandomPool, conv_cases, pool_cases, winograd_cases

DTYPE = st.sampled_from(["float32", "float64"])


def conv_size(case: ConvCase) -> tuple[int, ...]:
    """Output shape by the formula, computed from the case alone."""

    def spread(value: Any) -> list[Any]:
        values = [value] if isinstance(value, int | str) else list(value)
        return values * case.rank if len(values) == 1 else values

    spatial = case.input[-case.rank :]
    sizes = []
    for n, k, s, d, pad in zip(
        spatial, case.weight[2:], spread(case.stride), spread(case.dilation), spread(case.padding), strict=True
    ):
        if pad in ("same", "same_lower"):
            sizes.append(math.ceil(n / s))
        elif pad == "causal":
            sizes.append((n - 1) // s + 1)
        else:
            total = 0 if pad == "valid" else 2 * pad if isinstance(pad, int) else sum(pad)
            sizes.append((n + total - d * (k - 1) - 1) // s + 1)
    return (*case.input[: -case.rank - 1], case.weight[0], *sizes)


@settings(max_examples=40)
@given(case=conv_cases(), dtype=DTYPE, activation=st.sampled_from(ACTIVATIONS))
def test_conv_is_exact_on_integers(algorithm: str, isa_name: str, case: ConvCase, dtype: str, activation: Any) -> None:
    x, w, b = case.data(dtype, integers=True)
    arguments = {**case.parameters, "activation": activation}
    with use_isa(isa_name):
        actual = getattr(convx, case.function)(x, w, b, **arguments, algorithm=algorithm)
    assert_result(actual, conv_size(case), dtype)
    wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
    assert_integers(actual, getattr(reference, case.function)(*wide, **arguments), algorithm)


@settings(max_examples=40)
@given(case=conv_cases(), dtype=DTYPE)
def test_conv_stays_within_bound(algorithm: str, isa_name: str, case: ConvCase, dtype: str) -> None:
    x, w, b = case.data(dtype)
    with use_isa(isa_name):
        actual = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm)
    assert_result(actual, conv_size(case), dtype)
    if x.size:
        wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
        expected = getattr(reference, case.function)(*wide, **case.parameters)
        assert_within(actual, expected, conv_bound(case, algorithm, dtype, x, w, b))


@settings(max_examples=60)
@given(case=st.one_of(conv_cases(), winograd_cases()))
def test_auto_is_one_of_the_named(isa_name: str, case: ConvCase) -> None:
    """Bit for bit; and a plan takes what choose() says, for the same result however often it is called."""
    x, w, b = case.data("float32")
    function, plan_class = getattr(convx, case.function), getattr(convx, case.plan)
    with use_isa(isa_name):
        automatic = function(x, w, b, **case.parameters)
        names = [name for name in _core.algorithms()[1:] if case.takes(name)]
        named = {name: function(x, w, b, **case.parameters, algorithm=name) for name in names}
        assert automatic.tobytes() in [result.tobytes() for result in named.values()]
        shapes = case.input, case.weight, case.stride, case.padding, case.dilation, case.groups
        chosen = _core.choose(*shapes, np.dtype("float32"))
        assert chosen in names
        plan = plan_class(w, b, **case.parameters)
        assert plan.output_shape(case.input) == conv_size(case)
        assert plan(x).tobytes() == named[chosen].tobytes()
        for name, result in named.items():
            assert plan_class(w, b, **case.parameters, algorithm=name)(x).tobytes() == result.tobytes()


@settings(max_examples=60)
@given(case=winograd_cases(), dtype=DTYPE, activation=st.sampled_from(ACTIVATIONS))
def test_winograd_stays_within_bound(isa_name: str, case: ConvCase, dtype: str, activation: Any) -> None:
    x, w, b = case.data(dtype)
    arguments = {**case.parameters, "activation": activation}
    with use_isa(isa_name):
        actual = getattr(convx, case.function)(x, w, b, **arguments, algorithm="winograd")
    assert_result(actual, conv_size(case), dtype)
    if x.size:
        wide: list[Array | None] = [None if a is None else a.astype("float64") for a in (x, w, b)]
        expected = getattr(reference, case.function)(*wide, **arguments)
        assert_within(actual, expected, conv_bound(case, "winograd", dtype, x, w, b))


@settings(max_examples=100)
@given(case=pool_cases(), dtype=DTYPE)
def test_max_pool_equals_reference(isa_name: str, case: RandomPool, dtype: str) -> None:
    x = case.data(dtype)
    x[x > 95] = np.nan
    x[x < -60] = -np.inf
    name = f"max_pool{case.rank}d"
    with use_isa(isa_name):
        actual = getattr(convx, name)(x, **case.parameters)
    expected = getattr(reference, name)(x.astype("float64"), **case.parameters)
    assert_result(actual, expected.shape, dtype)
    assert_equal_values(actual, expected)


@settings(max_examples=100)
@given(case=pool_cases(), dtype=DTYPE)
def test_avg_pool_equals_reference(isa_name: str, case: RandomPool, dtype: str) -> None:
    x = case.data(dtype)
    name = f"avg_pool{case.rank}d"
    with use_isa(isa_name):
        actual = getattr(convx, name)(x, **case.parameters, **case.average)
    with np.errstate(invalid="ignore"):
        expected = getattr(reference, name)(x.astype("float64"), **case.parameters, **case.average)
    assert_result(actual, expected.shape, dtype)
    # Sums of integers are exact; what remains is the rounding of one or two divisions.
    nans = np.isnan(expected)
    assert (np.isnan(actual) == nans).all()
    assert (np.abs(actual - expected) <= 2 * np.finfo(dtype).eps * np.abs(expected))[~nans].all()


def test_every_isa_is_reached(isa_name: str) -> None:
    """The context manager used above does force the instruction set."""
    with use_isa(isa_name):
        assert _core.get_isa() == isa_name
    with pytest.raises(RuntimeError, match="put back"), use_isa(isa_name):
        raise RuntimeError("put back")
    assert _core.get_isa() in _core.isas()
