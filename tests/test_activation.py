"""Activations: applied once, after bias and the sum over all maps; NaN stays NaN."""

from collections.abc import Callable
from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_same_bits
from convx import reference

Activation = Any

ACTIVATIONS: dict[str, tuple[Activation, Callable[[Array], Array]]] = {
    "none": (None, lambda y: y),
    "relu": ("relu", lambda y: np.maximum(y, 0)),
    "relu6": ("relu6", lambda y: np.clip(y, 0, 6)),
    "leaky_relu": (("leaky_relu", 0.1), lambda y: np.where(y > 0, y, y * y.dtype.type(0.1))),
    "leaky_relu_0": (("leaky_relu", 0), lambda y: np.where(y > 0, y, y * 0)),
    "leaky_relu_1": (("leaky_relu", 1.0), lambda y: y),
    "clamp": (("clamp", -1.5, 2.25), lambda y: np.clip(y, -1.5, 2.25)),
    "clamp_ints": (("clamp", -1, 2), lambda y: np.clip(y, -1, 2)),
    "clamp_point": (("clamp", 0.5, 0.5), lambda y: np.clip(y, 0.5, 0.5)),
    "clamp_from_below": (("clamp", -1, np.inf), lambda y: np.maximum(y, -1)),
    "clamp_from_above": (("clamp", -np.inf, -1), lambda y: np.minimum(y, -1)),
    "clamp_list": (["clamp", -1.5, 2.25], lambda y: np.clip(y, -1.5, 2.25)),
}
KINDS = [pytest.param(*value, id=name) for name, value in ACTIVATIONS.items()]


def check(actual: Array, expected: Array, algorithm: str, activation: Activation, label: str = "") -> None:
    """Equal, but for one product: the reference loops multiply by the slope in double, before they round."""
    if algorithm == "reference" and isinstance(activation, tuple) and activation[0] == "leaky_relu":
        off = np.abs(actual.astype("float64") - expected)
        assert (off <= np.finfo(expected.dtype).eps * np.abs(expected)).all(), label
    else:
        assert_equal_values(actual, expected, label)


def data(dtype: np.dtype, channels: int = 17, outputs: int = 33) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(0)
    shapes = [(2, channels, 7, 19), (outputs, channels, 3, 3), (outputs,)]
    return tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)  # type: ignore[return-value]


@pytest.mark.parametrize(("activation", "apply"), KINDS)
@pytest.mark.parametrize("with_bias", [True, False], ids=["bias", "no_bias"])
def test_activation_follows_bias_and_sum(
    algorithm: str, isa: str, dtype: np.dtype, activation: Activation, apply: Callable[[Array], Array], with_bias: bool
) -> None:
    x, w, b = data(dtype)
    bias = b if with_bias else None
    plain = convx.conv2d(x, w, bias, algorithm=algorithm)
    assert plain.min() < -6.5 < 6.5 < plain.max(), "the data must reach every branch"
    actual = convx.conv2d(x, w, bias, activation=activation, algorithm=algorithm)
    check(actual, apply(plain), algorithm, activation)
    assert actual.dtype == dtype


@pytest.mark.parametrize(("activation", "apply"), KINDS)
def test_activation_of_depthwise_and_deep(
    algorithm: str, isa: str, activation: Activation, apply: Callable[[Array], Array]
) -> None:
    """Blocks of K: the activation comes after the last block only."""
    rng = np.random.default_rng(1)
    for shapes, groups in [(((1, 33, 8, 9), (33, 1, 3, 3)), 33), (((1, 400, 5, 6), (15, 400, 3, 3)), 1)]:
        x, w = (rng.standard_normal(shape).astype("float32") for shape in shapes)
        b = rng.standard_normal(len(w)).astype("float32")
        plain = convx.conv2d(x, w, b, groups=groups, algorithm=algorithm)
        actual = convx.conv2d(x, w, b, groups=groups, activation=activation, algorithm=algorithm)
        check(actual, apply(plain), algorithm, activation, f"groups {groups}")


