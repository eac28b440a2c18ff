"""conv_integer and qlinear_conv: bit for bit the twin in NumPy, ONNX's own cases, and ONNX Runtime where installed."""

import itertools
from typing import Any

import convx
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from cases import Array, ConvCase
from checks import assert_result, use_isa
from convx import reference
from random_cases import conv_cases

BYTES = ("int8", "uint8")


def draw(rng: np.random.Generator, dtype: str, shape: Any = ()) -> Array:
    """Any bytes, the extremes often among them."""
    limits = np.iinfo(dtype)
    a = np.asarray(rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True))
    extreme = rng.random(a.shape) < 0.2
    a[extreme] = rng.choice([limits.min, limits.max], a.shape)[extreme]
    return a


def quantized(case: ConvCase, x: str, w: str, y: str, *, each: bool, seed: int) -> dict[str, Any]:
    """Arguments of qlinear_conv whose results fill the range and run over it a little."""
    rng = np.random.default_rng(seed)
    count = case.weight[0] if each else ()
    steps = 3e-5 / np.sqrt(case.terms)  # a sum is some 10**4 times the root of its terms
    return {
        "x": draw(rng, x, case.input),
        "x_scale": np.float32(rng.uniform(0.5, 2)),
        "x_zero_point": draw(rng, x),
        "w": draw(rng, w, case.weight),
        "w_scale": np.asarray(rng.uniform(0.5, 2, count) * steps, np.float32),
        "w_zero_point": draw(rng, w, count),
        "y_scale": np.float32(rng.uniform(0.002, 0.008)),
        "y_zero_point": draw(rng, y),
        "bias": rng.integers(-(2**15), 2**15, case.weight[0]) if case.bias else None,
        **case.parameters,
    }


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    case=conv_cases(),
    types=st.tuples(*[st.sampled_from(BYTES)] * 3),
    each=st.booleans(),
    last=st.booleans(),
    seed=st.integers(0, 2**20),
)
def test_all_parameters(
    integer_isa_name: str, case: ConvCase, types: tuple[str, str, str], each: bool, last: bool, seed: int
) -> None:
    arguments = quantized(case, *types, each=each, seed=seed)
    if last:
        arguments["x"] = np.ascontiguousarray(np.moveaxis(arguments["x"], -case.rank - 1, -1))
        arguments["data_format"] = "channels_last"
    expected = reference.qlinear_conv(**arguments)
    only = ("scale", "y_", "bias")
    sums_only = {k: v for k, v in arguments.items() if not any(word in k for word in only)}
    sums = reference.conv_integer(**sums_only)
    with use_isa(integer_isa_name):
        actual = convx.qlinear_conv(**arguments)
        assert_result(actual, expected.shape, types[2])
        np.testing.assert_array_equal(actual, expected)
        plan = convx.QLinearConv(**{name: value for name, value in arguments.items() if name != "x"})
        np.testing.assert_array_equal(plan(arguments["x"]), expected)
        found = convx.conv_integer(**sums_only)
        assert_result(found, sums.shape, "int32")
        np.testing.assert_array_equal(found, sums)


@pytest.mark.parametrize("types", list(itertools.product(BYTES, BYTES)), ids="-".join)
def test_zero_points_at_the_extremes(integer_isa: str, types: tuple[str, str]) -> None:
    """Elements and zero points as far from each other as can be, padding included; checked by plain arithmetic."""
    ends = [(np.iinfo(t).min, np.iinfo(t).max) for t in types]
    for value, zero, factor, centre in itertools.product(*[end for t in (0, 1) for end in (ends[t], ends[t])]):
        for channels in (1, 3, 4, 6, 33):
            x = np.full((1, channels, 20), value, types[0])
            w = np.full((18, channels, 3), factor, types[1])
            y = convx.conv_integer(x, w, zero, centre, padding=1)
            product = channels * (int(value) - int(zero)) * (int(factor) - int(centre))
            assert (y[..., 1:-1] == 3 * product).all()
            assert (y[..., [0, -1]] == 2 * product).all()


