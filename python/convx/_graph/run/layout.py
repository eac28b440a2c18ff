"""What is known of all values once the network has run on inputs of some sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convx._graph.blame import blamed
from convx._graph.graph import AnyArray
from convx._graph.operators.table import TABLE, Run, takes_out
from convx._graph.ready import is_random
from convx._graph.run.arena import Life, placed
from convx._graph.run.joins import Part, joined
from convx._graph.run.overwriting import overwriting
from convx._graph.run.owned import owned
from convx._graph.run.program import NOTHING, Program, Step
from convx._graph.run.sizes import has_known_size

__all__ = ["Layout", "recorded"]


@dataclass
class Layout:
    """Where each value lies, for inputs of given sizes.

    Attributes
    ----------
    fixed : dict of int to ndarray
        Values that follow from constants and from the sizes of the inputs: no run computes them.
    arrays : dict of int to (shape, dtype)
        Values that lie in memory that all runs share.
    shapes : dict of int to tuple of int
        Of all values whose size follows from the sizes of the inputs.
    views : dict of int to int
        Values that are views of others, and which.
    parts : dict of int to Part
        Arrays that are slices of others, or the whole of what they are written over.
    runs : dict of int to callable
        By the number of the step: made anew with what is fixed here, in place of the program's.
    offsets : dict of int to int
        Where the arrays lie that are no slices, in bytes.
    nbytes : int
        Of the memory that a run needs beside its outputs.
    dead : dict of int to list of int
        After each step, what nothing reads any more.
    """

    fixed: dict[int, AnyArray] = field(default_factory=dict)
    arrays: dict[int, tuple[tuple[int, ...], np.dtype[Any]]] = field(default_factory=dict)
    shapes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    views: dict[int, int] = field(default_factory=dict)
    parts: dict[int, Part] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)
    nbytes: int = 0
    dead: dict[int, list[int]] = field(default_factory=dict)


def recorded(program: Program, feeds: list[Any]) -> tuple[list[Any], Layout]:
    """Run a program, each result in an array of its own, and find out where later runs can put them.

    Parameters
    ----------
    program : Program
        What to run.
    feeds : list
        Its inputs.

    Returns
    -------
    outputs : list
        What a run returns.
    layout : Layout
        For inputs of these sizes.
    """
    given = {**program.constants, **dict(zip(program.inputs, feeds, strict=True))}
    values: dict[int, Any] = {**given, NOTHING: None}
    layout = Layout(fixed=dict(program.constants), dead=_dead(program))
    layout.shapes.update((slot, np.shape(value)) for slot, value in given.items())
    sized = set(values)
    for number, step in enumerate(program.steps):
        args = [values[slot] for slot in step.inputs]
        try:
            result = step.run(*args)
        except Exception as error:
            raise blamed(error, "run", step.node, args) from error
        results = result if isinstance(result, tuple) else (result,)
        values.update(item for item in zip(step.outputs, results, strict=False) if item[0] != NOTHING)
        _note(program, layout, sized, number, values)
        for slot in layout.dead[number]:
            if slot not in layout.fixed:
                values[slot] = None
    outputs = [values[slot] for slot in program.outputs]
    _place(program, layout)
    return owned(outputs, {id(value) for value in (*feeds, *layout.fixed.values())}), layout


def _dead(program: Program) -> dict[int, list[int]]:
    """Return after each step what no later one reads."""
    last: dict[int, int] = {}
    for number, step in enumerate(program.steps):
        last.update(dict.fromkeys((*step.inputs, *step.outputs), number))
    kept = {NOTHING, *program.outputs, *program.constants}
    found: dict[int, list[int]] = {number: [] for number in range(len(program.steps))}
    for slot, number in last.items():
        if slot not in kept:
            found[number].append(slot)
    return found


def _note(program: Program, layout: Layout, sized: set[int], number: int, values: dict[int, Any]) -> None:
    """Note what kind of values a step has made."""
    step = program.steps[number]
    fixed = [slot == NOTHING or slot in layout.fixed for slot in step.inputs]
    if not (set(step.inputs) <= sized and has_known_size(step.node, fixed)):
        return
    made = [slot for slot in step.outputs if slot != NOTHING and isinstance(values[slot], (np.ndarray, np.generic))]
    sized.update(made)
    layout.shapes.update((slot, values[slot].shape) for slot in made)
    if step.node.operator in ("Shape", "Size") or (all(fixed) and not is_random(step.node)):
        layout.fixed.update((slot, values[slot]) for slot in made)
        return
    if any(known and slot not in program.constants for known, slot in zip(fixed, step.inputs, strict=True)):
        _make_anew(program, layout, number)
    moving = [slot for slot, known in zip(step.inputs, fixed, strict=True) if not known]
    for slot in made:
        shared = [source for source in moving if np.may_share_memory(values[slot], values[source])]
        if shared:
            if len(moving) == 1:
                layout.views[slot] = shared[0]
            else:
                sized.discard(slot)
        elif len(step.outputs) == 1 and slot not in program.outputs and _can_write(step):
            layout.arrays[slot] = values[slot].shape, values[slot].dtype
            values[slot] = np.asarray(values[slot], order="C")  # as in the arena: it decides what is a view of it


def _can_write(step: Step) -> bool:
    return takes_out(step.run) or step.node.operator in COPIES


COPIES = ("Reshape", "Flatten", "Squeeze", "Unsqueeze")
"""Operators that leave the order of the elements as it is: where they cannot be views, they are copies."""


def _make_anew(program: Program, layout: Layout, number: int) -> None:
    """Let a step know the contents of what is fixed for these sizes, where that costs nothing."""
    step = program.steps[number]
    if step.node.operator.startswith("convx."):
        return
    known = [None if slot == NOTHING else layout.fixed.get(slot) for slot in step.inputs]
    layout.runs[number] = TABLE[step.node.operator](step.node, program.opset, known)


def _place(program: Program, layout: Layout) -> None:
    """Find places for the arrays: those of a Concat in one piece, and results over operands where they can be."""
    layout.parts = joined(program, layout.arrays, layout.shapes)
    layout.parts |= overwriting(program, layout.arrays, layout.views, layout.parts, layout.runs)
    lives: dict[int, Life] = {}

    def touch(slot: int, number: int) -> None:
        root = slot
        while root in layout.views or root in layout.parts:
            root = layout.views[root] if root in layout.views else layout.parts[root].whole
        if root not in layout.arrays:
            return
        shape, dtype = layout.arrays[root]
        life = lives.get(root, Life(int(np.prod(shape, dtype=np.int64)) * dtype.itemsize, number, number))
        lives[root] = life._replace(first=min(life.first, number), last=max(life.last, number))

    for number, step in enumerate(program.steps):
        for slot in (*step.inputs, *step.outputs):
            touch(slot, number)
    for slot in program.outputs:  # copied when all steps have run
        touch(slot, len(program.steps))
    layout.offsets, layout.nbytes = placed(lives)
