"""Three functions from one definition: an operation is written once, for any number of spatial axes.

A definition is named for instance ``_conv_nd`` and learns which of conv1d, conv2d and conv3d it is by two keyword-only
parameters with defaults, ``_rank`` and, where errors name the function, ``_name``. Type checkers and editors read the
definition's own signature and text; at run time each of the three has the text in the words of its rank. They are
copies with other defaults, no wrappers: a call costs what it costs without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from inspect import Signature, cleandoc, signature
from textwrap import fill
from types import FunctionType
from typing import Any, TypeVar, cast

__all__ = ["in_words_of", "ranks", "with_algorithms"]

_Operation = TypeVar("_Operation", bound=Callable[..., Any])


def ranks(
    operation: _Operation, algorithms: Mapping[str, str] | None = None
) -> tuple[_Operation, _Operation, _Operation]:
    """Return `operation` over one, two and three spatial axes; its text tells what each of `algorithms` is."""
    function = cast(FunctionType, operation)
    hidden = [name for name in function.__kwdefaults__ or () if name.startswith("_")]
    parameters = signature(function)
    visible = parameters.replace(parameters=[p for p in parameters.parameters.values() if p.name not in hidden])
    text = with_algorithms(function.__doc__, algorithms)
    one, two, three = (cast(_Operation, _of_rank(function, rank, visible, text)) for rank in (1, 2, 3))
    return one, two, three


def _of_rank(function: FunctionType, rank: int, visible: Signature, text: str | None) -> FunctionType:
    name = function.__name__.removeprefix("_").replace("_nd", f"{rank}d")
    made = FunctionType(function.__code__, function.__globals__, name, function.__defaults__, function.__closure__)
    told = {"_name": name, "_rank": rank}
    made.__kwdefaults__ = {key: told.get(key, value) for key, value in (function.__kwdefaults__ or {}).items()}
    made.__annotations__ = {key: value for key, value in function.__annotations__.items() if key not in told}
    made.__qualname__, made.__module__ = name, function.__module__
    made.__doc__ = in_words_of(rank, text)
    made.__signature__ = visible  # type: ignore[attr-defined]
    return made


def in_words_of(rank: int, text: str | None) -> str | None:
    """Return a text that is written for any rank, with the axes and the functions of one."""
    if text is None:  # python -OO strips docstrings
        return None
    axes = "DHW"[-rank:]
    for word, parts in (("*spatial", axes), ("*kernel", [f"k{a}" for a in axes]), ("*out", [f"{a}out" for a in axes])):
        text = text.replace(word, ", ".join(parts))
    said, heading, examples = text.partition("\nExamples\n")
    said = re.sub(r"Of any rank: .*\n\n", "", said)  # what the words above stand for
    return re.sub(r"(?<=[a-z])2d(?![a-z])", f"{rank}d", said) + heading + examples


def with_algorithms(text: str | None, algorithms: Mapping[str, str] | None) -> str | None:
    """Return `text` without its indentation, the algorithms listed behind what it says of the parameter `algorithm`."""
    if text is None:
        return None
    text = cleandoc(text)
    if not algorithms:
        return text
    return re.sub(r"(?m)^algorithm : .*(\n    .*)+", rf"\g<0>\n{_listed(tuple(algorithms.items()))}", text)


@cache
def _listed(algorithms: tuple[tuple[str, str], ...]) -> str:
    """Return the list of a table's algorithms; filled once, since many texts share it and import waits."""
    lines = [
        fill(f"- ``{name!r}``: {summary}", 112, initial_indent="\n    ", subsequent_indent="      ")
        for name, summary in algorithms
    ]
    return ";".join(lines) + "."
