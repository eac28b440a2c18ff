"""Large tensors of a model's file, left where they are: mapped into memory, and not parsed.

Reading them by protobuf takes three times their size in memory - the file, the message, the array - and the time to
fill it. What is walked through here is protobuf's wire format: a message is a sequence of fields, each a tag, which is
the field's number times 8 plus how it is written, and what it holds (https://protobuf.dev/programming-guides/encoding/).
"""

from __future__ import annotations

import mmap as mmap_module
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from typing import Any, NamedTuple

import numpy as np

from convx._graph.graph import AnyArray

__all__ = ["Place", "aligned", "forget", "kept", "mapped", "without_large_tensors"]

_LEAST = 1 << 16  # bytes of a tensor that is worth it
_PIECE = 1 << 20  # elements
_DONTNEED: int | None = getattr(mmap_module, "MADV_DONTNEED", None)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Numbers of fields in onnx.proto.
_MODEL_GRAPH, _GRAPH_INITIALIZER, _TENSOR_NAME, _TENSOR_RAW_DATA = 7, 5, 8, 9


class Place(NamedTuple):
    """Where a tensor's bytes lie in a file."""

    offset: int
    nbytes: int


class _Field(NamedTuple):
    number: int
    kind: int
    begin: int  # of the tag
    content: int
    end: int


def without_large_tensors(path: str) -> tuple[bytes, dict[str, Place]]:
    """Return a model's file without the bytes of its large tensors, and where these are.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    model : bytes
        A message of ONNX whose large initializers hold nothing.
    places : dict of str to Place
        By the tensor's name.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is no such message.
    """
    places: dict[str, Place] = {}
    with open(path, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        pieces: list[bytes] = []
        for field in _fields(data, 0, len(data)):
            if (field.number, field.kind) == (_MODEL_GRAPH, _BYTES):
                pieces.append(_message(_MODEL_GRAPH, _graph(data, field, places)))
            else:
                pieces.append(data[field.begin : field.end])
    return b"".join(pieces), places


def mapped(path: str, place: Place, dtype: np.dtype[Any], shape: tuple[int, ...]) -> AnyArray:
    """Return a tensor in a file as a read-only array, which may not be aligned.

    Parameters
    ----------
    path : str
        The file.
    place : Place
        Where it is in it.
    dtype : dtype
        Of its elements.
    shape : tuple of int
        Its sizes.

    Returns
    -------
    ndarray
        Backed by the file: it takes memory only while it is used.
    """
    if int(np.prod(shape, dtype=np.int64)) * dtype.itemsize != place.nbytes:
        raise ValueError(f"InferenceSession: a tensor of shape {shape} must have {place.nbytes} bytes of {dtype}")
    little = dtype.newbyteorder("<")
    own = dtype if little.isnative else little  # which have other names
    return np.memmap(path, own, "r", place.offset, shape).view(np.ndarray)


def kept(array: AnyArray) -> AnyArray:
    """Return an array that may stay when its file changes: a copy if it lies in one, or is not aligned."""
    return _loaded(array) if _file_of(array) is not None else np.require(array, requirements="A")


def aligned(array: AnyArray) -> AnyArray:
    """Return an array to be read once: a copy if it is not aligned."""
    return array if array.flags.aligned else kept(array)


def _file_of(array: AnyArray) -> mmap | None:
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap) else None


def _loaded(array: AnyArray) -> AnyArray:
    """Return a copy of what lies in a file, of which no page stays in memory beside it."""
    if not array.flags.c_contiguous:
        return _loaded(array.T).T if array.flags.f_contiguous else np.array(array)
    copy = np.empty(array.shape, array.dtype)
    to, lies = copy.reshape(-1), array.reshape(-1)
    for begin in range(0, array.size, _PIECE):
        to[begin : begin + _PIECE] = lies[begin : begin + _PIECE]
        forget(array)
    return copy


def forget(array: AnyArray) -> None:
    """Let go of the pages of an array that lies in a file; who reads it again has them from the file."""
    file = _file_of(array)
    if file is not None and _DONTNEED is not None:
        file.madvise(_DONTNEED)


def _graph(data: mmap, graph: _Field, places: dict[str, Place]) -> bytes:
    pieces = []
    for field in _fields(data, graph.content, graph.end):
        large = field.end - field.begin > _LEAST and (field.number, field.kind) == (_GRAPH_INITIALIZER, _BYTES)
        pieces.append(_tensor(data, field, places) if large else data[field.begin : field.end])
    return b"".join(pieces)


def _tensor(data: mmap, tensor: _Field, places: dict[str, Place]) -> bytes:
    kept, name, raw = [], "", None
    for field in _fields(data, tensor.content, tensor.end):
        if field.number == _TENSOR_RAW_DATA:
            raw = Place(field.content, field.end - field.content)
            continue
        if field.number == _TENSOR_NAME:
            name = data[field.content : field.end].decode()
        kept.append(data[field.begin : field.end])
    if raw is None or not name:
        return data[tensor.begin : tensor.end]
    places[name] = raw
    return _message(_GRAPH_INITIALIZER, b"".join(kept))


def _fields(data: mmap, at: int, end: int) -> Iterator[_Field]:
    while at < end:
        begin = at
        tag, at = _varint(data, at, end)
        kind = tag & 7
        content = at
        if kind == _VARINT:
            _, at = _varint(data, at, end)
        elif kind == _BYTES:
            size, content = _varint(data, at, end)
            at = content + size
        elif kind in (_FIXED64, _FIXED32):
            at += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"no field of protobuf at byte {begin}")
        if at > end:
            raise ValueError(f"a field of protobuf at byte {begin} ends after its message")
        yield _Field(tag >> 3, kind, begin, content, at)


def _varint(data: mmap, at: int, end: int) -> tuple[int, int]:
    """Return a number in groups of seven bits, the lowest first, and where it ends."""
    number = shift = 0
    while at < end and shift < 64:
        byte = data[at]
        at, number, shift = at + 1, number | (byte & 127) << shift, shift + 7
        if byte < 128:
            return number, at
    raise ValueError(f"no number of protobuf at byte {at}")


def _message(number: int, content: bytes) -> bytes:
    head, size = bytearray([number << 3 | _BYTES]), len(content)
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    head.append(size)
    return bytes(head) + content
