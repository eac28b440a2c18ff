"""Time a convolution and the maximum of 2x2 of its maps, one after the other and as the one call of a session.

Run as ``python benchmarks/pairs.py --threads 1 2``; ``CONVX_ISA`` and ``CONVX_CACHES`` choose the instruction set and
the sizes of the caches.
"""

from __future__ import annotations

import argparse
from typing import Any

import convx
import numpy as np
from convx import _core
from convx._timing import least_times

RNG = np.random.default_rng(0)
POOLED = {
    "VGG conv1_2": (64, 64, 3, 224),
    "VGG conv2_2": (128, 128, 3, 112),
    "VGG conv3_4": (256, 256, 3, 56),
    "first of 32": (3, 32, 3, 224),
    "first of 64": (3, 64, 3, 224),
    "U-Net level 1": (32, 32, 3, 256),
    "32 at 112": (32, 32, 3, 112),
    "16 at 14": (8, 16, 3, 14),
}
"""Input maps, output maps, kernel and size."""


def normal(*shape: int) -> Any:
    return RNG.standard_normal(shape, dtype=np.float32)


def compare(name: str, c: int, k: int, kernel: int, size: int) -> None:
    x, w, bias = normal(1, c, size, size), normal(k, c, kernel, kernel) / c**0.5, normal(k)
    given: dict[str, Any] = {"padding": kernel // 2, "activation": "relu"}
    room = {"stride": 1, "dilation": 1, "groups": 1, "algorithm": "auto", **given}
    one = _core.pooled_conv_plan("Conv2d", 2, w, bias, **room, pool_size=2, pool_stride=2, ceil_mode=False)
    conv = convx.Conv2d(w, bias, **given)
    maps = conv(x)
    y = convx.max_pool2d(maps, 2)
    assert np.array_equal(one(x, None), y), name
    runs = {
        "convolution": lambda: conv(x, out=maps),
        "both": lambda: convx.max_pool2d(conv(x, out=maps), 2, out=y),
        "one call": lambda: one(x, y),
    }
    times = least_times(runs, 0.15)
    line = [f"{name:14}", *(f"{word} {time * 1e6:8.1f} us" for word, time in times.items())]
    print(*line, f"both / one call {times['both'] / times['one call']:.3f}", sep="  ", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    for threads in parser.parse_args().threads:
        convx.set_num_threads(threads)
        print(f"{threads} threads, {_core.get_isa()}")
        for name, sizes in POOLED.items():
            compare(name, *sizes)


if __name__ == "__main__":
    main()
