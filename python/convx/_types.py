"""Types of arguments and results that several modules share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float16 | np.float32 | np.float64]
"""Also of ml_dtypes.bfloat16, which NumPy's types cannot name."""

IntArray: TypeAlias = NDArray[np.integer]
ByteArray: TypeAlias = NDArray[np.int8 | np.uint8]

ConvArray: TypeAlias = NDArray[np.float16 | np.float32 | np.float64 | np.int32 | np.int64]
"""The result of a convolution."""
NumberArray: TypeAlias = NDArray[Any]
"""Of floats as above, integers or bool."""

IndexArray: TypeAlias = NDArray[np.int64]

Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
"""One int for every spatial axis, or one per axis."""

Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
"""One size for every spatial axis, or one per axis; None for that of the input."""

Padding: TypeAlias = str | SupportsIndex | Sequence[SupportsIndex] | Sequence[Sequence[SupportsIndex]]
"""A name, one int for every spatial axis, one per axis, or one (lo, hi) pair per axis."""

Activation: TypeAlias = str | tuple[str, float] | tuple[str, float, float] | None
"""None, 'relu', 'relu6', ('leaky_relu', slope) or ('clamp', lo, hi)."""
