"""Convolution of 8-bit integers against float32 `algorithm="direct"`, and against ONNX Runtime where it is installed.

    python benchmarks/integers.py --threads 1 2 --repeats 15

Ratios of the least times, all systems in turn in one process; above 1 is faster than float32.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from typing import Any

import convx
import numpy as np
from convx._timing import least_times

Call = Callable[[], Any]

# Input maps, output maps, size, kernel, stride, padding, groups.
LAYERS = {
    "64-64@56 3x3": (64, 64, 56, 3, 1, 1, 1),
    "256-256@14 3x3": (256, 256, 14, 3, 1, 1, 1),
    "64-256@56 1x1": (64, 256, 56, 1, 1, 0, 1),
    "512-512@7 3x3": (512, 512, 7, 3, 1, 1, 1),
    "3-64@224 7x7 s2": (3, 64, 224, 7, 2, 3, 1),
    "depthwise 128@28": (128, 128, 28, 3, 1, 1, 128),
}


def our_calls(layer: str) -> tuple[dict[str, Call], dict[str, Any]]:
    """Return the float32 call first, and the arrays of the quantized one by ONNX's names."""
    c, k, size, kernel, stride, padding, groups = LAYERS[layer]
    rng = np.random.default_rng(0)
    x, w = (
        rng.integers(0, 256, (1, c, size, size), "uint8"),
        rng.integers(-128, 128, (k, c // groups, kernel, kernel), "int8"),
    )
    geometry: dict[str, Any] = {"stride": stride, "padding": padding, "groups": groups}
    floats = convx.Conv2d(w.astype("float32"), **geometry, algorithm="auto" if groups > 1 else "direct")
    unsigned = convx.Conv2d((w.astype(int) + 128).astype("uint8"), **geometry)
    signed = convx.Conv2d(w, **geometry)
    quantized = {
        "x_scale": np.float32(0.02),
        "x_zero_point": np.uint8(120),
        "w": w,
        "w_scale": np.full(k, 0.01, "float32"),
        "w_zero_point": np.zeros(k, "int8"),
        "y_scale": np.float32(0.05),
        "y_zero_point": np.uint8(128),
    }
    plan = convx.QLinearConv(**quantized, **geometry)
    x32 = x.astype("float32")
    y32, sums, small = floats(x32), signed(x), plan(x)
    calls: dict[str, Call] = {
        "float32": lambda: floats(x32, out=y32),
        "u8 s8": lambda: signed(x, out=sums),
        "u8 u8": lambda: unsigned(x, out=sums),
        "qlinear": lambda: plan(x, out=small),
    }
    return calls, {"x": x, **quantized}


def runtime_call(operator: str, layer: str, arrays: dict[str, Any], threads: int) -> Call:
    """Return ONNX Runtime's call of ConvInteger or QLinearConv."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    stride, padding, groups = LAYERS[layer][4:]
    names = ["x", "w"] if operator == "ConvInteger" else list(arrays)
    node = helper.make_node(operator, names, ["y"], strides=[stride] * 2, pads=[padding] * 4, group=groups)
    constants = [numpy_helper.from_array(np.asarray(arrays[name]), name) for name in names[1:]]
    kind = TensorProto.INT32 if operator == "ConvInteger" else TensorProto.UINT8
    x = helper.make_tensor_value_info("x", TensorProto.UINT8, arrays["x"].shape)
    y = helper.make_tensor_value_info("y", kind, None)
    graph = helper.make_graph([node], "layer", [x], [y], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": arrays["x"]})


def main() -> None:
    """Print a row for each layer and number of threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", nargs="+", type=int, default=[1])
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    installed = all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime"))
    for threads in options.threads:
        convx.set_num_threads(threads)
        for layer in LAYERS:
            calls, arrays = our_calls(layer)
            for operator in ("QLinearConv", "ConvInteger") if installed else ():
                calls[f"ORT {operator}"] = runtime_call(operator, layer, arrays, threads)
            times = least_times(calls, minimum=options.repeats)
            ratios = "  ".join(f"{name} {times['float32'] / t:.2f}" for name, t in times.items() if name != "float32")
            print(f"{threads} thread(s)  {layer:17s} float32 {times['float32'] * 1e6:6.0f} us  {ratios}", flush=True)


if __name__ == "__main__":
    main()
