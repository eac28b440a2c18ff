"""Gradients against PyTorch's, where it is installed."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_within
from random_cases import seeded_conv, seeded_pool

torch = pytest.importorskip("torch")


def tensor(a: Array) -> Any:
    return torch.from_numpy(np.ascontiguousarray(a))


def symmetric(padding: Any, rank: int) -> tuple[int, ...] | None:
    """The padding as torch writes it, or None where it cannot."""
    if isinstance(padding, str):
        return (0,) * rank if padding == "valid" else None
    if isinstance(padding, int):
        return (padding,) * rank
    pairs = [p if isinstance(p, tuple) else (p, p) for p in padding]
    pairs = pairs * (rank // len(pairs))
    return tuple(lo for lo, _ in pairs) if all(lo == hi for lo, hi in pairs) else None


def test_weight_and_bias() -> None:
    compared = 0
    for seed in range(600):
        case = seeded_conv(seed)
        padding = symmetric(case.padding, case.rank)
        if padding is None or len(case.input) == case.rank + 1 or 0 in case.input:
            continue
        rng = np.random.default_rng(seed)
        x = rng.uniform(-1, 1, case.input)
        weight = tensor(np.zeros(case.weight)).requires_grad_()
        bias = tensor(np.zeros(case.weight[0])).requires_grad_()
        function = getattr(torch.nn.functional, case.function)
        y = function(tensor(x), weight, bias, case.stride, padding, case.dilation, case.groups)
        gy = rng.uniform(-1, 1, tuple(y.shape))
        y.backward(tensor(gy))
        scale = 1e-11 * max(1.0, float(np.abs(gy).sum()))
        dw = getattr(convx, f"{case.function}_weight")(x, case.weight, gy, **case.parameters)
        assert_within(dw, weight.grad.numpy(), scale, f"weight {case}")
        named = getattr(torch.nn.grad, f"{case.function}_weight")(
            tensor(x), case.weight, tensor(gy), case.stride, padding, case.dilation, case.groups
        )
        assert_within(dw, named.numpy(), scale, f"torch.nn.grad {case}")
        assert_within(getattr(convx, f"{case.function}_bias")(gy), bias.grad.numpy(), scale, f"bias {case}")
        compared += 1
    assert compared > 100


def test_large_layers_in_float32() -> None:
    rng = np.random.default_rng(0)
    for channels, size, kernel, stride in [(64, 56, 3, 1), (128, 14, 3, 2), (256, 7, 1, 1), (3, 112, 7, 2)]:
        x = rng.standard_normal((2, channels, size, size)).astype("float32")
        w = (64, channels, kernel, kernel)
        y = torch.nn.functional.conv2d(tensor(x), torch.zeros(w), stride=stride, padding=kernel // 2)
        gy = rng.standard_normal(tuple(y.shape)).astype("float32")
        wanted = torch.nn.grad.conv2d_weight(tensor(x), w, tensor(gy), stride=stride, padding=kernel // 2).numpy()
        actual = convx.conv2d_weight(x, w, gy, stride, kernel // 2)
        assert_within(actual, wanted, 2e-4 * float(np.sqrt((wanted**2).mean())), str(w))


def test_max_pool() -> None:
    """Torch's indices are taken as they are."""
    compared = 0
    for seed in range(400):
        pool = seeded_pool(seed)
        parameters = pool.parameters
        padding = symmetric(parameters["padding"], pool.rank)
        if padding is None or 0 in pool.input:
            continue
        rng = np.random.default_rng(seed)
        x = tensor(rng.integers(-9, 10, pool.input).astype("float64")).requires_grad_()
        function = getattr(torch.nn.functional, f"max_pool{pool.rank}d")
        try:
            y, indices = function(x, **{**parameters, "padding": padding}, return_indices=True)
        except RuntimeError:  # torch asks for padding of at most half of the kernel without its dilation
            continue
        gy = rng.integers(-9, 10, tuple(y.shape)).astype("float64")
        y.backward(tensor(gy))
        for given in (indices, indices.numpy()):
            actual = getattr(convx, f"max_pool{pool.rank}d_backward")(gy, given, pool.input)
            np.testing.assert_array_equal(actual, x.grad.numpy(), str(pool))
        compared += 1
    assert compared > 100


def test_average_pool() -> None:
    compared = 0
    for seed in range(800):
        pool = seeded_pool(seed)
        parameters = dict(pool.parameters)
        padding = symmetric(parameters["padding"], pool.rank)
        dilation = parameters.pop("dilation")
        plain = dilation == 1 or (isinstance(dilation, tuple) and set(dilation) == {1})
        average = dict(pool.average)
        if pool.rank == 1 and average.pop("divisor_override") is not None:  # not in torch's avg_pool1d
            continue
        if padding is None or 0 in pool.input or not plain:
            continue
        x = tensor(np.zeros(pool.input)).requires_grad_()
        function = getattr(torch.nn.functional, f"avg_pool{pool.rank}d")
        try:
            y = function(x, **{**parameters, "padding": padding}, **average)
        except RuntimeError:
            continue
        gy = np.random.default_rng(seed).uniform(-1, 1, tuple(y.shape))
        y.backward(tensor(gy))
        backward = getattr(convx, f"avg_pool{pool.rank}d_backward")
        actual = backward(gy, pool.input, **pool.parameters, **pool.average)
        assert_within(actual, x.grad.numpy(), 1e-12 * pool.terms, str(pool))
        compared += 1
    assert compared > 30
