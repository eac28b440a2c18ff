"""Types of arguments and results that several modules share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray

Float = TypeVar("Float", np.float16, np.float32, np.float64)
"""Where all arrays have one dtype, that of the result."""

Scalar = TypeVar("Scalar", bound=np.generic)
"""The dtype of a maximum is that of what it is taken of."""

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

# Names are literals, so that mypy and pyright find a misspelt one. tests/test_types.py compares those of algorithms
# with the core's tables.
PaddingName: TypeAlias = Literal["valid", "same", "same_lower", "causal"]
PaddingMode: TypeAlias = Literal["zeros", "reflect", "symmetric", "replicate", "edge", "circular", "wrap"]
DataFormat: TypeAlias = Literal["channels_first", "channels_last"]
Algorithm: TypeAlias = Literal[
    "auto", "reference", "direct", "im2col", "winograd", "depthwise", "narrow", "fft", "separable"
]
WinogradLevel: TypeAlias = Literal["off", "accurate", "all"]
GradientAlgorithm: TypeAlias = Literal["auto", "reference", "im2col", "winograd", "narrow"]

PaddingPairs: TypeAlias = tuple[tuple[int, int], ...]
Padding: TypeAlias = PaddingName | SupportsIndex | Sequence[SupportsIndex] | Sequence[Sequence[SupportsIndex]]
"""A name, one int for every spatial axis, one per axis, or one (lo, hi) pair per axis."""

Activation: TypeAlias = (
    Literal["relu", "relu6"] | tuple[Literal["leaky_relu"], float] | tuple[Literal["clamp"], float, float] | None
)


class Fact(TypedDict):
    """What was measured for convolutions of one shape."""

    isa: str
    threads: int
    winograd: WinogradLevel
    dtype: Literal["float32", "float64"]
    input_shape: tuple[int, ...]
    weight_shape: tuple[int, ...]
    stride: tuple[int, ...]
    padding: PaddingPairs
    dilation: tuple[int, ...]
    groups: int
    padding_mode: PaddingMode
    data_format: DataFormat
    algorithm: Algorithm
