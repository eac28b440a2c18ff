"""A client: a network in ONNX's format, run by ONNX's ReferenceEvaluator with and without convx and by ONNX Runtime."""

from typing import Any

import convx
import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from convx._graph.operators.table import TABLE
from onnx import numpy_helper, parser
from onnx.reference import ReferenceEvaluator
from onnx_models import image, inception

SIZE = 8


@pytest.fixture(scope="module")
def outputs() -> list[Any]:
    """What the evaluator gives on convx: features and the last module."""
    session = ReferenceEvaluator(inception(size=SIZE), new_ops=convx.onnx.reference_ops())
    found: list[Any] = session.run(None, {"image": image(SIZE, 2)})
    return found


def test_equals_the_evaluator_without_convx(outputs: list[Any]) -> None:
    expected = ReferenceEvaluator(inception(size=SIZE)).run(None, {"image": image(SIZE, 2)})
    for actual, theirs in zip(outputs, expected, strict=True):
        assert actual.dtype == theirs.dtype == np.float32
        np.testing.assert_allclose(actual, theirs, rtol=1e-4, atol=1e-5)


def test_equals_onnxruntime(outputs: list[Any]) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    session = runtime.InferenceSession(inception(size=SIZE).SerializeToString(), providers=["CPUExecutionProvider"])
    for actual, theirs in zip(outputs, session.run(None, {"image": image(SIZE, 2)}), strict=True):
        np.testing.assert_allclose(actual, theirs, rtol=1e-4, atol=1e-5)


def test_the_model_is_an_inception_module(outputs: list[Any]) -> None:
    nodes = [node.op_type for node in inception(size=SIZE).graph.node]
    assert nodes.count("Conv") == 13
    assert set(nodes) == {"Conv", "Relu", "MaxPool", "Concat", "AveragePool", "GlobalAveragePool"}
    features, last = outputs
    assert features.shape == (2, 128, 1, 1)
    assert last.shape == (2, 128, 8, 8)
    assert float(np.abs(features).max()) > 0.1


def test_constant_weights_are_packed_once(outputs: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made, make = [], TABLE["Conv"]
    monkeypatch.setitem(TABLE, "Conv", lambda node, *rest: made.append(node) or make(node, *rest))
    session = ReferenceEvaluator(inception(size=SIZE), new_ops=convx.onnx.reference_ops())
    for _ in range(3):
        found = session.run(None, {"image": image(SIZE, 2)})
        np.testing.assert_array_equal(found[0], outputs[0])
    assert len(made) == 13


def test_quantised_weights_are_packed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, make = [], TABLE["QLinearConv"]
    monkeypatch.setitem(TABLE, "QLinearConv", lambda node, *rest: made.append(node) or make(node, *rest))
    text = """<ir_version: 8, opset_import: ["": 13]>
net (uint8[1,1,4,4] x) => (uint8[1,2,2,2] y)
<float xs = {0.5}, uint8 xz = {3}, int8[2,1,3,3] w = {1,2,3,4,5,6,7,8,9,-1,-2,-3,-4,-5,-6,-7,-8,-9},
 float ws = {0.25}, int8 wz = {0}, float ys = {2.0}, uint8 yz = {100}>
{ y = QLinearConv(x, xs, xz, w, ws, wz, ys, yz) }"""
    model = parser.parse_model(text)
    for tensor in model.graph.initializer:  # as bytes, which nobody can change
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor), tensor.name))
    x = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4)
    session = ReferenceEvaluator(model, new_ops=convx.onnx.reference_ops())
    (expected,) = ReferenceEvaluator(model).run(None, {"x": x})
    for _ in range(3):
        np.testing.assert_array_equal(session.run(None, {"x": x})[0], expected)
    assert len(made) == 1


def test_a_weight_that_its_owner_changes_is_not_kept() -> None:
    text = """<ir_version: 8, opset_import: ["": 18]>
net (float[1,1,4,4] x, float[1,1,1,1] w) => (float[1,1,4,4] y) { y = Conv(x, w) }"""
    session = ReferenceEvaluator(parser.parse_model(text), new_ops=convx.onnx.reference_ops())
    x, w = np.ones((1, 1, 4, 4), np.float32), np.ones((1, 1, 1, 1), np.float32)
    for factor in (1, 2, 3):
        w[...] = factor
        np.testing.assert_array_equal(session.run(None, {"x": x, "w": w})[0], factor * x)
