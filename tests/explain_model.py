"""A model of ONNX with a branch, a residual sum and what explain passes over."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def tensor(name: str, *shape: int) -> Any:
    return numpy_helper.from_array(np.full(shape, 0.125, np.float32), name)


def node(kind: str, inputs: str, output: str, **attributes: Any) -> Any:
    return helper.make_node(kind, inputs.split(), [output], name=f"{output}/{kind}", **attributes)


NODES = [
    node("Conv", "x w1 b1", "c1", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    node("Relu", "c1", "r1"),
    node("MaxPool", "r1", "p1", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
    node("Conv", "p1 w2", "c2", auto_pad="SAME_UPPER", group=2),
    node("Conv", "c2 w3", "c3", kernel_shape=[1, 1]),
    node("Add", "c3 p1", "s"),
    node("AveragePool", "p1", "a", kernel_shape=[5, 5], pads=[2, 2, 2, 2]),
    node("Concat", "s a", "cat", axis=1),
    node("ConvTranspose", "cat w4", "up", strides=[2, 2], pads=[1, 1, 0, 0], output_padding=[1, 1]),
    node("LpPool", "up", "lp", kernel_shape=[2, 2]),
    node("GlobalAveragePool", "lp", "g"),
    node("Flatten", "g", "flat"),
    node("Gemm", "flat w5", "y"),
]
WEIGHTS = [
    tensor("w1", 8, 3, 3, 3),
    tensor("b1", 8),
    tensor("w2", 8, 4, 5, 5),
    tensor("w3", 8, 8, 1, 1),
    tensor("w4", 16, 4, 3, 3),
    tensor("w5", 4, 10),
]


def model(shape: tuple[Any, ...] = ("batch", 3, 33, 41), nodes: Any = NODES, output: str = "y") -> Any:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "branches", [x], [y], WEIGHTS)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
