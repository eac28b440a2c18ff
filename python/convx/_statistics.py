"""Norms, reductions and extremes along axes of an array, by the core: sums in float64. Private.

Arrays are float16, bfloat16, float32 or float64, of any strides; half types are computed in float32 and rounded once.
Results are the same for any number of threads. `out` has exactly the result's shape and dtype and may be the input.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx import _core
from convx._types import FloatArray

__all__ = ["End", "Norm", "Place", "Reduction", "normalize", "normalize_maps", "places", "reduce", "top"]

Norm: TypeAlias = Literal["standard", "root_mean_square", "l1", "l2", "none"]
Reduction: TypeAlias = Literal["sum", "mean", "l1", "l2", "squares", "max", "min"]
Place: TypeAlias = Literal["first_max", "last_max", "first_min", "last_min"]
End: TypeAlias = Literal["largest", "smallest"]


def normalize(
    kind: Norm,
    input: ArrayLike,
    axis: int,
    scale: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    epsilon: float = 0.0,
    *,
    out: FloatArray | None = None,
) -> FloatArray:
    """Normalize what lies along `axis`, which counts from the first, and all axes behind it.

    "standard" is ``(x - mean) / sqrt(variance + epsilon)``, "root_mean_square" ``x / sqrt(mean(x**2) + epsilon)``,
    "l1" and "l2" ``x / norm``, 0 where the norm is 0, and "none" x itself. Each is multiplied by `scale`, and `bias` is
    added; they have as many elements as are normalized together.
    """
    return _core.normalize("normalize", kind, input, axis, 0, scale, bias, epsilon, out)


def normalize_maps(
    kind: Norm,
    input: ArrayLike,
    groups: int,
    scale: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    epsilon: float = 0.0,
    *,
    out: FloatArray | None = None,
) -> FloatArray:
    """Normalize groups of the maps of images, shape (N, C, ...); `scale` and `bias` have an element for each map."""
    return _core.normalize("normalize_maps", kind, input, 0, groups, scale, bias, epsilon, out)


def reduce(kind: Reduction, input: ArrayLike, axis: int, keepdims: bool = False) -> FloatArray:
    """Reduce what lies along `axis`, which counts from the first, and all axes behind it, to one number.

    "l1" is the sum of sizes, "l2" the root of the sum of squares, "squares" that sum itself. "max" and "min" are NaN
    where an element is.
    """
    return _core.reduce("reduce", kind, input, axis, keepdims)


def places(kind: Place, input: ArrayLike, axis: int, keepdims: bool = False) -> NDArray[np.int64]:
    """Return where along `axis`, which counts from the first, the largest or smallest elements lie.

    Of equals it is the first or the last one. A NaN is both larger and smaller than any number, as in NumPy.
    """
    return _core.argmax("places", kind, input, axis, keepdims)


def top(end: End, input: ArrayLike, k: int) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the k largest or smallest elements along the last axis in their order, and where they lie.

    Of equals the first comes first. A NaN is larger than any number, as when NumPy sorts.
    """
    return _core.top("top", end, input, k)
