"""Every algorithm on a grid of shapes, by instruction set: GFLOP/s, and what "auto" loses by its choice.

The cost model in cpp/convx/conv/cost.cpp is fitted to this table. Run it alone on a quiet machine.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import convx
import numpy as np
from convx import _core
from convx._timing import least_times


class Shape(NamedTuple):
    """A square convolution with 'same'-like padding, or without."""

    family: str
    channels: int
    size: int
    outputs: int
    kernel: int
    stride: int = 1
    groups: int = 1
    dilation: int = 1

    @property
    def weight(self) -> tuple[int, ...]:
        return self.outputs, self.channels // self.groups, self.kernel, self.kernel

    @property
    def padding(self) -> int:
        return self.kernel // 2 * self.dilation


def shapes() -> Iterator[Shape]:
    """The grid: what networks use, and the edges between the families."""
    for channels, size in ((32, 112), (144, 56), (192, 28), (384, 14), (960, 7)):
        for kernel, stride in ((3, 1), (3, 2), (5, 1), (7, 1)):
            yield Shape("depthwise", channels, size, channels, kernel, stride, channels)
    yield Shape("depthwise", 96, 28, 96, 9, 1, 96)
    yield Shape("depthwise", 96, 28, 96, 3, 1, 96, 2)
    yield Shape("depthwise", 96, 28, 384, 3, 1, 96)
    yield Shape("depthwise", 96, 28, 384, 4, 1, 96)
    for size, outputs, kernel, stride in ((224, 64, 3, 1), (224, 64, 7, 2), (227, 96, 11, 4), (224, 32, 3, 2)):
        yield Shape("first", 3, size, outputs, kernel, stride)
    for per_group, channels, size in (
        (2, 64, 56),
        (4, 128, 56),
        (8, 256, 28),
        (16, 512, 14),
        (16, 512, 7),
        (32, 1024, 7),
    ):
        yield Shape("grouped", channels, size, channels, 3, 1, channels // per_group)
        yield Shape("grouped", channels, size, channels, 3, 2, channels // per_group)
    for outputs in (1, 3, 8, 12, 16, 24):
        for size in (56, 14, 7):
            yield Shape("narrow", 64, size, outputs, 3)
            yield Shape("narrow", 128, size, outputs, 1)
    for channels, size in ((32, 112), (64, 56), (128, 28), (256, 14), (512, 7)):
        for kernel, stride in ((1, 1), (3, 1), (3, 2), (5, 1)):
            yield Shape("dense", channels, size, channels, kernel, stride)
    for channels, size, outputs in (
        (16, 112, 96),
        (96, 56, 24),
        (64, 56, 256),
        (256, 56, 64),
        (576, 14, 96),
        (960, 7, 320),
    ):
        yield Shape("1x1", channels, size, outputs, 1)


def measure(shape: Shape, names: list[str], seconds: float, dtype: np.dtype) -> dict[str, float]:
    """GFLOP/s of the best call of each algorithm; the calls take turns."""
    random = np.random.default_rng(0)
    x = random.standard_normal((1, shape.channels, shape.size, shape.size)).astype(dtype)
    w = random.standard_normal(shape.weight).astype(dtype)
    arguments = {"stride": shape.stride, "padding": shape.padding, "dilation": shape.dilation, "groups": shape.groups}
    plans = {name: convx.Conv2d(w, **arguments, algorithm=name) for name in names}
    out = np.empty(plans[names[0]].output_shape(x.shape), dtype)
    flops = 2 * out.size * math.prod(shape.weight[1:])
    best = least_times({name: partial(plan, x, out=out) for name, plan in plans.items()}, seconds)
    return {name: flops / value / 1e9 for name, value in best.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--isa", nargs="+", default=list(_core.isas()), choices=_core.isas())
    parser.add_argument("--families", nargs="+", choices=sorted({shape.family for shape in shapes()}))
    parser.add_argument("--seconds", type=float, default=0.05, help="for each shape and algorithm (default: 0.05)")
    parser.add_argument("--dtype", default="float32", choices=["float32", "float64"])
    parser.add_argument("--without", nargs="+", default=[], metavar="ALGORITHM", help="leave these out")
    options = parser.parse_args()

    names = [name for name in _core.algorithms()[1:] if name not in ("reference", *options.without)]
    dtype = np.dtype(options.dtype)
    chosen_families = options.families or {shape.family for shape in shapes()}
    grid = [shape for shape in shapes() if shape.family in chosen_families]
    with convx.num_threads(1):
        for isa in options.isa:
            _core.set_isa(isa)
            print(f"\n{isa}, one thread, {dtype}, GFLOP/s of the best call; FMA peak {_core.fma_peak(0.1):.0f}")
            print(f"{'shape':<34}" + "".join(f"{name:>11}" for name in names) + f"  {'auto':<10} {'loss':>5}")
            losses = []
            for shape in grid:
                layer = shape.weight, shape.stride, shape.dilation, shape.groups
                able = [name for name in names if _core.supports(name, *layer)]
                speed = measure(shape, able, options.seconds, dtype)
                auto = _core.choose(
                    (1, shape.channels, shape.size, shape.size),
                    shape.weight,
                    shape.stride,
                    shape.padding,
                    shape.dilation,
                    shape.groups,
                    dtype,
                )
                loss = 1 - speed[auto] / max(speed.values()) if auto in speed else math.nan
                losses.append(loss)
                label = f"{shape.family} {shape.channels}x{shape.size} -> {shape.outputs} {shape.kernel}x{shape.kernel}"
                label += f" s{shape.stride}" * (shape.stride > 1) + f" d{shape.dilation}" * (shape.dilation > 1)
                label += f" g{shape.groups}" * (1 < shape.groups < shape.channels)
                cells = "".join(f"{speed[name]:>11.1f}" if name in speed else f"{'-':>11}" for name in names)
                print(f"{label:<34}{cells}  {auto:<10} {loss:>5.0%}", flush=True)
            print(f"worst loss {np.nanmax(losses):.0%}, mean {np.nanmean(losses):.1%}")
    _core.set_isa(None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
