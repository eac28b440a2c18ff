"""Gradients of pooling, against NumPy, differences and themselves."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_result, assert_same_bits, assert_within
from convx import reference
from hypothesis import given, settings
from layouts import LAYOUTS, OUT_LAYOUTS
from pool_cases import POOL_CASES
from random_cases import RandomPool, pool_cases, seeded_pool


def average(pool: RandomPool, x: Array, **more: Any) -> Array:
    return getattr(convx, f"avg_pool{pool.rank}d")(x, **pool.parameters, **pool.average, **more)


def average_backward(pool: RandomPool, gy: Array, module: Any = convx, **more: Any) -> Array:
    function = getattr(module, f"avg_pool{pool.rank}d_backward")
    return function(gy, pool.input, **pool.parameters, **pool.average, **more)


def gradient_like(y: Array, dtype: Any, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(-9, 10, y.shape).astype(dtype)


def random_indices(shape: tuple[int, ...], rank: int, size: tuple[int, ...], seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, int(np.prod(size[-rank:])), shape)


@settings(max_examples=300)
@given(pool=pool_cases())
def test_average_random_configurations(pool: RandomPool) -> None:
    y = average(pool, np.zeros(pool.input, "float32"))
    for dtype in ("float32", "float64"):
        gy = gradient_like(y, dtype)
        want = average_backward(pool, gy.astype("float64"), reference)
        actual = average_backward(pool, gy)
        assert_result(actual, pool.input, dtype)
        limit = 4 * float(np.finfo(dtype).eps) * 9 * max(pool.terms, 1)
        assert_within(actual, want, limit, dtype)


def test_average_on_every_isa(isa: str, dtype: np.dtype) -> None:
    for case in POOL_CASES:
        for include in (True, False):
            arguments = {**case.parameters, "count_include_pad": include}
            y = getattr(convx, f"avg_pool{case.rank}d")(np.zeros(case.input, dtype), **arguments)
            name = f"avg_pool{case.rank}d_backward"
            gy = gradient_like(y, dtype)
            want = getattr(reference, name)(gy.astype("float64"), case.input, **arguments)
            actual = getattr(convx, name)(gy, case.input, **arguments)
            assert_within(actual, want, 9 * 64 * float(np.finfo(dtype).eps), case.name)


def test_average_adjoint_and_differences() -> None:
    """<pool(x), g> = <x, pool_backward(g)>, which is what a difference along x measures: pooling is linear."""
    done = 0
    for seed in range(300):
        pool = seeded_pool(seed)
        if 0 in pool.input or done == 60:
            continue
        rng = np.random.default_rng(seed)
        x, along = rng.standard_normal(pool.input), rng.standard_normal(pool.input)
        y = average(pool, x)
        gy = rng.standard_normal(y.shape)
        real = np.isfinite(y)  # a window without elements averages to NaN and has no gradient
        step = 1e-3
        change = (average(pool, x + step * along) - average(pool, x - step * along)) / (2 * step)
        slope = float((change * gy)[real].sum())
        gx = average_backward(pool, gy)
        assert np.isfinite(gx).all()
        assert abs(slope - float((gx * along).sum())) <= 1e-8 * max(1.0, float(np.abs(gy).sum())), seed
        assert abs(float((y * gy)[real].sum() - (gx * x).sum())) <= 1e-10 * max(1.0, float(np.abs(y * gy)[real].sum()))
        done += 1
    assert done == 60


def largest(pool: RandomPool, x: Array) -> tuple[Array, Array]:
    """Maximum and its index by brute force: every element's number pooled where it is the window's maximum."""
    name = f"max_pool{pool.rank}d"
    y = getattr(reference, name)(x, **pool.parameters)
    order = np.argsort(x.reshape(*x.shape[: -pool.rank], -1), axis=-1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(order.shape[-1]), -1)
    top = getattr(reference, name)(ranks.reshape(x.shape).astype("float64"), **pool.parameters)
    flat = top.reshape(*top.shape[: -pool.rank], -1).astype("int64")
    return y, np.take_along_axis(order, flat, -1).reshape(y.shape)


def test_max_central_differences() -> None:
    done = 0
    for seed in range(1000, 1300):
        pool = seeded_pool(seed)
        if 0 in pool.input or done == 40:
            continue
        rng = np.random.default_rng(seed)
        x = rng.permutation(int(np.prod(pool.input))).reshape(pool.input).astype("float64")
        if np.isinf(getattr(reference, f"max_pool{pool.rank}d")(x, **pool.parameters)).any():
            continue
        y, indices = largest(pool, x)
        gy, along, step = rng.standard_normal(y.shape), rng.uniform(-1, 1, pool.input), 1e-2

        def loss(x: Array, gy: Array = gy, pool: RandomPool = pool) -> float:
            return float((getattr(convx, f"max_pool{pool.rank}d")(x, **pool.parameters) * gy).sum())

        slope = (loss(x + step * along) - loss(x - step * along)) / (2 * step)
        gx = getattr(convx, f"max_pool{pool.rank}d_backward")(gy, indices, pool.input)
        assert abs(slope - float((gx * along).sum())) <= 1e-7 * max(1.0, abs(slope), float(np.abs(x).max())), seed
        done += 1
    assert done == 40


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_max_against_numpy(rank: int, dtype: np.dtype) -> None:
    """Indices that repeat add up; none need lie in a window."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        batch = () if seed % 5 == 0 else (int(rng.integers(0, 4)),)
        size = (*batch, int(rng.integers(1, 20)), *map(int, rng.integers(1, 12, rank)))
        shape = (*size[:-rank], *map(int, rng.integers(1, 9, rank)))
        gy = rng.integers(-9, 10, shape).astype(dtype)
        indices = random_indices(shape, rank, size, seed)
        name = f"max_pool{rank}d_backward"
        actual = getattr(convx, name)(gy, indices, size)
        assert_result(actual, size, dtype)
        assert_equal_values(actual, getattr(reference, name)(gy, indices, size), str(size))
        last = [np.ascontiguousarray(np.moveaxis(a, -rank - 1, -1)) for a in (gy, indices)]
        size_last = (*size[: -rank - 1], *size[-rank:], size[-rank - 1])
        actual = getattr(convx, name)(*last, size_last, data_format="channels_last")
        assert_equal_values(
            np.moveaxis(actual, -1, -rank - 1), getattr(convx, name)(gy, indices, size), "channels last"
        )


