"""What is read of a layer is what the layer does."""

import re
from functools import partial
from itertools import product
from typing import Any

import convx
import numpy as np
import pytest
from convx._layers import read_layer, read_network
from layer_cases import CASES, real


@pytest.mark.parametrize(("layer", "shape"), CASES.values(), ids=CASES)
def test_shapes_and_dtypes_are_those_of_the_result(layer: Any, shape: tuple[int, ...]) -> None:
    read = read_layer(layer, shape)
    x = np.ones(shape, read.input_dtype)
    result = layer(x)
    assert read.output_shape == result.shape
    assert read.dtype == result.dtype
    assert np.array_equal(read.run(x), result)
    assert (read.rank, read.batch) == (len(shape) - 2, shape[0])
    for sizes in (read.kernel_size, read.stride, read.dilation, read.padding, read.in_sizes, read.windows):
        assert len(sizes) == read.rank


def reads_only(layer: Any, shape: tuple[int, ...], axis: int, taps: tuple[int, ...], output: int) -> bool:
    """Whether window `output` along `axis` changes with the elements of `taps`, and with no others."""
    read = read_layer(layer, shape)
    last = read.data_format == "channels_last"
    where = axis + (1 if last else 2)
    rest = [slice(None)] * len(shape)
    changed = set()
    base = np.ones(shape, read.input_dtype)
    before = layer(base)
    flat = read.kind == "unfold" or before.ndim == 2
    if flat:
        before = before.reshape(*before.shape[:2], *read.windows)
    for position in range(shape[where]):
        x = base.copy()
        x[(*rest[:where], position)] = 2
        after = layer(x)
        if flat:
            after = after.reshape(before.shape)
        spot = (*rest[:where], output)
        if not np.array_equal(after[spot], before[spot]):
            changed.add(position)
    return changed == {tap for tap in taps if 0 <= tap < shape[where]}


# The padding of "causal" repeats the edge; a quantised sum may round a change away.
TAPPED = [name for name in CASES if not re.search(r"3d|causal|quantised", name)]


@pytest.mark.parametrize("name", TAPPED)
def test_taps_are_what_the_window_reads(name: str) -> None:
    layer, shape = CASES[name]
    read = read_layer(layer, shape)
    for axis in range(read.rank):
        for output in range(read.windows[axis]):
            assert reads_only(layer, shape, axis, read.taps(axis, output), output), (axis, output)


def test_what_a_plan_and_its_function_say_is_the_same() -> None:
    w, b = real(6, 2, 3, 5), real(6)
    arguments = {"stride": (1, 2), "padding": "same", "dilation": (2, 1), "groups": 2, "activation": "relu"}
    plan = read_layer(convx.Conv2d(w, b, **arguments), (1, 4, 11, 12))
    function = read_layer(partial(convx.conv2d, weight=w, bias=b, **arguments), (4, 11, 12))
    assert (plan.name, function.name, plan.kind) == ("Conv2d", "conv2d", function.kind)
    for field in ("padding", "kernel_size", "stride", "dilation", "groups", "activation", "output_shape", "parameters"):
        assert getattr(plan, field) == getattr(function, field), field
    assert plan.padding == ((2, 2), (1, 2))
    assert plan.parameters == 6 * 2 * 15 + 6
    assert np.array_equal(plan.weight, w)
    assert np.array_equal(function.bias, b)


def test_weight_by_its_shape() -> None:
    read = read_layer(partial(convx.conv2d, weight=(512, 512, 3, 3), bias=True, padding=1), (1, 512, 7, 7))
    assert (read.weight, read.bias, read.weight_shape, read.has_bias) == (None, None, (512, 512, 3, 3), True)
    assert read.parameters == 512 * 512 * 9 + 512
    assert read.output_shape == (1, 512, 7, 7)
    transposed = read_layer(partial(convx.conv_transpose1d, weight=[4, 3, 2], bias=True, groups=2), (4, 5))
    assert transposed.parameters == 4 * 3 * 2 + 6


def test_network_hands_shapes_and_dtypes_on() -> None:
    layers = [
        convx.Conv2d(real(8, 1, 3, 3, dtype="float64"), padding=1),
        partial(convx.max_pool2d, kernel_size=2),
        partial(convx.conv2d, weight=real(4, 8, 3, 3)),
        convx.global_avg_pool,
    ]
    read = read_network(layers, (1, 12, 12))
    assert [layer.output_shape for layer in read] == [(1, 8, 12, 12), (1, 8, 6, 6), (1, 4, 4, 4), (1, 4, 1, 1)]
    assert {layer.dtype for layer in read} == {np.dtype("float64")}
    assert [layer.kind for layer in read] == ["conv", "max_pool", "conv", "global_avg_pool"]
    x = np.ones((1, 1, 12, 12))
    for layer, given in zip(read, layers, strict=True):
        assert np.array_equal(layer.run(x), given(x))
        x = given(x)


