"""Time single operators of networks by ``convx.onnx.InferenceSession`` and by ONNX Runtime.

Run as ``python benchmarks/operators.py --threads 1 2``, or with ``--only Reduce ArgMax`` for some of them. Ratios above
1 say that ONNX Runtime takes longer; each result is compared with its result first.
"""

from __future__ import annotations

import argparse
from typing import Any, NamedTuple

import convx.onnx
import numpy as np
import onnx
import onnxruntime
from convx._timing import least_times
from onnx import helper


class Case(NamedTuple):
    """An operator, the shapes of its inputs, those of its constants or these themselves, and its attributes."""

    operator: str
    inputs: tuple[tuple[int, ...], ...]
    constants: tuple[Any, ...] = ()
    attributes: dict[str, Any] | None = None
    opset: int = 17


IMAGE = ((1, 64, 56, 56),)
TOKENS = ((1, 197, 768),)
SEGMENTS = ((1, 21, 512, 512),)
NOTHING = np.array([], "float32")
HALVES, SCALES = {"mode": "linear"}, np.array([1, 1, 2, 2], "float32")

CASES = [
    Case("LRN", ((1, 96, 27, 27),), (), {"size": 5}),
    Case("InstanceNormalization", IMAGE, ((64,), (64,))),
    Case("GroupNormalization", IMAGE, ((64,), (64,)), {"num_groups": 32}, 21),
    Case("LayerNormalization", TOKENS, ((768,), (768,))),
    Case("LayerNormalization", ((1, 3136, 96),), ((96,), (96,))),
    Case("RMSNormalization", TOKENS, ((768,),), {}, 23),
    Case("MeanVarianceNormalization", IMAGE),
    Case("LpNormalization", ((64, 512),)),
    Case("BatchNormalization", IMAGE, ((64,), (64,), (64,), np.ones(64, "float32"))),
    *(Case(f"Reduce{kind}", IMAGE, (), {"axes": [2, 3]}) for kind in ("Mean", "Max", "Min", "L1", "L2", "SumSquare")),
    Case("ReduceMean", TOKENS, (), {"axes": [-1]}),
    Case("ReduceMean", TOKENS, (), {"axes": [1]}),
    Case("ReduceMean", IMAGE),
    Case("ArgMax", ((1, 1000),), (), {"axis": 1}),
    Case("ArgMax", SEGMENTS, (), {"axis": 1}),
    Case("ArgMax", ((1, 8400, 80),), (), {"axis": 2}),
    Case("TopK", ((1, 1000),), (np.array([5]),)),
    Case("TopK", ((1, 8400),), (np.array([300]),)),
    Case("Softmax", ((1, 12, 197, 197),)),
    Case("Softmax", SEGMENTS, (), {"axis": 1}),
    Case("Resize", IMAGE, (NOTHING, SCALES), {"mode": "nearest"}),
    Case("Resize", IMAGE, (NOTHING, SCALES), HALVES),
    Case("Resize", ((1, 3, 512, 512),), (NOTHING, NOTHING, np.array([1, 3, 224, 224])), HALVES),
    Case("MatMul", ((8, 12, 197, 64), (8, 12, 64, 197))),
    Case("MatMul", ((1, 12, 197, 64), (1, 12, 64, 197))),
    Case("MatMul", ((64, 3, 49, 32), (64, 3, 32, 49))),
    Case("MatMul", ((512, 512), (512, 512))),
]


def model_of(case: Case) -> tuple[bytes, dict[str, Any]]:
    """Return a model of one node, and random inputs for it."""
    rng = np.random.default_rng(0)
    feed = {f"x{i}": rng.standard_normal(shape).astype("float32") for i, shape in enumerate(case.inputs)}
    constants = [
        value if isinstance(value, np.ndarray) else rng.standard_normal(value).astype("float32")
        for value in case.constants
    ]
    names = [f"c{i}" if value.size else "" for i, value in enumerate(constants)]
    outputs = ["values", "indices"] if case.operator == "TopK" else ["y"]
    node = helper.make_node(case.operator, [*feed, *names], outputs, **(case.attributes or {}))
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(name, 1, value.shape) for name, value in feed.items()],
        [
            helper.make_tensor_value_info(name, 7 if name == "indices" or case.operator == "ArgMax" else 1, None)
            for name in outputs
        ],
        [onnx.numpy_helper.from_array(value, name) for value, name in zip(constants, names, strict=True) if name],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.opset)], ir_version=10)
    return made.SerializeToString(), feed


def measured(case: Case, threads: int, seconds: float) -> str:
    """Return a line with both times."""
    model, feed = model_of(case)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    ours = convx.onnx.InferenceSession(model, num_threads=threads)
    theirs = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    for mine, other in zip(ours.run(None, feed), theirs.run(None, feed), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-3, atol=1e-3)
    times = least_times({"ours": lambda: ours.run(None, feed), "theirs": lambda: theirs.run(None, feed)}, seconds)
    shape = "x".join(map(str, case.inputs[0]))
    attributes = " ".join(f"{name}={value}" for name, value in (case.attributes or {}).items())
    ratio = times["theirs"] / times["ours"]
    return (
        f"{case.operator:26} {shape:14} {attributes:16} {threads}  {times['ours'] * 1e6:9.1f}  "
        f"{times['theirs'] * 1e6:9.1f}  {ratio:6.2f}"
    )


def main() -> None:
    """Measure all cases, or some."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--only", nargs="+", default=[""], help="parts of the names of operators")
    parser.add_argument("--seconds", type=float, default=0.1, help="for each operator and system")
    given = parser.parse_args()
    print(f"{'operator':26} {'input':14} {'attributes':16} threads, microseconds of convx and ONNX Runtime, ratio")
    for case in CASES:
        if any(part in case.operator for part in given.only):
            for threads in given.threads:
                print(measured(case, threads, given.seconds), flush=True)


if __name__ == "__main__":
    main()