def test_average_channels_last_and_half() -> None:
    for seed in range(40):
        pool = seeded_pool(seed)
        y = average(pool, np.zeros(pool.input, "float32"))
        gy = gradient_like(y, "float32")
        first = average_backward(pool, gy)
        size = (*pool.input[: -pool.rank - 1], *pool.input[-pool.rank :], pool.input[-pool.rank - 1])
        last = getattr(convx, f"avg_pool{pool.rank}d_backward")(
            np.ascontiguousarray(np.moveaxis(gy, -pool.rank - 1, -1)),
            size,
            **pool.parameters,
            **pool.average,
            data_format="channels_last",
        )
        assert last.shape == size
        assert_same_bits(np.ascontiguousarray(np.moveaxis(last, -1, -pool.rank - 1)), first, str(pool))
        half = average_backward(pool, gy.astype("float16"))
        assert_same_bits(half, first.astype("float16"), str(pool))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout(layout: str, dtype: np.dtype) -> None:
    gy = LAYOUTS[layout](np.random.default_rng(0).integers(-9, 10, (2, 5, 6, 7)).astype(dtype))
    indices = random_indices((2, 5, 6, 7), 2, (12, 14))
    want = reference.max_pool2d_backward(gy, indices, (2, 5, 12, 14))
    assert_equal_values(convx.max_pool2d_backward(gy, indices, (2, 5, 12, 14)), want)
    want = reference.avg_pool2d_backward(gy, (2, 5, 12, 14), 2)
    assert_equal_values(convx.avg_pool2d_backward(gy, (2, 5, 12, 14), 2), want)


