"""Plans that a session makes for one shape hold their weight as packed alone, and are plans like any other."""

import pickle
from typing import Any

import convx
import numpy as np
import pytest
from convx import _core
from convx._linear import Linear

# Of algorithms that pack by moving elements, and of one that does not; with more groups, and with rests of panels.
SHAPES = [
    ((1, 64, 14, 14), (96, 64, 1, 1), {}),
    ((1, 3, 40, 40), (20, 3, 7, 7), {"stride": 2, "padding": 3}),
    ((1, 32, 14, 14), (40, 32, 3, 3), {"padding": 1}),
    ((1, 48, 9, 9), (51, 16, 2, 2), {"groups": 3}),
    ((1, 8, 12, 12), (8, 1, 3, 3), {"groups": 8, "padding": 1}),
    ((2, 130, 5), (37, 130, 1), {"data_format": "channels_first"}),
    ((1, 1500, 3, 3), (20, 750, 1, 1), {"groups": 2}),
]
EACH = pytest.mark.parametrize(("shape", "weight_shape", "words"), SHAPES)
ALGORITHMS = ["auto", "direct", "narrow", "im2col", "winograd"]


def numbers(*shape: int, dtype: str = "float32") -> Any:
    return np.random.default_rng(shape).standard_normal(shape).astype(dtype)


def both(shape: tuple[int, ...], weight: Any, **words: Any) -> tuple[Any, Any]:
    kind = getattr(convx, f"Conv{len(shape) - 2}d")
    bias = numbers(len(weight), dtype=weight.dtype.name)
    return kind._for_shape(shape, weight.copy(), bias, **words), kind(weight, bias, **words)


@EACH
@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("floats", ["float32", "float64"])
def test_weight_is_told_to_the_last_bit(
    shape: tuple[int, ...], weight_shape: tuple[int, ...], words: Any, name: Any, floats: str
) -> None:
    if not _core.supports(name, weight_shape, words.get("stride", 1), 1, words.get("groups", 1)):
        return
    weight = numbers(*weight_shape, dtype=floats)
    plan, plain = both(shape, weight, **words, algorithm=name)
    assert np.array_equal(plan.weight, weight)
    assert not plan.weight.flags.writeable
    assert plan.weight_shape == weight.shape
    assert repr(plan) == repr(plain)
    x = numbers(*shape, dtype=floats)
    assert np.array_equal(plan(x), plain(x))


@EACH
def test_other_inputs_are_taken_as_by_any_plan(
    shape: tuple[int, ...], weight_shape: tuple[int, ...], words: Any
) -> None:
    plan, plain = both(shape, numbers(*weight_shape), **words)
    larger = (3, shape[1], *[2 * size + 1 for size in shape[2:]])
    broken = numbers(*shape)
    broken.flat[7] = np.nan
    for x in (numbers(*larger), broken, numbers(*shape, dtype="float64"), numbers(*shape, dtype="float16")):
        assert np.array_equal(plan(x), plain(x), equal_nan=True)


@EACH
def test_copies_and_other_instruction_sets_have_the_same_weight(
    shape: tuple[int, ...], weight_shape: tuple[int, ...], words: Any
) -> None:
    plan, plain = both(shape, numbers(*weight_shape), **words)
    x = numbers(*shape)
    assert np.array_equal(pickle.loads(pickle.dumps(plan))(x), plain(x))
    before = _core.get_isa()
    try:
        for isa in _core.isas():
            _core.set_isa(isa)
            assert np.array_equal(plan(x), plain(x))
    finally:
        _core.set_isa(before)


def test_tuning_finds_the_weight() -> None:
    plan, plain = both((1, 32, 10, 10), numbers(32, 32, 3, 3), padding=1)
    try:
        plan.tune((1, 32, 10, 10), seconds=0)
        x = numbers(1, 32, 10, 10)
        assert np.array_equal(plan(x), plain(x))
    finally:
        convx.forget_wisdom()


def test_threads_pack_the_same() -> None:
    weight, x = numbers(96, 64, 3, 3), numbers(1, 64, 28, 28)
    results = []
    for threads in (1, 3):
        with convx.num_threads(threads):
            results += [convx.conv2d(x, weight, padding=1, algorithm=name) for name in ("winograd", "direct", "narrow")]
    for one, other in zip(results[:3], results[3:], strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("turned", [False, True])
def test_caller_may_change_its_array(turned: bool) -> None:
    for shape, sizes in (((1, 64, 14, 14), (96, 64, 1, 1)), ((1, 64, 14, 14), (64, 64, 3, 3))):
        weight = numbers(*sizes)
        given = np.array(weight.T).T if turned else weight.copy()
        plan = convx.Conv2d._for_shape(shape, given, None, padding=1)
        given[...] = 0
        assert np.array_equal(plan.weight, weight)
        x = numbers(*shape)
        assert np.array_equal(plan(x), convx.Conv2d(weight, padding=1)(x))


def test_linear_layers_take_any_number_of_rows() -> None:
    weight, bias = numbers(130, 257), numbers(130)
    layer, plain = Linear(weight, bias, rows=1), Linear(weight, bias)
    for rows in (1, 5):
        x = numbers(rows, 257)
        assert np.array_equal(layer(x), plain(x))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="input"):
        convx.Conv2d._for_shape((1, 5, 8, 8), numbers(4, 3, 3, 3), None)
