"""Time unfold and fold against torch, and deformable convolution against ONNX Runtime, on one thread.

Run as ``python benchmarks/columns.py``; shows what is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import convx
import numpy as np
from convx._timing import least_times

ROUNDS = 7
RNG = np.random.default_rng(0)


def show(title: str, runs: dict[str, Callable[[], Any]]) -> None:
    times = least_times(runs, minimum=ROUNDS)
    ours = times["convx"]
    print(f"{title:40}", *(f"{name} {t * 1e3:.2f} ms ({t / ours:.2f})" for name, t in times.items()), sep="  ")


def compare_columns(shape: tuple[int, ...], kernel: int, padding: int, stride: int) -> None:
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    x = RNG.standard_normal(shape).astype("float32")
    image = torch.from_numpy(x)
    arguments = (kernel, 1, padding, stride)
    columns = functional.unfold(image, *arguments)
    ours, theirs = columns.numpy(), columns
    title = f"{shape} {kernel}x{kernel} stride {stride}"
    runs = {"convx": lambda: convx.unfold(x, *arguments), "torch": lambda: functional.unfold(image, *arguments)}
    show(f"unfold {title}", runs)
    size = shape[2:]
    runs = {
        "convx": lambda: convx.fold(ours, size, *arguments),
        "torch": lambda: functional.fold(theirs, size, *arguments),
    }
    show(f"fold {title}", runs)


def compare_deformed(maps: int, size: int) -> None:
    import onnxruntime
    from onnx import helper

    x = RNG.standard_normal((1, maps, size, size)).astype("float32")
    w = RNG.standard_normal((maps, maps, 3, 3)).astype("float32")
    offset = RNG.standard_normal((1, 18, size, size)).astype("float32")
    mask = RNG.random((1, 9, size, size)).astype("float32")
    given = {"X": x, "W": w, "offset": offset, "mask": mask}
    node = helper.make_node("DeformConv", ["X", "W", "offset", "", "mask"], ["Y"], pads=[1, 1, 1, 1])
    inputs = [helper.make_tensor_value_info(name, 1, array.shape) for name, array in given.items()]
    graph = helper.make_graph([node], "one node", inputs, [helper.make_empty_tensor_value_info("Y")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    runs = {
        "convx": lambda: convx.deform_conv2d(x, offset, w, None, 1, 1, 1, mask),
        "ONNX Runtime": lambda: session.run(None, given),
    }
    show(f"deform_conv2d {maps} maps of {size}x{size}", runs)


def main() -> None:
    with convx.num_threads(1):
        try:
            for case in (
                ((1, 64, 56, 56), 3, 1, 1),
                ((1, 64, 56, 56), 3, 1, 2),
                ((4, 16, 28, 28), 5, 2, 1),
                ((1, 3, 224, 224), 7, 3, 2),
            ):
                compare_columns(*case)
        except ImportError as error:
            print(error)
        try:
            for maps, size in ((64, 56), (128, 28), (256, 14), (16, 112)):
                compare_deformed(maps, size)
        except ImportError as error:
            print(error)


if __name__ == "__main__":
    main()
