"""Functions of elements: by the core where it takes the dtype, else by NumPy.

All take ``out``, which may be an operand, by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convx import _elementwise
from convx._graph.graph import AnyArray

__all__ = ["add", "by_core", "divide", "maximum", "minimum", "multiply", "subtract"]

_TAKEN = frozenset("efdE")  # float16, float32, float64, and bfloat16 of ml_dtypes


def by_core(array: AnyArray) -> bool:
    """Whether the core takes arrays of this dtype."""
    return array.dtype.char in _TAKEN


def _of_two(ours: Callable[..., Any], numpys: Callable[..., Any]) -> Callable[..., Any]:
    def function(a: AnyArray, b: AnyArray, out: AnyArray | None = None) -> Any:
        if by_core(a) and a.dtype == b.dtype:
            return ours(a, b, out=out)
        return numpys(a, b, out=out)

    return function


add = _of_two(_elementwise.add, np.add)
subtract = _of_two(_elementwise.subtract, np.subtract)
multiply = _of_two(_elementwise.multiply, np.multiply)
divide = _of_two(_elementwise.divide, np.divide)
maximum = _of_two(_elementwise.maximum, np.maximum)
minimum = _of_two(_elementwise.minimum, np.minimum)
