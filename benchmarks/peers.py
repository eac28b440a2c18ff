"""Compare convx with PyTorch, ONNX Runtime and OpenVINO: the layers of well-known networks, NumPy in and NumPy out."""

from __future__ import annotations

import argparse
import math
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path

from convx._cli.progress import Progress

from harness import selection
from harness.compare import ALLOWED, compare
from harness.crew import Crew, HarnessError
from harness.problem import Problem
from harness.report import LayerTable, summary
from harness.results import Run, load, save
from harness.systems import DEFAULT, OURS, SYSTEMS, missing

BUSY = 0.5  # load average from which a warning is due


def main() -> int:
    """Run the command."""
    options = _options()
    try:
        if options.replay:
            run = load(options.replay)
            _print_run(run)
        else:
            run = _measure(options)
    except HarnessError as error:
        print(f"peers: FAILED: {error}", file=sys.stderr)
        return 1
    return _finish(run, options.plot)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    selection.add_layer_options(parser)
    parser.add_argument("--rounds", type=selection.positive, default=5, help="turns of each system (default: 5)")
    parser.add_argument("--seconds", type=_seconds, default=0.1, help="length of a turn (default: 0.1)")
    names = ", ".join(SYSTEMS)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(DEFAULT), metavar="SYSTEM", help=names)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the numbers, written after every layer")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios; of several networks FILE-NET each")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="measure nothing, show what --json kept")
    return parser.parse_args()


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number > 0, got {text!r}")
    return value


def _measure(options: argparse.Namespace) -> Run:
    problems = selection.select(options.nets, options.layers, options.batch)
    if not problems:
        raise HarnessError("no layer matches --layers")
    systems = [OURS, *(name for name in SYSTEMS if name in options.systems and name != OURS)]
    for name in [name for name in systems if missing(name)]:
        print(f"left out: {name}, not installed: {', '.join(missing(name))}", file=sys.stderr)
        systems.remove(name)
    if os.getloadavg()[0] > BUSY:
        print(f"warning: the machine is busy, load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    with Progress() as progress, Crew(systems, options.threads) as crew:
        versions = {worker.system: worker.version for worker in crew.workers}
        run = Run(options.batch, options.threads, options.rounds, options.seconds, _processor(), versions, [])
        print(_title(run), flush=True)
        for net in dict.fromkeys(problem.net for problem in problems):
            mine = [problem for problem in problems if problem.net == net]
            table = LayerTable(systems, [it.name for it in mine], [it.summary for it in mine])
            print(f"\n{net}\n{table.head()}", flush=True)
            for problem in mine:
                done = f"{len(run.layers) + 1}/{len(problems)} {problem.label}"
                run.layers.append(_layer(crew, problem, options, progress, done))
                progress.clear()
                print(table.row(run.layers[-1]), flush=True)
                if options.json:
                    save(run, options.json)
            print(table.total([layer for layer in run.layers if layer.net == net]), flush=True)
    return run


def _print_run(run: Run) -> None:
    print(_title(run))
    for net in dict.fromkeys(layer.net for layer in run.layers):
        mine = [layer for layer in run.layers if layer.net == net]
        table = LayerTable(list(run.versions), [it.name for it in mine], [it.summary for it in mine])
        print("", net, table.head(), *map(table.row, mine), table.total(mine), sep="\n")
