"""Each pass alone: what it makes of a graph, and that this computes the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from convx._graph.graph import Graph
from convx._graph.passes import PASSES, optimised
from convx._graph.passes.activations import fuse_activations
from convx._graph.passes.constants import fold_constants
from convx._graph.passes.convolutions import adopt_convolutions
from convx._graph.passes.dead import drop_dead
from convx._graph.passes.gates import fuse_gates
from convx._graph.passes.identities import drop_identities
from convx._graph.passes.linear import adopt_linear
from convx._graph.passes.padding import fold_padding
from convx._graph.passes.pooling import fuse_pooling
from convx._graph.passes.residuals import fuse_residuals
from convx._graph.passes.scales import fold_scales
from graphs import graph, node, operators, outputs, tensor

X = tensor(1, 4, 6, 6)
W = tensor(5, 4, 3, 3) / 6
B = tensor(5)
VARIANCE = np.array([0.5, 1.0, 2.0, 0.1, 3.0], np.float32)


def changed(before: Graph, *passes: Callable[[Graph], Graph], x: Any = X, to: list[str]) -> Graph:
    """Check what passes make of a graph, and that it computes the same, however often it runs."""
    after = before
    for one in passes:
        after = one(after)
    assert operators(after) == to
    (expected,) = outputs(before, x, times=1)
    for found in outputs(after, x):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-5)
        assert found.dtype == expected.dtype
    return after


def test_constants_are_folded_and_the_random_is_not() -> None:
    net = graph(
        node("ConstantOfShape", "s", "ones", value=np.ones(1, np.float32)),
        node("Mul", "ones two", "twos"),
        node("RandomNormal", "", "noise", shape=[1]),
        node("Mul", "x twos", "scaled"),
        node("Mul", "noise zero", "nothing"),
        node("Add", "scaled nothing", "y"),
        s=np.array([6]),
        two=np.float32(2),
        zero=np.float32(0),
    )
    after = fold_constants(net)
    assert operators(after) == ["RandomNormal", "Mul", "Mul", "Add"]
    np.testing.assert_array_equal(after.constants["twos"], np.full(6, 2, np.float32))


def test_dead_nodes_and_constants_are_dropped() -> None:
    net = graph(
        node("Relu", "x", "y"),
        node("Mul", "x c", "side"),
        node("Relu", "side", "more"),
        c=np.float32(2),
        d=np.float32(3),
    )
    assert not changed(net, drop_dead, to=["Relu"]).constants


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        (node("Identity", "a", "b"), False),
        (node("Dropout", "a", "b"), False),
        (node("Dropout", "a _ off", "b"), False),
        (node("Transpose", "a", "b", perm=[0, 1, 2, 3]), False),
        (node("Transpose", "a", "b", perm=[0, 1, 3, 2]), True),
    ],
)
def test_identities_are_dropped(one: Any, kept: bool) -> None:
    net = graph(node("Relu", "x", "a"), one, node("Relu", "b", "y"), off=np.array(False))
    changed(net, drop_identities, to=["Relu", one.operator, "Relu"] if kept else ["Relu", "Relu"])


def test_an_identity_that_makes_an_output_stays() -> None:
    changed(graph(node("Relu", "x", "a"), node("Identity", "a", "y")), drop_identities, to=["Relu", "Identity"])
    net = graph(node("Identity", "x", "y"))
    for found in outputs(net, X):
        np.testing.assert_array_equal(found, X)
        assert not np.shares_memory(found, X)


def conv(inputs: str = "x w b", output: str = "c", **attributes: Any) -> Any:
    return node("Conv", inputs, output, **attributes)


@pytest.mark.parametrize(
    "attributes",
    [{}, {"pads": [1, 0, 2, 1], "strides": [2, 1]}, {"auto_pad": "SAME_UPPER"}, {"dilations": [2, 1]}],
)
def test_convolutions_become_ours(attributes: dict[str, Any]) -> None:
    changed(graph(conv(output="y", **attributes), w=W, b=B), adopt_convolutions, to=["convx.Conv"])


def test_a_transposed_convolution_becomes_ours() -> None:
    net = graph(node("ConvTranspose", "x w", "y", strides=[2, 2], output_padding=[1, 1], group=2), w=tensor(4, 3, 3, 3))
    changed(net, adopt_convolutions, to=["convx.ConvTranspose"])
    net = graph(node("ConvTranspose", "x w", "y", auto_pad="SAME_UPPER", strides=[2, 2]), w=tensor(4, 3, 3, 3))
    changed(net, adopt_convolutions, to=["ConvTranspose"])


def test_a_convolution_by_a_weight_that_is_computed_stays() -> None:
    changed(graph(node("Relu", "x", "w"), conv("x w", "y")), adopt_convolutions, to=["Relu", "Conv"])


@pytest.mark.parametrize("spread", [1, 5])
@pytest.mark.parametrize("factors", [{}, {"alpha": 0.5, "beta": 2.0}])
@pytest.mark.parametrize("transposed", [0, 1])
def test_gemm_becomes_linear(spread: int, factors: dict[str, float], transposed: int) -> None:
    w = tensor(5, 4) if transposed else tensor(4, 5)
    net = graph(node("Gemm", "x w b", "y", transB=transposed, **factors), shape=(3, 4), w=w, b=tensor(spread))
    changed(net, adopt_linear, x=tensor(3, 4), to=["convx.Linear"])


def test_matmul_becomes_linear_with_what_is_added() -> None:
    net = graph(
        node("MatMul", "x w", "m"),
        node("Add", "b m", "a"),
        node("Relu", "a", "y"),
        shape=(2, 3, 4),
        w=tensor(4, 5),
        b=B,
    )
    changed(net, adopt_linear, fold_scales, fuse_activations, x=tensor(2, 3, 4), to=["convx.Linear"])


def normalisation(inputs: str, output: str) -> Any:
    return node("BatchNormalization", f"{inputs} scale bias mean var", output, epsilon=0.01)


STATISTICS = {"scale": tensor(5, seed=1), "bias": tensor(5, seed=2), "mean": tensor(5, seed=3), "var": VARIANCE}


@pytest.mark.parametrize("bias", ["b", ""])
def test_a_normalisation_goes_into_the_convolution(bias: str) -> None:
    net = graph(conv(f"x w {bias}"), normalisation("c", "y"), w=W, b=B, **STATISTICS)
    changed(net, adopt_convolutions, fold_scales, to=["convx.Conv"])


def test_a_normalisation_goes_into_the_transposed_convolution() -> None:
    first, second = tensor(4, 2, 2, 2), {name: np.tile(value[:3], 2)[:4] for name, value in STATISTICS.items()}
    net = graph(node("ConvTranspose", "x w", "c", group=2), normalisation("c", "y"), w=first, **second)
    changed(net, adopt_convolutions, fold_scales, to=["convx.ConvTranspose"])


def test_a_normalisation_and_what_follows_is_one_pass_over_memory() -> None:
    """The pattern of DenseNet, whose normalisations come before the convolutions."""
    net = graph(
        normalisation("x", "n"),
        node("Mul", "n f", "m"),
        node("Add", "m t", "a"),
        node("Relu", "a", "y"),
        shape=(1, 5, 6, 6),
        f=tensor(5, 1, 1),
        t=tensor(1, 5, 1, 1),
        **STATISTICS,
    )
    after = changed(net, fold_scales, fuse_activations, x=tensor(1, 5, 6, 6), to=["convx.Conv"])
    assert after.nodes[0].attributes["groups"] == 5
    assert after.nodes[0].attributes["fused"] == ("BatchNormalization", "Mul", "Add", "Relu")


@pytest.mark.parametrize(("operator", "inputs"), [("Mul", "c k"), ("Mul", "k c"), ("Div", "c k"), ("Sub", "c k")])
@pytest.mark.parametrize("shape", [(5, 1, 1), (1, 5, 1, 1), (1,), ()])
def test_constants_per_channel_go_into_the_convolution(operator: str, inputs: str, shape: tuple[int, ...]) -> None:
    k = np.abs(tensor(*shape)) + np.float32(0.5)
    changed(
        graph(conv(), node(operator, inputs, "y"), w=W, b=B, k=k), adopt_convolutions, fold_scales, to=["convx.Conv"]
    )


@pytest.mark.parametrize(("operator", "inputs"), [("Sub", "k c"), ("Div", "k c")])
def test_what_is_no_scale_stays(operator: str, inputs: str) -> None:
    net = graph(conv(), node(operator, inputs, "y"), w=W, b=B, k=np.float32(2))
    changed(net, adopt_convolutions, fold_scales, to=["convx.Conv", operator])


@pytest.mark.parametrize("shape", [(4,), (4, 1), (5, 4, 4), (2, 1, 1, 1, 1), (3, 1, 1, 1)])
def test_what_varies_along_other_axes_stays(shape: tuple[int, ...]) -> None:
    net = graph(conv(), node("Mul", "c k", "y"), w=W, b=B, k=tensor(*shape))
    changed(net, adopt_convolutions, fold_scales, to=["convx.Conv", "Mul"])


def test_what_two_read_stays() -> None:
    net = graph(conv(), node("Relu", "c", "r"), node("Add", "r c", "y"), w=W, b=B)
    after = changed(net, *PASSES, to=["convx.Conv", "Relu", "Add"])
    assert after.nodes[0].attributes.get("activation") is None


@pytest.mark.parametrize(
    ("one", "activation"),
    [
        (node("Relu", "c", "y"), "relu"),
        (node("LeakyRelu", "c", "y", alpha=0.25), ("leaky_relu", 0.25)),
        (node("Clip", "c zero six", "y"), "relu6"),
        (node("Clip", "c zero", "y"), "relu"),
        (node("Clip", "c _ six", "y"), ("clamp", -np.inf, 6.0)),
        (node("Clip", "c half six", "y"), ("clamp", -0.5, 6.0)),
    ],
)
def test_activations_are_fused(one: Any, activation: object) -> None:
    bounds = {"zero": np.float32(0), "six": np.float32(6), "half": np.float32(-0.5)}
    net = graph(conv(), one, w=W, b=B, **bounds)
    after = changed(net, adopt_convolutions, fuse_activations, to=["convx.Conv"])
    assert after.nodes[0].attributes["activation"] == activation
    wide = graph(node("Gemm", "x m", "c"), one, shape=(3, 4), m=tensor(4, 7), **bounds)
    changed(wide, adopt_linear, fuse_activations, x=tensor(3, 4), to=["convx.Linear"])


def test_a_clip_whose_bounds_are_attributes_is_fused() -> None:
    net = graph(conv(), node("Clip", "c", "y", min=-0.25, max=0.25), w=W, b=B, opset=6)
    changed(net, adopt_convolutions, fuse_activations, to=["convx.Conv"])


@pytest.mark.parametrize("operator", ["Add", "Sum"])
@pytest.mark.parametrize("inputs", ["c s", "s c"])
def test_a_residual_is_added_by_the_convolution(operator: str, inputs: str) -> None:
    net = graph(
        conv("x w", "s", pads=[1] * 4),
        conv(pads=[1] * 4),
        node(operator, inputs, "a"),
        node("Relu", "a", "y"),
        w=W,
        b=B,
    )
    changed(net, adopt_convolutions, fuse_residuals, fuse_activations, to=["convx.Conv", "convx.Conv"])


@pytest.mark.parametrize("kernel", [3, 6])
def test_a_residual_may_be_broadcast_either_way(kernel: int) -> None:
    """Maps of 4x4 and one map of 4x4; single elements, to which maps of 4x4 are added."""
    net = graph(
        conv("x u", "s"), conv("x v"), node("Add", "c s", "y"), u=tensor(1, 4, 3, 3), v=tensor(4, 4, kernel, kernel)
    )
    changed(net, adopt_convolutions, fuse_residuals, to=["convx.Conv", "convx.Conv"])


def test_zeros_are_padded_by_the_convolution() -> None:
    net = graph(
        node("Pad", "x p", "q"), conv("q w b", "y", pads=[1, 0, 0, 1]), w=W, b=B, p=np.array([0, 0, 1, 2, 0, 0, 0, 3])
    )
    after = changed(net, adopt_convolutions, fold_padding, to=["convx.Conv"])
    assert after.nodes[0].attributes["padding"] == ((2, 0), (2, 4))


@pytest.mark.parametrize(("mode", "name"), [("reflect", "reflect"), ("edge", "replicate")])
def test_borders_are_padded_by_the_convolution(mode: str, name: str) -> None:
    net = graph(node("Pad", "x p", "q", mode=mode), conv("q w b", "y"), w=W, b=B, p=np.array([0, 0, 1, 2, 0, 0, 2, 1]))
    after = changed(net, adopt_convolutions, fold_padding, to=["convx.Conv"])
    assert after.nodes[0].attributes["padding_mode"] == name


@pytest.mark.parametrize(
    ("pads", "value", "attributes"),
    [
        ([0, 1, 1, 1, 0, 0, 1, 1], 0.0, {}),  # channels
        ([0, 0, -1, 1, 0, 0, 1, 1], 0.0, {}),  # cut off
        ([0, 0, 1, 1, 0, 0, 1, 1], 0.5, {}),  # no zeros
        ([0, 0, 1, 1, 0, 0, 1, 1], None, {"mode": "edge"}),  # with zeros around it
    ],
)
def test_other_padding_stays(pads: list[int], value: float | None, attributes: dict[str, str]) -> None:
    w = tensor(5, 4 + pads[1] + pads[5], 3, 3)
    net = graph(
        node("Pad", "x p" if value is None else "x p v", "q", **attributes),
        conv("q w b", "y", pads=[1] * 4),
        w=w,
        b=B,
        p=np.array(pads),
        v=np.float32(value or 0),
    )
    changed(net, adopt_convolutions, fold_padding, to=["Pad", "convx.Conv"])


@pytest.mark.parametrize(
    ("pool", "value", "folded"),
    [
        (node("MaxPool", "q", "y", kernel_shape=[2, 2]), -np.inf, True),
        (node("MaxPool", "q", "y", kernel_shape=[2, 2]), 0.0, False),
        (node("AveragePool", "q", "y", kernel_shape=[2, 2]), 0.0, True),
        (node("AveragePool", "q", "y", kernel_shape=[3, 3], pads=[1] * 4, count_include_pad=1), 0.0, True),
        (node("AveragePool", "q", "y", kernel_shape=[3, 3], pads=[1] * 4), 0.0, False),
    ],
)
def test_pools_pad_what_they_would_leave_out(pool: Any, value: float, folded: bool) -> None:
    net = graph(node("Pad", "x p v", "q"), pool, p=np.array([0, 0, 1, 1, 0, 0, 1, 0]), v=np.float32(value))
    changed(net, fold_padding, to=[pool.operator] if folded else ["Pad", pool.operator])


@pytest.mark.parametrize("inputs", ["a g", "g a"])
@pytest.mark.parametrize(
    ("gate", "to"),
    [
        (node("Sigmoid", "a", "g"), "Swish"),
        (node("HardSigmoid", "a", "g", alpha=1 / 6, beta=0.5), "HardSwish"),
        (node("HardSigmoid", "a", "g"), None),
    ],
)
def test_gates_become_activations(inputs: str, gate: Any, to: str | None) -> None:
    net = graph(node("Relu", "x", "a"), gate, node("Mul", inputs, "y"))
    changed(net, fuse_gates, to=["Relu", to] if to else ["Relu", "HardSigmoid", "Mul"])


def test_a_gate_made_of_something_else_stays() -> None:
    net = graph(node("Relu", "x", "a"), node("Sigmoid", "a", "g"), node("Mul", "x g", "y"))
    changed(net, fuse_gates, to=["Relu", "Sigmoid", "Mul"])


POOL = {"kernel_shape": [2, 2], "strides": [2, 2]}


@pytest.mark.parametrize(
    ("attributes", "fused"),
    [
        (POOL, True),
        ({**POOL, "ceil_mode": 1}, True),
        ({**POOL, "kernel_shape": [1, 3]}, True),
        ({**POOL, "kernel_shape": [3, 3]}, False),
        ({**POOL, "pads": [0, 0, 1, 1]}, False),
        ({**POOL, "dilations": [2, 2]}, False),
        ({"kernel_shape": [2, 2]}, False),
        ({**POOL, "auto_pad": "SAME_UPPER"}, False),
    ],
)
def test_windows_that_do_not_overlap_are_pooled_by_the_convolution(attributes: dict[str, Any], fused: bool) -> None:
    net = graph(conv(pads=[1] * 4), node("Relu", "c", "r"), node("MaxPool", "r", "y", **attributes), w=W, b=B)
    to = ["convx.Conv"] if fused else ["convx.Conv", "MaxPool"]
    after = changed(net, adopt_convolutions, fuse_activations, fuse_pooling, to=to)
    if fused:
        assert after.nodes[0].attributes["fused"] == ("Relu", "MaxPool")


@pytest.mark.parametrize("read_twice", [True, False])
def test_maps_that_are_read_elsewhere_or_too_many_are_not_pooled(read_twice: bool) -> None:
    w = W if read_twice else np.ones((4096, 4, 1, 1), np.float32)
    second = node("GlobalMaxPool", "c" if read_twice else "p", "g")
    net = graph(conv("x w"), node("MaxPool", "c", "p", **POOL), second, node("Add", "p g", "y"), w=w)
    to = ["convx.Conv", "MaxPool", "GlobalMaxPool", "Add"]
    changed(net, adopt_convolutions, fuse_pooling, to=to)


def test_all_passes_in_their_order() -> None:
    """A residual block: three layers are left of nine nodes, and the constants that nothing reads are gone."""
    w = tensor(4, 4, 3, 3) / 6
    four = {name: value[:4] for name, value in STATISTICS.items()}
    net = graph(
        node("Identity", "w", "v"),
        conv("x v", "c1", pads=[1] * 4),
        normalisation("c1", "n1"),
        node("Relu", "n1", "r1"),
        conv("r1 w", "c2", pads=[1] * 4),
        normalisation("c2", "n2"),
        node("Add", "n2 r1", "a"),
        node("Relu", "a", "r2"),
        node("GlobalAveragePool", "r2", "y"),
        w=w,
        **four,
    )
    after = changed(net, *PASSES, to=["convx.Conv", "convx.Conv", "GlobalAveragePool"])
    assert not after.constants
    assert after.nodes[1].attributes["fused"] == ("BatchNormalization", "Add", "Relu")
    _, done = optimised(net)
    assert [one.name for one in done] == [one.__name__ for one in PASSES]
    assert done[-1].nodes == 3
