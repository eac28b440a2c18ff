"""Models that break ONNX's rules, and inputs that break theirs: each ends in an error that says where."""

import copy
import pickle
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from test_onnx_session import agree, digits, numbers, parsed  # noqa: E402

X = numbers(2, 3)


def net(*nodes: Any, opset: int = 18, outputs: str = "y", **constants: Any) -> Any:
    """A model with an input `x` of two rows of three numbers."""
    graph = helper.make_graph(
        [helper.make_node(operator, i.split(","), o.split(","), **attributes) for operator, i, o, attributes in nodes],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
        [helper.make_empty_tensor_value_info(name) for name in outputs.split(",")],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


REFUSED = {
    "made_twice": ([("Neg", "x", "y", {}), ("Relu", "x", "y", {})], "must be made once, got several of y"),
    "makes_an_input": ([("Neg", "x", "x", {}), ("Relu", "x", "y", {})], "must be made once, got several of x"),
    "circle": ([("Add", "x,b", "a", {}), ("Relu", "a", "b", {}), ("Relu", "b", "y", {})], "Add '' of b"),
    "circle_of_one": ([("Add", "x,y", "y", {})], "nodes must follow those that make their inputs, got Add '' of y"),
    "dead_circle": ([("Neg", "x", "y", {}), ("Add", "x,b", "b", {})], "nodes must follow .*, got Add '' of b"),
    "no_output": ([("Neg", "x", "z", {})], "each output must be made by a node, got y"),
    "few_inputs": ([("Add", "x", "y", {})], "node Add '' must have 2 inputs, got 1"),
    "many_inputs": ([("Relu", "x,x", "y", {})], "node Relu '' must have 1 inputs, got 2"),
    "left_out": ([("Add", "x,", "y", {})], r"node Add '' must have its first 2 inputs, got \['x', ''\]"),
    "many_outputs": ([("Relu", "x", "y,z", {})], "node Relu '' must have 1 outputs, got 2"),
    "attribute": ([("Relu", "x", "y", {"slope": 3})], "Relu '' must have no other attributes than none, got slope"),
    "type": ([("LeakyRelu", "x", "y", {"alpha": "a"})], "attribute alpha of type FLOAT, got STRING"),
    "list": ([("Concat", "x,x", "y", {"axis": [1]})], "attribute axis of type INT, got INTS"),
    "required": ([("Concat", "x,x", "y", {})], "Concat '' must have the attributes axis, got none"),
    "operator": ([("Odd", "x", "y", {})], "node Odd '': operator must be one of ONNX's, got 'Odd'"),
}


@pytest.mark.filterwarnings("ignore:convx lacks")
@pytest.mark.parametrize("case", REFUSED)
def test_models_that_are_refused(case: str) -> None:
    nodes, message = REFUSED[case]
    with pytest.raises(ValueError, match=f"^InferenceSession: .*{message}"):
        convx.onnx.InferenceSession(net(*nodes))


FAILS = {
    "axis": ([("Concat", "x,x", "y", {"axis": 7})], {}, r"node Concat '' of float32\[2, 3\], float32\[2, 3\]: axis 7 "),
    "shapes": ([("Add", "x,c", "y", {})], {"c": numbers(5)}, r"node Add '' of float32\[2, 3\], float32\[5\]: "),
    "index": ([("Gather", "x,c", "y", {})], {"c": np.array([7])}, "node Gather '' of .*: index 7 is out of bounds"),
    "reshape": ([("Reshape", "x,c", "y", {})], {"c": np.array([4, -1])}, "node Reshape '' of .*: cannot reshape"),
    "scale": ([("Resize", "x,,c", "y", {})], {"c": np.float32([-1, 1])}, "node Resize '' of .*: scales must be > 0"),
    "nan": ([("Resize", "x,,c", "y", {})], {"c": np.float32([np.nan, 1])}, "node Resize .*: scales must be > 0 and"),
    "channels": ([("MatMul", "x,c", "y", {})], {"c": numbers(5, 2)}, r"node convx\.Linear '' of float32\[2, 3\]: "),
}


@pytest.mark.parametrize("case", FAILS)
def test_nodes_that_fail_are_named(case: str) -> None:
    nodes, constants, message = FAILS[case]
    session = convx.onnx.InferenceSession(net(*nodes, **constants))
    for _ in range(2):
        with pytest.raises(ValueError, match=f"^run: {message}"):
            session.run(None, {"x": X})


def test_nodes_that_fail_later_are_named() -> None:
    """In a run of which the sizes are known; the next one is right again."""
    model = parsed("n (float[4] x, int64[2] at) => (float[2] y) { a = Relu(x) b = Gather(a, at) y = Exp(b) }")
    session, x = convx.onnx.InferenceSession(model), numbers(4)
    for at in ([0, 1], [3, 2], [0, 4], [1, 1]):
        feed = {"x": x, "at": np.array(at)}
        if 4 in at:
            with pytest.raises(ValueError, match=r"^run: node Gather '' of float32\[4\], int64\[2\]: index 4 is out"):
                session.run(None, feed)
        else:
            np.testing.assert_allclose(session.run(None, feed)[0], np.exp(np.maximum(x, 0))[at], rtol=1e-5)


def test_more_memory_than_there_is() -> None:
    model = net(("Tile", "x,c", "a", {}), ("Relu", "a", "y", {}), c=np.array([2**44, 1]))
    with pytest.raises(MemoryError, match=r"^run: node Tile '' of float32\[2, 3\], int64\[2\]: "):
        convx.onnx.InferenceSession(model).run(None, {"x": X})


def test_constants_that_fail_are_named() -> None:
    model = net(("Range", "a,b,c", "d", {}), ("Add", "x,d", "y", {}), a=0, b=3, c=0)
    with pytest.raises(ValueError, match=r"^InferenceSession: node Range '' of int64\[\], int64\[\], int64\[\]: "):
        convx.onnx.InferenceSession(model)


@pytest.mark.parametrize("channels", [5, 3])
def test_channels_of_a_normalisation_after_a_convolution(channels: int) -> None:
    """More than the layer has, or another number of variances: an error, not a fold."""
    model = parsed(
        "n (float[1,3,8,8] x, float[4,3,3,3] w, float[c] s, float[4] v) => (float[1,4,6,6] y)"
        "{ a = Conv(x, w) y = BatchNormalization(a, s, s, s, v) }",
        w=numbers(4, 3, 3, 3),
        s=numbers(channels),
        v=np.abs(numbers(4)),
    )
    with pytest.raises(ValueError, match=r"^InferenceSession: node BatchNormalization '': operands"):
        convx.onnx.InferenceSession(model).run(None, {"x": numbers(1, 3, 8, 8)})


@pytest.mark.parametrize("rows", [5, 6])
def test_normalisation_of_rows_is_not_folded_into_columns(rows: int) -> None:
    """Its channels are axis 1, those of a product the last; they may be as many."""
    model = parsed(
        f"n (float[2,{rows},4] x, float[4,5] w, float[c] s, float[c] b, float[c] v) => (float[2,{rows},5] y)"
        "{ a = MatMul(x, w) y = BatchNormalization(a, s, b, b, v) }",
        w=numbers(4, 5),
        s=numbers(rows),
        b=numbers(rows, seed=1),
        v=np.abs(numbers(rows, seed=2)) + 1,
    )
    agree(model, {"x": numbers(2, rows, 4)})


@pytest.mark.parametrize("feed", [None, [X], X, "x"], ids=["none", "list", "array", "str"])
def test_feeds_are_mappings(feed: Any) -> None:
    with pytest.raises(TypeError, match=r"^run: input_feed must be a mapping of names to arrays, got"):
        convx.onnx.InferenceSession(digits()).run(None, feed)


@pytest.mark.parametrize("names", ["y", b"y", 3, {"y": 0}])
def test_output_names_are_sequences(names: Any) -> None:
    with pytest.raises(TypeError, match=r"^run: output_names must be a sequence of names or None, got"):
        convx.onnx.InferenceSession(digits()).run(names, {"x": numbers(1, 1, 12, 12)})


def test_no_output_names_are_all() -> None:
    """As ONNX Runtime has it."""
    session, x = convx.onnx.InferenceSession(digits()), numbers(1, 1, 12, 12)
    np.testing.assert_array_equal(session.run([], {"x": x}), session.run(None, {"x": x}))


@pytest.mark.parametrize("threads", [1025, 2**70])
def test_too_many_threads(threads: int) -> None:
    with pytest.raises(ValueError, match=f"num_threads must be >= 1 and <= 1024, got {threads}"):
        convx.onnx.InferenceSession(digits(), num_threads=threads)


def test_copies() -> None:
    session = convx.onnx.InferenceSession(digits())
    assert copy.copy(session) is session
    assert copy.deepcopy({"a": session})["a"] is session
    with pytest.raises(TypeError, match="InferenceSession cannot be pickled; make one of the model in each process"):
        pickle.dumps(session)


@pytest.mark.parametrize("harm", ["cut", "missing", "elsewhere"])
def test_data_beside_a_model_that_is_not_there(harm: str, tmp_path: Path) -> None:
    path, weights = tmp_path / "model.onnx", tmp_path / "weights"
    onnx.save(digits(), path, save_as_external_data=True, size_threshold=0, location="weights")
    if harm == "cut":
        weights.write_bytes(weights.read_bytes()[:40])
    elif harm == "missing":
        weights.unlink()
    else:
        model = onnx.load(path, load_external_data=False)
        for entry in model.graph.initializer[0].external_data:
            if entry.key == "location":
                entry.value = "../weights"
        onnx.save(model, path)
    with pytest.raises(
        ValueError, match=r"^InferenceSession: model must hold its tensors, or the data of '\w+' must lie"
    ):
        convx.onnx.InferenceSession(path)


def test_quantised_scalars() -> None:
    model = parsed(
        "n (float x, float s, uint8 z) => (float y) { q = QuantizeLinear(x, s, z) y = DequantizeLinear(q, s, z) }",
        s=np.float32(0.5),
        z=np.uint8(3),
    )
    model.opset_import[0].version = 21
    agree(model, *({"x": np.array(value, np.float32)} for value in (1.2, -9, 1e9)))


def test_sparse_constants() -> None:
    values = helper.make_tensor("v", TensorProto.FLOAT, [2], [3.0, 4.0])
    places = helper.make_tensor("i", TensorProto.INT64, [2], [1, 5])
    model = net(("Constant", "", "c", {"sparse_value": helper.make_sparse_tensor(values, places, [2, 3])}))
    model.graph.node[0].ClearField("input")
    model.graph.node.append(helper.make_node("Add", ["x", "c"], ["y"]))
    expected = X + np.array([[0, 3, 0], [0, 0, 4]], np.float32)
    np.testing.assert_array_equal(convx.onnx.InferenceSession(model).run(None, {"x": X})[0], expected)


@pytest.mark.filterwarnings("ignore:convx lacks")
def test_loops_without_a_condition() -> None:
    """They go on until their number of turns is reached."""
    model = parsed("""n (float[2,3] x, int64 turns) => (float[2,3] y) {
    z = Sub(x, x)
    y = Loop (turns, , z) <body = turn (int64 i, bool on, float[2,3] s) => (bool still, float[2,3] t) {
        still = Identity(on)
        t = Add(s, x)
    }>
}""")
    session = convx.onnx.InferenceSession(model)
    for turns in (4, 0, 1):
        np.testing.assert_allclose(session.run(None, {"x": X, "turns": np.array(turns)})[0], turns * X, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:convx lacks")
def test_bytes_that_were_changed() -> None:
    """Whatever a byte before the weights becomes, the model is refused or runs."""
    whole, random = digits().SerializeToString(), np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(whole)
        for place in random.integers(0, 500, 2):
            changed[place] = random.integers(0, 256)
        try:
            session = convx.onnx.InferenceSession(bytes(changed))
            session.run(None, {entry.name: numbers(1, 1, 12, 12) for entry in session.get_inputs()})
        except (TypeError, ValueError):
            pass
