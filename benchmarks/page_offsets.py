"""How far a call depends on where its arrays begin within a page.

Large NumPy arrays begin at the same offset, so that a row of the output lies a multiple of 4 KiB behind a row of the
input, and many CPUs take a load for one of what was just stored 4 KiB away. Prints for each call the time at the
best offset, that of the usual one, and that of the worst over the best.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import convx
import numpy as np
from convx._timing import least_times

Array = np.ndarray[Any, np.dtype[np.float32]]
PAGE, ELEMENT = 4096, 4


def at_offsets(shape: tuple[int, ...], offsets: Iterable[int]) -> dict[int, Array]:
    """Return arrays that begin so many bytes behind the start of a page, all in the same memory.

    Other pages would lie elsewhere in the larger caches, which makes a difference of its own.
    """
    size = int(np.prod(shape)) * ELEMENT
    memory = np.zeros(size + 2 * PAGE, np.uint8)
    first = -memory.ctypes.data % PAGE
    return {o: memory[first + o : first + o + size].view(np.float32).reshape(shape) for o in offsets}


def calls(size: int) -> dict[str, tuple[Callable[..., Array], tuple[int, ...]]]:
    """Return calls on maps of size x size, each with its input's shape."""
    weights = np.random.default_rng(0)

    def conv(channels: int, kernel: int, stride: int = 1, groups: int = 1) -> partial[Array]:
        weight = weights.standard_normal((channels, channels // groups, kernel, kernel), dtype=np.float32)
        return partial(convx.Conv2d(weight, stride=stride, padding=kernel // 2, groups=groups))

    one, few = (1, 1, size, size), (1, 16, size // 4, size // 4)
    return {
        "conv 3x3, 1 map": (conv(1, 3), one),
        "conv 5x5, 1 map": (conv(1, 5), one),
        "conv 3x3 stride 2, 1 map": (conv(1, 3, 2), one),
        "conv 3x3, 16 maps in groups of 4": (conv(16, 3, groups=4), few),
        "conv 3x3 depthwise, 16 maps": (conv(16, 3, groups=16), few),
        "conv 1x1, 16 maps": (conv(16, 1), few),
        "conv 1x1 depthwise, 16 maps": (conv(16, 1, groups=16), few),
        "max_pool 1x1": (partial(convx.max_pool2d, kernel_size=1), one),
        "max_pool 3x3 stride 1": (partial(convx.max_pool2d, kernel_size=3, stride=1, padding=1), one),
        "max_pool 2x2": (partial(convx.max_pool2d, kernel_size=2), one),
        "avg_pool 3x3 stride 1": (partial(convx.avg_pool2d, kernel_size=3, stride=1, padding=1), one),
        "avg_pool 9x9 stride 1": (partial(convx.avg_pool2d, kernel_size=9, stride=1, padding=4), one),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=2048, help="height and width of a map (default: %(default)s)")
    parser.add_argument("--step", type=int, default=256, help="bytes from offset to offset (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.1, help="for each offset (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="print the time at every offset")
    args = parser.parse_args()
    convx.set_num_threads(args.threads)
    print(f"{'':34}{'best ms':>9}{'same offset':>13}{'worst':>7}")
    for name, (call, shape) in calls(args.size).items():
        (x,) = at_offsets(shape, [0]).values()
        x[...] = np.random.default_rng(1).standard_normal(shape, dtype=np.float32)
        outputs = at_offsets(call(x).shape, range(0, PAGE, args.step))
        times = least_times({o: partial(call, x, out=out) for o, out in outputs.items()}, args.seconds)
        best = min(times.values())
        print(f"{name:34}{best * 1e3:9.3f}{times[0] / best:13.2f}{max(times.values()) / best:7.2f}")
        if args.all:
            print("  " + "  ".join(f"{o}: {t / best:.2f}" for o, t in times.items()))


if __name__ == "__main__":
    main()
