"""Concatenations without a copy: what is joined is written where it belongs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from convx._graph.run.program import Program, Step

__all__ = ["Part", "joined", "slices"]


class Part(NamedTuple):
    """A value that is a slice of another.

    Attributes
    ----------
    whole : int
        The slot of the other.
    place : tuple of slice
        Where in it.
    """

    whole: int
    place: tuple[slice, ...]


def joined(
    program: Program, arrays: dict[int, tuple[tuple[int, ...], np.dtype[Any]]], shapes: dict[int, tuple[int, ...]]
) -> dict[int, Part]:
    """Return which arrays can lie in the result of a Concat from the beginning.

    Parameters
    ----------
    program : Program
        What is run.
    arrays : dict of int to (shape, dtype)
        Of the values that lie in memory of their own so far.
    shapes : dict of int to tuple of int
        Of all values.

    Returns
    -------
    dict of int to Part
        By slot. An array that two Concat read lies in the last of them.
    """
    found: dict[int, Part] = {}
    for step in reversed(program.steps):
        if step.node.operator != "Concat" or step.outputs[0] not in arrays:
            continue
        whole = step.outputs[0]
        shape, dtype = arrays[whole]
        for slot, index in zip(step.inputs, slices(step, shape, shapes), strict=True):
            if slot in arrays and slot not in found and arrays[slot][1] == dtype and step.inputs.count(slot) == 1:
                found[slot] = Part(whole, index)
    return found


def slices(step: Step, shape: tuple[int, ...], shapes: dict[int, tuple[int, ...]]) -> list[tuple[slice, ...]]:
    """Return where each input of a Concat lies in its result.

    Parameters
    ----------
    step : Step
        The Concat.
    shape : tuple of int
        Of its result.
    shapes : dict of int to tuple of int
        Of its inputs, by slot.

    Returns
    -------
    list of tuple of slice
        One for each input.
    """
    axis, at, found = step.node.attributes.get("axis", 1) % len(shape), 0, []
    for slot in step.inputs:
        size = shapes[slot][axis]
        found.append((*[slice(None)] * axis, slice(at, at + size)))
        at += size
    return found
