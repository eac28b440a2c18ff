"""ONNX's node cases on the operators of convx._graph, one node after the other."""

import warnings
from typing import Any

import numpy as np
import onnx
from convx._graph.graph import Node
from convx._graph.operators import TABLE
from onnx import helper, numpy_helper
from onnx.backend.test.loader import load_model_tests


def all_cases() -> dict[str, Any]:
    """Every case of the onnx package whose operators are all in the table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cases' own NumPy
        cases = load_model_tests(kind="node")
    return {case.name: case for case in cases if known(case.model)}


def known(model: Any) -> bool:
    """Whether the table holds all operators of a model."""
    functions = {function.name for function in model.functions}
    return all(node.op_type in TABLE and not node.domain for node in model.graph.node) and not functions


def node_of(proto: Any) -> Node:
    """Return ONNX's node as ours."""
    attributes = {attribute.name: _value(attribute) for attribute in proto.attribute}
    return Node(proto.op_type, tuple(proto.input), tuple(proto.output), attributes, proto.name, proto.domain)


def _value(attribute: Any) -> Any:
    value = helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return [entry.decode() for entry in value]
    return value


def opset_of(model: Any) -> int:
    """Return the version of the default domain."""
    return next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))


def run_model(model: Any, inputs: list[Any], constant: bool = False) -> list[Any]:
    """Run a model; with `constant`, all inputs but the first are constants that a maker is told."""
    fixed = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    names = [value.name for value in model.graph.input if value.name not in fixed]
    values = {"": None, **fixed, **dict(zip(names, map(as_array, inputs), strict=True))}
    if constant:
        fixed.update({name: values[name] for name in names[1:]})
    with np.errstate(all="ignore"):
        for proto in model.graph.node:
            node = node_of(proto)
            run = made(model, node, fixed)
            result = run(*(values[name] for name in node.inputs))
            results = result if len(node.outputs) > 1 else (result,)
            assert isinstance(results, tuple)
            assert len(results) == len(node.outputs), node
            values.update(zip(node.outputs, results, strict=True))
    return [values[value.name] for value in model.graph.output]


def made(model: Any, node: Node, fixed: dict[str, Any]) -> Any:
    """Make a node of a model ready, with the values that are constants."""
    return TABLE[node.operator](node, opset_of(model), [fixed.get(name) for name in node.inputs])


def as_array(value: Any) -> Any:
    """Return a case's array; some are given as protos."""
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)


def one_node(name: str, opset: int, inputs: list[Any], outputs: int = 1, **attributes: Any) -> Any:
    """A model of one node; None is an input that is left out."""
    names = ["" if value is None else f"x{place}" for place, value in enumerate(inputs)]
    results = [f"y{place}" for place in range(outputs)]
    node = helper.make_node(name, names, results, **attributes)
    kinds = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in zip(names, inputs, strict=True)
        if value is not None
    ]
    unknown = [helper.make_value_info(name, onnx.TypeProto()) for name in results]
    graph = helper.make_graph([node], "one", kinds, unknown)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=6)
