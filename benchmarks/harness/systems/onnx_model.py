"""A layer as an ONNX model of one node, its weights as initializers."""

from __future__ import annotations

from typing import Any

import onnx
from onnx import helper, numpy_helper

from harness.problem import Problem

__all__ = ["onnx_model"]

OPSET, IR_VERSION = 17, 8


def onnx_model(problem: Problem) -> onnx.ModelProto:
    """Return the model; its input is called x, its output y."""
    attributes: dict[str, Any] = {
        "kernel_shape": problem.kernel,
        "strides": problem.stride,
        "pads": problem.padding * 2,
    }
    inputs, constants = ["x"], []
    if problem.kind == "conv":
        inputs += ["weight", "bias"]
        constants = [
            numpy_helper.from_array(array, name) for name, array in zip(inputs[1:], problem.weights(), strict=True)
        ]
        node = helper.make_node("Conv", inputs, ["y"], group=problem.groups, dilations=problem.dilation, **attributes)
    elif problem.kind == "max":
        node = helper.make_node("MaxPool", inputs, ["y"], ceil_mode=int(problem.ceil_mode), **attributes)
    else:
        ceil_mode = int(problem.ceil_mode)
        node = helper.make_node("AveragePool", inputs, ["y"], ceil_mode=ceil_mode, count_include_pad=1, **attributes)
    values = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in (("x", problem.input_shape), ("y", problem.output_shape))
    ]
    graph = helper.make_graph([node], "layer", values[:1], values[1:], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
