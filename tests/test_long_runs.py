"""The long randomised runs, each from a seed that the failure message names. Select with -m slow."""

import convx
import numpy as np
import pytest
from checks import assert_equal_values, assert_integers, assert_same_bits, assert_within, conv_bound
from convx import reference
from random_cases import seeded_conv, seeded_pool

pytestmark = pytest.mark.slow

EXACT, ACCURATE, DETERMINISTIC = 2000, 5000, 500


def test_conv_exact_on_integers_long(filtered_algorithm: str, isa: str, dtype: np.dtype) -> None:
    algorithm = filtered_algorithm
    for seed in range(EXACT):
        case = seeded_conv(seed, winograd=algorithm == "winograd")
        if not case.takes(algorithm):
            continue
        x, w, b = case.data(dtype, integers=True)
        wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
        actual = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm)
        expected = getattr(reference, case.function)(*wide, **case.parameters)
        assert_integers(actual, expected, algorithm, f"seeded_conv({seed}) = {case}")


def test_conv_stays_within_bound_long(filtered_algorithm: str, isa: str, dtype: np.dtype) -> None:
    algorithm = filtered_algorithm
    for seed in range(10_000, 10_000 + ACCURATE):
        case = seeded_conv(seed, winograd=algorithm == "winograd")
        if not case.takes(algorithm):
            continue
        x, w, b = case.data(dtype)
        if not x.size:
            continue
        wide = [None if a is None else a.astype("float64") for a in (x, w, b)]
        actual = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm)
        expected = getattr(reference, case.function)(*wide, **case.parameters)
        bound = conv_bound(case, algorithm, dtype, x, w, b)
        assert_within(actual, expected, bound, f"seeded_conv({seed}) = {case}")


def test_max_pool_equals_reference_long(isa: str, dtype: np.dtype) -> None:
    for seed in range(EXACT):
        case = seeded_pool(seed)
        x = case.data(dtype)
        x[x > 95] = np.nan
        name = f"max_pool{case.rank}d"
        expected = getattr(reference, name)(x.astype("float64"), **case.parameters)
        assert_equal_values(getattr(convx, name)(x, **case.parameters), expected, f"seeded_pool({seed}) = {case}")


def test_sum_pool_equals_reference_long(isa: str, dtype: np.dtype) -> None:
    for seed in range(EXACT):
        case = seeded_pool(seed)
        x = case.data(dtype)
        name = f"avg_pool{case.rank}d"
        arguments = {**case.parameters, "divisor_override": 1}
        expected = getattr(reference, name)(x.astype("float64"), **arguments)
        assert_equal_values(getattr(convx, name)(x, **arguments), expected, f"seeded_pool({seed}) = {case}")


def test_conv_same_bits_for_any_threads_long(filtered_algorithm: str, isa: str, keep_threads: int) -> None:
    algorithm = filtered_algorithm
    for seed in range(20_000, 20_000 + DETERMINISTIC):
        case = seeded_conv(seed, winograd=algorithm == "winograd")
        if not case.takes(algorithm):
            continue
        x, w, b = case.data("float32")
        results = []
        for threads in (1, 2, 3, 4, 8):
            convx.set_num_threads(threads)
            results.append(getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm))
        for result in results[1:]:
            assert_same_bits(result, results[0], f"seeded_conv({seed}) = {case}")
