"""What explain says of a layer, against formulas, NumPy and the plan itself."""

import doctest
import importlib
import json
import math
import pkgutil
import re
from functools import partial
from typing import Any

import convx
import numpy as np
import pytest
from checks import use_isa
from convx import _explain, _layers, reference
from convx._explain.machine import VECTOR_BYTES, Machine
from layer_cases import CASES, real


def explained(name: str) -> Any:
    layer, shape = CASES[name]
    return convx.explain(layer, shape)


CONVOLUTIONS = [name for name in CASES if explained(name).layer.is_convolution and "deformable" not in name]


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_multiplications_are_those_of_a_sum_of_ones(name: str) -> None:
    """With ones everywhere each product is 1, so that all outputs together are their number."""
    e = explained(name)
    layer = e.layer
    function = getattr(reference, f"conv{'_transpose' * (layer.kind == 'conv_transpose')}{layer.rank}d")
    x, w = np.ones(layer.input_shape), np.ones(layer.weight_shape)
    arguments = {"stride": layer.stride, "dilation": layer.dilation, "groups": layer.groups}
    added = {"output_padding": layer.arguments["output_padding"]} if layer.kind == "conv_transpose" else {}
    inside = function(x, w, padding=layer.padding, data_format=layer.data_format, **arguments, **added).sum()
    if added:
        every = function(x, w, data_format=layer.data_format, **arguments).sum()
    else:
        padded = [(0, 0), *layer.padding, (0, 0)] if layer.data_format == "channels_last" else [(0, 0)] * 2
        padded = padded if layer.data_format == "channels_last" else [*padded, *layer.padding]
        every = function(np.pad(x, padded, constant_values=1), w, data_format=layer.data_format, **arguments).sum()
    assert e.counts.macs == every
    assert e.counts.macs_inside == (every if layer.padding_mode != "zeros" else inside)
    assert e.counts.operations == 2 * e.counts.macs


@pytest.mark.parametrize("name", CASES)
def test_bytes_are_those_of_the_arrays(name: str) -> None:
    e = explained(name)
    x = np.ones(e.layer.input_shape, e.layer.input_dtype)
    weight = e.layer.weight
    stored = 0 if weight is None else weight.nbytes + (0 if e.layer.bias is None else e.layer.bias.nbytes)
    elements = 0 if weight is None else weight.size + (0 if e.layer.bias is None else e.layer.bias.size)
    assert (e.counts.input_bytes, e.counts.output_bytes) == (x.nbytes, e.layer.run(x).nbytes)
    assert (e.counts.weight_bytes, e.counts.parameters) == (stored, elements)
    assert e.counts.intensity == e.counts.operations / (x.nbytes + stored + e.counts.output_bytes)


POOLED = [name for name in CASES if name not in CONVOLUTIONS and not name.startswith(("deformable", "unfold"))]


@pytest.mark.parametrize("name", POOLED)
def test_operations_of_pools_are_elements_of_windows(name: str) -> None:
    e = explained(name)
    layer = e.layer
    assert e.counts.macs == e.counts.parameters == 0
    if layer.kind == "maxout":
        assert e.counts.operations == math.prod(layer.input_shape)
        return
    per_axis = [sum(len(layer.taps(axis, i)) for i in range(n)) for axis, n in enumerate(layer.windows)]
    assert e.counts.operations == layer.batch * layer.out_channels * math.prod(per_axis)


@pytest.mark.parametrize("name", CASES)
def test_formula_with_numbers_gives_the_size(name: str) -> None:
    told = explained(name).to_dict()
    layer = explained(name).layer
    for text, size in zip(told["output_sizes"], layer.windows, strict=True):
        if layer.kind.startswith(("global", "adaptive")) or layer.kind == "maxout":
            assert text.split()[0] == str(size)
            continue
        formula, _, rest = text.partition(" = ")
        assert eval(formula, {"floor": math.floor, "ceil": math.ceil}) == size == int(rest.split(",")[0])


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_formulas_of_parameters_and_multiplications(name: str) -> None:
    e = explained(name)
    lines = {fact.label: fact.lines for fact in _explain.facts.facts_of(e)}
    for label, number in (("parameters", e.counts.parameters), ("MACs", e.counts.macs)):
        value, _, formula = lines[label][0].partition(" = ")
        assert int(value.replace(",", "")) == eval(formula) == number


@pytest.mark.parametrize("name", CASES)
def test_text_fits_and_the_rest_is_well_formed(name: str) -> None:
    e = explained(name)
    assert max(map(len, str(e).splitlines())) <= 80
    assert str(e).startswith(e.layer.name)
    told = json.loads(json.dumps(e.to_dict()))
    assert tuple(told["output_shape"]) == e.layer.output_shape
    assert repr(e).startswith(f"<Explanation of {e.layer.name}: ")
    page = e._repr_html_()
    for tag in ("table", "tr", "td", "th", "div", "style", "caption", "tbody"):
        assert page.count(f"<{tag}>") + page.count(f"<{tag} ") == page.count(f"</{tag}>"), tag
    for fact in _explain.facts.facts_of(e):
        assert fact.label in str(e)
        assert f">{fact.label}</th>" in page


TYPES = [
    (real(6, 4, 3, 3), 1, "standard", "Type 2.2"),
    (np.repeat(real(6, 1, 3, 3), 4, 1), 1, "standard", "Type 2.1"),
    (real(6, 1, 3, 3), 1, "standard", "Type 2.2"),
    (real(6, 4, 1, 1), 1, "pointwise", "Type 2.2"),
    (real(6, 2, 3, 3), 2, "grouped", "Type 2.2"),
    (real(8, 1, 3, 3), 4, "depthwise", None),
    (np.tile(real(2, 1, 3, 3), (4, 1, 1, 1)), 4, "depthwise", "Type 1"),
]


