"""Results of functions of elements, written over the operand that nothing reads any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from convx._graph.operators.table import Run, is_elementwise
from convx._graph.run.joins import Part
from convx._graph.run.program import Program

__all__ = ["overwriting"]


def overwriting(
    program: Program,
    arrays: Mapping[int, tuple[tuple[int, ...], np.dtype[Any]]],
    views: Mapping[int, int],
    parts: Mapping[int, Part],
    runs: Mapping[int, Run],
) -> dict[int, Part]:
    """Return which arrays can be the whole of an input of the step that makes them.

    Parameters
    ----------
    program : Program
        What is run.
    arrays, views, parts, runs
        As a layout has them.

    Returns
    -------
    dict of int to Part
        By slot.
    """

    def root(slot: int) -> int:
        while slot in views or slot in parts:
            slot = views[slot] if slot in views else parts[slot].whole
        return slot

    last = {root(slot): number for number, step in enumerate(program.steps) for slot in step.inputs}
    last.update((root(slot), len(program.steps)) for slot in program.outputs)
    found: dict[int, Part] = {}
    for number, step in enumerate(program.steps):
        out = step.outputs[0]
        if out not in arrays or out in parts or not is_elementwise(runs.get(number, step.run)):
            continue
        for slot in step.inputs:
            same = arrays.get(slot) == arrays[out] and slot not in parts and arrays[out][0] != ()
            alone = all(root(other) != slot for other in step.inputs if other != slot)
            if same and alone and last[slot] == number:
                found[out] = Part(slot, (slice(None),) * len(arrays[out][0]))
                break
    return found
