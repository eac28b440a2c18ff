"""A whole run of peers.py: the workers started, every layer measured, each line printed as soon as it is known."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial

from convx._cli.progress import Progress

from harness.compare import compare
from harness.machine import processor
from harness.problem import Problem
from harness.report import LayerTable, title
from harness.results import Run, save
from harness.selection import selected
from harness.systems import OURS, SYSTEMS, missing
from harness.workers import HarnessError, Workers

__all__ = ["measure"]

BUSY = 0.5  # load average from which a warning is due


def measure(options: argparse.Namespace) -> Run:
    """Measure what the options of peers.py ask for. When interrupted, return what there is."""
    problems = selected(options)
    if not problems:
        raise HarnessError("no layer matches --layers")
    systems = _installed([OURS, *(name for name in SYSTEMS if name in options.systems and name != OURS)])
    load = os.getloadavg()[0]
    if load > BUSY:
        print(f"warning: the machine is busy, load average {load:.1f}", file=sys.stderr)
    with Progress() as progress, Workers(systems, options.threads, options.isa, options.keep_memory) as workers:
        versions = {worker.system: worker.version for worker in workers}
        run = Run(
            options.batch,
            options.threads,
            options.rounds,
            options.seconds,
            options.keep_memory,
            options.isa,
            processor(),
            versions,
            [],
        )
        print(title(run), flush=True)
        try:
            for net in dict.fromkeys(problem.net for problem in problems):
                _net(run, workers, [problem for problem in problems if problem.net == net], options, progress)
        except KeyboardInterrupt:
            progress.clear()
            print(f"interrupted after {len(run.layers)} of {len(problems)} layers", file=sys.stderr)
    return run


def _installed(systems: list[str]) -> list[str]:
    for name in systems:
        if missing(name):
            print(f"left out: {name}, because it is not installed: {', '.join(missing(name))}", file=sys.stderr)
    return [name for name in systems if not missing(name)]


def _net(run: Run, workers: Workers, problems: list[Problem], options: argparse.Namespace, progress: Progress) -> None:
    table = LayerTable(list(run.versions), problems)
    net = problems[0].net
    print(f"\n{net}\n{table.head()}", flush=True)
    for index, problem in enumerate(problems):
        show = partial(_show, progress, f"{net} {index + 1}/{len(problems)} {problem.name}")
        run.layers.append(compare(list(workers), problem, options.rounds, options.seconds, show))
        progress.clear()
        print(table.row(run.layers[-1]), flush=True)
        if options.json:
            save(run, options.json)
    print(table.total(run.of(net)), flush=True)


def _show(progress: Progress, layer: str, what: str) -> None:
    progress.show(f"{layer}: {what}")
