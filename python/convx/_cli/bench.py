"""``convx bench``: the speed of named convolution layers, by algorithm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import convx
from convx import _core
from convx._cli.arguments import known, thread_limit
from convx._cli.figure import check_target
from convx._cli.progress import Progress
from convx._cli.table import Table, milliseconds, shape
from convx._cli.timed import timed
from convx._types import Algorithm
from convx.networks import NAMED_CONVOLUTIONS, Conv

__all__ = ["Line", "list_choices", "run_bench"]

PEAK_SECONDS = 0.1


def list_choices() -> None:
    """Print the layers and algorithms that can be asked for."""
    table = Table(("layer", "<20"), ("kind", "<20"), ("input", ">12"), ("output", ">12"), ("MFLOP", ">8"))
    print(table.head())
    for layer in NAMED_CONVOLUTIONS.values():
        sizes = shape(layer.input_shape), shape(layer.output_shape)
        print(table.row(layer.name, layer.summary, *sizes, f"{2 * layer.macs / 1e6:,.0f}"))
    print(f"\nalgorithms: {', '.join(_core.algorithms())}")


class Line(NamedTuple):
    """What was measured of one layer and algorithm.

    Attributes
    ----------
    layer : Conv
        The layer.
    algorithm : str
        The algorithm.
    best, median : float
        Seconds of a call.
    """

    layer: Conv
    algorithm: Algorithm
    best: float
    median: float

    @property
    def speed(self) -> float:
        """GFLOP/s of the best call; a multiplication and its addition are two."""
        return 2 * self.layer.macs / self.best / 1e9


def run_bench(
    layers: Sequence[str] | None,
    algorithms: Sequence[str] | None,
    *,
    threads: int | None,
    seconds: float,
    as_json: bool = False,
    plot: str | None = None,
) -> None:
    """Time layers and print a line for each layer and algorithm.

    Parameters
    ----------
    layers, algorithms : sequence of str or None
        Names; None for every layer, and for every algorithm but 'reference', which is slow by design.
    threads : int or None
        Number of threads; None to leave it alone.
    seconds : float
        Time to spend on each line.
    as_json : bool
        Print JSON, and no table.
    plot : str or None
        File into which to draw the speeds.
    """
    chosen = [NAMED_CONVOLUTIONS[name] for name in known("layer", layers, tuple(NAMED_CONVOLUTIONS))]
    fast = [name for name in _core.algorithms() if name != "reference"]
    names = known("algorithm", algorithms, _core.algorithms()) if algorithms else fast
    if plot is not None:
        check_target(plot)
    with thread_limit(threads):
        count = convx.get_num_threads()
        lines, peak = _measured(chosen, names, seconds, count, table=not as_json)
        if as_json:
            print(json.dumps(_facts(lines, peak, count), indent=2))
        else:
            print(f"\nFMA peak: {peak / count:.1f} GFLOP/s a core, times {count} = {peak:.1f}")
            print("FLOPs include the taps that lie in the padding; an algorithm may skip them, and so pass 100%")
        if plot is not None:
            from convx._cli.bench_plot import plot_speeds

            plot_speeds(plot, lines, peak, f"float32, batch 1, {_core.get_isa()}, threads: {count}")
            if not as_json:
                print(f"speeds drawn into {plot}")


def _measured(
    layers: Sequence[Conv], algorithms: Sequence[Algorithm], seconds: float, threads: int, *, table: bool
) -> tuple[list[Line], float]:
    """Return what was measured, and the FMA peak of all threads, printing a table meanwhile."""
    rows = Table(
        ("layer", "<19"),
        ("algorithm", "<10"),
        ("best ms", ">9"),
        ("median ms", ">9"),
        ("GFLOP/s", ">8"),
        ("of peak", ">7"),
    )
    if table:
        print(f"float32, batch 1, instruction set {_core.get_isa()}, threads: {threads}")
        print("GFLOP/s of the best call; peak: what a loop of nothing but FMA reaches on one core, times threads")
        print(f"\n{rows.head()}", flush=True)
    lines: list[Line] = []
    peak = 0.0
    with Progress(len(layers)) as progress:
        for index, layer in enumerate(layers):
            progress.show(f"{layer.name}: FMA peak", index)
            # Measured again beside each layer, since clocks change.
            peak = max(peak, _core.fma_peak(PEAK_SECONDS) * threads)
            for name in algorithms:
                if not _core.supports(name, layer.weight_shape, layer.stride, 1, layer.groups):
                    continue
                progress.show(f"{layer.name}: {name}", index)
                time = timed(layer, seconds, algorithm=name)
                line = Line(layer, name, time.best, time.median)
                lines.append(line)
                if table:
                    progress.clear()
                    print(rows.row(*_cells(line, peak)), flush=True)
    return lines, peak


def _cells(line: Line, peak: float) -> tuple[str, ...]:
    times = milliseconds(line.best), milliseconds(line.median)
    return line.layer.name, line.algorithm, *times, f"{line.speed:.1f}", f"{line.speed / peak:.0%}"


def _facts(lines: Sequence[Line], peak: float, threads: int) -> dict[str, Any]:
    facts = _core.info()
    return {
        "version": facts["version"],
        "cpu": facts["cpu"],
        "isa": _core.get_isa(),
        "threads": threads,
        "dtype": "float32",
        "batch": 1,
        "peak_gflops": peak,
        "results": [
            {
                "layer": line.layer.name,
                "kind": line.layer.summary,
                "input_shape": line.layer.input_shape,
                "output_shape": line.layer.output_shape,
                "macs": line.layer.macs,
                "algorithm": line.algorithm,
                "best_seconds": line.best,
                "median_seconds": line.median,
                "gflops": line.speed,
            }
            for line in lines
        ],
    }
