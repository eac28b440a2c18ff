"""Time an inception network in ONNX's format: ReferenceEvaluator with and without convx, and ONNX Runtime.

Run as ``python benchmarks/onnx_model.py [rounds]``; needs onnx, and shows ONNX Runtime where it is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import convx
import numpy as np
from convx._timing import least_times
from onnx.reference import ReferenceEvaluator

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from onnx_models import image, inception

SIZE = 28


def runners() -> dict[str, Callable[[], list[Any]]]:
    """What to time, by name; each returns the network's outputs."""
    model, x = inception(size=SIZE), {"image": image(SIZE)}
    plain = ReferenceEvaluator(model)
    ours = ReferenceEvaluator(model, new_ops=convx.onnx.reference_ops())
    found: dict[str, Callable[[], list[Any]]] = {
        "ReferenceEvaluator": lambda: plain.run(None, x),
        "ReferenceEvaluator on convx": lambda: ours.run(None, x),
    }
    try:
        import onnxruntime
    except ImportError:
        return found
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = convx.get_num_threads()
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found["ONNX Runtime"] = lambda: session.run(None, x)
    return found


def main(rounds: int) -> None:
    """Print the best time of each; the fast ones take turns."""
    every = runners()
    outputs = {name: run() for name, run in every.items()}
    expected = outputs["ReferenceEvaluator on convx"]
    for found in outputs.values():
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
    slow = {"ReferenceEvaluator": every.pop("ReferenceEvaluator")}
    best = least_times(slow, minimum=2) | least_times(every, minimum=rounds)
    ours = best["ReferenceEvaluator on convx"]
    for name, seconds in best.items():
        print(f"{name:28} {seconds * 1e3:9.2f} ms   {seconds / ours:7.2f} of convx's")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
