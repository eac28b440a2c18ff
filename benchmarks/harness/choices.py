"""Every algorithm on a layer, what the model of costs makes of it, and what its choice loses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import exp, log
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from convx import _core
from convx._cli.table import Table, milliseconds, shape

from harness.problem import Problem
from harness.results import write_json

__all__ = ["HIGH", "Choice", "Sweep", "choice", "load", "losses", "row", "save", "table"]

HIGH = 0.05  # a loss that is worth a line


@dataclass(frozen=True)
class Choice:
    """One layer.

    Attributes
    ----------
    problem : Problem
        The layer.
    seconds : dict
        Algorithm -> the best of its calls.
    costs : dict
        Algorithm -> the model's estimate, in units of its own.
    auto : str
        What "auto" takes.
    """

    problem: Problem
    seconds: dict[str, float]
    costs: dict[str, float]
    auto: str

    @property
    def best(self) -> str:
        """The fastest algorithm."""
        return min(self.seconds, key=self.seconds.__getitem__)

    @property
    def loss(self) -> float:
        """How much longer the choice takes than the fastest algorithm."""
        return self.seconds[self.auto] / self.seconds[self.best] - 1


@dataclass(frozen=True)
class Sweep:
    """The layers on one instruction set."""

    isa: str
    dtype: str
    threads: int
    processor: str
    peak: float  # GFLOP/s of FMA
    choices: list[Choice]
    caches: tuple[int, ...] = ()  # bytes


def choice(problem: Problem, seconds: dict[str, float], dtype: str) -> Choice:
    """Ask the model, as it is now, about a layer whose times are known. What has no time cannot be chosen."""
    window = problem.stride, problem.padding, problem.dilation, problem.groups
    layer = problem.input_shape, problem.weight_shape, *window, np.dtype(dtype)
    costs = {name: cost for name, cost in _core.algorithm_costs(*layer).items() if name in seconds}
    auto = _core.choose(*layer)
    return Choice(problem, seconds, costs, auto if auto in seconds else min(costs, key=costs.__getitem__))


def table(names: Sequence[str], problems: Sequence[Problem]) -> Table:
    """Return the table of some layers with a column for each algorithm."""
    labels = max((len(problem.label) for problem in problems), default=0)
    kinds = max((len(problem.summary) for problem in problems), default=0)
    head = ("layer", f"<{labels}"), ("kind", f"<{kinds}"), ("input", ">15"), ("out", ">5")
    columns = ((name, ">15") for name in names)
    return Table(*head, *columns, ("auto", "<9"), ("best", "<9"), ("loss", ">5"))


def row(choice: Choice, names: Sequence[str]) -> list[str]:
    """Return the cells of a layer: milliseconds, and the model's estimate, scaled to agree for the choice."""
    scale = choice.seconds[choice.auto] / choice.costs[choice.auto]
    cells = []
    for name in names:
        seconds, cost = choice.seconds.get(name), choice.costs.get(name)
        estimate = f" ({milliseconds(cost * scale)})" if cost is not None else ""
        cells.append("-" if seconds is None else milliseconds(seconds) + estimate)
    problem = choice.problem
    head = [problem.label, problem.summary, shape(problem.input_shape[1:]), str(problem.output_shape[1])]
    return [*head, *cells, choice.auto, choice.best, f"{choice.loss:.0%}"]


def losses(sweep: Sweep) -> Iterator[str]:
    """Yield the lines that say what "auto" loses, and what each algorithm is good for."""
    for net in ("all", *dict.fromkeys(it.problem.net for it in sweep.choices)):
        mine = [it for it in sweep.choices if net in ("all", it.problem.net)]
        worst = max(mine, key=lambda it: it.loss)
        total = exp(mean(log(1 + it.loss) for it in mine)) - 1
        high = sum(it.loss > HIGH for it in mine)
        yield (
            f"{net:<14} {len(mine):>4} layers: loss {total:>5.1%}, worst {worst.loss:>4.0%} at {worst.problem.label}, "
            f"above {HIGH:.0%} at {high}"
        )
    for name in dict.fromkeys(name for it in sweep.choices for name in it.seconds):
        taken = [it for it in sweep.choices if it.auto == name]
        won = [it for it in sweep.choices if it.best == name]
        shares = [it.problem.flops / it.seconds[name] / 1e9 / sweep.peak for it in won]
        speed = f", there at {mean(shares):.0%} of the FMA peak, {min(shares):.0%} to {max(shares):.0%}" if won else ""
        yield f"{name:<14} taken {len(taken):>4} times, best {len(won):>4} times{speed}"


def save(sweeps: Sequence[Sweep], path: Path) -> None:
    """Write sweeps as JSON."""
    write_json([asdict(sweep) for sweep in sweeps], path)


def load(path: Path) -> list[Sweep]:
    """Read what :func:`save` wrote; the choices are those of the model as it is now."""
    sweeps = []
    for data in json.loads(path.read_text()):
        _core.set_isa(data["isa"])
        choices = [choice(_problem(it["problem"]), it["seconds"], data["dtype"]) for it in data.pop("choices")]
        sweeps.append(Sweep(**data, choices=choices))
    _core.set_isa(None)
    return sweeps


def _problem(data: dict[str, Any]) -> Problem:
    fields: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in data.items()}
    return Problem(**fields)
