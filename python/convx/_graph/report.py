"""What was done to a network, and what its steps cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import prod
from time import perf_counter
from typing import Any

from convx._graph.run.frame import Act
from convx._graph.run.layout import Layout
from convx._graph.run.program import NOTHING, Program, Step
from convx._graph.run.runner import Runner

__all__ = ["Cost", "Report", "reported"]


@dataclass(frozen=True)
class Cost:
    """A step of a network and what it costs.

    Attributes
    ----------
    name : str
        The node's name, or that of its output.
    operator : str
        What runs: ONNX's name, or Conv, ConvTranspose or Linear of convx.
    fused : tuple of str
        The operators that it does besides.
    shape : tuple of int or None
        Of its output, if its size follows from those of the inputs.
    algorithm : str
        How a convolution is computed; ``'none'`` for what is not left to do in a run, ``''`` for all else.
    macs : int
        Multiplications of convolutions and linear layers, each with its addition, by definition.
    seconds : float
        The least time of the step.
    """

    name: str
    operator: str
    fused: tuple[str, ...]
    shape: tuple[int, ...] | None
    algorithm: str
    macs: int
    seconds: float

    @property
    def gflops(self) -> float:
        """10**9 operations a second, two for a multiplication with its addition."""
        return 2e-9 * self.macs / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Report:
    """What :meth:`InferenceSession.explain` tells; printed, a table.

    Attributes
    ----------
    name : str
        Of the model's graph.
    passes : tuple of (str, int)
        How many nodes the model had, and what each pass left of them.
    steps : tuple of Cost
        In the order in which they run.
    seconds : float
        The least time of a run, with its steps watched.
    nbytes : int
        Memory for values between steps.
    """

    name: str
    passes: tuple[tuple[str, int], ...]
    steps: tuple[Cost, ...]
    seconds: float
    nbytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return what is in it as dicts, lists, strings and numbers.

        Returns
        -------
        dict
            The attributes by their names, and the speed of each step.
        """
        steps = [{**asdict(step), "gflops": step.gflops} for step in self.steps]
        return {**asdict(self), "steps": steps}

    def __str__(self) -> str:
        changes = [
            f"{name} {before} -> {after}"
            for (_, before), (name, after) in zip(self.passes, self.passes[1:], strict=False)
            if before != after
        ]
        whole = sum(step.seconds for step in self.steps)
        rows = [_row(step, whole) for step in self.steps]
        titles = ("step", "operator", "output", "algorithm", "MMACs", "ms", "share", "GFLOP/s")
        widths = [max(len(row[place]) for row in (titles, *rows)) for place in range(len(titles))]
        lines = [_line(row, widths) for row in (titles, *rows)]
        lines.insert(1, "-" * len(lines[0]))
        head = f"{self.name}: {self.seconds * 1e3:.3f} ms, {self.nbytes / 2**20:.1f} MiB between steps"
        return "\n".join([head, "nodes: " + (", ".join(changes) or str(self.passes[-1][1])), "", *lines])


def _row(step: Cost, whole: float) -> tuple[str, ...]:
    shape = "?" if step.shape is None else "x".join(map(str, step.shape))
    does = " + ".join([step.operator, *step.fused])
    if step.algorithm == "none":
        return step.name, does, shape, "none", "", "", "", ""
    macs, speed = (f"{step.macs / 1e6:.1f}", f"{step.gflops:.1f}") if step.macs else ("", "")
    share = f"{step.seconds / whole:.1%}" if whole else ""
    return step.name, does, shape, step.algorithm, macs, f"{step.seconds * 1e3:.3f}", share, speed


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(row[:4], widths, strict=False)]
    right = [cell.rjust(width) for cell, width in zip(row[4:], widths[4:], strict=True)]
    return "  ".join([*left, *right]).rstrip()


def reported(name: str, runner: Runner, feeds: list[Any], passes: Sequence[tuple[str, int]], seconds: float) -> Report:
    """Run a network, each step watched, until the time is over.

    Parameters
    ----------
    name : str
        Of the network.
    runner : Runner
        What runs it.
    feeds : list
        Its inputs.
    passes : sequence of (str, int)
        What was done to it.
    seconds : float
        How long to measure.

    Returns
    -------
    Report
        With the least times.
    """
    runner.run(feeds)
    runner.run(feeds)
    best: dict[int, float] = {}
    now: dict[int, float] = {}

    def watch(number: int, act: Act) -> None:
        begin = perf_counter()
        act()
        now[number] = now.get(number, 0.0) + perf_counter() - begin

    whole, end = float("inf"), perf_counter() + seconds
    while True:
        now.clear()
        begin = perf_counter()
        runner.run_watched(feeds, watch)
        whole = min(whole, perf_counter() - begin)
        best = {number: min(time, best.get(number, time)) for number, time in now.items()}
        if perf_counter() > end:
            break
    layout = runner.layout(feeds)
    steps = [_cost(runner.program, layout, number, best) for number in range(len(runner.program.steps))]
    return Report(name, tuple(passes), tuple(steps), whole, layout.nbytes)


def _cost(program: Program, layout: Layout, number: int, best: dict[int, float]) -> Cost:
    step = program.steps[number]
    target = step.outputs[0]
    shape = layout.shapes.get(target)
    name = step.node.name or next(filter(None, step.node.outputs), "")
    fused = tuple(step.node.attributes.get("fused", ()))
    operator = step.node.operator.removeprefix("convx.")
    if number not in best:
        return Cost(name, operator, fused, shape, "none", 0, 0.0)

    return Cost(name, operator, fused, shape, *_computed(step, layout, shape), best[number])


def _computed(step: Step, layout: Layout, shape: tuple[int, ...] | None) -> tuple[str, int]:
    """Return algorithm and multiplications of a layer."""
    source = step.inputs[0] if step.inputs else NOTHING
    if shape is None or source not in layout.shapes:
        return "", 0
    sizes, operator = layout.shapes[source], step.node.operator
    if operator == "convx.Linear":
        return "", prod(shape) * sizes[-1]
    plan = getattr(step.run, "plan", None)
    if plan is None:
        return "", 0
    maps = getattr(step.run, "maps", None)  # of a convolution that pools them
    counted = sizes if operator == "convx.ConvTranspose" else maps(sizes) if maps else shape
    return plan.algorithm_for(sizes), prod(counted) * prod(plan.weight_shape[1:])
