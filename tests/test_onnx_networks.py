"""Networks of the kinds that people deploy, small, against ONNX's evaluator and ONNX Runtime."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import convx
import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from network_builder import Net  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402


def mobilenet_v2() -> Any:
    net = Net(("N", 3, 32, 32))
    x = net.relu6(net.norm(net.conv("x", 3, 8, 3, 2), 8))
    for _ in range(2):
        wide = net.relu6(net.norm(net.conv(x, 8, 48, 1), 48))
        deep = net.relu6(net.norm(net.conv(wide, 48, 48, 3, groups=48), 48))
        x = net.node("Add", x, net.norm(net.conv(deep, 48, 8, 1), 8))
    flat = net.node("ReduceMean", x, axes=[2, 3], keepdims=0)
    return net.model(net.node("Gemm", flat, net.normal(10, 8), net.normal(10), transB=1))


def mobilenet_v3() -> Any:
    net = Net(("N", 3, 32, 32))
    x = net.node("HardSwish", net.norm(net.conv("x", 3, 16, 3, 2), 16))
    deep = net.node("HardSwish", net.norm(net.conv(x, 16, 16, 5, groups=16), 16))
    gated = net.squeeze(deep, 16, "HardSigmoid")
    x = net.node("Add", net.norm(net.conv(gated, 16, 16, 1), 16), x)
    flat = net.node("Flatten", net.node("GlobalAveragePool", x))
    return net.model(net.node("Softmax", net.node("Gemm", flat, net.normal(16, 10), net.normal(10))))


def efficientnet() -> Any:
    net = Net(("N", 3, 24, 24))
    x = net.swish(net.norm(net.conv("x", 3, 8, 3, 2), 8))
    wide = net.swish(net.norm(net.conv(x, 8, 32, 1), 32))
    deep = net.swish(net.norm(net.conv(wide, 32, 32, 3, groups=32), 32))
    return net.model(net.node("Add", net.norm(net.conv(net.squeeze(deep, 32, "Sigmoid"), 32, 8, 1), 8), x))


def unet() -> Any:
    """Down by pools, up by a transposed convolution and by resizing, with what was there before beside it."""
    net = Net((1, 1, 16, 16))
    first = net.node("Relu", net.norm(net.conv("x", 1, 8, 3), 8))
    second = net.node(
        "Relu", net.norm(net.conv(net.node("MaxPool", first, kernel_shape=[2, 2], strides=[2, 2]), 8, 12, 3), 12)
    )
    third = net.node("Relu", net.conv(net.node("MaxPool", second, kernel_shape=[2, 2], strides=[2, 2]), 12, 16, 3))
    up = net.node("ConvTranspose", third, net.normal(16, 12, 2, 2), net.normal(12), strides=[2, 2])
    x = net.node("Relu", net.conv(net.node("Concat", second, up, axis=1), 24, 8, 3))
    scales = net.constant(np.array([1, 1, 2, 2], np.float32))
    up = net.node("Resize", x, "", scales, mode="linear", coordinate_transformation_mode="half_pixel")
    return net.model(net.node("Sigmoid", net.conv(net.node("Concat", up, first, axis=1), 16, 1, 1)))


def yolo_head() -> Any:
    """Boxes of one scale, as YOLOv5 writes them: shapes read from tensors, five axes, a grid that is a constant."""
    net = Net(("N", 8, 6, 6))
    maps = net.conv(net.node("LeakyRelu", net.conv("x", 8, 16, 3), alpha=0.1), 16, 21, 1)
    shape = net.node("Shape", maps)
    batch, size = (net.node("Gather", shape, net.constant(np.array([i]))) for i in (0, 2))
    three, seven = net.constant(np.array([3])), net.constant(np.array([7]))
    apart = net.node("Reshape", maps, net.node("Concat", batch, three, seven, size, size, axis=0))
    last = net.node("Sigmoid", net.node("Transpose", apart, perm=[0, 1, 3, 4, 2]))
    place, extent, score = net.node("Split", last, net.constant(np.array([2, 2, 3])), outputs=3, axis=4)
    grid = net.constant(np.stack(np.meshgrid(np.arange(6), np.arange(6)), -1)[None, None].astype(np.float32))
    two, stride = net.constant(np.float32(2)), net.constant(np.float32(8))
    place = net.node("Mul", net.node("Add", net.node("Mul", place, two), grid), stride)
    extent = net.node("Mul", net.node("Pow", net.node("Mul", extent, two), two), net.normal(1, 3, 1, 1, 2, scale=9))
    boxes = net.node("Concat", place, extent, score, axis=4)
    return net.model(net.node("Reshape", boxes, net.constant(np.array([0, -1, 7]))))


def quantized() -> Any:
    """QDQ, as ONNX Runtime's quantizer writes it: integers in the file, floats between the pairs."""
    net = Net(("N", 3, 12, 12), opset=19)

    def pair(x: str, scale: float) -> str:
        both = net.constant(np.float32(scale)), net.constant(np.uint8(128))
        return str(net.node("DequantizeLinear", net.node("QuantizeLinear", x, *both), *both))

    whole = net.constant(net.rng.integers(-127, 128, (8, 3, 3, 3)).astype(np.int8))
    scales, zeros = (
        net.constant(net.rng.uniform(0.002, 0.004, 8).astype(np.float32)),
        net.constant(np.zeros(8, np.int8)),
    )
    weight = net.node("DequantizeLinear", whole, scales, zeros, axis=0)
    x = net.node("Relu", net.node("Conv", pair("x", 0.03), weight, net.normal(8), pads=[1] * 4))
    return net.model(net.node("GlobalAveragePool", pair(x, 0.05)))


@pytest.mark.parametrize("make", [mobilenet_v2, mobilenet_v3, efficientnet, unet, yolo_head, quantized])
def test_networks(make: Callable[[], Any]) -> None:
    model = make()
    shape = [dim.dim_value or 2 for dim in model.graph.input[0].type.tensor_type.shape.dim]
    session = convx.onnx.InferenceSession(model)
    evaluator = ReferenceEvaluator(model)
    runtime = runtime_of(model)
    for batch in (shape[0], 1, shape[0]):
        x = np.random.default_rng(batch).standard_normal((batch, *shape[1:]), dtype=np.float32)
        (expected,) = evaluator.run(None, {"x": x})
        for _ in range(2):
            (found,) = session.run(None, {"x": x})
            assert found.shape == expected.shape
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * float(np.abs(expected).max()))
        if runtime is not None:
            theirs = runtime.run(None, {"x": x})[0]
            np.testing.assert_allclose(found, theirs, rtol=1e-3, atol=1e-4 * float(np.abs(theirs).max()))


def runtime_of(model: Any) -> Any:
    try:
        import onnxruntime
    except ImportError:
        return None
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def test_what_is_left_of_mobilenet() -> None:
    """Nothing but layers: normalisations, activations and sums are in them."""
    report = convx.onnx.InferenceSession(mobilenet_v2()).explain(seconds=0.0)
    left = Counter(step.operator for step in report.steps if step.algorithm != "none")
    assert left == {"Conv": 7, "ReduceMean": 1, "Linear": 1}
    assert [step.fused[-1] for step in report.steps if step.operator == "Conv"].count("Add") == 2


def test_shapes_and_views_cost_nothing() -> None:
    report = convx.onnx.InferenceSession(yolo_head()).explain(seconds=0.0)
    left = {step.operator for step in report.steps if step.algorithm != "none"}
    assert not left & {"Shape", "Gather", "Split", "Transpose"}
