"""Matrix products: NumPy's, and torch's linear layer."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import assert_equal_values, assert_same_bits
from convx._linear import Linear, matmul


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
        (Linear(w)(x), x @ w.T),
        (Linear(w, b)(x), expected),
        (plan(x), np.maximum(expected, 0)),
        (plan(x, residual=expected), np.maximum(2 * expected, 0)),
    ):
        assert (actual.shape, actual.dtype) == (wanted.shape, dtype)
        assert_equal_values(actual, wanted)


def test_out() -> None:
    x, w = whole(2, 3, 7), whole(6, 7, seed=1)
    for out in (np.zeros((2, 3, 6), "float32"), np.zeros((2, 3, 12), "float32")[..., ::2]):
        assert Linear(w)(x, out=out) is out
        assert_equal_values(out.copy(), x @ w.T)
        assert Linear(w)(x, residual=out, out=out) is out
        assert_equal_values(out.copy(), 2 * (x @ w.T))


@pytest.mark.parametrize(
    "shapes",
    [
        ((5, 7), (7, 6)),
        ((2, 3, 5, 7), (7, 6)),
        ((2, 3, 5, 7), (2, 3, 7, 6)),
        ((3, 5, 7), (2, 1, 7, 6)),
        ((0, 5, 7), (0, 7, 6)),
        ((2, 5, 0), (0, 6)),
        ((2, 1, 7), (7, 1)),
        ((40, 1), (1, 70)),
        ((3, 33, 65), (3, 65, 97)),
        ((200, 2100), (2100, 40)),
    ],
    ids=str,
)
def test_matmul(isa: str, dtype: np.dtype, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    a, b = whole(*shapes[0], dtype=dtype), whole(*shapes[1], seed=1, dtype=dtype)
    expected = np.asarray(a @ b)
    out = np.zeros_like(expected)
    assert matmul(a, b, out=out) is out
    assert_equal_values(out, expected)
    for turned in (a, np.ascontiguousarray(a.swapaxes(-1, -2)).swapaxes(-1, -2)):  # rows or columns in lines
        for other in (b, np.ascontiguousarray(b.swapaxes(-1, -2)).swapaxes(-1, -2), np.repeat(b, 2, -1)[..., ::2]):
            actual = matmul(turned, other)
            assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
            assert_equal_values(actual, expected)


def test_bits_do_not_depend_on_threads(keep_threads: int) -> None:
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype("float32") for shape in [(3, 2000), (1000, 2000)])
    plan = Linear(w)
    convx.set_num_threads(1)
    expected = plan(x)
    for threads in (2, 3):
        convx.set_num_threads(threads)
        assert_same_bits(plan(x), expected)


def test_products_have_the_same_bits_for_any_threads_and_stack(keep_threads: int) -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(shape).astype("float32") for shape in [(3, 300, 1100), (3, 1100, 90)])
    convx.set_num_threads(1)
    expected = matmul(a, b)
    assert_same_bits(matmul(a[1], b[1]), expected[1])
    for threads in (2, 3):
        convx.set_num_threads(threads)
        assert_same_bits(matmul(a, b), expected)
        assert_same_bits(matmul(a[1], b[1]), expected[1])


def test_wrong_shapes() -> None:
    x, w = whole(2, 7), whole(6, 7)
    with pytest.raises(ValueError, match=r"Linear: weight must have shape"):
        Linear(w[0])
    with pytest.raises(ValueError, match=r"Linear: out must have shape \(2, 6\), got shape \(6, 2\)"):
        Linear(w)(x, out=np.zeros((6, 2), "float32"))
    with pytest.raises(ValueError, match=r"Linear: residual must have shape \(2, 6\)"):
        Linear(w)(x, residual=np.zeros((1, 6), "float32"))
    with pytest.raises(ValueError, match="input must"):
        Linear(w)(whole(2, 5))
    with pytest.raises(ValueError, match="a number"):
        Linear(w)(np.float32(1))
    with pytest.raises(ValueError, match=r"matmul: input and other must be \(..., n, k\) and \(..., k, m\)"):
        matmul(x, w)
    with pytest.raises(ValueError, match="matmul: stacks must broadcast"):
        matmul(whole(2, 5, 7), whole(3, 7, 6))
