"""MNN: a model converted from ONNX, in float32 and at its high precision; every call returns a new array.

Its Winograd of many points is off by up to 1e-3 of the largest value. `mnn-exact` keeps it to few points.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import MNN
import onnx

# Not by MNN.tools: what it imports installs a package.
from _tools import mnnconvert
from MNN import expr, nn

from harness.problem import Array, Problem
from harness.systems import Call
from harness.systems.onnx_model import onnx_model

__all__ = ["System"]

WINOGRAD_MEMORY = 3  # the number of a hint


class System:
    """MNN with so many threads."""

    winograd: int | None = None  # the hint's value

    def __init__(self, threads: int) -> None:
        self.version = str(MNN.version())
        self._settings = {"backend": 0, "numThread": threads, "precision": "high", "memory": "high", "power": "normal"}

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return the one way."""
        module = self._module(problem)
        maps, sizes = problem.maps(), list(problem.input_shape)

        def forward() -> Array:
            (result,) = module.forward([expr.const(maps, sizes, expr.NCHW, expr.float)])
            output: Array = expr.convert(result, expr.NCHW).read()
            return output.reshape(problem.output_shape)

        return {"module": forward}

    def _module(self, problem: Problem) -> Any:
        with TemporaryDirectory() as folder:
            source, target = Path(folder) / "layer.onnx", Path(folder) / "layer.mnn"
            onnx.save(onnx_model(problem), source)
            mnnconvert(["", "-f", "ONNX", "--modelFile", str(source), "--MNNModel", str(target), "--bizCode", "layer"])
            manager = nn.create_runtime_manager((self._settings,))
            if self.winograd is not None:
                manager.set_hint(WINOGRAD_MEMORY, self.winograd)
            return nn.load_module_from_file(str(target), ["x"], ["y"], runtime_manager=manager, shape_mutable=False)
