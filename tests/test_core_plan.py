"""What the core's plans tell of themselves: the class of them all, whichever function made one."""

import inspect
from typing import Any

import numpy as np
import pytest
from convx import _core

W = np.arange(2 * 3 * 3 * 3, dtype="float32").reshape(2, 3, 3, 3)
BIAS = np.array([1.5, -2], "float16")
ROOM = {"stride": 1, "padding": 1, "dilation": 1, "groups": 1, "data_format": "channels_first"}
REST = {**ROOM, "activation": None, "algorithm": "auto"}


def named(core: Any, /, **given: Any) -> Any:
    """Call with those of the arguments that it has."""
    return core(**{name: given[name] for name in inspect.signature(core).parameters})


def conv(weight: Any = W, bias: Any = BIAS) -> Any:
    more = {"padding_mode": "reflect", "input_shape": None}
    return named(_core.conv_plan, function="f", rank=2, weight=weight, bias=bias, **more, **REST)


def transposed(weight: Any = W, bias: Any = None) -> Any:
    more = {"output_padding": 0, "output_size": (7, 8)}
    return named(_core.conv_transpose_plan, function="f", rank=2, weight=weight, bias=bias, **more, **REST)


def quantized(weight: Any = W, bias: Any = (3, 4)) -> Any:
    scales = {"x_scale": 0.5, "w_scale": [0.5, 0.25], "y_scale": 2}
    zeros = {"x_zero_point": 3, "w_zero_point": 0, "y_zero_point": np.uint8(9)}
    bias = None if bias is None else np.asarray(bias, "int32")
    return named(_core.quantized_plan, function="f", w=np.asarray(weight, "int8"), bias=bias, **scales, **zeros, **ROOM)


MAKERS = {
    "conv": conv,
    "channels_last_weight": lambda **given: conv(W.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2), **given),
    "float16": lambda **given: conv(W.astype("float16"), **given),
    "transposed": lambda **given: transposed(bias=np.ones(3), **given) if not given else transposed(**given),
    "int8": lambda bias=(1, 2): conv(W.astype("int8"), bias),
    "int64": lambda bias=(1, 2): conv(W.astype("int64"), bias),
    "quantized": quantized,
}
EACH = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@EACH
def test_weight_and_bias_are_what_was_given(make: Any) -> None:
    plan = make()
    assert np.array_equal(plan.weight, W)
    assert plan.weight.shape == plan.weight_shape == W.shape
    assert plan.bias is not None
    assert plan.bias.ndim == 1
    assert make(bias=None).bias is None


@EACH
def test_weight_and_bias_cannot_be_written(make: Any) -> None:
    plan = make()
    for array in (plan.weight, plan.bias):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    for name in ("weight", "bias", "stride", "anything"):
        with pytest.raises(AttributeError):
            setattr(plan, name, None)


def test_weight_and_bias_are_the_plans_own() -> None:
    weight, bias = W.copy(), BIAS.copy()
    plan = conv(weight, bias)
    x = np.ones((1, 3, 4, 4), "float32")
    expected = plan(x, None)
    weight[:] = bias[:] = 7
    assert np.array_equal(plan.weight, W)
    assert np.array_equal(plan.bias, BIAS)
    assert np.array_equal(plan(x, None), expected)
    kept = plan.weight
    del plan
    assert np.array_equal(kept, W), "outlives the plan"


@EACH
def test_all_plans_tell_the_same(make: Any) -> None:
    plan = make()
    assert type(plan) is _core.Plan
    assert (plan.stride, plan.dilation, plan.groups) == ((1, 1), (1, 1), 1)
    assert plan.padding == ((1, 1), (1, 1))
    assert (plan.data_format, plan.algorithm) == ("channels_first", "auto")
    assert plan.padding_mode in ("zeros", "reflect")
    shape = (1, 2 if make is MAKERS["transposed"] else 3, 7, 8)
    assert plan.output_shape(shape)[2:] == (7, 8)
    assert plan.workspace_bytes(shape) >= 0
    assert plan.algorithm_for(shape) in _core.algorithms()
    x = np.ones(shape, np.int8 if make in (MAKERS["int8"], quantized) else plan.weight.dtype)
    assert plan(x, None).dtype == plan.dtype


def test_only_transposed_plans_have_its_sizes() -> None:
    assert (transposed().output_padding, transposed().output_size) == ((0, 0), (7, 8))
    for name in ("output_padding", "output_size"):
        for make in (conv, quantized):
            with pytest.raises(AttributeError, match=f"no {name}"):
                getattr(make(), name)


def test_integers_or_floats_are_told_by_the_weight() -> None:
    expected = {"int8": "int32", "uint8": "int32", "int16": "int64", "float16": "float16", "float64": "float64"}
    for given, result in expected.items():
        assert conv(W.astype(given), None).dtype == result


def test_a_plan_takes_two_or_three_arguments_by_place() -> None:
    x = np.ones((1, 3, 4, 4), "float32")
    for arguments, names in (((), {}), ((x,), {}), ((x, None, None, None), {}), ((x,), {"out": None})):
        with pytest.raises(TypeError, match="input and out"):
            conv()(*arguments, **names)


def test_zero_point_of_a_quantized_plan_is_that_of_the_call() -> None:
    """Parsed once; its range is that of the input."""
    plan = quantized()
    assert plan(np.zeros((1, 3, 4, 4), "uint8"), None).dtype == "uint8"
    assert plan(np.zeros((1, 3, 4, 4), "int8"), None).dtype == "uint8"
    high = {
        "x_scale": 1,
        "w_scale": 1,
        "y_scale": 1,
        "w_zero_point": 0,
        "y_zero_point": np.int8(0),
        "x_zero_point": 200,
    }
    plan = named(_core.quantized_plan, function="f", w=W.astype("int8"), bias=None, **high, **ROOM)
    assert plan(np.zeros((1, 3, 4, 4), "uint8"), None).dtype == "int8"
    assert plan.algorithm_for((1, 3, 4, 4)) in _core.algorithms()
    assert plan.workspace_bytes((1, 3, 4, 4)) >= 0
    with pytest.raises(ValueError, match=r"x_zero_point must be >= -128 and <= 127, as elements are, got 200"):
        plan(np.zeros((1, 3, 4, 4), "int8"), None)
