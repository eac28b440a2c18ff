"""What explain says of a layer, against formulas, NumPy and the plan itself."""

import doctest
import importlib
import json
import math
import pkgutil
from typing import Any

import convx
import numpy as np
import pytest
from convx import _explain, _layers, reference
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


BAD: list[tuple[Any, tuple[Any, ...], dict[str, Any], type[Exception], str]] = [
    (np.tanh, ((1, 3, 8, 8),), {}, TypeError, "a layer must be a plan"),
    (42, ((1, 3, 8, 8),), {}, TypeError, "a layer must be a plan"),
    (None, ((1, 3, 8, 8),), {}, TypeError, "a layer must be a plan"),
    (convx.networks.Network("empty", (1, 8, 8), ()), (), {}, ValueError, "empty must hold a convolution or a pooling"),
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
    (convx.networks.digits(), (), {}, TypeError, "what must be .* a list of layers or a Network, got a Digits"),
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


def test_small_numbers_read_well() -> None:
    text = str(convx.explain(convx.global_avg_pool, (1, 6, 8, 9)))
    assert "432 FLOP at" in text
    assert "receptive field  8x9 inputs\n" in text  # one output: no step to the next
    assert "a call itself takes some microseconds more" in text
    assert "at most " in text
