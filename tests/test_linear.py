"""Matrix products: NumPy's, and torch's linear layer."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import assert_equal_values, assert_same_bits
from convx._linear import Linear, linear, matmul


def whole(*shape: int, seed: int = 0, dtype: Any = "float32") -> Any:
    """Small whole numbers, of which sums are exact."""
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(dtype)


@pytest.mark.parametrize("shape", [(7,), (1, 7), (5, 7), (2, 3, 7), (0, 7), (2, 0, 7), (64, 300)], ids=str)
@pytest.mark.parametrize("features", [1, 6, 40])
def test_linear(isa: str, dtype: np.dtype, shape: tuple[int, ...], features: int) -> None:
    x, w, b = whole(*shape, dtype=dtype), whole(features, shape[-1], seed=1, dtype=dtype), whole(features, dtype=dtype)
    expected = x @ w.T + b
    plan = Linear(w, b, activation="relu")
    for actual, wanted in (
        (linear(x, w), x @ w.T),
        (linear(x, w, b), expected),
        (linear(x, w, b, activation="relu"), np.maximum(expected, 0)),
        (plan(x), np.maximum(expected, 0)),
        (plan(x, residual=expected), np.maximum(2 * expected, 0)),
    ):
        assert (actual.shape, actual.dtype) == (wanted.shape, dtype)
        assert_equal_values(actual, wanted)


def test_out() -> None:
    x, w = whole(2, 3, 7), whole(6, 7, seed=1)
    for out in (np.zeros((2, 3, 6), "float32"), np.zeros((2, 3, 12), "float32")[..., ::2]):
        assert linear(x, w, out=out) is out
        assert_equal_values(out.copy(), x @ w.T)
        assert Linear(w)(x, residual=out, out=out) is out
        assert_equal_values(out.copy(), 2 * (x @ w.T))


@pytest.mark.parametrize(
    "shapes",
    [
        ((5, 7), (7, 6)),
        ((7,), (7, 6)),
        ((5, 7), (7,)),
        ((7,), (7,)),
        ((2, 3, 5, 7), (7, 6)),
        ((2, 3, 5, 7), (2, 3, 7, 6)),
        ((3, 5, 7), (2, 1, 7, 6)),
        ((2, 5, 7), (7,)),
        ((7,), (2, 7, 6)),
        ((0, 5, 7), (0, 7, 6)),
    ],
    ids=str,
)
def test_matmul(dtype: np.dtype, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    a, b = whole(*shapes[0], dtype=dtype), whole(*shapes[1], seed=1, dtype=dtype)
    expected = np.asarray(a @ b)
    actual = np.asarray(matmul(a, b))
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
    assert_equal_values(actual, expected)
    out = np.zeros_like(expected)
    assert matmul(a, b, out=out) is out
    assert_equal_values(out, expected)


def test_bits_do_not_depend_on_threads(keep_threads: int) -> None:
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype("float32") for shape in [(3, 2000), (1000, 2000)])
    plan = Linear(w)
    convx.set_num_threads(1)
    expected = plan(x)
    for threads in (2, 3):
        convx.set_num_threads(threads)
        assert_same_bits(plan(x), expected)


def test_wrong_shapes() -> None:
    x, w = whole(2, 7), whole(6, 7)
    with pytest.raises(
        ValueError, match=r"linear: weight must have shape \(out_features, in_features\), got shape \(7,\)"
    ):
        linear(x, w[0])
    with pytest.raises(ValueError, match=r"Linear: weight must have shape"):
        Linear(w[0])
    with pytest.raises(ValueError, match=r"linear: out must have shape \(2, 6\), got shape \(6, 2\)"):
        linear(x, w, out=np.zeros((6, 2), "float32"))
    with pytest.raises(ValueError, match=r"Linear: residual must have shape \(2, 6\)"):
        Linear(w)(x, residual=np.zeros((1, 6), "float32"))
    with pytest.raises(ValueError, match="input must"):
        linear(whole(2, 5), w)
    with pytest.raises(ValueError, match="a number"):
        linear(np.float32(1), w)
    with pytest.raises(ValueError, match="a number"):
        matmul(np.float32(1), w)
