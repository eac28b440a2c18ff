"""The texts of the functions: those of their twins on NumPy arrays, and what differs."""

from __future__ import annotations

import re
from collections.abc import Callable
from textwrap import dedent
from typing import Any, TypeVar, cast

import convx
from convx._ranks import ranks

__all__ = ["CONVOLUTION", "GLOBAL", "POOLING", "like", "ranks_like"]

_Operation = TypeVar("_Operation", bound=Callable[..., Any])

_BLOCKS = """
Blocks of the result lie where the chunks of the input do: a result as large as the input has its chunks. Each is
computed from the elements that its windows cover{more}

A task computes with one thread, since the scheduler has others for other tasks;
``dask.config.set({{"convx.num-threads": n}})`` allows n, and None as many as :func:`convx.set_num_threads` says.
"""

CONVOLUTION = _BLOCKS.format(
    more=""". Maps that are summed are brought together in one chunk; a weight
in chunks along the output's maps gives a result in such chunks.

The bits are those of NumPy's result, whatever the chunks, unless `algorithm` is ``'auto'``, which chooses by the shape
of a block, or ``'winograd'``, whose tiles of outputs lie elsewhere in a block."""
)
"""What the functions of convolution have in common."""

GLOBAL = """
Where a map lies in several chunks, each is pooled by itself in float64, and what they give is pooled again and rounded
once: a map may be larger than memory, and the bits may differ from NumPy's. Where it lies in one, they do not.
"""

POOLING = _BLOCKS.format(more=", and the bits are those of NumPy's result.")

_ARRAYS = "Lazy, of Dask arrays: a task for each block, of the same numbers as :func:`convx.{name}`."

_CHANGES = (
    (r"(?m)^(input : )array_like", r"\1dask.array.Array"),
    (r"(?m)^(\w+ : )array_like", r"\1array_like or dask.array.Array"),
    (r", of any strides\.( Without)", r", in chunks along any of its axes.\1"),
    (r", of any\s+strides\.( Without)", r", in chunks along any axes.\1"),
    (r" Tensors that NumPy can read[^.]*not copied\.", ""),
    (r"(?m)^out : .*(\n    .*)*\n", ""),
    (r"(?m)^ndarray(, shape| *$)", r"dask.array.Array\1"),
    (r"`out` if given, else a new array", "An array"),
    (r"\bint64 array of its shape", "int64 one of its shape"),
    (r"(?s),? (or )?if `out` is not an ndarray.*?dtype(?=[,.])", ""),
    (r"(?s),? or if `out` has.*?read-only(?=\.)", ""),
)


def told(text: str | None, name: str, notes: str, examples: str) -> str | None:
    """Return the text of a function of Dask arrays, made of its twin's."""
    if text is None:  # python -OO strips docstrings
        return None
    for old, new in _CHANGES:
        text = re.sub(old, new, text)
    text = text.partition("\nExamples\n")[0]
    summary, rest = text.split("\n", 1)
    raises = "TypeError\n    If `input` is no Dask array, "
    rest = re.sub(r"TypeError\n    If ", raises + "if ", rest)
    rest = re.sub(r"ValueError\n    If ", "ValueError\n    If the size of a chunk is not known, ", rest)
    said = f"{summary}\n\n{_ARRAYS.format(name=name)}\n{rest.rstrip()}\n"
    said = re.sub(r"(\nNotes\n-----\n)", rf"\1{notes.strip()}\n\n", said)
    return f"{said}\nExamples\n--------\n{dedent(examples).strip()}\n"


def like(notes: str, examples: str) -> Callable[[_Operation], _Operation]:
    """Give a function the text of the one of the same name in convx."""

    def decorated(operation: _Operation) -> _Operation:
        name = operation.__name__
        operation.__doc__ = told(getattr(convx, name).__doc__, name, notes, examples)
        return operation

    return decorated


def ranks_like(operation: _Operation, notes: str, examples: str) -> tuple[_Operation, _Operation, _Operation]:
    """Return `operation` over one, two and three spatial axes, see :func:`convx._ranks.ranks`."""
    return cast(tuple[_Operation, _Operation, _Operation], tuple(map(like(notes, examples), ranks(operation))))
