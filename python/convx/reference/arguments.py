"""Arguments in the many forms a user may write them, brought into one form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index
from typing import Any, SupportsFloat, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._types import DataFormat, FloatArray, Ints, NumberArray, Padding, PaddingName

_Scalar = TypeVar("_Scalar", bound=np.generic)


def as_array(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return `value` as an array of any dtype. A masked one would lose its mask without a word."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} must not be a masked array, whose mask would be lost (pass its .filled(value) or .data)"
        )
    return np.asarray(value)


def as_floats(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as an array, which must be float16, bfloat16, float32 or float64."""
    array = as_array(name, value)
    if array.dtype.type not in (np.float16, np.float32, np.float64) and array.dtype.name != "bfloat16":
        raise TypeError(f"{name} must be float16, bfloat16, float32 or float64, got {array.dtype}")
    return array


def as_numbers(name: str, value: ArrayLike) -> NumberArray:
    """Return `value` as an array, which may be of integers or bool too."""
    array = as_array(name, value)
    return array if array.dtype.kind in "biu" else as_floats(name, array)


def common_dtype(*arrays: NumberArray) -> np.dtype[Any]:
    """Return the dtype that NumPy promotes `arrays` to, in the byte order of this machine."""
    return np.result_type(*arrays).newbyteorder("=")


def as_batch(
    name: str, array: NDArray[_Scalar], rank: int, data_format: DataFormat = "channels_first"
) -> NDArray[_Scalar]:
    """Return `array` as (N, C, spatial axes), adding a batch axis if there is none; nothing else may be empty."""
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(f"data_format must be 'channels_first' or 'channels_last', got {data_format!r}")
    if array.ndim not in (rank + 1, rank + 2):
        raise ValueError(f"{name} must have {rank + 1} or {rank + 2} axes, got shape {array.shape}")
    batch = array if array.ndim == rank + 2 else array[np.newaxis]
    if 0 in batch.shape[1:]:
        raise ValueError(f"{name} must have channels and spatial elements, got shape {array.shape}")
    return batch if data_format == "channels_first" else np.moveaxis(batch, -1, 1)


def check_size(name: str, shape: Sequence[int]) -> None:
    """Refuse a shape that no array can have."""
    if math.prod(max(n, 1) for n in shape) >= 2**60:
        raise ValueError(f"{name} must be smaller than 2**63 bytes in float64, got shape {tuple(shape)}")


def as_given(batch: NDArray[_Scalar], ndim: int, rank: int, data_format: DataFormat) -> NDArray[_Scalar]:
    """Undo :func:`as_batch` for the result: its axes in the order of the input, without N where that had none."""
    result = batch if data_format == "channels_first" else np.ascontiguousarray(np.moveaxis(batch, 1, -1))
    return result if ndim == rank + 2 else result[0]


def as_int(name: str, value: SupportsIndex) -> int:
    """Return `value`, which must be an int that 64 bits hold; True and 2.0 are none."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, SupportsIndex):
        raise TypeError(f"{name} must be an int, got {value!r}")
    number = index(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{name} must be >= -2**63 and < 2**63, got {number}")
    return number


def as_real(name: str, value: SupportsFloat) -> float:
    """Return `value`, which must be a real number."""
    if isinstance(value, (bool, np.bool_, str, bytes)) or not isinstance(value, (SupportsFloat, SupportsIndex)):
        raise TypeError(f"{name} must be a real number, got {value!r}")
    return float(value)


def unknown_activation(choices: str, activation: Any) -> Exception:
    """Return the error of an activation that is none of `choices`: a wrong name or number, or not even a name."""
    first = activation[0] if isinstance(activation, (tuple, list)) and activation else activation
    error = ValueError if isinstance(first, str) else TypeError
    return error(f"activation must be one of {choices}, got {activation!r}")


def per_axis(name: str, value: Ints, rank: int, least: int = 1) -> list[int]:
    """Return one int, at least `least`, for each spatial axis."""
    return [in_range(name, entry, least) for entry in repeated(name, entries(name, value), rank)]


def padding_pairs(padding: Padding, rank: int) -> list[tuple[int, int] | PaddingName]:
    """Return one (lo, hi) pair, or the name, for each spatial axis."""
    if isinstance(padding, str):
        return [padding] * rank
    pairs: list[tuple[int, int] | PaddingName] = []
    for entry in repeated("padding", entries("padding", padding), rank):
        pair = entries("padding", entry)
        if len(pair) == 1 and isinstance(entry, SupportsIndex):
            pair *= 2
        if len(pair) != 2:
            raise ValueError(f"padding must hold (lo, hi) pairs, got {padding!r}")
        pairs.append((in_range("padding", pair[0], 0), in_range("padding", pair[1], 0)))
    return pairs


def entries(name: str, value: Any) -> list[Any]:
    """Return the entries of a sequence, or the one int."""
    if isinstance(value, (str, bytes, bytearray, dict)):
        raise TypeError(f"{name} must be an int or a sequence of ints, got {value!r}")
    if isinstance(value, SupportsIndex) and not getattr(value, "shape", ()):
        return [value]
    return list(value)


def in_range(name: str, value: SupportsIndex, least: int) -> int:
    """Return a size, stride, dilation or padding."""
    number = as_int(name, value)
    if not least <= number < 2**31:
        raise ValueError(f"{name} must be >= {least} and < 2**31, got {number}")
    return number


def repeated(name: str, entries: list[Any], rank: int) -> list[Any]:
    """Return `entries`, one for each axis; a single one serves them all."""
    if len(entries) not in (1, rank):
        raise ValueError(f"{name} must have 1 or {rank} entries, got {len(entries)}")
    return entries * (rank // len(entries))
