"""ONNX's numbers of types."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from convx.onnx.attributes import fail

__all__ = ["dtype_of", "ml_dtypes"]

_NUMPY = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    8: "object",  # strings
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
}
_ML_DTYPES = {
    16: "bfloat16",
    17: "float8_e4m3fn",
    18: "float8_e4m3fnuz",
    19: "float8_e5m2",
    20: "float8_e5m2fnuz",
    21: "uint4",
    22: "int4",
    23: "float4_e2m1fn",
    24: "float8_e8m0fnu",
    25: "uint2",
    26: "int2",
}
_WORDS = {"FLOAT": 1, "DOUBLE": 11, "STRING": 8} | {name.upper(): number for number, name in _NUMPY.items()}


@cache
def dtype_of(operator: str, number: int | str) -> np.dtype[Any]:
    """Return the type of a number of ``TensorProto.DataType``, or of its word, as the first version of Cast has it."""
    if isinstance(number, str):
        number = _WORDS.get(number, 0)
    if number in _NUMPY:
        return np.dtype(_NUMPY[number])
    if number not in _ML_DTYPES:
        fail(operator, "a type must be a number of TensorProto.DataType", number)
    dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes(operator), _ML_DTYPES[number]))
    return dtype


def ml_dtypes(operator: str) -> Any:
    """Return the package of the types that NumPy has not; onnx needs it too."""
    try:
        return import_module("ml_dtypes")
    except ImportError as error:
        raise ImportError(f"{operator}: this type needs the ml_dtypes package: pip install ml_dtypes") from error
