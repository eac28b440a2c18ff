"""convx: a plan for a convolution, the function for a pooling; every call returns a new array."""

from __future__ import annotations

from functools import partial
from typing import Any

import convx
from convx import _core

from harness.problem import Problem
from harness.systems import Call

__all__ = ["System"]


class System:
    """convx with so many threads."""

    def __init__(self, threads: int, algorithm: str = "auto") -> None:
        convx.set_num_threads(threads)
        self.version = f"{convx.__version__} {_core.get_isa()}"
        self._algorithm = algorithm

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return the one way."""
        return {self._algorithm: partial(self.function(problem), problem.maps())}

    def function(self, problem: Problem) -> partial[Any]:
        """Return the layer as a function of the input and of ``out=``."""
        if problem.kind == "conv":
            weight, bias = problem.weights()
            window = problem.stride, problem.padding, problem.dilation, problem.groups
            plan = getattr(convx, f"Conv{problem.rank}d")(weight, bias, *window, algorithm=self._algorithm)
            return partial(plan)
        pool: Any = getattr(convx, f"{problem.kind}_pool{problem.rank}d")
        return partial(
            pool,
            kernel_size=problem.kernel,
            stride=problem.stride,
            padding=problem.padding,
            ceil_mode=problem.ceil_mode,
        )
