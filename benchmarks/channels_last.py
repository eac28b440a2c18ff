"""Times of channels_last and of padding modes over those of channels_first and zeros, interleaved in one run.

Run as a program: ``python benchmarks/channels_last.py [--threads 2] [--few] [--isa avx2]``; ``--few``: images of few
channels instead of layers.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import convx
import numpy as np
from convx._timing import least_times

SECONDS = 0.1  # for each figure
RNG = np.random.default_rng(0)

# Name, input, weight, stride, padding, groups.
CONVS: list[tuple[str, tuple[int, ...], tuple[int, ...], int, int, int]] = [
    ("1x1 64-256 56", (1, 64, 56, 56), (256, 64, 1, 1), 1, 0, 1),
    ("1x1 256-64 56", (1, 256, 56, 56), (64, 256, 1, 1), 1, 0, 1),
    ("3x3 64 56", (1, 64, 56, 56), (64, 64, 3, 3), 1, 1, 1),
    ("3x3 256 14", (1, 256, 14, 14), (256, 256, 3, 3), 1, 1, 1),
    ("3x3 128 56 stride 2", (1, 128, 56, 56), (128, 128, 3, 3), 2, 1, 1),
    ("7x7 3-64 224 stride 2", (1, 3, 224, 224), (64, 3, 7, 7), 2, 3, 1),
    ("depthwise 96 112", (1, 96, 112, 112), (96, 1, 3, 3), 1, 1, 96),
    ("depthwise 96 112 stride 2", (1, 96, 112, 112), (96, 1, 3, 3), 2, 1, 96),
    ("depthwise 384 14", (1, 384, 14, 14), (384, 1, 3, 3), 1, 1, 384),
]
POOLS: list[tuple[str, str, tuple[int, ...], dict[str, int]]] = [
    ("max 3 stride 2 64 112", "max_pool2d", (1, 64, 112, 112), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ("max 2 64 112", "max_pool2d", (1, 64, 112, 112), {"kernel_size": 2}),
    ("max 3 stride 1 256 28", "max_pool2d", (1, 256, 28, 28), {"kernel_size": 3, "stride": 1, "padding": 1}),
    ("avg 3 stride 1 256 28", "avg_pool2d", (1, 256, 28, 28), {"kernel_size": 3, "stride": 1, "padding": 1}),
    ("avg 7 1024 7", "avg_pool2d", (1, 1024, 7, 7), {"kernel_size": 7}),
]


def report(name: str, how: str, calls: Mapping[str, Callable[[], Any]]) -> None:
    """One line: the time of the first call, and of each other over it, by turns with that alone: a third that reads the
    same array as one of the two would leave it in the caches."""
    (first, call), *others = calls.items()
    pairs = [(label, least_times({first: call, label: other}, SECONDS)) for label, other in others]
    ratios = "  ".join(f"{label} {times[label] / times[first]:.2f}" for label, times in pairs)
    best = min(times[first] for _, times in pairs)
    print(f"{name:30} {how:18} {best * 1e3:7.3f} ms  {ratios}", flush=True)


def few_channels(
    batch: int, channels: int, size: int, dtype: str
) -> dict[str, tuple[Callable[..., Any], Callable[..., Any]]]:
    """Return calls on images of few channels, each channels first and channels last."""

    def plans(kind: str, weight: tuple[int, ...], **parameters: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
        w = RNG.standard_normal(weight).astype(dtype)
        make = partial(getattr(convx, kind), w, **parameters)
        return make(), make(data_format="channels_last")

    def pools(name: str, **parameters: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
        pool = partial(getattr(convx, name), **parameters)
        return pool, partial(pool, data_format="channels_last")

    c = channels
    return {
        "depthwise 3x3": plans("Conv2d", (c, 1, 3, 3), padding=1, groups=c),
        "depthwise 3x3 stride 2": plans("Conv2d", (c, 1, 3, 3), padding=1, stride=2, groups=c),
        "depthwise 3x3 dilation 2": plans("Conv2d", (c, 1, 3, 3), padding=2, dilation=2, groups=c),
        "depthwise 5x5": plans("Conv2d", (c, 1, 5, 5), padding=2, groups=c),
        "1x1 to 3": plans("Conv2d", (3, c, 1, 1)),
        "3x3 to 1": plans("Conv2d", (1, c, 3, 3), padding=1),
        "3x3 to 3": plans("Conv2d", (3, c, 3, 3), padding=1),
        "3x3 to 8": plans("Conv2d", (8, c, 3, 3), padding=1),
        "3x3 stride 2 to 32": plans("Conv2d", (32, c, 3, 3), padding=1, stride=2),
        "transposed 4x4 stride 2 to 3": plans("ConvTranspose2d", (c, 3, 4, 4), padding=1, stride=2),
        "max 2x2": pools("max_pool2d", kernel_size=2),
        "max 3x3 stride 1": pools("max_pool2d", kernel_size=3, stride=1, padding=1),
        "max 3x3 stride 2": pools("max_pool2d", kernel_size=3, stride=2, padding=1),
        "avg 2x2": pools("avg_pool2d", kernel_size=2),
        "avg 5x5 stride 1": pools("avg_pool2d", kernel_size=5, stride=1, padding=2),
        "avg of all": pools("avg_pool2d", kernel_size=size),
    }


def print_few(batch: int, size: int, most: int, dtype: str) -> None:
    """One line for each call on images of 1, 2, 3, 4, 8 and 16 channels up to `most`."""
    for channels in (c for c in (1, 2, 3, 4, 8, 16) if c <= most):
        x = RNG.standard_normal((batch, channels, size, size)).astype(dtype)
        last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        for name, (one, other) in few_channels(batch, channels, size, dtype).items():
            calls = {
                "channels_first": partial(one, x, out=np.empty_like(one(x))),
                "channels_last": partial(other, last, out=np.empty_like(other(last))),
            }
            report(f"{name}, {channels}", f"{batch}x{size} {dtype}", calls)


def parsed() -> argparse.Namespace:
    """Read the command line; another instruction set is asked of a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--few", action="store_true", help="images of few channels instead of layers")
    parser.add_argument("--isa", help="hold convx to an instruction set")
    options = parser.parse_args()
    if options.isa and os.environ.get("CONVX_ISA") != options.isa:
        environment = {**os.environ, "CONVX_ISA": options.isa}
        sys.exit(subprocess.run([sys.executable, *sys.argv], env=environment, check=False).returncode)
    return options