def test_halves_go_to_the_even_number(integer_isa: str) -> None:
    x = np.arange(-128, 128).astype("int8").reshape(1, 1, 256)
    one = np.ones((1, 1, 1), "int8")
    for zero in (np.int8(0), np.int8(7), np.uint8(128), np.uint8(31)):
        y = convx.qlinear_conv(x, 0.5, 0, one, 1.0, 0, 1.0, zero)
        exact = np.array([round(int(v) / 2) for v in x.ravel()]) + int(zero)  # Python rounds halves to even too
        limits = np.iinfo(zero.dtype)
        np.testing.assert_array_equal(y.ravel(), exact.clip(limits.min, limits.max))


def test_saturation(integer_isa: str) -> None:
    """Sums up to the ends of int32, whatever the multiplier makes of them."""
    x = np.array([[0, 0, 0, 0]], "uint8")
    w = np.ones((5, 1, 1), "int8")
    bias = np.array([2**31 - 1, -(2**31), 1000, -1000, 0])
    for scale in (1e-30, 1.0, 1e30):
        for zero in (np.int8(-128), np.int8(127), np.uint8(0), np.uint8(255)):
            y = convx.qlinear_conv(x, 1.0, 0, w, np.float32(scale), 0, 1.0, zero, bias)
            limits, at = np.iinfo(zero.dtype), int(zero)
            ends = [limits.max, limits.min] * 2 if scale >= 1 else [at] * 4
            assert y[:, 0].tolist() == [*ends, at]


def test_large_layers_and_threads(integer_isa: str, keep_threads: int) -> None:
    """Blocks, slabs and strips of many tiles: the same bits for any number of threads."""
    for case in (
        ConvCase("wide", (1, 12, 3, 2500), (37, 12, 1, 3), 1, ((0, 0), (1, 1))),
        ConvCase("pointwise", (2, 70, 30, 31), (40, 70, 1, 1)),
        ConvCase("groups", (1, 36, 33, 35), (36, 1, 3, 3), 1, 1, 1, 36),
        ConvCase("deep", (1, 2000, 4, 40), (9, 2000, 3, 3), 1, 1),
    ):
        arguments = quantized(case, "uint8", "int8", "uint8", each=True, seed=3)
        expected = reference.qlinear_conv(**arguments)
        for n in (1, 2, 3):
            convx.set_num_threads(n)
            np.testing.assert_array_equal(convx.qlinear_conv(**arguments), expected, case.name)


def test_out_and_empty_batch() -> None:
    arguments = quantized(ConvCase("out", (2, 4, 9, 9), (6, 4, 3, 3)), "int8", "uint8", "int8", each=False, seed=1)
    y = convx.qlinear_conv(**arguments)
    out = np.zeros((2, 6, 7, 14), "int8")[..., 1::2]
    assert convx.qlinear_conv(**arguments, out=out) is out
    np.testing.assert_array_equal(out, y)
    x = arguments.pop("x")
    plan = convx.QLinearConv(**arguments)
    inside = x.reshape(-1)[: y.size].reshape(y.shape)
    np.testing.assert_array_equal(plan(x, out=inside), y)
    assert_result(plan(x[:0]), (0, 6, 7, 7), "int8")
    assert_result(convx.conv_integer(x[0], arguments["w"]), (6, 7, 7), "int32")


def test_plan_copies_its_arrays() -> None:
    arguments = quantized(ConvCase("kept", (2, 4, 9, 9), (6, 4, 3, 3)), "int8", "int8", "int8", each=True, seed=5)
    expected = convx.qlinear_conv(**arguments)
    x = arguments.pop("x").copy()
    plan = convx.QLinearConv(**arguments)
    for value in arguments.values():
        if isinstance(value, np.ndarray) and value.ndim:
            value[...] = 1
    np.testing.assert_array_equal(plan(x), expected)


def test_scalars_in_many_forms() -> None:
    x, w = np.full((1, 9), 5, "uint8"), np.full((2, 1, 3), 3, "int8")
    wanted = convx.qlinear_conv(x, 0.5, 2, w, 0.25, 1, 0.125, np.uint8(4))
    forms = [
        (np.float64(0.5), np.int64(2), [0.25, 0.25], [1, 1], np.float16(0.125), np.array(4, "uint8")),
        (np.array([0.5]), [2], np.float32(0.25), np.int8(1), [0.125], np.array([4], "uint8")),
    ]
    for x_scale, x_zero, w_scale, w_zero, y_scale, y_zero in forms:
        y = convx.qlinear_conv(x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero)
        np.testing.assert_array_equal(y, wanted)


BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "float x": ({"x": np.ones((1, 4, 9))}, TypeError, "x must be int8 or uint8, got dtype float64"),
    "wide x": ({"x": np.ones((1, 4, 9), "int16")}, TypeError, "x must be int8 or uint8, got dtype int16"),
    "wide w": ({"w": np.ones((6, 4, 3), "int32")}, TypeError, "w must be int8 or uint8, got dtype int32"),
    "rank of w": ({"w": np.ones((6, 4), "int8")}, ValueError, r"w must have 3 to 5 axes.*shape \(6, 4\)"),
    "rank of x": ({"x": np.ones((4,), "uint8")}, ValueError, "input must have 3 axes"),
    "x_zero_point low": ({"x_zero_point": -1}, ValueError, "x_zero_point must be >= 0 and <= 255.*-1"),
    "x_zero_point high": ({"x_zero_point": 256}, ValueError, "x_zero_point must be >= 0 and <= 255.*256"),
    "x_zero_point huge": ({"x_zero_point": 2**64 - 1}, ValueError, "x_zero_point must be"),
    "x_zero_point vast": ({"x_zero_point": 2**70}, TypeError, "x_zero_point must be an integer"),
    "x_zero_point float": ({"x_zero_point": 1.0}, TypeError, "x_zero_point must be an integer, got dtype float64"),
    "x_zero_point bool": ({"x_zero_point": True}, TypeError, "x_zero_point must be an integer, got dtype bool"),
    "x_zero_point shape": ({"x_zero_point": [1, 2]}, ValueError, r"x_zero_point must be one number, got shape \(2,\)"),
    "w_zero_point range": ({"w_zero_point": 128}, ValueError, "w_zero_point must be >= -128 and <= 127.*128"),
    "w_zero_point shape": (
        {"w_zero_point": [1] * 5},
        ValueError,
        r"w_zero_point must.*\(6,\), got shape \(5,\)",
    ),
    "w_zero_point column": ({"w_zero_point": [[1]]}, ValueError, r"w_zero_point must be.*got shape \(1, 1\)"),
    "w_zero_point float": ({"w_zero_point": np.ones(6)}, TypeError, "w_zero_point must be an integer"),
    "x_scale zero": ({"x_scale": 0.0}, ValueError, "x_scale must be > 0 and finite"),
    "x_scale negative": ({"x_scale": -0.5}, ValueError, "x_scale must be > 0 and finite.*-0.5"),
    "x_scale nan": ({"x_scale": float("nan")}, ValueError, "x_scale must be > 0 and finite.*nan"),
    "x_scale inf": ({"x_scale": float("inf")}, ValueError, "x_scale must be > 0 and finite.*inf"),
    "x_scale tiny": ({"x_scale": 1e-60}, ValueError, "x_scale must be > 0 and finite in float32"),
    "x_scale str": ({"x_scale": "1"}, TypeError, "x_scale must be a real number"),
    "x_scale bool": ({"x_scale": True}, TypeError, "x_scale must be a real number"),
    "x_scale each": ({"x_scale": [1.0] * 6}, ValueError, r"x_scale must be one number, got shape \(6,\)"),
    "w_scale one bad": ({"w_scale": [1.0] * 5 + [0.0]}, ValueError, "w_scale must be > 0 and finite"),
    "w_scale shape": ({"w_scale": [1.0] * 4}, ValueError, r"w_scale must be one number or have shape \(6,\)"),
    "y_scale nan": ({"y_scale": np.float32("nan")}, ValueError, "y_scale must be > 0 and finite"),
    "scales": ({"x_scale": 1e30, "w_scale": 1e30}, ValueError, r"x_scale \* w_scale / y_scale must be finite"),
    "y_zero_point int": ({"y_zero_point": 3}, TypeError, "y_zero_point must be an int8 or uint8 of NumPy.*3"),
    "y_zero_point shape": ({"y_zero_point": np.zeros(2, "int8")}, ValueError, "y_zero_point must be one number"),
    "bias range": ({"bias": [2**31] * 6}, ValueError, "bias must fit int32, got 2147483648"),
    "bias dtype": ({"bias": np.ones(6)}, TypeError, "bias must be int8"),
    "bias shape": ({"bias": np.ones(5, "int32")}, ValueError, r"bias must have shape \(6,\)"),
    "groups": ({"groups": 3}, ValueError, r"input must have groups \* weight.shape\[1\] = 3 \* 4 channels"),
    "data_format": ({"data_format": "NHWC"}, ValueError, "data_format must be"),
    "stride": ({"stride": 0}, ValueError, "stride must be >= 1, got 0"),
    "padding": ({"padding": -1}, ValueError, "padding must be >= 0"),
    "out dtype": ({"out": np.zeros((1, 6, 7), "int8")}, TypeError, "out must have dtype uint8, got dtype int8"),
    "out shape": ({"out": np.zeros((1, 6, 8), "uint8")}, ValueError, r"out must have shape \(1, 6, 7\)"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str) -> None:
    wrong, error, text = BAD[name]
    good = {"x": np.ones((1, 4, 9), "uint8"), "w": np.ones((6, 4, 3), "int8"), "x_zero_point": 3, "w_zero_point": 1}
    call = {**good, "x_scale": 0.5, "w_scale": 0.5, "y_scale": 0.5, "y_zero_point": np.uint8(3), **wrong}
    with pytest.raises(error, match=f"^qlinear_conv: {text}"):
        convx.qlinear_conv(**call)
    x, out = call.pop("x"), call.pop("out", None)
    with pytest.raises(error, match=f"^QLinearConv: {text}"):
        convx.QLinearConv(**call)(x, out=out)
    if any("scale" in key or "y_" in key or key in ("bias", "out") for key in wrong):
        return
    with pytest.raises(error, match=f"^conv_integer: {text}"):
        convx.conv_integer(**{**good, **wrong})


