"""A weight's gradient beside the forward convolution and, where installed, PyTorch; pooling's gradients beside its.

Best of interleaved calls, in milliseconds. Run it alone on a quiet machine: python benchmarks/gradients.py --threads 1
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import convx
import numpy as np
from convx import _core
from convx._timing import least_times

try:
    import torch
except ImportError:
    torch = None

# Batch, channels in, channels out, size, kernel, stride, groups.
LAYERS = [
    *((n, c, c, size, 3, 1, 1) for n in (1, 8) for c, size in ((64, 56), (128, 28), (256, 14), (512, 7))),
    (1, 64, 64, 224, 3, 1, 1),
    (1, 3, 64, 224, 7, 2, 1),
    (1, 3, 64, 224, 3, 1, 1),
    (1, 64, 256, 56, 1, 1, 1),
    (1, 512, 2048, 7, 1, 1, 1),
    (1, 128, 128, 56, 3, 2, 1),
    (1, 96, 256, 27, 5, 1, 1),
    (1, 128, 128, 28, 3, 1, 32),
    (1, 32, 32, 112, 3, 1, 32),
    (1, 512, 512, 14, 3, 1, 512),
]
# Batch, channels, size, kernel, stride, padding.
POOLS = [
    (1, 64, 112, 3, 2, 1),
    (8, 128, 56, 2, 2, 0),
    (1, 256, 28, 3, 1, 1),
    (8, 512, 14, 2, 2, 0),
    (1, 1024, 7, 7, 7, 0),
]


def show(label: str, functions: dict[str, Callable[[], Any]], seconds: float) -> None:
    times = least_times(functions, seconds)
    print(f"{label:36}", *(f"{name} {1e3 * value:8.3f}" for name, value in times.items()), flush=True)


def measure_layers(seconds: float) -> None:
    rng = np.random.default_rng(0)
    for n, c, k, size, kernel, stride, groups in LAYERS:
        x = rng.standard_normal((n, c, size, size), "float32")
        w = rng.standard_normal((k, c // groups, kernel, kernel), "float32")
        where: dict[str, Any] = {"stride": stride, "padding": kernel // 2, "groups": groups}
        gy = rng.standard_normal(convx.conv2d(x, w, **where).shape, "float32")
        functions: dict[str, Callable[[], Any]] = {
            "forward": partial(convx.conv2d, x, w, **where),
            "weight": partial(convx.conv2d_weight, x, w.shape, gy, **where),
        }
        if torch:
            tensors = torch.from_numpy(x), w.shape, torch.from_numpy(gy)
            functions["torch"] = partial(torch.nn.grad.conv2d_weight, *tensors, **where)
        name = _core.choose_weight_gradient(x.shape, w.shape, stride, kernel // 2, 1, groups, x.dtype)
        show(f"{n} x {c}->{k}@{size} {kernel}x{kernel}/{stride} g{groups} {name}", functions, seconds)


def measure_pools(seconds: float) -> None:
    rng = np.random.default_rng(0)
    for n, c, size, kernel, stride, padding in POOLS:
        x = rng.standard_normal((n, c, size, size), "float32")
        gy = rng.standard_normal(convx.avg_pool2d(x, kernel, stride, padding).shape, "float32")
        indices = rng.integers(0, size * size, gy.shape)
        functions: dict[str, Callable[[], Any]] = {
            "max": partial(convx.max_pool2d_backward, gy, indices, x.shape),
            "average": partial(convx.avg_pool2d_backward, gy, x.shape, kernel, stride, padding),
        }
        if torch:
            tx, tgy, ti = (torch.from_numpy(a) for a in (x, gy, indices))
            k, s, p = [kernel] * 2, [stride] * 2, [padding] * 2
            aten = torch.ops.aten
            functions["torch's max"] = partial(
                aten.max_pool2d_with_indices_backward, tgy, tx, k, s, p, [1, 1], False, ti
            )
            functions["torch's average"] = partial(aten.avg_pool2d_backward, tgy, tx, k, s, p, False, True, None)
        show(f"{n} x {c}@{size} window {kernel}/{stride}+{padding}", functions, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.2, help="for each figure")
    arguments = parser.parse_args()
    convx.set_num_threads(arguments.threads)
    if torch:
        torch.set_num_threads(arguments.threads)
    measure_layers(arguments.seconds)
    measure_pools(arguments.seconds)


if __name__ == "__main__":
    main()