@pytest.mark.parametrize("step", [slice(None, None, 2), slice(None, None, -1), slice(1, None, 3)], ids=str)
def test_indices_of_any_strides(step: slice) -> None:
    whole = random_indices((2, 5, 12, 21), 2, (12, 14))
    indices = whole[..., step, step]
    gy = np.random.default_rng(0).integers(-9, 10, indices.shape).astype("float32")
    want = reference.max_pool2d_backward(gy, indices.copy(), (2, 5, 12, 14))
    for given_indices in (indices, indices.astype(">i8")):
        assert_equal_values(convx.max_pool2d_backward(gy, given_indices, (2, 5, 12, 14)), want)


@pytest.mark.parametrize("layout", OUT_LAYOUTS)
def test_out(layout: str, dtype: np.dtype) -> None:
    gy, indices, size = np.ones((2, 3, 4, 5), dtype), random_indices((2, 3, 4, 5), 2, (8, 10)), (2, 3, 8, 10)
    for backward, arguments in [
        (convx.max_pool2d_backward, (gy, indices, size)),
        (convx.avg_pool2d_backward, (gy, size, 2)),
    ]:
        out = OUT_LAYOUTS[layout](np.full(size, np.nan, dtype))
        assert backward(*arguments, out=out) is out  # type: ignore[operator]
        assert_equal_values(out, backward(*arguments))  # type: ignore[operator]


def test_out_overlapping_the_gradient() -> None:
    whole = np.arange(16.0).reshape(1, 1, 4, 4)
    gy = whole[:, :, :2, :2]
    want = convx.avg_pool2d_backward(gy.copy(), (1, 1, 4, 4), 2)
    assert_equal_values(convx.avg_pool2d_backward(gy, (1, 1, 4, 4), 2, out=whole), want)


def test_same_bits_for_any_threads(keep_threads: int, isa: str) -> None:
    rng = np.random.default_rng(0)
    gy = rng.standard_normal((3, 33, 40, 41)).astype("float32")
    indices = random_indices(gy.shape, 2, (60, 61))
    results = []
    for threads in (1, 2, 3, 4):
        convx.set_num_threads(threads)
        results.append(
            (
                convx.max_pool2d_backward(gy, indices, (3, 33, 60, 61)),
                convx.avg_pool2d_backward(gy, (3, 33, 40, 41), 3, 1, 1),
                convx.avg_pool2d_backward(gy, (3, 33, 80, 82), 2),
            )
        )
    for result in results[1:]:
        for one, other in zip(result, results[0], strict=True):
            assert_same_bits(one, other)


def test_nan_stays_in_its_window(isa: str) -> None:
    for bad in (np.nan, np.inf):
        gy = np.ones((1, 2, 9, 35), "float32")
        gy[0, 1, 4, 17] = bad
        for arguments in [(3, 1, 1), (2, 2, 0), (3, 2, 1)]:
            shape = [int(n) for n in gy.shape]
            kernel, stride, padding = arguments
            size = (1, 2, *((n - 1) * stride + kernel - 2 * padding for n in shape[2:]))
            want = reference.avg_pool2d_backward(gy.astype("float64"), size, *arguments)
            actual = convx.avg_pool2d_backward(gy, size, *arguments)
            assert_within(np.nan_to_num(actual, posinf=7), np.nan_to_num(want, posinf=7), 1e-5)
            np.testing.assert_array_equal(np.isfinite(actual), np.isfinite(want))


def test_empty_batch(dtype: np.dtype) -> None:
    gy = np.ones((0, 3, 4, 4), dtype)
    assert_result(convx.avg_pool2d_backward(gy, (0, 3, 8, 8), 2), (0, 3, 8, 8), dtype)
    assert_result(convx.max_pool2d_backward(gy, np.ones(gy.shape, int), (0, 3, 8, 8)), (0, 3, 8, 8), dtype)


def test_vast_windows_cost_nothing() -> None:
    gy = np.ones((1, 1, 11), "float32")
    size, arguments = (1, 1, 10), {"kernel_size": 2**30, "stride": 1, "padding": 2**29}
    want = np.full(size, 11 / 2**30, "float32")
    assert_within(convx.avg_pool1d_backward(gy, size, **arguments), want, 1e-12)  # type: ignore[arg-type]
