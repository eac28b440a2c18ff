"""Arguments in the many forms a user may write them, brought into one form."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._types import FloatArray, Ints, NumberArray, Padding

_Entry = TypeVar("_Entry")
_Scalar = TypeVar("_Scalar", bound=np.generic)


def as_floats(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as an array, which must be float16, bfloat16, float32 or float64."""
    array = np.asarray(value)
    if array.dtype.type not in (np.float16, np.float32, np.float64) and array.dtype.name != "bfloat16":
        raise TypeError(f"{name} must be float16, bfloat16, float32 or float64, got {array.dtype}")
    return array


def as_numbers(name: str, value: ArrayLike) -> NumberArray:
    """Return `value` as an array, which may be of integers or bool too."""
    array = np.asarray(value)
    return array if array.dtype.kind in "biu" else as_floats(name, array)


def common_dtype(*arrays: NumberArray) -> np.dtype[Any]:
    """Return the dtype that NumPy promotes `arrays` to, in the byte order of this machine."""
    return np.result_type(*arrays).newbyteorder("=")


def as_batch(name: str, array: NDArray[_Scalar], rank: int, data_format: str = "channels_first") -> NDArray[_Scalar]:
    """Return `array` as (N, C, spatial axes), adding a batch axis if there is none; nothing else may be empty."""
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(f"data_format must be 'channels_first' or 'channels_last', got {data_format!r}")
    if array.ndim not in (rank + 1, rank + 2):
        raise ValueError(f"{name} must have {rank + 1} or {rank + 2} axes, got shape {array.shape}")
    batch = array if array.ndim == rank + 2 else array[np.newaxis]
    if 0 in batch.shape[1:]:
        raise ValueError(f"{name} must have channels and spatial elements, got shape {array.shape}")
    return batch if data_format == "channels_first" else np.moveaxis(batch, -1, 1)


def as_given(batch: NDArray[_Scalar], ndim: int, rank: int, data_format: str) -> NDArray[_Scalar]:
    """Undo :func:`as_batch` for the result: its axes in the order of the input, without N where that had none."""
    result = batch if data_format == "channels_first" else np.ascontiguousarray(np.moveaxis(batch, 1, -1))
    return result if ndim == rank + 2 else result[0]


def per_axis(name: str, value: Ints, rank: int) -> list[int]:
    """Return one int for each spatial axis."""
    entries = [value] if isinstance(value, SupportsIndex) else list(value)
    return [index(entry) for entry in _repeated(name, entries, rank)]


def padding_pairs(padding: Padding, rank: int) -> list[tuple[int, int] | str]:
    """Return one (lo, hi) pair, or the name, for each spatial axis."""
    if isinstance(padding, str):
        return [padding] * rank
    entries: list[SupportsIndex | Sequence[SupportsIndex]]
    entries = [padding] if isinstance(padding, SupportsIndex) else list(padding)
    pairs: list[tuple[int, int] | str] = []
    for entry in _repeated("padding", entries, rank):
        lo, hi = (entry, entry) if isinstance(entry, SupportsIndex) else entry
        pairs.append((index(lo), index(hi)))
    return pairs


def _repeated(name: str, entries: list[_Entry], rank: int) -> list[_Entry]:
    """Return `entries`, one for each axis; a single one serves them all."""
    if len(entries) not in (1, rank):
        raise ValueError(f"{name} must have 1 or {rank} entries, got {len(entries)}")
    return entries * (rank // len(entries))
