"""ncnn: a net of one layer in plain float32; it takes one image at a time, and returns its own array of a new call."""

from __future__ import annotations

from functools import partial
from tempfile import NamedTemporaryFile
from typing import Any

import ncnn
import numpy as np

from harness.problem import Array, Problem
from harness.systems import Call

__all__ = ["System"]

MAGIC = 7767517
FLOAT32 = b"\0\0\0\0"  # stands before the weights: no other type
NARROW = ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_packed", "use_bf16_storage")
RANK = {1: "1D", 2: "", 3: "3D"}
# The numbers of the parameters in a file, for the axes from the last to the first.
KERNEL, DILATION, STRIDE = (1, 11, 21), (2, 12, 22), (3, 13, 23)
BEFORE, AFTER = (4, 14, 24), (15, 16, 17)
POOL_STRIDE, POOL_BEFORE, POOL_AFTER = (2, 12, 22), (3, 13, 23), (14, 15, 16)
# What may be turned off, where another path can be the faster one.
WAYS: dict[str, tuple[str, ...]] = {
    "default": (),
    "Winograd up to 4": ("use_winograd63_convolution",),
    "no Winograd": ("use_winograd_convolution",),
    "no packing": ("use_packing_layout",),
}


class System:
    """ncnn with so many threads."""

    def __init__(self, threads: int) -> None:
        self.version = str(ncnn.__version__)
        self._threads = threads

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return a net for each set of options."""
        maps = problem.maps()
        square = problem.kind == "conv" and problem.kernel == (3, 3)
        ways = {name: off for name, off in WAYS.items() if square or "Winograd" not in name}
        return {name: partial(_run, self._net(problem, off), maps) for name, off in ways.items()}

    def _net(self, problem: Problem, off: tuple[str, ...]) -> Any:
        net = ncnn.Net()
        net.opt.num_threads = self._threads
        for name in (*NARROW, *off):
            setattr(net.opt, name, False)
        if net.load_param_mem(_parameters(problem)):
            raise RuntimeError("ncnn does not take the net")
        with NamedTemporaryFile() as file:
            if problem.kind == "conv":
                weight, bias = problem.weights()
                file.write(FLOAT32 + weight.tobytes() + bias.tobytes())
                file.flush()
            if net.load_model(file.name):
                raise RuntimeError("ncnn does not take the weights")
        return net


def _run(net: Any, maps: Array) -> Array:
    results = [_image(net, image) for image in maps]
    return results[0][None] if len(results) == 1 else np.stack(results)


def _image(net: Any, image: Array) -> Array:
    extractor = net.create_extractor()
    extractor.input("x", ncnn.Mat(image))
    failed, result = extractor.extract("y")
    if failed:
        raise RuntimeError("ncnn computes nothing")
    output: Array = result.numpy()
    return output


def _parameters(problem: Problem) -> str:
    numbers: dict[int, int] = {}

    def axes(keys: tuple[int, ...], values: tuple[int, ...]) -> None:
        numbers.update(zip(keys, reversed(values), strict=False))

    axes(KERNEL, problem.kernel)
    if problem.kind == "conv":
        layer = "Convolution" if problem.groups == 1 else "ConvolutionDepthWise"
        axes(DILATION, problem.dilation)
        axes(STRIDE, problem.stride)
        axes(BEFORE, problem.padding)
        axes(AFTER, problem.padding)
        numbers |= {0: problem.output_shape[1], 5: 1, 6: int(np.prod(problem.weight_shape))}
        numbers |= {7: problem.groups} if problem.groups > 1 else {}
    else:
        layer = "Pooling"
        axes(POOL_STRIDE, problem.stride)
        axes(POOL_BEFORE, problem.padding)
        axes(POOL_AFTER, problem.padding)
        numbers |= {0: int(problem.kind == "avg"), 5: 0 if problem.ceil_mode else 1, 6: 1}
    words = " ".join(f"{key}={value}" for key, value in numbers.items())
    return f"{MAGIC}\n2 2\nInput x 0 1 x\n{layer}{RANK[problem.rank]} y 1 1 x y {words}\n"
