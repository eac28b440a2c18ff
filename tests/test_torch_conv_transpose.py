"""Transposed convolution and the input's gradient as PyTorch has them, where it is installed."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import assert_integers
from hypothesis import given, settings
from random_cases import conv_cases
from transpose_cases import TransposeCase, transpose_cases

torch = pytest.importorskip("torch")


def symmetric(padding: Any) -> Any:
    """The padding as torch can say it."""
    if isinstance(padding, str):
        return 0
    if isinstance(padding, tuple) and isinstance(padding[0], tuple):
        return tuple(min(pair) for pair in padding)
    return padding


@settings(max_examples=150)
@given(case=transpose_cases())
def test_conv_transpose(case: TransposeCase) -> None:
    case = case._replace(padding=symmetric(case.padding), output_size=None)
    x, w, b = case.data("float32")
    names = ("stride", "padding", "output_padding", "groups", "dilation")
    arguments = {name: value for name, value in case.parameters.items() if name in names}
    function = getattr(torch.nn.functional, case.function)
    arrays = [None if a is None else torch.from_numpy(a) for a in (x, w, b)]
    if x.size:
        expected = function(*arrays, **arguments).numpy()
        assert_integers(getattr(convx, case.function)(x, w, b, **arguments), expected, "auto", case.name)


@settings(max_examples=60)
@given(case=transpose_cases())
def test_output_size_makes_the_same_sizes(case: TransposeCase) -> None:
    x, w, _ = case.data("float32")
    padding = symmetric(case.padding)
    module = getattr(torch.nn, case.plan)(
        w.shape[0], case.groups * w.shape[1], w.shape[2:], case.stride, padding, 0, case.groups, False, case.dilation
    )
    least = getattr(convx, case.plan)(w, None, case.stride, padding, 0, case.groups, case.dilation).output_shape(
        x.shape
    )
    wanted = tuple(n + s - 1 for n, s in zip(least[-case.rank :], case.stride, strict=True))  # type: ignore[arg-type]
    if x.size:
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(w))
            expected = module(torch.from_numpy(x), output_size=list(wanted)).numpy()
        plan = getattr(convx, case.plan)(
            w, None, case.stride, padding, 0, case.groups, case.dilation, output_size=wanted
        )
        assert_integers(plan(x), expected, "auto", case.name)


@settings(max_examples=80)
@given(case=conv_cases())
def test_conv_input(case: Any) -> None:
    padding = symmetric(case.padding)
    w = case.data("float32", integers=True)[1]
    plan = getattr(convx, case.plan)
    size = case.input if len(case.input) == case.rank + 2 else (1, *case.input)
    try:
        shape = plan(w, None, case.stride, padding, case.dilation, case.groups).output_shape(size)
    except ValueError:
        return  # torch's padding is less than what was drawn, and the kernel does not fit
    g = np.random.default_rng(0).integers(-4, 5, shape).astype("float32")
    arguments = case.stride, padding, case.dilation, case.groups
    if g.size:
        gradient = getattr(torch.nn.grad, f"{case.function}_input")
        expected = gradient(size, torch.from_numpy(w), torch.from_numpy(g), *arguments).numpy()
        assert_integers(getattr(convx, f"{case.function}_input")(size, w, g, *arguments), expected, "auto", case.name)
