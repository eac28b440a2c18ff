"""Which algorithm explain names and why, and the machine's ceilings, against the plan and by hand."""

import os
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import convx
import numpy as np
import pytest
from checks import use_isa
from convx._explain.machine import VECTOR_BYTES, Machine, machine
from layer_cases import CASES, real

PLANNED = [name for name in CASES if re.match("plan|conv|transposed|quantised", name)]


@pytest.fixture
def settings(keep_threads: int, keep_winograd: None) -> Iterator[None]:
    """Those of a fresh process, whatever a test sets."""
    convx.set_winograd("all")
    convx.forget_wisdom()
    yield
    convx.forget_wisdom()


@pytest.mark.parametrize("name", PLANNED)
def test_choice_is_the_plans(name: str) -> None:
    e = convx.explain(*CASES[name])
    plan = CASES[name][0]
    if isinstance(plan, partial):
        if plan.func is convx.qlinear_conv:
            plan = convx.QLinearConv(**plan.keywords)
        else:
            kind = "ConvTranspose" if "transpose" in plan.func.__name__ else "Conv"
            plan = getattr(convx, f"{kind}{e.layer.rank}d")(**plan.keywords)
    assert e.choice.algorithm == plan.algorithm_for(e.layer.input_shape)
    assert e.choice.scratch == plan.workspace_bytes(e.layer.input_shape)
    if e.choice.by == "kind":
        return
    assert e.choice.by == "model"
    assert next(iter(e.choice.slots)) == e.choice.algorithm
    if e.layer.data_format == "channels_first":
        assert list(e.choice.slots.values()) == sorted(e.choice.slots.values())
    assert {"auto", *e.choice.slots, *e.choice.excluded} == set(convx._core.algorithms())


EXCLUDED: list[tuple[dict[str, Any], str, str]] = [
    ({"stride": 2}, "winograd", ""),
    ({"stride": 3}, "winograd", "more than one.*; here kernel 3x3, stride 3x3, dilation 1x1"),
    ({"stride": 3, "dilation": (1, 2)}, "winograd", "; here kernel 3x3, stride 3x3, dilation 1x2"),
    ({}, "depthwise", "one input channel in each group; here 64"),
    ({}, "reference", "slow by design"),
    ({"weight": np.ones((64, 64, 3, 3))}, "winograd", "float32"),
    ({"weight": np.full((64, 64, 3, 3), np.inf, np.float32)}, "winograd", "not finite"),
    ({"weight": np.ones((1, 64, 2, 1), np.float32)}, "winograd", "fewer than 1 million"),
    ({"weight": np.ones((64, 64, 3, 5), np.float32)}, "fft", "fewer than 16 taps"),
    ({"weight": np.ones((64, 64, 4, 4), np.float32)}, "fft", ""),
    ({"weight": np.ones((64, 64, 4, 4))}, "fft", ""),
]


@pytest.mark.parametrize(("changed", "name", "why"), EXCLUDED)
def test_reasons(changed: dict[str, Any], name: str, why: str, settings: Any) -> None:
    arguments = {"weight": np.ones((64, 64, 3, 3), np.float32), "padding": 1, **changed}
    choice = convx.explain(convx.conv2d, (1, 64, 56, 56), **arguments).choice
    if why:
        assert re.search(why, choice.excluded[name])
    else:
        assert name in choice.slots


def test_reason_of_a_setting(settings: Any) -> None:
    convx.set_winograd("off")
    choice = convx.explain(convx.conv2d, (1, 64, 56, 56), weight=(64, 64, 3, 3), padding=1).choice
    assert choice.excluded["winograd"] == "forbidden by set_winograd('off')"


