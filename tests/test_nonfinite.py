"""NaN and infinity in a convolution: "auto" gives what the definition gives, whatever it takes for finite arrays."""

import convx
import numpy as np
import pytest
from convx import _core, reference

SHAPE, WEIGHT = (2, 64, 33, 30), (64, 64, 3, 3)


def arrays() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    return rng.standard_normal(SHAPE).astype("float32"), rng.standard_normal(WEIGHT).astype("float32")


def same_places(actual: np.ndarray, expected: np.ndarray) -> None:
    assert np.array_equal(np.isnan(actual), np.isnan(expected))
    assert np.array_equal(np.isposinf(actual), np.isposinf(expected))
    assert np.array_equal(np.isneginf(actual), np.isneginf(expected))
    finite = np.isfinite(expected)
    assert np.abs(actual[finite] - expected[finite]).max() < 1e-3


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nonfinite_input_stays_in_its_windows(isa: str, value: float) -> None:
    x, w = arrays()
    plan = convx.Conv2d(w, padding=1)
    assert plan.algorithm_for(SHAPE) == "winograd", "a shape for which it matters"
    plan(x)
    x[1, 5, 17, 11] = value
    x[0, 63, 0, 29] = value
    expected = reference.conv2d(x, w, padding=1)
    same_places(plan(x), expected)
    same_places(plan(x[:, :, :, ::-1][:, :, :, ::-1]), expected)
    same_places(convx.conv2d(x.transpose(0, 1, 3, 2).copy().transpose(0, 1, 3, 2), w, padding=1), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nonfinite_weight_over_padding_is_multiplied(isa: str, value: float) -> None:
    x, w = arrays()
    w[3, 4, 0, 0] = value
    plan = convx.Conv2d(w, padding=1)
    assert plan.algorithm_for(SHAPE) != "winograd"
    with np.errstate(invalid="ignore"):
        expected = reference.conv2d(x, w, padding=1)
    assert np.isnan(expected[:, 3, 0]).all(), "0 * infinity along the padding"
    same_places(plan(x), expected)


def test_finite_input_takes_the_fast_way_again() -> None:
    x, w = arrays()
    plan = convx.Conv2d(w, padding=1)
    before = plan(x)
    broken = x.copy()
    broken[0, 0, 0, 0] = np.nan
    plan(broken)
    assert np.array_equal(plan(x), before)


def test_forbidden_winograd_is_not_taken() -> None:
    _, w = arrays()
    plan = convx.Conv2d(w, padding=1)
    assert convx.get_winograd()
    convx.set_winograd(False)
    try:
        assert plan.algorithm_for(SHAPE) != "winograd"
        assert _core.choose(SHAPE, WEIGHT, 1, 1, 1, 1, np.dtype("float32")) != "winograd"
    finally:
        convx.set_winograd(True)
    assert plan.algorithm_for(SHAPE) == "winograd"
