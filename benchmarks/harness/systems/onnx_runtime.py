"""ONNX Runtime: a session of one node with its weights as initializers; every call returns a new array."""

from __future__ import annotations

from typing import Any

import onnx
import onnxruntime
from onnx import helper, numpy_helper

from harness.problem import Array, Problem
from harness.systems import Call

__all__ = ["System"]

OPSET, IR_VERSION = 17, 8
LEVELS = onnxruntime.GraphOptimizationLevel


class System:
    """ONNX Runtime with so many threads."""

    def __init__(self, threads: int) -> None:
        self.version = str(onnxruntime.__version__)
        self._threads = threads

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return a session with the blocked layout inside (the default), and one that stays with NCHW."""
        model, maps = _model(problem).SerializeToString(), problem.maps()
        blocked = self._session(model, LEVELS.ORT_ENABLE_ALL)
        plain = self._session(model, LEVELS.ORT_ENABLE_EXTENDED)

        def run_blocked() -> Array:
            result: Array = blocked.run(None, {"x": maps})[0]
            return result

        def run_plain() -> Array:
            result: Array = plain.run(None, {"x": maps})[0]
            return result

        return {"blocked": run_blocked, "NCHW": run_plain}

    def _session(self, model: bytes, level: onnxruntime.GraphOptimizationLevel) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = level
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _model(problem: Problem) -> onnx.ModelProto:
    attributes: dict[str, Any] = {
        "kernel_shape": [problem.kernel] * 2,
        "strides": [problem.stride] * 2,
        "pads": [problem.padding] * 4,
    }
    inputs, constants = ["x"], []
    if problem.kind == "conv":
        inputs += ["weight", "bias"]
        constants = [
            numpy_helper.from_array(array, name) for name, array in zip(inputs[1:], problem.weights(), strict=True)
        ]
        node = helper.make_node("Conv", inputs, ["y"], group=problem.groups, **attributes)
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