def test_wisdom_and_arguments_overrule_the_model(settings: Any) -> None:
    plan, shape = convx.Conv2d(real(64, 64, 3, 3), padding=1), (1, 64, 56, 56)
    before = convx.explain(plan, shape)
    names, threads, level = plan._core.candidates(shape)
    convx._core.learn(
        "Conv2d", convx._core.get_isa(), threads, level, "float32", shape, plan.weight_shape, 1, 1, 1, 1, "zeros",
        "channels_first", names[-1], True,
    )  # fmt: skip
    after = convx.explain(plan, shape)
    assert (before.choice.by, before.choice.algorithm) == ("model", names[0])
    assert (after.choice.by, after.choice.algorithm) == ("wisdom", names[-1])
    assert f"the model's own choice was '{names[0]}'" in " ".join(str(after).split())
    named = convx.explain(convx.Conv2d(plan.weight, padding=1, algorithm="direct"), shape)
    assert (named.choice.by, named.choice.algorithm) == ("argument", "direct")
    assert set(named.choice.slots) == set(names)


def test_threads_are_those_of_the_call(settings: Any) -> None:
    convx.set_num_threads(1)
    e = convx.explain(convx.conv2d, (1, 64, 56, 56), weight=(64, 64, 3, 3))
    convx.set_num_threads(2)
    assert e.threads == e.machine.threads == 1
    assert convx.explain(convx.max_pool2d, (1, 64, 56, 56), kernel_size=2).threads == 2


def test_more_threads_than_processors_are_not_measured(settings: Any) -> None:
    convx.set_num_threads(1024)
    e = convx.explain(convx.conv2d, (64, 64, 56, 56), weight=(64, 64, 3, 3))
    assert e.threads == e.machine.threads == 1024
    assert e.machine.peak == machine(len(os.sched_getaffinity(0))).peak


def test_roofline_is_the_larger_of_two() -> None:
    e = convx.explain(convx.conv2d, (1, 16, 10, 10), weight=(8, 16, 3, 3), padding=1)
    e.__dict__["machine"] = Machine("avx2", 1, peak=1e9, bandwidth=1e6)
    inside = 8 * 16 * (3 * 10 - 2) ** 2
    assert e.counts.macs_inside == inside
    assert e.roofline.compute_seconds == 2 * inside / 1e9
    assert e.roofline.memory_seconds == 4 * (1600 + 800 + 8 * 16 * 9) / 1e6
    assert (e.roofline.bound, e.roofline.seconds) == ("memory", e.roofline.memory_seconds)
    assert e.model_seconds("direct") == e.choice.slots["direct"] * 2 * 8 / 1e9
    double = convx.explain(convx.conv2d, (1, 16, 10, 10), weight=(8, 16, 3, 3), dtype="float64")
    double.__dict__["machine"] = Machine("avx2", 1, peak=1e9, bandwidth=1e12)
    assert double.roofline.compute_seconds == double.counts.operations / 0.5e9
    assert double.model_seconds("direct") == double.choice.slots["direct"] * 2 * 4 / 0.5e9
    assert double.roofline.bound == "compute"
    pool = convx.explain(convx.max_pool2d, (1, 16, 10, 10), kernel_size=2)
    pool.__dict__["machine"] = Machine("avx2", 1, peak=1e9, bandwidth=1e12)
    assert pool.roofline.compute_seconds == 1600 / 0.5e9
    whole = convx.explain(convx.conv2d, (1, 16, 10, 10), weight=np.ones((8, 16, 3, 3), np.int8))
    assert whole.roofline.compute_seconds == 0


def test_machine_is_measured_once() -> None:
    e = convx.explain(convx.conv2d, (1, 16, 10, 10), weight=(8, 16, 3, 3))
    again = convx.explain(convx.conv2d, (1, 16, 12, 12), weight=(8, 16, 3, 3))
    assert e.machine == again.machine
    assert e.machine.peak > 1e8
    assert e.machine.bandwidth > 1e8
    assert set(convx._core.isas()) <= set(VECTOR_BYTES)


@pytest.mark.parametrize("of", ["float32", "float64"])
@pytest.mark.parametrize("level", convx._core.isas())
def test_slots_are_multiply_adds_of_whole_vectors(level: str, of: str) -> None:
    """In a layer that suits it, direct's estimate is little more than its multiply-adds, on any instruction set."""
    with use_isa(level):
        e = convx.explain(convx.conv2d, (1, 256, 56, 56), weight=(256, 256, 3, 3), padding=1, dtype=of)
        lanes = VECTOR_BYTES[level] // np.dtype(of).itemsize
        assert 0.8 < e.choice.slots["direct"] * lanes / e.counts.macs < 2
