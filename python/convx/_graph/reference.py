"""Operators that convx lacks, by ONNX's own reference implementation."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx._graph.graph import Node
from convx._graph.operators.table import Run
from convx._graph.read import CAPTURED

__all__ = ["made_by_reference"]


def made_by_reference(node: Node, opset: int) -> Run:
    """Make a node ready that ONNX's reference implementation runs.

    Parameters
    ----------
    node : Node
        Of ONNX's default domain.
    opset : int
        Its version.

    Returns
    -------
    callable
        As the table's makers return them.

    Raises
    ------
    ValueError
        If ONNX does not know the operator, or has no implementation.
    """
    from onnx import helper, numpy_helper
    from onnx.reference import ReferenceEvaluator

    captured = node.attributes.get(CAPTURED, ())
    own = node.inputs[: len(node.inputs) - len(captured)]
    names = [f"convx.input.{place}" if name else "" for place, name in enumerate(own)]
    if node.operator == "Loop" and not names[1]:
        names[1] = "convx.true"  # without a condition ONNX goes on, its implementation does not begin
    outputs = [f"convx.output.{place}" if name else "" for place, name in enumerate(node.outputs)]
    attributes = {name: _plain(value) for name, value in node.attributes.items() if name != CAPTURED}
    proto = helper.make_node(node.operator, names, outputs, **attributes)
    given = [*("" if name == "convx.true" else name for name in names), *captured]
    graph = helper.make_graph(
        [proto],
        node.name or node.operator,
        [helper.make_empty_tensor_value_info(name) for name in given if name],
        [helper.make_empty_tensor_value_info(name) for name in outputs if name],
        [numpy_helper.from_array(np.array(True), "convx.true")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    try:
        evaluator = ReferenceEvaluator(model)
    except (NotImplementedError, RuntimeError) as error:
        raise ValueError(f"operator must be one of ONNX's, got {node.operator!r}: {error}") from None

    def run(*inputs: Any) -> Any:
        feed = {name: value for name, value in zip(given, inputs, strict=True) if name}
        found = iter(evaluator.run(None, feed))
        result = tuple(next(found) if name else None for name in outputs)
        return result[0] if len(result) == 1 else result

    return run


def _plain(value: Any) -> Any:
    """Return an attribute as ONNX's helper takes it."""
    if isinstance(value, np.ndarray):
        from onnx import numpy_helper

        return numpy_helper.from_array(value)
    return value
