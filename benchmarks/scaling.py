"""Every algorithm by name: its share of the FMA peak, what more threads bring, and what float64 costs.

The calls of one layer take turns. Marks: two threads at least 1.85 times one, for layers above 20 MFLOP; float64 at
least half of float32's rate, except by "winograd".
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import convx
import numpy as np
from convx import _core
from convx._cli.table import Table
from convx._timing import least_times
from numpy.typing import NDArray

PLANS: dict[int, Any] = {1: convx.Conv1d, 2: convx.Conv2d, 3: convx.Conv3d}


class Layer(NamedTuple):
    """Channels, sizes and kernel of a convolution with 'same'-like padding."""

    channels: int
    size: tuple[int, ...]
    outputs: int
    kernel: tuple[int, ...]
    stride: int = 1
    dilation: int = 1
    groups: int = 1

    @property
    def name(self) -> str:
        parts = [
            f"{self.channels}->{self.outputs}",
            "x".join(map(str, self.size)),
            "k" + "x".join(map(str, self.kernel)),
        ]
        parts += [f"{letter}{n}" for letter, n in zip("sdg", self[4:], strict=True) if n > 1]
        return " ".join(parts)

    def plan(self, algorithm: str, dtype: type) -> Any:
        shape = self.outputs, self.channels // self.groups, *self.kernel
        weight = np.random.default_rng(0).standard_normal(shape).astype(dtype)
        padding = tuple(k // 2 * self.dilation for k in self.kernel)
        make = PLANS[len(self.size)]
        return make(weight, None, self.stride, padding, self.dilation, self.groups, algorithm=algorithm)


LAYERS = [
    Layer(64, (56, 56), 64, (3, 3)),
    Layer(256, (56, 56), 256, (3, 3)),
    Layer(512, (14, 14), 512, (3, 3)),
    Layer(512, (7, 7), 512, (3, 3)),
    Layer(128, (56, 56), 128, (3, 3), stride=2),
    Layer(32, (28, 28), 96, (5, 5)),
    Layer(64, (28, 28), 64, (7, 7)),
    Layer(3, (224, 224), 64, (7, 7), stride=2),
    Layer(256, (56, 56), 64, (1, 1)),
    Layer(1024, (14, 14), 256, (1, 1)),
    Layer(832, (7, 7), 384, (1, 1)),
    Layer(256, (28, 28), 256, (3, 3), groups=32),
    Layer(384, (28, 28), 384, (3, 3), groups=384),
    Layer(256, (28, 28), 256, (3, 3), dilation=12),
    Layer(128, (4096,), 128, (5,)),
    Layer(128, (4096,), 128, (3,), dilation=4),
    Layer(512, (1500,), 512, (3,), stride=2),
    Layer(64, (16, 56, 56), 128, (3, 3, 3)),
    Layer(32, (32, 64, 64), 64, (3, 3, 3)),
    Layer(64, (16, 28, 28), 64, (3, 1, 1)),
]
SLOWEST = 0.1  # of the fastest algorithm's rate: one that nobody would take is left out


def _run(threads: int, plan: Callable[..., object], x: NDArray[Any], out: NDArray[Any]) -> None:
    convx.set_num_threads(threads)
    plan(x, out=out)


def _measure(layer: Layer, batch: int, threads: int, seconds: float) -> Iterator[tuple[str, float, float, float]]:
    """Yield algorithm, FLOP/s in one thread, the ratio of `threads` to one, of float64 to float32."""
    shape = batch, layer.channels, *layer.size
    calls: dict[tuple[str, int, type], Callable[[], None]] = {}
    flops = 0
    for dtype in (np.float32, np.float64):
        x = np.random.default_rng(1).standard_normal(shape).astype(dtype)
        out = np.empty(layer.plan("auto", dtype).output_shape(shape), dtype)
        flops = 2 * out.size * layer.channels // layer.groups * int(np.prod(layer.kernel))
        for name in _core.algorithms()[1:]:
            if name == "reference":
                continue
            try:
                plan = layer.plan(name, dtype)
            except ValueError:  # this algorithm has no such kernel
                continue
            for count in {1, threads} if dtype is np.float32 else {1}:
                calls[name, count, dtype] = partial(_run, count, plan, x, out)
    best = least_times(calls, seconds)
    fastest = min(best.values())
    for name in dict.fromkeys(name for name, _, _ in best):
        one = best[name, 1, np.float32]
        if fastest / one > SLOWEST:
            yield name, flops / one, one / best[name, threads, np.float32], one / best[name, 1, np.float64]


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--isa", choices=_core.isas(), default=_core.get_isa(), help="default: the best of this CPU")
    parser.add_argument("--threads", type=int, default=2, help="compared with one (default: 2)")
    parser.add_argument("--batch", type=int, default=1, help="images at once (default: 1)")
    parser.add_argument("--seconds", type=float, default=0.05, help="for each call (default: 0.05)")
    options = parser.parse_args()
    _core.set_isa(options.isa)
    peak = _core.fma_peak(0.2) * 1e9
    print(f"{options.isa}, batch {options.batch}; FMA peak of one core {peak / 1e9:.0f} GFLOP/s")
    table = Table(
        ("layer", "<32"), ("algorithm", "<10"), ("GFLOP/s", ">8"), ("of peak", ">8"),
        (f"{options.threads} threads", ">10"), ("float64", ">8"),
    )  # fmt: skip
    print(table.head())
    for layer in LAYERS:
        label = layer.name
        for name, rate, scaled, wide in _measure(layer, options.batch, options.threads, options.seconds):
            figures = f"{rate / 1e9:.1f}", f"{rate / peak:.0%}", f"{scaled:.2f}", f"{wide:.2f}"
            print(table.row(label, name, *figures), flush=True)
            label = ""
    return 0


if __name__ == "__main__":
    sys.exit(main())