@pytest.mark.parametrize(("weight", "groups", "family", "of_type"), TYPES, ids=[f"{t[2]}-{t[3]}" for t in TYPES])
def test_types_are_told_by_the_weight(weight: Any, groups: int, family: str, of_type: str | None) -> None:
    maps = weight.shape[1] * groups
    e = convx.explain(convx.conv2d, (1, maps, 8, 8), weight=weight, groups=groups)
    assert (e.family.name, e.family.type) == (family, of_type)
    unknown = convx.explain(convx.conv2d, (1, maps, 8, 8), weight=weight.shape, groups=groups)
    assert unknown.family.name == family
    assert unknown.family.type == (None if family == "depthwise" else "Type 2.2")
    x = real(1, maps, 8, 8, dtype="float64")
    w = weight.astype(float)
    if of_type == "Type 2.1":  # what it says: the same as of the maps' sum
        assert np.allclose(convx.conv2d(x, w), convx.conv2d(x.sum(1, keepdims=True), w[:, :1]))
    if of_type == "Type 1":  # every filter on every map
        every = [convx.conv2d(x[:, [c]], w[:2]) for c in range(maps)]
        assert np.allclose(convx.conv2d(x, w, groups=groups), np.concatenate(every, 1))


def test_families_of_the_others() -> None:
    names = {name.rpartition(" ")[0]: explained(name).family.name for name in CASES if name.endswith("2d")}
    assert names["plan of transposed"] == "transposed grouped"
    assert names["deformable"] == "deformable standard"
    assert names["max"] == "max pooling"
    assert names["adaptive avg"] == "adaptive average pooling"
    assert names["maxout"] == "maxout"
    assert names["quantised"] == "standard"


@pytest.fixture
def settings() -> Any:
    threads, level = convx.get_num_threads(), convx.get_winograd()
    convx.forget_wisdom()
    yield
    convx.forget_wisdom()
    convx.set_num_threads(threads)
    convx.set_winograd(level)


@pytest.mark.parametrize("name", [name for name in CONVOLUTIONS if "integer" not in name])
def test_choice_is_the_plans(name: str) -> None:
    e = explained(name)
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
    ({"stride": 3}, "winograd", "three with stride 2.*; here kernel 3x3, stride 3x3, dilation 1x1"),
    ({"dilation": (1, 2)}, "winograd", "; here kernel 3x3, stride 1x1, dilation 1x2"),
    ({}, "depthwise", "one input channel in each group; here 64"),
    ({}, "reference", "slow by design"),
    ({"weight": np.ones((64, 64, 3, 3))}, "winograd", "float32"),
    ({"weight": np.full((64, 64, 3, 3), np.inf, np.float32)}, "winograd", "not finite"),
    ({"weight": np.ones((1, 64, 3, 3), np.float32)}, "winograd", "fewer than 4 million"),
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


BAD: list[tuple[Any, tuple[Any, ...], dict[str, Any], type[Exception], str]] = [
    (np.tanh, ((1, 3, 8, 8),), {}, TypeError, "a layer must be a plan"),
    (42, ((1, 3, 8, 8),), {}, TypeError, "a layer must be a plan"),
    (convx.conv2d, (), {"weight": (4, 3, 3, 3)}, TypeError, "input_shape must be given"),
    (convx.conv2d, ((1, 3, 8, 8),), {}, TypeError, "conv2d: missing a required argument: 'weight'"),
    (convx.conv2d, ((1, 3, 8, 8),), {"weight": (4, 3, 3, 3), "strides": 2}, TypeError, "'strides'"),
    (convx.conv2d, ((1, 2, 8, 8),), {"weight": (4, 3, 3, 3)}, ValueError, r"in shape \(1, 2, 8, 8\)"),
    (convx.conv2d, ((1, 3, 8, 8),), {"weight": (4, 3, 3, 3), "algorithm": "fast"}, ValueError, "algorithm must be"),
    (convx.Conv2d(real(4, 3, 3, 3)), ((1, 3, 8, 8),), {"padding": 1}, TypeError, "a plan has its arguments|arguments"),
    ([convx.Conv2d(real(4, 3, 3, 3))], (), {}, TypeError, "input_shape must be given"),
    ([convx.Conv2d(real(4, 3, 3, 3)), np.tanh], ((1, 3, 8, 8),), {}, TypeError, "layer 1: a layer must be"),
    ([], ((1, 3, 8, 8),), {}, TypeError, "layers must be a list of one layer or more"),
    (convx.networks.ALEXNET, ((1, 3, 8, 8),), {}, TypeError, "input_shape must not be given"),
    (convx.networks.ALEXNET, (), {"weight": 1}, TypeError, "must be those of one function, got weight"),
    ((convx.networks.RESNET50[0], convx.max_pool2d), (), {}, TypeError, "layer 1: must be of convx.networks"),
]


@pytest.mark.parametrize(("what", "places", "arguments", "error", "message"), BAD, ids=map(str, range(len(BAD))))
def test_bad_input_is_refused(
    what: Any, places: tuple[Any, ...], arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        convx.explain(what, *places, **arguments)


PRIVATE = [
    importlib.import_module(found.name)
    for package in (_explain, _layers)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


def test_examples_run() -> None:
    results = [doctest.testmod(module) for module in PRIVATE]
    assert not sum(result.failed for result in results)
    assert sum(result.attempted for result in results) >= 5
