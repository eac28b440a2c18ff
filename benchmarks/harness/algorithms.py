"""A layer by every algorithm of convx that can compute it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import convx
import numpy as np
from convx import _core

from harness.problem import Problem

__all__ = ["plans"]


def plans(problem: Problem, dtype: np.dtype[Any], without: Sequence[str] = ()) -> dict[str, Any]:
    """Return a plan without bias for each algorithm by name, but for "reference" and those left out."""
    weight = problem.weights()[0].astype(dtype)
    window = problem.stride, problem.padding, problem.dilation, problem.groups
    make = getattr(convx, f"Conv{problem.rank}d")
    return {
        name: make(weight, None, *window, algorithm=name)
        for name in _core.algorithms()[1:]
        if name not in ("reference", *without)
        and _core.supports(name, problem.weight_shape, problem.stride, problem.dilation, problem.groups)
    }
