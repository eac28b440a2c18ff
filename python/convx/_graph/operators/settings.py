"""What is an attribute in one version of an operator and an input in another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run

__all__ = ["has_input", "settled"]

_OPEN = object()  # a setting that only a run knows


def has_input(node: Node, position: int) -> bool:
    """Whether an optional input is there."""
    return position < len(node.inputs) and node.inputs[position] != ""


def settled(node: Node, constants: Constants, names: Sequence[str], prepare: Callable[..., Callable[..., Any]]) -> Run:
    """Make a node ready whose inputs after the first are settings.

    Parameters
    ----------
    node, constants
        As a maker has them.
    names : sequence of str
        Of the attributes that became the second, third ... input.
    prepare : callable
        Takes one value for each name, as Python's numbers and lists, None where one is left out; returns a function
        of the first input. It is called here, once, where all values are attributes or constants, else in each run.
    """
    known = [_known(node, constants, name, position) for position, name in enumerate(names, 1)]
    if _OPEN not in known:
        ready = prepare(*known)
        return lambda x, *settings, **out: ready(x, **out)

    def run(x: AnyArray, *settings: AnyArray, **out: AnyArray) -> Any:
        values = [settings[position].tolist() if value is _OPEN else value for position, value in enumerate(known)]
        return prepare(*values)(x, **out)

    return run


def _known(node: Node, constants: Constants, name: str, position: int) -> Any:
    if not has_input(node, position):
        return node.attributes.get(name)
    constant = constants[position]
    return _OPEN if constant is None else constant.tolist()
