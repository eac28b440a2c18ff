"""What operators meant in earlier versions of ONNX: since version 7 as ONNX Runtime has it, before that as NumPy."""

from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")

from graph_cases import one_node, run_model  # noqa: E402
from onnx import TensorProto  # noqa: E402

rng = np.random.default_rng(13)
IMAGE = rng.standard_normal((2, 6, 5, 4)).astype(np.float32)
EIGHT = rng.standard_normal((1, 1, 4, 7)).astype(np.float32)
ROWS = np.float32([[1, 5, 3, 5], [7, 2, 2, 0]])
MAPS = [rng.uniform(0.5, 2, 6).astype(np.float32) for _ in range(4)]


def ints(*values: int) -> Any:
    return np.array(values, np.int64)


def floats(*values: float) -> Any:
    return np.array(values, np.float32)


def results_of(name: str, opset: int, inputs: list[Any], constant: bool, outputs: int = 1, **attributes: Any) -> Any:
    model = one_node(name, opset, inputs, outputs, **attributes)
    return run_model(model, [value for value in inputs if value is not None], constant)


# An operator, versions of the opset, its inputs, and its attributes.
SINCE_7: list[tuple[str, tuple[int, ...], list[Any], dict[str, Any]]] = [
    ("ArgMax", (7, 11, 13), [ROWS], {"axis": 1, "keepdims": 0}),
    ("ArgMax", (12, 13), [ROWS], {"axis": 1, "select_last_index": 1}),
    ("ArgMin", (12, 13), [ROWS], {"axis": 1, "select_last_index": 1}),
    ("AveragePool", (7, 10, 11, 19), [EIGHT], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]}),
    ("BatchNormalization", (7, 9, 14, 15), [IMAGE, *MAPS], {"epsilon": 1e-3}),
    ("Clip", (7,), [IMAGE], {"min": -0.5, "max": 0.25}),
    ("Clip", (11, 12, 13), [IMAGE, np.float32(-0.5), np.float32(0.25)], {}),
    ("Clip", (11, 12, 13), [IMAGE, None, np.float32(0.25)], {}),
    ("Concat", (7, 11, 13), [IMAGE, IMAGE], {"axis": 2}),
    ("ConvTranspose", (7, 11), [EIGHT, EIGHT[:, :, :3, :3]], {"strides": [2, 3], "output_shape": [9, 22]}),
    ("ConvTranspose", (7, 11), [EIGHT, EIGHT[:, :, :3, :3]], {"strides": [2, 3], "auto_pad": "SAME_UPPER"}),
    ("ConvTranspose", (7, 11), [EIGHT, EIGHT[:, :, :3, :3]], {"strides": [2, 3], "auto_pad": "SAME_LOWER"}),
    ("ConvTranspose", (7, 11), [EIGHT, EIGHT[:, :, :3, :3]], {"strides": [2, 3], "output_padding": [1, 1]}),
    ("CumSum", (11, 14), [ROWS, np.int32(1)], {"exclusive": 1, "reverse": 1}),
    ("DepthToSpace", (7,), [rng.standard_normal((1, 8, 2, 3)).astype(np.float32)], {"blocksize": 2}),
    ("Div", (7, 13, 14), [np.int32([7, -7, 7, -7]), np.int32([2, 2, -2, -2])], {}),
    ("Dropout", (7, 10, 12, 13), [IMAGE], {}),
    ("Flatten", (7, 9), [IMAGE], {"axis": 2}),
    ("Flatten", (11, 13), [IMAGE], {"axis": -1}),
    ("Gather", (7, 11, 13), [IMAGE, ints(2, 0)], {"axis": 2}),
    ("Gather", (11, 13), [IMAGE, ints(-1, 0)], {"axis": 2}),
    ("Gemm", (7, 9), [ROWS, ROWS, floats(1, 2)], {"transB": 1, "alpha": 0.5, "beta": 2.0}),
    ("Gemm", (11, 13), [ROWS, ROWS], {"transA": 1}),
    ("Hardmax", (7, 11), [IMAGE], {"axis": 2}),
    ("Hardmax", (13,), [IMAGE], {"axis": 2}),
    ("LRN", (7, 13), [IMAGE], {"size": 3, "alpha": 0.5, "beta": 0.6, "bias": 2.0}),
    ("LogSoftmax", (7, 11, 13), [IMAGE], {}),
    ("LogSoftmax", (7, 11, 13), [IMAGE], {"axis": 2}),
    ("MaxPool", (7, 8, 10, 11, 12), [EIGHT], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("MaxPool", (10, 11, 12), [EIGHT], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    ("PRelu", (7, 9, 16), [IMAGE, MAPS[0].reshape(6, 1, 1)], {}),
    ("Pad", (7,), [ROWS], {"pads": [1, 0, 2, -1], "value": 3.0}),
    ("Pad", (7,), [ROWS], {"pads": [0, 2, 1, 1], "mode": "reflect"}),
    ("Pad", (11, 13), [ROWS, ints(1, 0, 2, -1), np.float32(3)], {}),
    ("Pad", (11, 13), [ROWS, ints(0, 2, 1, 1)], {"mode": "edge"}),
    ("Pad", (18, 19), [ROWS, ints(2, 1), None, ints(1)], {"mode": "reflect"}),
    ("Pow", (7, 12), [np.abs(IMAGE), floats(2)], {}),
    ("Pow", (12, 13, 15), [np.int32([2, 3]), np.float32([3, 0.5])], {}),
    ("Pow", (12, 13, 15), [ROWS, np.int64([-1])], {}),
    ("ReduceMax", (7, 11, 13), [IMAGE], {"axes": [1, 3], "keepdims": 0}),
    ("ReduceMax", (18,), [IMAGE, ints(1, -1)], {"keepdims": 0}),
    ("ReduceMean", (7, 11, 13), [IMAGE], {"axes": [2, 3]}),
    ("ReduceMean", (18,), [IMAGE, ints(2, 3)], {}),
    ("ReduceSum", (7, 11), [IMAGE], {"axes": [1]}),
    ("ReduceSum", (13,), [IMAGE, ints(1)], {}),
    ("ReduceSum", (13,), [IMAGE], {"noop_with_empty_axes": 1}),
    ("Reshape", (7, 13), [IMAGE, ints(0, -1, 2)], {}),
    ("Resize", (10,), [EIGHT, floats(1, 1, 2, 3)], {"mode": "nearest"}),
    ("Resize", (10,), [EIGHT, floats(1, 1, 2, 1.5)], {"mode": "linear"}),
    ("Resize", (10,), [EIGHT, floats(1, 1, 0.5, 0.6)], {"mode": "linear"}),
    ("Resize", (11, 13), [EIGHT, floats(), floats(1, 1, 2, 1.7)], {"mode": "linear"}),
    ("Scatter", (9,), [ROWS, np.int64([[1, 0, 1, 0]]), floats(1, 2, 3, 4)[None]], {"axis": 0}),
    ("ScatterElements", (11, 13), [ROWS, np.int64([[1], [-1]]), floats(9, 8)[:, None]], {"axis": 1}),
    ("Shape", (7, 13), [IMAGE], {}),
    ("Shape", (15, 19), [IMAGE], {"start": 1, "end": -1}),
    ("Slice", (7,), [IMAGE], {"starts": [1, -3], "ends": [2, 1000], "axes": [0, 2]}),
    ("Slice", (10, 11, 13), [IMAGE, ints(1, -1), ints(2, -1000), ints(0, 2), ints(1, -2)], {}),
    ("Softmax", (7, 11, 13), [IMAGE], {}),
    ("Softmax", (7, 11, 13), [IMAGE], {"axis": 2}),
    ("Softmax", (11, 13), [IMAGE], {"axis": -2}),
    ("Squeeze", (7, 11), [EIGHT], {"axes": [0]}),
    ("Squeeze", (13,), [EIGHT, ints(-4)], {}),
    ("Tile", (7, 13), [ROWS, ints(2, 3)], {}),
    ("Unsqueeze", (7, 11), [ROWS], {"axes": [0, 3]}),
    ("Unsqueeze", (13,), [ROWS, ints(0, -1)], {}),
    ("Upsample", (7,), [EIGHT], {"scales": [1.0, 1.0, 2.0, 3.0]}),
    ("Upsample", (7,), [EIGHT], {"scales": [1.0, 1.0, 2.0, 2.0], "mode": "linear"}),
    ("Upsample", (9,), [EIGHT, floats(1, 1, 1.5, 2)], {"mode": "nearest"}),
    ("Upsample", (9,), [EIGHT, floats(1, 1, 2, 3)], {"mode": "linear"}),
]
RUNS = [(name, opset, inputs, attributes) for name, opsets, inputs, attributes in SINCE_7 for opset in opsets]


@pytest.mark.parametrize("case", RUNS, ids=[f"{name}-{opset}-{place}" for place, (name, opset, *_) in enumerate(RUNS)])
def test_as_onnxruntime(case: Any) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    name, opset, inputs, attributes = case
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    model = one_node(name, opset, inputs, **attributes)
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feed = {f"x{place}": np.asarray(value) for place, value in enumerate(inputs) if value is not None}
    (expected,) = session.run(None, feed)
    for constant in (False, True):
        (actual,) = results_of(name, opset, inputs, constant, **attributes)
        assert actual.dtype == expected.dtype
        np.testing.assert_allclose(actual, expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("opset", [7, 10, 11, 24])
@pytest.mark.parametrize("largest", [0, 1])
def test_top_k(opset: int, largest: int) -> None:
    """The number was an attribute until version 10; before 11 the largest were the only ones."""
    if opset < 11 and not largest:
        pytest.skip("had no such attribute")
    attributes = {"axis": 1} if opset < 11 else {"axis": 1, "largest": largest}
    inputs = [ROWS]
    if opset < 10:
        attributes["k"] = 3
    else:
        inputs.append(ints(3))
    values, places = results_of("TopK", opset, inputs, True, 2, **attributes)
    order = np.argsort(-ROWS if largest else ROWS, 1, stable=True)[:, :3]
    np.testing.assert_array_equal(places, order)
    np.testing.assert_array_equal(values, np.take_along_axis(ROWS, order, 1))


@pytest.mark.parametrize("opset", [2, 11, 13, 18])
def test_split(opset: int) -> None:
    sizes = [1, 4, 1]
    inputs = [IMAGE] if opset < 13 else [IMAGE, ints(*sizes)]
    attributes = {"axis": 1, "split": sizes} if opset < 13 else {"axis": 1}
    for actual, expected in zip(
        results_of("Split", opset, inputs, True, 3, **attributes), np.split(IMAGE, [1, 5], 1), strict=True
    ):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize(
    ("name", "function"),
    [("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply), ("Div", np.divide), ("Pow", np.power)],
)
def test_broadcasting_along_an_axis(name: str, function: Any) -> None:
    """Until version 7 an attribute said which axes of the first input the second one has."""
    (actual,) = results_of(name, 6, [np.abs(IMAGE), MAPS[0]], False, broadcast=1, axis=1)
    np.testing.assert_array_equal(actual, function(np.abs(IMAGE), MAPS[0][:, None, None]))
    (actual,) = results_of(name, 6, [np.abs(IMAGE), MAPS[0][:4]], False, broadcast=1)
    np.testing.assert_array_equal(actual, function(np.abs(IMAGE), MAPS[0][:4]))


@pytest.mark.parametrize("opset", [1, 6])
def test_old_batch_normalization(opset: int) -> None:
    """is_test said that the statistics are the inputs; without it they are those of the batch."""
    scale, bias, mean, variance = (vector[:, None, None] for vector in MAPS)
    (tested,) = results_of("BatchNormalization", opset, [IMAGE, *MAPS], True, is_test=1)
    expected = (IMAGE - mean) / np.sqrt(variance + 1e-5) * scale + bias
    np.testing.assert_allclose(tested, expected, rtol=1e-5, atol=1e-6)
    (trained,) = results_of("BatchNormalization", opset, [IMAGE, *MAPS], True)
    own = IMAGE.mean((0, 2, 3), keepdims=True), IMAGE.var((0, 2, 3), keepdims=True)
    expected = (IMAGE - own[0]) / np.sqrt(own[1] + 1e-5) * scale + bias
    np.testing.assert_allclose(trained, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("opset", [1, 6, 7])
def test_batch_normalization_of_activations(opset: int) -> None:
    """With spatial = 0, until version 9, every element has its own statistics."""
    statistics = [rng.uniform(0.5, 2, IMAGE.shape[1:]).astype(np.float32) for _ in range(4)]
    attributes = {"spatial": 0} if opset == 7 else {"spatial": 0, "is_test": 1}
    (actual,) = results_of("BatchNormalization", opset, [IMAGE, *statistics], True, **attributes)
    scale, bias, mean, variance = statistics
    expected = (IMAGE - mean) / np.sqrt(variance + 1e-5) * scale + bias
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def test_batch_normalization_in_training() -> None:
    """Versions 7 to 13 train if more than one output is asked for, version 14 by an attribute."""
    for opset, outputs, attributes in ((9, 5, {}), (14, 3, {"training_mode": 1})):
        results = results_of("BatchNormalization", opset, [IMAGE, *MAPS], False, outputs, **attributes)
        mean = IMAGE.mean((0, 2, 3)) * 0.1 + MAPS[2] * 0.9
        variance = IMAGE.var((0, 2, 3)) * 0.1 + MAPS[3] * 0.9
        np.testing.assert_allclose(results[1], mean, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(results[2], variance, rtol=1e-5, atol=1e-6)


# Attributes, and what NumPy makes of the same.
BEFORE_7: list[tuple[str, int, list[Any], dict[str, Any], Any]] = [
    ("Cast", 1, [ROWS], {"to": "INT32"}, ROWS.astype(np.int32)),
    ("Cast", 6, [ROWS], {"to": TensorProto.DOUBLE}, ROWS.astype(np.float64)),
    ("Clip", 1, [IMAGE], {"min": -0.5}, np.maximum(IMAGE, np.float32(-0.5))),
    ("Concat", 1, [IMAGE, IMAGE], {}, np.concatenate([IMAGE, IMAGE], 1)),
    ("Dropout", 1, [IMAGE], {"is_test": 1, "ratio": 0.5}, IMAGE),
    ("Gemm", 1, [ROWS, ROWS.T, np.float32([3])], {"broadcast": 1}, ROWS @ ROWS.T + 3),
    ("PRelu", 6, [IMAGE, MAPS[0]], {}, np.where(IMAGE < 0, IMAGE * MAPS[0][:, None, None], IMAGE)),
    ("Pad", 1, [ROWS], {"paddings": [0, 1, 2, 0]}, np.pad(ROWS, [(0, 2), (1, 0)])),
    ("Pad", 2, [ROWS], {"pads": [0, 1, 2, 0], "mode": "edge"}, np.pad(ROWS, [(0, 2), (1, 0)], "edge")),
    ("Reshape", 1, [IMAGE], {"shape": [0, -1]}, IMAGE.reshape(2, -1)),
    ("Selu", 1, [ROWS], {}, ROWS * np.float32(1.0507)),
    ("Slice", 1, [IMAGE], {"starts": [1], "ends": [-1], "axes": [2]}, IMAGE[:, :, 1:-1]),
    ("Tile", 1, [ROWS, np.float32(2), np.float32(1)], {}, np.tile(ROWS, (1, 2))),
    ("Upsample", 1, [EIGHT], {"height_scale": 2.0, "width_scale": 2.0}, EIGHT.repeat(2, 2).repeat(2, 3)),
]


@pytest.mark.parametrize("case", BEFORE_7, ids=[f"{name}-{opset}-{n}" for n, (name, opset, *_) in enumerate(BEFORE_7)])
def test_before_7(case: Any) -> None:
    name, opset, inputs, attributes, expected = case
    for constant in (False, True):
        (actual,) = results_of(name, opset, inputs, constant, **attributes)
        assert actual.dtype == expected.dtype
        np.testing.assert_allclose(actual, expected, rtol=1e-6)


@pytest.mark.parametrize("size", [1, 4, 9, 20])
def test_lrn_of_any_size(size: int) -> None:
    """ONNX Runtime has odd sizes alone; of an even one the map more is the one after."""
    sums = np.stack([(IMAGE[:, max(c - (size - 1) // 2, 0) : c + size // 2 + 1] ** 2).sum(1) for c in range(6)], 1)
    (actual,) = results_of("LRN", 13, [IMAGE], False, size=size, alpha=0.5, bias=2.0)
    np.testing.assert_allclose(actual, IMAGE / (2 + 0.5 / size * sums) ** 0.75, rtol=1e-5)


def test_global_lp_pool() -> None:
    """Of which the onnx package has no case."""
    for opset in (2, 22):
        (actual,) = results_of("GlobalLpPool", opset, [IMAGE], False, p=3)
        expected = (np.abs(IMAGE.astype(np.float64)) ** 3).sum((2, 3), keepdims=True) ** (1 / 3)
        np.testing.assert_allclose(actual, expected, rtol=1e-6)
