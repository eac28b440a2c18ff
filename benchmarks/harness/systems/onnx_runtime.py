"""ONNX Runtime: a session of one node with its weights as initializers; every call returns a new array."""

from __future__ import annotations

import onnxruntime

from harness.problem import Array, Problem
from harness.systems import Call
from harness.systems.onnx_model import onnx_model

__all__ = ["System"]

LEVELS = onnxruntime.GraphOptimizationLevel


class System:
    """ONNX Runtime with so many threads."""

    def __init__(self, threads: int) -> None:
        self.version = str(onnxruntime.__version__)
        self._threads = threads

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return a session with the blocked layout inside (the default), and one that stays with NCHW."""
        model, maps = onnx_model(problem).SerializeToString(), problem.maps()
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
