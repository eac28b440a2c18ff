"""Plans that are copied and pickled: the copy is another plan and computes the same bits."""

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any

import convx
import numpy as np
import pytest
from families import numbers, same
from test_shared_plans import plan_table

COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle-{protocol}": lambda plan, protocol=protocol: pickle.loads(pickle.dumps(plan, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}
TABLE = plan_table()
WEIGHT = numbers(0, (6, 2, 3, 3))
# Every argument away from its default.
PLANS: dict[str, Any] = {
    "conv": convx.Conv2d(
        WEIGHT,
        numbers(1, (6,)),
        (1, 2),
        ((0, 1), (2, 1)),
        2,
        2,
        padding_mode="replicate",
        data_format="channels_last",
        activation=("clamp", -1.0, 2.5),
        algorithm="im2col",
    ),
    "named": convx.Conv1d(WEIGHT[:, :, 0], padding="causal", activation="relu"),
    "integers": convx.Conv2d(numbers(0, (4, 2, 3, 3), "int16"), np.array([1, -(2**40), 3, 4]), padding=1),
    "transposed": convx.ConvTranspose2d(
        WEIGHT, numbers(1, (4,)), 3, 1, (1, 2), 2, 2, data_format="channels_last", activation=("leaky_relu", 0.25)
    ),
    "output_size": convx.ConvTranspose2d(WEIGHT, stride=2, output_size=(14, 14)),
    "quantised": convx.QLinearConv(
        0.5,
        3,
        numbers(0, (4, 2, 3), "int8"),
        [0.25, 0.5, 1.0, 2.0],
        [0, 1, 2, 3],
        0.125,
        np.uint8(7),
        numbers(1, (4,), "int32"),
        [2],
        "same",
        groups=2,
    ),
}
INPUTS: dict[str, Any] = {
    "conv": numbers(2, (2, 9, 10, 4)),
    "named": numbers(2, (2, 12)),
    "integers": numbers(2, (2, 6, 7), "int16"),
    "transposed": numbers(2, (2, 5, 4, 6)),
    "output_size": numbers(2, (6, 6, 6)),
    "quantised": numbers(2, (4, 11), "uint8"),
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", PLANS)
def test_copy_is_the_same_plan(name: str, how: str) -> None:
    plan, x = PLANS[name], INPUTS[name]
    other = COPIES[how](plan)
    assert other is not plan
    assert type(other) is type(plan)
    assert same(other(x), plan(x))
    assert repr(other) == repr(plan)
    assert other.algorithm_for(x.shape) == plan.algorithm_for(x.shape)


@pytest.mark.parametrize("name", TABLE)
def test_copy_computes_the_same_bits(name: str) -> None:
    make, x = TABLE[name]()
    plan = make()
    for how in ("copy", f"pickle-{pickle.HIGHEST_PROTOCOL}"):
        assert same(COPIES[how](plan)(x), plan(x))


@pytest.mark.parametrize("name", PLANS)
def test_weight_and_bias_are_kept_read_only(name: str) -> None:
    plan = PLANS[name]
    assert plan.weight.shape == plan.weight_shape
    for array in (plan.weight, *([] if plan.bias is None else [plan.bias])):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
        with pytest.raises(AttributeError):
            plan.weight = array


@pytest.mark.parametrize(
    ("weight", "bias"),
    [
        (WEIGHT, None),
        (WEIGHT.astype("float64"), np.arange(6.0)),
        (WEIGHT.astype("float16"), np.arange(6, dtype="float32")),
        (numbers(0, (6, 2, 3, 3), "int8"), np.arange(6, dtype="int32")),
    ],
)
def test_weight_and_bias_have_the_values_given(weight: Any, bias: Any) -> None:
    plan = convx.Conv2d(weight, bias)
    np.testing.assert_array_equal(plan.weight, weight)
    if bias is None:
        assert plan.bias is None
    else:
        np.testing.assert_array_equal(plan.bias, bias)


def test_quantised_plan_has_weight_and_bias() -> None:
    assert same(PLANS["quantised"].weight, numbers(0, (4, 2, 3), "int8"))
    np.testing.assert_array_equal(PLANS["quantised"].bias, numbers(1, (4,), "int32"))


def test_later_changes_of_the_arrays_reach_neither_plan_nor_copy() -> None:
    weight, bias, stride = WEIGHT.copy(), np.ones(6, "float32"), [2, 1]
    plan = convx.Conv2d(weight, bias, stride)
    x = numbers(2, (2, 6, 6))
    expected = plan(x)
    weight[...], bias[...], stride[0] = 0, 0, 1
    np.testing.assert_array_equal(plan.weight, WEIGHT)
    np.testing.assert_array_equal(plan.bias, np.ones(6))
    assert same(pickle.loads(pickle.dumps(plan))(x), expected)


class Named(convx.Conv2d):
    """A user's plan with an attribute and an __init__ of its own."""

    def __init__(self, label: str) -> None:
        super().__init__(WEIGHT, padding=1)
        self.label = label


@pytest.mark.parametrize("how", COPIES)
def test_copy_of_a_subclass_keeps_its_attributes(how: str) -> None:
    plan = Named("first")
    other = COPIES[how](plan)
    x = numbers(2, (2, 6, 6))
    assert type(other) is Named
    assert other.label == "first"
    assert same(other(x), plan(x))


def test_plans_go_to_processes_that_are_spawned() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for name, plan in PLANS.items():
            assert same(pool.apply(plan, (INPUTS[name],)), plan(INPUTS[name]))