def main() -> None:
    """Print a line for each layer."""
    options = parsed()
    convx.set_num_threads(options.threads)
    if options.few:
        for dtype in ("float32", "float64"):
            print_few(1, 224, 16, dtype)
            print_few(1, 2048, 4, dtype)
            print_few(16, 224, 4, dtype)
        return
    for name, size, kernel, stride, padding, groups in CONVS:
        x, w = (RNG.standard_normal(shape).astype("float32") for shape in (size, kernel))
        last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        arguments: dict[str, Any] = {"stride": stride, "padding": padding, "groups": groups}
        zeros = convx.Conv2d(w, **arguments)
        channels_last = convx.Conv2d(w, **arguments, data_format="channels_last")
        reflect = convx.Conv2d(w, **arguments, padding_mode="reflect")
        calls: dict[str, Callable[[], Any]] = {
            "channels_first": partial(zeros, x),
            "channels_last": partial(channels_last, last),
            "reflect": partial(reflect, x),
        }
        report(name, zeros.algorithm_for(size), calls)
    for name, function, size, parameters in POOLS:
        x = RNG.standard_normal(size).astype("float32")
        last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        pool = partial(getattr(convx, function), **parameters)
        calls = {"channels_first": partial(pool, x), "channels_last": partial(pool, last, data_format="channels_last")}
        report(name, "", calls)


if __name__ == "__main__":
    main()
