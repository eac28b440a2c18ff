"""One layer by every system: results compared, then rounds in which the systems take turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from convx._timing import Timing

from harness.problem import Array, Problem
from harness.results import LayerResult, Measured
from harness.workers import HarnessError, Worker

__all__ = ["compare"]


def compare(
    workers: Sequence[Worker], problem: Problem, rounds: int, seconds: float, show: Callable[[str], None]
) -> LayerResult:
    """Measure one layer.

    The rounds of one layer follow each other, so that a change of the machine's speed meets all systems alike; who
    comes first changes from round to round.
    """
    ways: dict[str, str] = {}
    outputs: dict[str, Array] = {}
    for worker in workers:
        show(f"{worker.system} prepares")
        ways[worker.system], outputs[worker.system] = worker.prepare(problem, seconds)
    difference, differing = _difference(problem, outputs)
    outputs.clear()
    turns: dict[str, list[Timing]] = {worker.system: [] for worker in workers}
    for index in range(rounds):
        first = index % len(workers)
        for worker in (*workers[first:], *workers[:first]):
            show(f"round {index + 1}/{rounds}: {worker.system}")
            turns[worker.system].append(worker.measure(seconds))
    for worker in workers:
        worker.release()
    return LayerResult(
        problem.net,
        problem.name,
        problem.summary,
        problem.family,
        problem.input_shape,
        problem.output_shape,
        problem.count,
        problem.flops,
        difference,
        differing,
        {
            name: Measured(ways[name], tuple(it.best for it in its), tuple(round(it.cores, 3) for it in its))
            for name, its in turns.items()
        },
    )


def _difference(problem: Problem, outputs: dict[str, Array]) -> tuple[float, str]:
    """Return the largest difference over the root mean square, and the two systems."""
    for name, output in outputs.items():
        if output.shape != problem.output_shape or output.dtype != np.float32:
            raise HarnessError(f"{problem.label}: {name} returned {output.dtype} {output.shape}")
    worst, pair = 0.0, ""
    for (name, a), (other, b) in combinations(outputs.items(), 2):
        difference = float(np.abs(a - b).max() / np.sqrt(np.square(a).mean()))
        if not difference <= worst:  # NaN too
            worst, pair = difference, f"{name} and {other}"
    return worst, pair