W = real(4, 3, 3, 3)
BAD: list[tuple[Any, tuple[Any, ...], type[Exception], str]] = [
    (np.tanh, (1, 3, 8, 8), TypeError, "must be a plan such as convx.Conv2d.*got <ufunc 'tanh'>"),
    (lambda x: x, (1, 3, 8, 8), TypeError, "must be a plan"),
    (convx.reference.max_pool2d, (1, 3, 8, 8), TypeError, "must be a plan"),
    (convx.fold, (1, 3, 8, 8), TypeError, "must be a plan"),
    (convx.conv2d_weight, (1, 3, 8, 8), TypeError, "must be a plan"),
    (partial(np.sum, axis=0), (1, 3, 8, 8), TypeError, "must be a plan"),
    (convx.Conv2d, (1, 3, 8, 8), TypeError, "must be a plan"),
    (convx.max_pool2d, (1, 3, 8, 8), TypeError, "max_pool2d: missing a required argument: 'kernel_size'"),
    (partial(convx.conv2d, W), (1, 3, 8, 8), TypeError, "conv2d: a partial must give its arguments by name"),
    (partial(convx.conv2d, weight=W, wieght=1), (1, 3, 8, 8), TypeError, "conv2d: got an unexpected.*'wieght'"),
    (partial(convx.conv2d, weight=W, out=W), (1, 3, 8, 8), TypeError, "conv2d: out must not be given"),
    (partial(convx.conv2d, weight=W, stride=0), (1, 3, 8, 8), ValueError, "stride must be >= 1"),
    (partial(convx.conv2d, weight=(4, 3, 3, 0)), (1, 3, 8, 8), ValueError, "ints >= 1"),
    (partial(convx.conv2d, weight=(4, 3, 3, 3), bias=W), (1, 3, 8, 8), TypeError, "bias must be True or None"),
    (partial(convx.max_pool2d, kernel_size=2, return_indices=True), (1, 3, 8, 8), ValueError, "return_indices"),
    (partial(convx.maxout, pool_size=2, axis=2), (1, 3, 8, 8), ValueError, "axis must be that of the maps"),
    (convx.Conv2d(W), (1, 4, 8, 8), ValueError, "Conv2d: .*4"),
    (convx.Conv2d(W), (3, 2, 2), ValueError, "output size"),
    (convx.Conv2d(W), (8, 8), ValueError, r"input_shape must be \(N, C, H, W\), all >= 1, got \(8, 8\)"),
    (convx.Conv2d(W), (0, 3, 8, 8), ValueError, "all >= 1"),
    (convx.Conv2d(W), (1, 3, 8.0, 8), TypeError, "sequence of ints"),
    (convx.Conv2d(W), 8, TypeError, "sequence of ints"),
    (convx.global_avg_pool, (3, 8), ValueError, r"\(N, C, \[\[D,\] H,\] W\)"),
]


@pytest.mark.parametrize(("layer", "shape", "error", "message"), BAD, ids=[str(n) for n in range(len(BAD))])
def test_bad_layers_are_refused(layer: Any, shape: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_layer(layer, shape)


def test_errors_of_networks_name_the_layer() -> None:
    conv, pool = convx.Conv2d(W), partial(convx.max_pool2d, kernel_size=5)
    with pytest.raises(ValueError, match=r"^layer 2: .*output size"):
        read_network([conv, pool, pool], (1, 3, 20, 20))
    with pytest.raises(TypeError, match=r"^layer 1: a layer must be"):
        read_network([conv, np.tanh], (1, 3, 20, 20))
    for nothing in ([], "layers", conv, iter([conv])):
        with pytest.raises(TypeError, match="list of one layer or more"):
            read_network(nothing, (1, 3, 20, 20))


@pytest.mark.parametrize(("size", "out"), [*product(range(1, 9), range(1, 12))])
def test_windows_of_adaptive_pools(size: int, out: int) -> None:
    read = read_layer(partial(convx.adaptive_max_pool1d, output_size=out), (1, 1, size))
    taps = [read.taps(0, i) for i in range(out)]
    assert max(map(len, taps)) == read.kernel_size[0]
    assert {tap for window in taps for tap in window} == set(range(size))
