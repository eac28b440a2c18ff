"""The texts of the functions: those of their twins on NumPy arrays, and what differs."""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import cleandoc
from textwrap import fill
from typing import Any, TypeVar, cast

import convx
from convx._ranks import ranks

__all__ = ["CONVOLUTION", "EXACT", "GLOBAL", "SUM", "like", "ranks_like"]

_Operation = TypeVar("_Operation", bound=Callable[..., Any])

WIDTH = 120

_SUMMARY = "The same as :func:`convx.{name}`, of Dask arrays: nothing is computed yet, and a task makes each block."

_BLOCKS = """
Blocks of the result lie where the chunks of the input do: a result as large as the input has its chunks. A task reads
the elements that the windows of its block cover, and no others. It computes with one thread, since the scheduler has
others for other tasks; ``dask.config.set({"convx.num-threads": n})`` allows n, and None as many as
:func:`convx.set_num_threads` says.
"""

CONVOLUTION = f"""{_BLOCKS}
Maps that are summed are brought together in one chunk; a weight in chunks along the output's maps gives a result in
such chunks.

The bits are those of NumPy's result, whatever the chunks, unless `algorithm` is ``'auto'``, which chooses by the shape
of a block, or ``'winograd'`` or ``'fft'``, whose tiles of outputs lie elsewhere in a block.
"""

EXACT = f"""{_BLOCKS}
The bits are those of NumPy's result, whatever the chunks.
"""

SUM = f"""{_BLOCKS}
The order in which a window is added up follows from the shape of a block: now and then, the last bits differ from those
of NumPy's result.
"""

GLOBAL = f"""{_BLOCKS}
Where a map lies in several chunks, each is pooled by itself in float64, and what they give is pooled again and rounded
once: a map may be larger than memory, and the last bits may differ from those of NumPy's result.
"""

_CHANGES = (
    (r"(?m)^(input : )array_like", r"\1dask.array.Array"),
    (r"(?m)^(\w+ : )array_like", r"\1array_like or dask.array.Array"),
    (r", of\s+any\s+strides\.", ", in chunks along any axes."),
    (r"\s+Tensors that NumPy can read[^.]*not copied\.", ""),
    (r"(?m)^out : .*(\n    .*)*\n", ""),
    (r"(?m)^ndarray(?=,|$)", "dask.array.Array"),
    (r"`out` if given, else a new array", "An array"),
    (r"\bof it and of an\s+int64 array of its shape", "of it and of an int64 one of its shape"),
    (r"(?s),( or)? if `out` is not an ndarray.*?(dtype|result's dtype),", ","),
    (r"(?s),( or)? if `out` has.*?read-only", ""),
    (r"(?s)TypeError\n    If ", "TypeError\n    If `input` is not a Dask array, if "),
    (r"(?s)ValueError\n    If ", "ValueError\n    If the sizes of chunks are not known, if "),
)


def told(text: str | None, name: str, notes: str, examples: str) -> str | None:
    """Return the text of a function of Dask arrays, made of its twin's."""
    if text is None:  # python -OO strips docstrings
        return None
    text = cleandoc(text)
    for old, new in _CHANGES:
        text = re.sub(old, new, text)
    summary, rest = text.partition("\nExamples\n")[0].split("\n", 1)
    if "\nNotes\n" not in rest:
        before = "\nReferences\n" if "\nReferences\n" in rest else ""
        rest = rest.replace(before, f"\nNotes\n-----\n{before}") if before else f"{rest.rstrip()}\n\nNotes\n-----\n"
    rest = rest.replace("\nNotes\n-----\n", f"\nNotes\n-----\n{notes.strip()}\n\n").replace("\n\n\n", "\n\n")
    said = f"{summary}\n\n{_SUMMARY.format(name=name)}\n{rest.rstrip()}\n\nExamples\n--------\n{examples.strip()}\n"
    return re.sub(rf"(?m)^(?=.{{{WIDTH + 1}}})( *)\S.*(\n\1\S.*)*", _folded, said)


def _folded(lines: re.Match[str]) -> str:
    """Return a paragraph of which a line has become too long, set anew."""
    return fill(" ".join(lines[0].split()), WIDTH, initial_indent=lines[1], subsequent_indent=lines[1])


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
