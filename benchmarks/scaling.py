"""Every algorithm by name: its share of the FMA peak, what more threads bring, and what float64 costs.

The calls of one layer take turns, and each layer is measured in several processes, as pages lie elsewhere in the caches
of each; of all of them the fastest calls count. Marks: two threads at least 1.85 times one, for layers above 20 MFLOP,
in the median over layers that the last lines tell; float64 at least half of float32's rate, except by "winograd".
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from statistics import median
from typing import Any

import convx
import numpy as np
from convx import _core
from convx._cli.table import Table, shape
from convx._timing import least_times
from harness.algorithms import plans
from harness.layer import Conv
from numpy.typing import NDArray

LAYERS = [
    Conv("64->64", 64, (56, 56), 64, 3, padding=1),
    Conv("256->256", 256, (56, 56), 256, 3, padding=1),
    Conv("512->512", 512, (14, 14), 512, 3, padding=1),
    Conv("512->512", 512, (7, 7), 512, 3, padding=1),
    Conv("128->128", 128, (56, 56), 128, 3, stride=2, padding=1),
    Conv("32->96", 32, (28, 28), 96, 5, padding=2),
    Conv("64->64", 64, (28, 28), 64, 7, padding=3),
    Conv("3->64", 3, (224, 224), 64, 7, stride=2, padding=3),
    Conv("256->64", 256, (56, 56), 64, 1),
    Conv("1024->256", 1024, (14, 14), 256, 1),
    Conv("832->384", 832, (7, 7), 384, 1),
    Conv("256->256", 256, (28, 28), 256, 3, padding=1, groups=32),
    Conv("384->384", 384, (28, 28), 384, 3, padding=1, groups=384),
    Conv("256->256", 256, (28, 28), 256, 3, padding=12, dilation=12),
    Conv("128->128", 128, (4096,), 128, 5, padding=2),
    Conv("128->128", 128, (4096,), 128, 3, padding=4, dilation=4),
    Conv("512->512", 512, (1500,), 512, 3, stride=2, padding=1),
    Conv("64->128", 64, (16, 56, 56), 128, 3, padding=1),
    Conv("32->64", 32, (32, 64, 64), 64, 3, padding=1),
    Conv("64->64", 64, (16, 28, 28), 64, (3, 1, 1), padding=(1, 0, 0)),
]
Times = dict[tuple[str, int, str], float]
LARGE = 20e6  # operations, from which on the mark for threads holds
SLOWEST = 0.1  # of the fastest algorithm's rate: one that nobody would take is left out


def _run(threads: int, plan: Callable[..., object], x: NDArray[Any], out: NDArray[Any]) -> None:
    convx.set_num_threads(threads)
    plan(x, out=out)


def _least(layer: Conv, batch: int, isa: str, threads: int, seconds: float) -> Times:
    """Return seconds by algorithm, number of threads and type of elements."""
    _core.set_isa(isa)
    problem = layer.problem("scaling", batch)
    calls: dict[tuple[str, int, str], Callable[[], None]] = {}
    for dtype in ("float32", "float64"):
        x, out = problem.maps().astype(dtype), np.empty(problem.output_shape, dtype)
        for name, plan in plans(problem, np.dtype(dtype)).items():
            for count in {1, threads} if dtype == "float32" else {1}:
                calls[name, count, dtype] = partial(_run, count, plan, x, out)
    return least_times(calls, seconds)


def _measure(layer: Conv, options: argparse.Namespace) -> Iterator[tuple[str, float, float, float]]:
    """Yield algorithm, seconds in one thread, the ratio of several to one, of float64 to float32."""
    best: Times = {}
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as fresh:
        arguments = layer, options.batch, options.isa, options.threads, options.seconds / options.processes
        for _ in range(options.processes):
            for key, seconds in fresh.submit(_least, *arguments).result().items():
                best[key] = min(best.get(key, seconds), seconds)
    fastest = min(best.values())
    for name in dict.fromkeys(name for name, _, _ in best):
        one = best[name, 1, "float32"]
        if fastest / one > SLOWEST:
            yield name, one, one / best[name, options.threads, "float32"], one / best[name, 1, "float64"]


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--isa", choices=_core.isas(), default=_core.get_isa(), help="default: the best of this CPU")
    parser.add_argument("--threads", type=int, default=2, help="compared with one (default: 2)")
    parser.add_argument("--batch", type=int, default=1, help="images at once (default: 1)")
    parser.add_argument("--seconds", type=float, default=0.15, help="for each call (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=3, help="that share these seconds (default: %(default)s)")
    options = parser.parse_args()
    _core.set_isa(options.isa)
    peak = _core.fma_peak(0.2) * 1e9
    print(f"{options.isa}, batch {options.batch}; FMA peak of one core {peak / 1e9:.0f} GFLOP/s")
    table = Table(
        ("layer", "<32"), ("algorithm", "<10"), ("GFLOP/s", ">8"), ("of peak", ">8"),
        (f"{options.threads} threads", ">10"), ("float64", ">8"),
    )  # fmt: skip
    print(table.head())
    ratios: dict[str, list[float]] = defaultdict(list)
    for layer in LAYERS:
        problem = layer.problem("scaling", options.batch)
        label = f"{problem.name} {shape(layer.sizes)} {problem.summary.removeprefix('conv ')}"
        for name, seconds, scaled, wide in _measure(layer, options):
            rate = problem.flops / seconds
            if problem.flops >= LARGE:
                ratios[name].append(scaled)
            figures = f"{rate / 1e9:.1f}", f"{rate / peak:.0%}", f"{scaled:.2f}", f"{wide:.2f}"
            print(table.row(label, name, *figures), flush=True)
            label = ""
    print(f"\n{options.threads} threads over one, from {LARGE / 1e6:.0f} MFLOP on: median (least, number of layers)")
    for name, found in sorted(ratios.items()):
        print(f"{name:<10} {median(found):.2f} ({min(found):.2f}, {len(found)})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
