"""``convx bench``: the speed of named convolution layers, by algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

import convx
from convx import _core
from convx._cli.arguments import known, thread_limit
from convx._cli.progress import Progress
from convx._cli.table import Table, milliseconds, shape
from convx._timing import measure
from convx._types import Algorithm
from convx.networks import NAMED_CONVOLUTIONS, Conv

__all__ = ["list_choices", "run_bench"]

PEAK_SECONDS = 0.1


def list_choices() -> None:
    """Print the layers and algorithms that can be asked for."""
    table = Table(("layer", "<20"), ("kind", "<20"), ("input", ">12"), ("output", ">12"), ("MFLOP", ">8"))
    print(table.head())
    for layer in NAMED_CONVOLUTIONS.values():
        sizes = shape(layer.input_shape), shape(layer.output_shape)
        print(table.row(layer.name, layer.summary, *sizes, f"{2 * layer.macs / 1e6:,.0f}"))
    print(f"\nalgorithms: {', '.join(_core.algorithms())}")


def run_bench(
    layers: Sequence[str] | None, algorithms: Sequence[str] | None, *, threads: int | None, seconds: float
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
    """
    chosen = [NAMED_CONVOLUTIONS[name] for name in known("layer", layers, tuple(NAMED_CONVOLUTIONS))]
    fast = [name for name in _core.algorithms() if name != "reference"]
    names = known("algorithm", algorithms, _core.algorithms()) if algorithms else fast
    table = Table(
        ("layer", "<19"),
        ("algorithm", "<10"),
        ("best ms", ">9"),
        ("median ms", ">9"),
        ("GFLOP/s", ">8"),
        ("of peak", ">7"),
    )
    with thread_limit(threads), Progress() as progress:
        count = convx.get_num_threads()
        print(f"float32, batch 1, instruction set {_core.get_isa()}, threads: {count}")
        print("GFLOP/s of the best call; peak: what a loop of nothing but FMA reaches on one core, times threads")
        print(f"\n{table.head()}", flush=True)
        peak = 0.0
        for index, layer in enumerate(chosen):
            progress.show(f"{index + 1}/{len(chosen)} {layer.name}: FMA peak")
            # Measured again beside each layer, since clocks change.
            peak = max(peak, _core.fma_peak(PEAK_SECONDS) * count)
            for name in names:
                if not _core.supports(name, layer.weight_shape, layer.stride, 1, layer.groups):
                    continue
                progress.show(f"{index + 1}/{len(chosen)} {layer.name}: {name}")
                row = _row(layer, name, seconds, peak)
                progress.clear()
                print(table.row(*row), flush=True)
    print(f"\nFMA peak: {peak / count:.1f} GFLOP/s a core, times {count} = {peak:.1f}")
    print("FLOPs include the taps that lie in the padding; an algorithm may skip them, and so pass 100%")


def _row(layer: Conv, algorithm: Algorithm, seconds: float, peak: float) -> tuple[str, ...]:
    random = np.random.default_rng(0)
    maps = random.standard_normal((1, *layer.input_shape), np.float32)
    weight = random.standard_normal(layer.weight_shape, np.float32)
    bias = random.standard_normal(layer.out_channels, np.float32)
    # The plan packs the weight ahead, and the output is there: neither is part of the time.
    plan = convx.Conv2d(weight, bias, layer.stride, layer.padding, groups=layer.groups, algorithm=algorithm)
    out = np.empty((1, *layer.output_shape), np.float32)
    time = measure(partial(plan, maps, out=out), seconds)
    speed = 2 * layer.macs / time.best / 1e9
    return (
        layer.name,
        algorithm,
        milliseconds(time.best),
        milliseconds(time.median),
        f"{speed:.1f}",
        f"{speed / peak:.0%}",
    )