def spread(expected: Array, actual: Array, algorithm: str) -> Array:
    """Of Fourier's transforms the outputs of a tile share what is not finite: NaN where any of them has it."""
    return np.where(np.isnan(actual), np.nan, expected) if algorithm == "fft" else expected


@pytest.mark.parametrize(("activation", "apply"), KINDS)
def test_activation_keeps_nan(
    algorithm: str, isa: str, dtype: np.dtype, activation: Activation, apply: Callable[[Array], Array]
) -> None:
    for outputs in range(1, 18):
        x = np.ones((1, 2, 1, 37), dtype)
        x[0, 1, 0, outputs % 37 :: 5] = np.nan
        w = np.ones((outputs, 2, 1, 1), dtype)
        actual = convx.conv2d(x, w, activation=activation, algorithm=algorithm)
        expected = np.where(np.isnan(x[:, 1:]), np.nan, apply(np.full((1, outputs, 1, 37), 2, dtype)))
        assert_equal_values(actual, spread(expected, actual, algorithm), f"{outputs} outputs")


@pytest.mark.parametrize(
    ("activation", "below", "above"),
    [
        (None, -np.inf, np.inf),
        ("relu", 0, np.inf),
        ("relu6", 0, 6),
        (("leaky_relu", 0.5), -np.inf, np.inf),
        (("clamp", -2, 3), -2, 3),
    ],
    ids=["none", "relu", "relu6", "leaky_relu", "clamp"],
)
def test_activation_of_infinity(
    algorithm: str, isa: str, dtype: np.dtype, activation: Activation, below: float, above: float
) -> None:
    x = np.array([[[-np.inf, np.inf] * 20]], dtype)
    actual = convx.conv1d(x, np.ones((3, 1, 1), dtype), activation=activation, algorithm=algorithm)
    expected = np.broadcast_to(np.array([below, above] * 20), (1, 3, 40))
    assert_equal_values(actual, spread(expected, actual, algorithm))


def test_activation_bias_comes_first(algorithm: str, isa: str, dtype: np.dtype) -> None:
    """relu(-3 + 5) = 2 where relu(-3) + 5 = 5."""
    x, w = np.full((1, 1, 4, 4), -3, dtype), np.ones((1, 1, 1, 1), dtype)
    actual = convx.conv2d(x, w, np.array([5], dtype), activation="relu", algorithm=algorithm)
    assert_equal_values(actual, np.full((1, 1, 4, 4), 2.0))


def test_activation_is_applied_once_to_the_sum(algorithm: str, isa: str, dtype: np.dtype) -> None:
    """relu(4 - 3) = 1 where relu(4) + relu(-3) = 4."""
    x = np.stack([np.full((3, 3), 4), np.full((3, 3), -3)])[None].astype(dtype)
    actual = convx.conv2d(x, np.ones((1, 2, 1, 1), dtype), activation="relu", algorithm=algorithm)
    assert_equal_values(actual, np.ones((1, 1, 3, 3)))


def test_relu_commutes_with_max_pool(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, w, b = data(dtype)
    before = convx.max_pool2d(convx.conv2d(x, w, b, activation="relu", algorithm=algorithm), 2)
    after = np.maximum(convx.max_pool2d(convx.conv2d(x, w, b, algorithm=algorithm), 2), 0)
    assert (after == 0).any()
    assert (after > 0).any()
    assert_same_bits(before, after)


@pytest.mark.parametrize(("activation", "apply"), KINDS)
def test_reference_applies_the_same_activation(activation: Activation, apply: Callable[[Array], Array]) -> None:
    x, w, b = data(np.dtype("float64"), 3, 5)
    assert_equal_values(reference.conv2d(x, w, b, activation=activation), apply(reference.conv2d(x, w, b)))