def test_onnx_node_cases(integer_isa: str) -> None:
    """The shipped cases, called by hand."""
    pytest.importorskip("onnx")
    from onnx_cases import attributes_of, node_cases

    functions = {"ConvInteger": convx.conv_integer, "QLinearConv": convx.qlinear_conv}
    found = [case for case in node_cases() if case.model.graph.node[0].op_type in functions]
    assert {case.model.graph.node[0].op_type for case in found} == set(functions)
    for case in found:
        node = case.model.graph.node[0]
        function, attributes = functions[node.op_type], attributes_of(node)
        pads = attributes.pop("pads", [0] * 4)
        attributes.pop("kernel_shape", None)
        assert not attributes, case.name
        for inputs, (expected,) in case.data_sets:
            actual = function(*inputs, padding=tuple(zip(pads[:2], pads[2:], strict=True)))
            assert_result(actual, expected.shape, expected.dtype)
            np.testing.assert_array_equal(actual, expected, case.name)


def test_onnx_runtime_agrees() -> None:
    """Its QLinearConv rounds the same product: equal, or off by one where an own order of operations makes a tie."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    helper, types = onnx.helper, onnx.TensorProto
    names = ["x", "x_scale", "x_zero_point", "w", "w_scale", "w_zero_point", "y_scale", "y_zero_point", "bias"]
    for seed in range(12):
        case = ConvCase("runtime", (2, 12, 9, 10), (8, 12 // (1 + seed % 2), 3, 3), 1, 1, 1, 1 + seed % 2)
        arguments = quantized(case, "uint8", ("uint8", "int8")[seed % 3 > 0], "uint8", each=seed % 3 > 0, seed=seed)
        arguments.update(x_zero_point=np.uint8(120), y_zero_point=np.uint8(110))
        arguments["w_zero_point"] = np.zeros(8, "int8") if seed % 3 else np.uint8(130)
        if seed % 3:  # without VNNI it saturates sums of two products in 16 bits, which these cannot reach
            arguments["w"] = arguments["w"] >> 1
        arguments["bias"] = arguments["bias"].astype("int32")
        node = helper.make_node("QLinearConv", names, ["y"], pads=[1] * 4, group=case.groups)
        values = [onnx.numpy_helper.from_array(np.asarray(arguments[name]), name) for name in names[1:]]
        x, y = (helper.make_tensor_value_info(name, types.UINT8, None) for name in "xy")
        model = helper.make_model(helper.make_graph([node], "g", [x], [y], values))
        model.opset_import[0].version, model.ir_version = 15, 8
        session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        theirs = session.run(None, {"x": arguments["x"]})[0]
        ours = convx.qlinear_conv(**arguments)
        difference = np.abs(ours.astype(int) - theirs.astype(int))
        assert difference.max() <= 1
        assert (difference > 0).mean() < 0.001
        assert len(np.unique(ours)) > 100  # not all at the ends of the range
