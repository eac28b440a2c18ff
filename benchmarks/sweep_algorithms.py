"""Every algorithm on many layers, by instruction set: what "auto" loses by its choice, and what the model estimates.

The layers are those of five networks, some with one and three axes, and a hundred drawn at random. The cost model in
cpp/convx/conv/cost.cpp is fitted to this. Run it alone on a quiet machine.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import convx
import numpy as np
from convx import _core
from convx._cli.progress import Progress
from convx._timing import least_times, measure
from harness import selection
from harness.algorithms import plans
from harness.choices import HIGH, Sweep, choice, load, losses, row, save, table
from harness.machine import processor
from harness.problem import Problem

NETS = [net for net in selection.NETS if net != "pooling"]
HOPELESS = 4  # times the fastest: the first calls are enough
FIRST = 2


def main() -> int:
    """Run the command."""
    options = _options()
    if options.replay:
        for sweep in load(options.replay):
            _show(sweep, options.all)
        return 0
    problems = [problem for problem in selection.selected(options) if problem.kind == "conv"]
    if not problems:
        print("sweep_algorithms: no layer matches --layers", file=sys.stderr)
        return 1
    sweeps: list[Sweep] = []
    with convx.num_threads(options.threads), Progress() as progress:
        for isa in options.isa:
            _core.set_isa(isa)
            peak, caches = _core.fma_peak(0.1), _core.info()["caches"]
            sweeps.append(Sweep(isa, options.dtype, options.threads, processor(), peak, [], tuple(caches)))
            for index, problem in enumerate(problems):
                progress.show(f"{isa} {index + 1}/{len(problems)} {problem.label}")
                times = _measure(problem, options)
                sweeps[-1].choices.append(choice(problem, times, options.dtype))
            progress.clear()
            _show(sweeps[-1], options.all)
            if options.json:
                save(sweeps, options.json)
    _core.set_isa(None)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    selection.add_layer_options(parser, NETS)
    parser.set_defaults(random=100)
    parser.add_argument("--isa", nargs="+", default=_core.isas()[:1], choices=_core.isas(), help="default: the best")
    parser.add_argument("--seconds", type=selection.seconds, default=0.03, help="for each algorithm (default: 0.03)")
    parser.add_argument("--dtype", default="float32", choices=["float32", "float64"])
    parser.add_argument("--without", nargs="+", default=[], metavar="ALGORITHM", help="leave these out")
    parser.add_argument("--all", action="store_true", help=f"show all layers, not only losses above {HIGH:.0%}%")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the times")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="measure nothing: today's model on the times kept")
    options = parser.parse_args()
    if options.json and not options.json.resolve().parent.is_dir():
        parser.error(f"--json: {options.json.parent} is not a directory")
    return options


def _measure(problem: Problem, options: argparse.Namespace) -> dict[str, float]:
    """Return the seconds of the best call of each algorithm; the calls take turns."""
    dtype = np.dtype(options.dtype)
    maps, out = problem.maps().astype(dtype), np.empty(problem.output_shape, dtype)
    calls = {name: partial(plan, maps, out=out) for name, plan in plans(problem, dtype, options.without).items()}
    times = {name: measure(call, 0, minimum=FIRST).best for name, call in calls.items()}
    racing = [name for name in calls if times[name] <= HOPELESS * min(times.values())]
    return times | least_times({name: calls[name] for name in racing}, options.seconds)


def _show(sweep: Sweep, everything: bool) -> None:
    print(
        f"\n{sweep.processor}; {sweep.isa}, {sweep.dtype}, threads: {sweep.threads}; FMA peak {sweep.peak:.0f} GFLOP/s"
    )
    print("milliseconds of the best call (and the model's estimate, scaled to agree for the choice)\n")
    shown = [it for it in sweep.choices if everything or it.loss > HIGH]
    names = list(dict.fromkeys(name for it in sweep.choices for name in it.seconds))
    layers = table(names, [it.problem for it in shown])
    if shown:
        print(layers.head(), *(layers.row(*row(it, names)) for it in shown), "", sep="\n")
    print(*losses(sweep), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
