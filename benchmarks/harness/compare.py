"""One layer by every system: results compared with what is right, then rounds in which the systems take turns."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

import numpy as np
from convx._timing import Timing

from harness.oracle import oracle
from harness.problem import Array, Problem
from harness.results import LayerResult, Measured
from harness.systems import OURS, Prepared
from harness.workers import HarnessError, Worker

__all__ = ["compare"]

P = ParamSpec("P")
R = TypeVar("R")

HOPELESS, PATIENCE = 20, 0.2  # times the fastest, seconds


def compare(
    workers: Sequence[Worker], problem: Problem, rounds: int, seconds: float, show: Callable[[str], None]
) -> LayerResult:
    """Measure one layer.

    The rounds of one layer follow each other, so that a change of the machine's speed meets all systems alike; who
    comes first changes from round to round.
    """
    prepared: dict[str, Prepared] = {}
    for worker in workers:
        show(f"{worker.system} prepares")
        layer = _unless_it_fails(worker, problem, worker.prepare, problem, seconds, _hopeless(prepared))
        if layer:
            prepared[worker.system] = layer
    errors = _errors(problem, {name: layer.output for name, layer in prepared.items()})
    turns = _turns(workers, problem, prepared, rounds, seconds, show)
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
        {
            name: Measured(
                prepared[name].way,
                errors[name],
                tuple(it.best for it in its),
                tuple(round(it.cores, 3) for it in its),
            )
            for name, its in turns.items()
        },
    )


def _hopeless(prepared: dict[str, Prepared]) -> float:
    """Return the seconds from which a system has no turns: its first calls are all that is measured."""
    return max(PATIENCE, HOPELESS * min((layer.trial.best for layer in prepared.values()), default=math.inf))


def _turns(
    workers: Sequence[Worker],
    problem: Problem,
    prepared: dict[str, Prepared],
    rounds: int,
    seconds: float,
    show: Callable[[str], None],
) -> dict[str, list[Timing]]:
    most = _hopeless(prepared)
    racing = [worker for worker in workers if worker.system in prepared and prepared[worker.system].trial.best <= most]
    turns: dict[str, list[Timing]] = {name: [] for name in prepared}
    for index in range(rounds):
        first = index % len(racing)
        for worker in (*racing[first:], *racing[:first]):
            show(f"round {index + 1}/{rounds}: {worker.system}")
            turn = _unless_it_fails(worker, problem, worker.measure, seconds)
            if turn:
                turns[worker.system].append(turn)
            else:
                racing.remove(worker)
                del turns[worker.system]
    return {name: its or [prepared[name].trial] for name, its in turns.items()}


def _unless_it_fails(
    worker: Worker, problem: Problem, ask: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R | None:
    """Ask a worker. A peer that raises, or dies, does not have this layer; its process is started anew."""
    try:
        return ask(*args, **kwargs)
    except HarnessError as error:
        if worker.system == OURS:
            raise
        print(f"\nleft out at {problem.label}: {error}", file=sys.stderr)
        worker.restart()
        return None


def _errors(problem: Problem, outputs: dict[str, Array]) -> dict[str, float]:
    for name, output in outputs.items():
        if output.shape != problem.output_shape or output.dtype != np.float32:
            raise HarnessError(f"{problem.label}: {name} returned {output.dtype} {output.shape}")
    right = oracle(problem)
    return {name: right.error(output) for name, output in outputs.items()}
