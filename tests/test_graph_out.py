"""Operators that write into a given array, on the node cases of the onnx package."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from convx._graph.operators import TABLE
from convx._graph.operators.table import is_elementwise, takes_out
from graph_cases import all_cases, as_array, made, node_of
from test_graph_operators import assert_as_shipped

CASES = {name: case for name, case in all_cases().items() if len(case.model.graph.node) == 1}


def ready(name: str) -> tuple[Any, list[Any], Any]:
    """The run of a case, with all inputs but the first as constants, its inputs and what is expected."""
    case = CASES[name]
    node = node_of(case.model.graph.node[0])
    ((inputs, outputs),) = case.data_sets
    given = iter(map(as_array, inputs))
    values = [next(given) if name else None for name in node.inputs]
    fixed = dict(zip(node.inputs[1:], values[1:], strict=True))
    return made(case.model, node, fixed), values, as_array(outputs[0])


WRITERS = [name for name in CASES if takes_out(ready(name)[0])]
IN_PLACE = [name for name in WRITERS if is_elementwise(ready(name)[0])]


def test_who_writes() -> None:
    """What a network spends its time on does."""
    writers = {CASES[name].model.graph.node[0].op_type for name in WRITERS}
    assert writers >= {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "Concat", "Gemm"}
    assert writers >= {"MatMul", "Softmax", "Relu", "Clip", "Add", "Mul", "Sum", "BatchNormalization", "LRN"}
    assert writers >= {"Sigmoid", "HardSwish", "Gelu", "PRelu", "InstanceNormalization"}
    assert writers <= set(TABLE)


@pytest.mark.parametrize("strided", [False, True], ids=["whole", "slice"])
@pytest.mark.parametrize("name", WRITERS)
def test_out(name: str, strided: bool) -> None:
    """The result is `out` itself, also if it is a slice of something larger, whose rest stays as it was."""
    run, values, expected = ready(name)
    shape = expected.shape
    if strided and not shape:
        pytest.skip("a number has no slices")
    room = np.full((*shape[:-1], shape[-1] + 3), 7, expected.dtype) if strided else np.full(shape, 7, expected.dtype)
    out = room[..., 1:-2] if strided else room
    with np.errstate(all="ignore"):
        result = run(*values, out=out)
    assert result is out
    assert_as_shipped(out, expected, CASES[name])
    if strided:
        rest = np.delete(room, np.s_[1:-2], axis=-1)
        np.testing.assert_array_equal(rest, np.full_like(rest, 7))


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name: str) -> None:
    """An input that is as large as the result can hold it."""
    run, values, expected = ready(name)
    for place, value in enumerate(values):
        if value is not None and value.shape == expected.shape and value.dtype == expected.dtype:
            copies = [None if other is None else other.copy() for other in values]
            with np.errstate(all="ignore"):
                run(*copies, out=copies[place])
            assert_as_shipped(copies[place], expected, CASES[name])
