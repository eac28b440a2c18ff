"""The memory of one run, and its steps bound to that memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from convx._graph.blame import blamed
from convx._graph.graph import AnyArray
from convx._graph.operators.table import Run, takes_out
from convx._graph.run.arena import allocated
from convx._graph.run.joins import slices
from convx._graph.run.layout import Layout
from convx._graph.run.owned import owned
from convx._graph.run.program import NOTHING, Program, Step

__all__ = ["Frame"]

Act = Callable[[], object]


class Frame:
    """Arrays for the values of a run, which several runs use one after the other.

    A step whose arrays are all known is bound to them, and so is a call without arguments. What reads the inputs of a
    run, or makes arrays of sizes that are not known, finds them in the list of values.

    Parameters
    ----------
    program : Program
        What is run.
    layout : Layout
        For the inputs' sizes.

    Attributes
    ----------
    acts : list of (int, callable)
        The number of a step and what does it, in order; steps that have nothing to do are not among them.
    """

    def __init__(self, program: Program, layout: Layout) -> None:
        self._program, self._layout = program, layout
        self._values: list[Any] = [None] * (program.size + 1)  # the last one is that of NOTHING
        for slot, value in layout.fixed.items():
            self._values[slot] = value
        self._known = {NOTHING, *layout.fixed}
        self._block = allocated(layout.nbytes)
        self.acts: list[tuple[int, Act]] = []
        for number, step in enumerate(program.steps):
            self.acts += [(number, act) for act in self._bound(number, step)]
        self._calls = [act for _, act in self.acts]
        self._kept = {id(self._values[slot]) for slot in program.outputs if slot in self._known}

    def run(self, feeds: list[Any]) -> list[Any]:
        """Run the program on inputs of the layout's sizes, and return its outputs."""
        values = self._feed(feeds)
        call = None
        try:
            for call in self._calls:
                call()
        except Exception as error:
            number = next(number for number, act in self.acts if act is call)
            step = self._program.steps[number]
            raise blamed(error, "run", step.node, [values[slot] for slot in step.inputs]) from error
        return self._collected(values, feeds)

    def run_watched(self, feeds: list[Any], watch: Callable[[int, Act], object]) -> list[Any]:
        """Run the program, each step by ``watch(number, act)``."""
        values = self._feed(feeds)
        for number, act in self.acts:
            watch(number, act)
        return self._collected(values, feeds)

    def _feed(self, feeds: list[Any]) -> list[Any]:
        values = self._values
        for slot, value in zip(self._program.inputs, feeds, strict=True):
            values[slot] = value
        return values

    def _collected(self, values: list[Any], feeds: list[Any]) -> list[Any]:
        taken = self._kept.union(map(id, feeds))
        outputs = owned([values[slot] for slot in self._program.outputs], taken)
        for slot in (*self._program.inputs, *self._program.outputs):
            if slot not in self._known:
                values[slot] = None
        return outputs

    def _bound(self, number: int, step: Step) -> list[Act]:
        """Return what a step does, bound to arrays where they are known."""
        layout, values = self._layout, self._values
        if all(slot in self._known for slot in step.outputs):
            return []
        run = layout.runs.get(number, step.run)
        ready = self._known.issuperset(step.inputs)
        target = step.outputs[0]
        if target in layout.views and ready and self._is_view(run, step):
            return []
        if target not in layout.arrays:
            return [self._unbound(number, run, step, None)]
        out = self._array(target)
        values[target] = out
        self._known.add(target)
        if step.node.operator == "Concat":
            return self._joining(number, step, out)
        if not takes_out(run):
            return self._copying(run, step, out, ready=ready)
        if ready:
            return [partial(run, *[values[slot] for slot in step.inputs], out=out)]
        return [self._unbound(number, run, step, out)]

    def _is_view(self, run: Run, step: Step) -> bool:
        """Take the view once and for all, unless these strides need a copy."""
        view = run(*[self._values[slot] for slot in step.inputs])
        views = view if isinstance(view, tuple) else (view,)
        source = self._values[self._layout.views[step.outputs[0]]]
        if not all(np.may_share_memory(one, source) for one in views):
            return False
        for slot, one in zip(step.outputs, views, strict=False):
            if slot != NOTHING:
                self._values[slot] = one
                self._known.add(slot)
        return True

    def _array(self, slot: int) -> AnyArray:
        """Return the memory of a value: its own, or a slice of another's."""
        layout = self._layout
        part = layout.parts.get(slot)
        if part is not None:
            whole: AnyArray = self._array(part.whole)[part.place]
            return whole
        (shape, dtype), at = layout.arrays[slot], layout.offsets[slot]
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        return self._block[at : at + size].view(dtype).reshape(shape)

    def _joining(self, number: int, step: Step, out: AnyArray) -> list[Act]:
        """Copy what does not lie in the result of a Concat already."""
        layout, acts = self._layout, []
        for slot, index in zip(step.inputs, slices(step, out.shape, layout.shapes), strict=True):
            part = layout.parts.get(slot)
            if part is None or part.whole != step.outputs[0]:
                acts.append(self._copy(slot, out[index]))
        return acts

    def _copying(self, run: Run, step: Step, out: AnyArray, *, ready: bool) -> list[Act]:
        """Copy the elements of an array into one of another shape, in their order."""
        source = step.inputs[0]
        if ready:
            return [partial(np.copyto, out.reshape(self._values[source].shape), self._values[source])]
        values, inputs = self._values, step.inputs
        return [lambda: np.copyto(out, run(*[values[slot] for slot in inputs]))]

    def _copy(self, slot: int, out: AnyArray) -> Act:
        if slot in self._known:
            return partial(np.copyto, out, self._values[slot])
        values = self._values
        return lambda: np.copyto(out, values[slot])

    def _unbound(self, number: int, run: Run, step: Step, out: AnyArray | None) -> Act:
        """Return what finds its inputs in the list of values when it runs, and puts its outputs there."""
        values, inputs, outputs = self._values, step.inputs, step.outputs
        dead = [slot for slot in self._layout.dead[number] if slot not in self._known]

        def act() -> None:
            result = run(*[values[slot] for slot in inputs], **given)
            if out is None:
                for slot, value in zip(outputs, result if isinstance(result, tuple) else (result,), strict=False):
                    values[slot] = value
                values[NOTHING] = None
            for slot in dead:
                values[slot] = None

        given = {} if out is None else {"out": out}
        return act
