"""The light models of the onnx package, well-known networks without their weights, with random ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["NAMES", "image_for", "light_model"]

NAMES = {
    "alexnet": "bvlc_alexnet",
    "zfnet": "zfnet512",
    "vgg19": "vgg19",
    "squeezenet": "squeezenet",
    "googlenet": "inception_v1",
    "inception_v2": "inception_v2",
    "resnet50": "resnet50",
    "densenet121": "densenet121",
    "shufflenet": "shufflenet",
}
"""What the files are called."""


def light_model(name: str) -> Any:
    """Return a model whose weights, which the file leaves out, are constants drawn such that no value explodes."""
    import onnx
    from onnx import numpy_helper

    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    model = onnx.load(folder / f"light_{NAMES[name]}.onnx")
    graph, rng = model.graph, np.random.default_rng(0)
    shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    readers = {name: (node.op_type, place) for node in graph.node for place, name in enumerate(node.input)}
    left = [node for node in graph.node if node.op_type != "ConstantOfShape"]
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            weight = _drawn(rng, tuple(shapes[node.input[0]]), *readers[node.output[0]])
            graph.initializer.append(numpy_helper.from_array(weight, node.output[0]))
    used = {name for node in left for name in node.input}
    constants = [tensor for tensor in graph.initializer if tensor.name in used]
    own = {tensor.name for tensor in constants}
    inputs = [value for value in graph.input if value.name in used and value.name not in own]
    for field, entries in ((graph.node, left), (graph.initializer, constants), (graph.input, inputs)):
        del field[:]
        field.extend(entries)
    if left[-1].op_type == "Softmax":  # whose largest output is often 1 to the last bit
        graph.output.append(onnx.ValueInfoProto(name=left[-1].input[0], type=graph.output[0].type))
        graph.output[-1].type.tensor_type.ClearField("shape")
    model.ir_version = 8  # since when constants need not be inputs
    return model


def _drawn(rng: np.random.Generator, shape: tuple[int, ...], operator: str, place: int) -> Any:
    if operator in ("Conv", "Gemm") and place == 1:
        drawn = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
    elif (operator == "BatchNormalization" and place in (1, 4)) or operator == "Unsqueeze":
        drawn = rng.uniform(0.5, 1.5, shape)  # factors, variances
    else:
        drawn = rng.normal(0, 0.1, shape)
    return drawn.astype(np.float32)


def image_for(model: Any) -> dict[str, Any]:
    """Return the model's input: numbers from a normal distribution."""
    (value,) = model.graph.input
    shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    return {value.name: np.random.default_rng(1).standard_normal(shape, dtype=np.float32)}
