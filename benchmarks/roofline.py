"""Measure convx on the layers of well-known networks against two ceilings: FMA per second, bytes per second."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from convx import _core
from convx._cli.progress import Progress
from convx._cli.table import Table, milliseconds, shape
from convx._timing import measure
from harness import selection
from harness.machine import largest_cache, processor
from harness.peak import bandwidth, fma_peak
from harness.problem import Problem
from harness.roof import Point, Roof
from harness.systems import ours, ours_out

PROBE = 0.3  # seconds for each ceiling
NOTES = """\
of peak: GFLOP/s over the FMA peak, FLOPs counted by the definition of the convolution. An algorithm that multiplies
         less (Winograd, taps in the padding skipped) may pass 100 %.
of copy: GB/s over the bandwidth of main memory; counted are input, weights, bias and output, once each. What stays in
         the caches from one call to the next may pass 100 %.
of roof: GFLOP/s over what the two ceilings allow for so many FLOPs and bytes; of a pooling, the same as of copy."""


def main() -> int:
    """Run the command."""
    options = _options()
    problems = selection.selected(options)
    if not problems:
        print("roofline: no layer matches --layers", file=sys.stderr)
        return 1
    system = (ours_out if options.out else ours).System(options.threads, options.algorithm)
    points = []
    with Progress() as progress:
        progress.show("ceilings")
        roof = _roof(options.threads)
        table = _table(problems)
        way = f"algorithm {options.algorithm}, {'out= given' if options.out else 'new output each call'}"
        print(f"{processor()}; convx {system.version}, float32, batch {options.batch}, threads: {options.threads}")
        print(f"{way[0].upper()}{way[1:]}")
        print(f"FMA peak {roof.gflops:.1f} GFLOP/s, memory {roof.memory:.1f} GB/s, cache {roof.cache:.1f} GB/s\n")
        print(table.head(), flush=True)
        for index, problem in enumerate(problems):
            progress.show(f"{index + 1}/{len(problems)} {problem.label}")
            (call,) = system.ways(problem).values()
            points.append(Point(problem, measure(call, options.seconds).best))
            progress.clear()
            print(_row(table, points[-1], roof), flush=True)
    print(f"\n{NOTES}")
    if options.plot:
        from harness.roof_plot import draw

        draw(points, roof, f"{processor()}, threads: {options.threads}, batch {options.batch}, {way}", options.plot)
        print(f"drawn into {options.plot}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    selection.add_layer_options(parser)
    parser.add_argument("--seconds", type=selection.seconds, default=0.2, help="for each layer (default: 0.2)")
    names = [name for name in _core.algorithms() if name != "reference"]
    parser.add_argument("--algorithm", choices=names, default="auto", help="default: auto")
    parser.add_argument("--out", action="store_true", help="give the output array: no page faults of a new one")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the roofline")
    options = parser.parse_args()
    if options.plot and not options.plot.resolve().parent.is_dir():
        parser.error(f"--plot: {options.plot.parent} is not a directory")
    if options.plot and find_spec("matplotlib") is None:
        parser.error("--plot needs matplotlib")
    return options


def _roof(threads: int) -> Roof:
    cache = largest_cache()
    return Roof(
        fma_peak(threads, PROBE), bandwidth(8 * cache, threads, PROBE), bandwidth(cache // 4, threads, PROBE / 3)
    )


def _table(problems: list[Problem]) -> Table:
    return Table(
        ("layer", f"<{max(len(problem.label) for problem in problems)}"),
        ("kind", f"<{max(len(problem.summary) for problem in problems)}"),
        ("input", ">12"),
        ("ms", ">7"),
        ("GFLOP/s", ">7"),
        ("of peak", ">7"),
        ("GB/s", ">6"),
        ("of copy", ">7"),
        ("FLOP/B", ">6"),
        ("of roof", ">7"),
    )


def _row(table: Table, point: Point, roof: Roof) -> str:
    problem = point.problem
    speed = (f"{point.gflops:.1f}", f"{point.gflops / roof.gflops:.0%}") if problem.flops else ("-", "-")
    intensity = f"{point.intensity:.1f}" if problem.flops else "-"
    rate = f"{point.gbytes:.1f}", f"{point.gbytes / roof.memory:.0%}"
    sizes = shape(problem.input_shape[1:])
    share = f"{point.share(roof):.0%}"
    return table.row(
        problem.label, problem.summary, sizes, milliseconds(point.seconds), *speed, *rate, intensity, share
    )


if __name__ == "__main__":
    sys.exit(main())
