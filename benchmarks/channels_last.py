"""Times of channels_last and of padding modes over those of channels_first and zeros, interleaved in one run.

Run as a program: ``python benchmarks/channels_last.py [threads]``.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import convx
import numpy as np
from convx._timing import least_times

SECONDS = 0.3  # for each figure
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
    """One line: the time of the first call, and the others over it."""
    first, *others = least_times(calls, SECONDS).items()
    ratios = "  ".join(f"{label} {seconds / first[1]:.2f}" for label, seconds in others)
    print(f"{name:26} {how:10} {first[1] * 1e3:7.3f} ms  {ratios}", flush=True)


def main() -> None:
    """Print a line for each layer."""
    convx.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
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
