"""A convolution that pools its own output: the bits of the two calls, some rows at a time or not."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_same_bits
from convx import _core

L2 = _core.info()["caches"][1]
WIDE = (1, 3, 7 * L2 // (8 * 4 * 150) + 3, 151)
"""Of images whose 8 maps of float32 are seven times as large as L2: parts enough for two threads."""


def pair(w: Array, pool: tuple[Any, Any, bool], **given: Any) -> tuple[Any, Any]:
    """A pooled convolution and what computes the same by two calls."""
    size, stride, ceil_mode = pool
    bias = np.linspace(-1, 1, len(w)).astype(w.dtype)
    given = {"stride": 1, "padding": 1, "dilation": 1, "groups": 1, "activation": None, "algorithm": "auto", **given}
    plan = _core.pooled_conv_plan(
        "Conv2d", w.ndim - 2, w, bias, **given, pool_size=size, pool_stride=stride, ceil_mode=ceil_mode
    )
    conv, max_pool = getattr(convx, f"Conv{w.ndim - 2}d")(w, bias, **given), getattr(convx, f"max_pool{w.ndim - 2}d")
    return plan, lambda x: max_pool(conv(x), size, stride=stride, ceil_mode=ceil_mode)


def normal(*shape: int, dtype: Any = np.float32) -> Array:
    return np.random.default_rng(shape).standard_normal(shape).astype(dtype)


@pytest.fixture(params=[1, 2])
def threads(request: pytest.FixtureRequest) -> Any:
    before = convx.get_num_threads()
    convx.set_num_threads(request.param)
    yield request.param
    convx.set_num_threads(before)


def check(plan: Any, expected: Any, x: Array) -> None:
    out = np.empty(plan.output_shape(x.shape), x.dtype)
    assert plan(x, out) is out
    assert_same_bits(out, expected(x))


@pytest.mark.parametrize(
    "given",
    [
        {"activation": "relu6"},
        {"padding": 0, "activation": "relu"},
        {"padding": ((2, 0), (1, 2))},
        {"stride": (1, 2)},
        {"stride": 2},
        {"dilation": (2, 1)},
    ],
    ids=str,
)
@pytest.mark.parametrize("named", ["auto", "direct", "im2col", "narrow", "winograd"])
def test_bits_are_those_of_two_calls(named: Any, isa: str, threads: int, given: dict[str, Any]) -> None:
    w = normal(8, 3, 3, 3)
    if not _core.supports(named, w.shape, given.get("stride", 1), given.get("dilation", 1), 1):
        return
    plan, expected = pair(w, (2, 2, True), **given, algorithm=named)
    n, maps, height, width = WIDE
    scale = 2 if given.get("stride") == 2 else 1
    check(plan, expected, normal(n, maps, scale * height, scale * width))


@pytest.mark.parametrize(
    "pool", [((2, 3), (2, 2), False), ((1, 2), (3, 1), False), ((3, 2), (5, 2), True), ((3, 3), (2, 2), False)], ids=str
)
def test_windows_of_all_kinds(isa: str, pool: Any) -> None:
    for given in ({}, {"algorithm": "winograd"}):
        plan, expected = pair(normal(8, 3, 3, 3), pool, **given)
        check(plan, expected, normal(*WIDE))


def test_batches_layouts_and_types(isa: str) -> None:
    plan, expected = pair(normal(8, 2, 3, 3), (2, 2, False), groups=2, activation="relu")
    n, _, height, width = WIDE
    x = normal(2, 4, height, 2 * width)
    for view in (x[..., :width], x[..., ::2], x[:, ::-1, ::-1, :width], np.asfortranarray(x[..., :width])):
        check(plan, expected, view)
    check(plan, expected, x[0, ..., :width])
    plan, expected = pair(normal(8, 3, 3, 3, dtype=np.float64), (2, 2, False))
    check(plan, expected, normal(n, 3, height, width, dtype=np.float64))
    assert plan(normal(*WIDE), None).dtype == np.float64


def test_small_maps_and_other_ranks() -> None:
    for shape, rank in (((3, 4, 9, 7), 2), ((2, 4, 30), 1), ((1, 4, 5, 6, 7), 3), ((0, 4, 9, 7), 2)):
        plan, expected = pair(normal(5, 4, *[3] * rank), (2, 2, True))
        check(plan, expected, normal(*shape))


def test_what_is_not_finite_stays_where_it_is() -> None:
    """Winograd's would spread it: the choice is made for the whole input."""
    plan, expected = pair(normal(32, 32, 3, 3), (2, 2, False))
    x = normal(1, 32, 7 * L2 // (32 * 4 * 100) + 3, 100)
    check(plan, expected, x)
    x[0, 3, -2, 50] = np.nan
    assert 0 < np.isnan(expected(x)).sum() < 1000
    check(plan, expected, x)


def test_large_maps_are_never_there_as_a_whole() -> None:
    w = normal(8, 3, 3, 3)
    plan, _ = pair(w, (2, 2, False))
    whole = convx.Conv2d(w, padding=1).output_shape(WIDE)
    assert plan.workspace_bytes(WIDE) < convx.Conv2d(w, padding=1).workspace_bytes(WIDE) + 4 * np.prod(whole)


def test_a_window_larger_than_the_maps_is_an_error() -> None:
    plan, _ = pair(normal(8, 3, 3, 3), (9, 9, False))
    with pytest.raises(ValueError, match="Conv2d: "):
        plan(normal(1, 3, 5, 5), None)
    with pytest.raises(ValueError, match="residual must be None"):
        plan(normal(1, 3, 12, 12), None, normal(1, 8, 1, 1))
