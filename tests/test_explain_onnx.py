"""Models of ONNX: their layers, shapes and receptive fields against ONNX's own evaluator."""

from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
evaluation = pytest.importorskip("onnx.reference")
from explain_model import NODES, model, node  # noqa: E402


def test_layers_of_a_model() -> None:
    explained = convx.explain(model())
    kinds = ["conv", "max_pool", "conv", "conv", "avg_pool", "conv_transpose", "lp_pool", "global_avg_pool"]
    assert [e.layer.kind for e in explained.layers] == kinds
    assert [e.name for e in explained.layers][:2] == ["c1/Conv", "p1/MaxPool"]
    assert explained.title == "branches"
    assert explained.input_shape == (1, 3, 33, 41)
    assert explained.passed_over == {"Relu": 1, "Add": 1, "Concat": 1, "Flatten": 1, "Gemm": 1}
    assert explained.parameters == 8 * 27 + 8 + 8 * 4 * 25 + 64 + 16 * 4 * 9
    assert "Relu 1, Add 1" in str(explained)


def test_shapes_are_those_of_the_evaluator() -> None:
    explained = convx.explain(model(), (2, 3, 30, 37))
    names = [e.name.partition("/")[0] for e in explained.layers]
    for e, name in zip(explained.layers, names, strict=True):
        shortened = model((2, 3, 30, 37), NODES[: [n.output[0] for n in NODES].index(name) + 1], name)
        (result,) = evaluation.ReferenceEvaluator(shortened, new_ops=convx.onnx.reference_ops()).run(
            None, {"x": np.ones((2, 3, 30, 37), np.float32)}
        )
        assert e.layer.output_shape == result.shape, e.name


def test_field_is_what_reaches_the_output() -> None:
    """All weights are positive: an input that grows reaches every output whose field it is in."""
    layers = {e.name.partition("/")[0]: e.field for e in convx.explain(model()).layers}
    for name in ("c1", "c2", "a"):
        shortened = model(nodes=NODES[: [n.output[0] for n in NODES].index(name) + 1], output=name)
        evaluator = evaluation.ReferenceEvaluator(shortened, new_ops=convx.onnx.reference_ops())
        base = np.random.default_rng(1).uniform(1, 2, (1, 3, 33, 41)).astype(np.float32)
        (before,) = evaluator.run(None, {"x": base})
        output = before.shape[3] // 2
        column = []
        for position in range(41):
            x = base.copy()
            x[..., position] += 100
            column.append((evaluator.run(None, {"x": x})[0] != before)[..., output].any())
        reached = np.flatnonzero(column)
        field = layers[name]
        begin = field.start[1] + output * field.jump[1]
        assert (reached[0], reached[-1]) == (begin, begin + field.size[1] - 1), name


def test_a_gate_sees_everything() -> None:
    """Squeeze and excitation: one number for each map, made of all of it, multiplies each pixel."""
    nodes = [
        node("Conv", "x w1", "c", strides=[2, 2], pads=[1, 1, 1, 1]),
        node("GlobalAveragePool", "c", "g"),
        node("Sigmoid", "g", "gate"),
        node("Mul", "gate c", "m"),
        node("Conv", "m w3", "y"),
    ]
    before, last = (convx.explain(model(nodes=nodes)).layers[i].field for i in (0, -1))
    assert before.jump == last.jump == (2, 2)
    assert (before.size, last.size) == ((3, 3), (35, 43))  # of 33 and 41, one more at either side
    assert (before.start, last.start) == ((-1, -1), (-1, -1))


def test_forms_of_a_model(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(model(), path)
    texts = {repr(convx.explain(form)) for form in (path, str(path), path.read_bytes(), model())}
    assert len(texts) == 1


def test_model_is_not_changed() -> None:
    given = model()
    before = given.SerializeToString()
    convx.explain(given, (4, 3, 20, 20))
    assert given.SerializeToString() == before


def test_quantised_and_other_layers() -> None:
    helper, int8 = onnx.helper, onnx.TensorProto.INT8
    weights = [
        onnx.numpy_helper.from_array(np.ones((6, 4, 3, 3), np.int8), "w"),
        onnx.numpy_helper.from_array(np.ones(6, np.int32), "b"),
        onnx.numpy_helper.from_array(np.float32(1), "scale"),
        onnx.numpy_helper.from_array(np.int8(0), "zero"),
    ]
    nodes = [
        node("QLinearConv", "x scale zero w scale zero scale zero b", "q", pads=[1, 1, 1, 1]),
        node("MaxPool", "q", "p", kernel_shape=[2, 2], strides=[2, 2]),
        node("ConvInteger", "p w2 zero", "y"),
    ]
    weights.append(onnx.numpy_helper.from_array(np.ones((2, 6, 1, 1), np.int8), "w2"))
    x, y = (helper.make_tensor_value_info(*v) for v in (("x", int8, (1, 4, 8, 8)), ("y", onnx.TensorProto.INT32, None)))
    graph = helper.make_graph(nodes, "quantised", [x], [y], weights)
    explained = convx.explain(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9))
    assert [e.layer.kind for e in explained.layers] == ["qlinear_conv", "max_pool", "conv_integer"]
    assert [e.layer.output_shape for e in explained.layers] == [(1, 6, 8, 8), (1, 6, 4, 4), (1, 2, 4, 4)]
    assert explained.parameters == 6 * 36 + 6 + 12
    assert [str(e.layer.input_dtype) for e in explained.layers] == ["int8", "int8", "int8"]
    assert str(explained).count("conv 1x1") == 1


def open_model(*shape: Any) -> Any:
    return model(shape)


BAD: list[tuple[Any, Any, type[Exception], str]] = [
    (b"no model", None, ValueError, "model must be a model of ONNX, got 8 bytes"),
    ("no/such/file.onnx", None, FileNotFoundError, "no/such/file.onnx"),
    (open_model(1, 3, "height", 41), None, ValueError, r"input_shape must be given: the model's input x is \(1, 3, 'h"),
    (open_model(1, 3, 33, 41), (1, 3, 33), ValueError, "input_shape must have the 4 axes of x"),
    (open_model(1, 3, 2, 2), None, ValueError, "MaxPool: .*output size"),
    (model(nodes=[node("Relu", "x", "y")]), None, ValueError, "must hold a convolution or a pooling, got 1 other"),
]


@pytest.mark.parametrize(("what", "shape", "error", "message"), BAD, ids=map(str, range(len(BAD))))
def test_bad_models(what: Any, shape: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        convx.explain(what, shape)


def test_without_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(ImportError, match="needs the onnx package to read a model: pip install onnx"):
        convx.explain("model.onnx")


ZOO = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
PUBLISHED = {"resnet50": (23_454_912, 427), "vgg19": (20_024_384, 268), "bvlc_alexnet": (2_334_080, 195)}


@pytest.mark.skipif(not ZOO.is_dir(), reason="this onnx has no models of its own")
@pytest.mark.parametrize("name", PUBLISHED)
def test_well_known_models(name: str) -> None:
    parameters, size = PUBLISHED[name]
    explained = convx.explain(ZOO / f"light_{name}.onnx")
    assert explained.parameters == parameters
    last = [e for e in explained.layers if not (e.layer.kind == "avg_pool" and e.layer.windows == (1, 1))][-1]
    assert last.field.size == (size, size)
