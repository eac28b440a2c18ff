"""OpenVINO: a compiled model of one layer with constant weights; every call returns the request's own output array."""

from __future__ import annotations

import numpy as np
import openvino
import openvino.opset1 as ops
from openvino import Model, Tensor

from harness.problem import Array, Problem
from harness.systems import Call

__all__ = ["System"]


class System:
    """OpenVINO's CPU plugin with so many threads."""

    def __init__(self, threads: int) -> None:
        self.version = openvino.get_version().split("-")[0]
        self._core = openvino.Core()
        self._settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": "f32",  # bfloat16 is the default where the processor has it
        }

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return a call that shares its arrays in the documented way, and one that sets the tensor itself."""
        compiled = self._core.compile_model(_model(problem), "CPU", self._settings)
        request = compiled.create_infer_request()
        maps = problem.maps()

        def infer() -> Array:
            result: Array = request.infer([maps], share_inputs=True, share_outputs=True)[0]
            return result

        def tensor() -> Array:  # less of Python in it
            request.set_input_tensor(Tensor(maps, shared_memory=True))
            result: Array = request.infer(share_outputs=True)[0]
            return result

        return {"infer": infer, "tensor": tensor}


def _model(problem: Problem) -> Model:
    x = ops.parameter(list(problem.input_shape), np.float32)
    kernel, strides, pads, dilations = problem.kernel, problem.stride, problem.padding, problem.dilation
    rounding = "ceil" if problem.ceil_mode else "floor"
    if problem.kind == "max":
        y = ops.max_pool(x, strides, pads, pads, kernel, rounding)
    elif problem.kind == "avg":
        y = ops.avg_pool(x, strides, pads, pads, kernel, exclude_pad=False, rounding_type=rounding)
    else:
        weight, bias = problem.weights()
        if problem.groups == 1:
            y = ops.convolution(x, ops.constant(weight), strides, pads, pads, dilations)
        else:
            grouped = weight.reshape(problem.groups, -1, *weight.shape[1:])
            y = ops.group_convolution(x, ops.constant(grouped), strides, pads, pads, dilations)
        y = ops.add(y, ops.constant(bias.reshape(-1, *(1,) * problem.rank)))
    return Model([y], [x])
