"""Models of ONNX, read into graphs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from convx._graph.check import check
from convx._graph.graph import AnyArray, Graph, Node, Value
from convx._graph.mapped import Place, mapped, without_large_tensors
from convx._graph.schemas import check_nodes
from convx._graph.shapes import inferred_shapes

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto

__all__ = ["CAPTURED", "read"]

CAPTURED = "convx.captured"
"""The attribute that names what the graphs inside a node read from outside of them; those are its last inputs."""

_T = TypeVar("_T")
_DEFAULT = ("", "ai.onnx")


def read(model: Any) -> Graph:
    """Return the graph of a model.

    Parameters
    ----------
    model : str, path-like, bytes or ModelProto
        A file, whose external data lies beside it; what is in such a file; or a model that was loaded.

    Returns
    -------
    Graph
        As the file has it: nothing is folded.

    Raises
    ------
    ImportError
        If the onnx package is not installed.
    OSError
        If the file cannot be read.
    TypeError
        If `model` is something else.
    ValueError
        If it is no model of ONNX, has operators of other domains than ONNX's default one, or names that it should not.
    """
    loaded, folder, large = _loaded(model)
    if loaded.functions:
        from onnx import inliner

        loaded = inliner.inline_local_functions(loaded)
    versions = {entry.domain: entry.version for entry in loaded.opset_import}
    graph = loaded.graph
    opset = versions.get("", versions.get("ai.onnx", 1))
    _check_domains(graph)
    check_nodes(graph.node, opset)
    constants = {
        tensor.name: large(tensor) if tensor.name in large.places else _array(tensor, folder)
        for tensor in graph.initializer
    }
    for sparse in graph.sparse_initializer:
        constants[sparse.values.name] = _dense(sparse, folder)
    result = Graph(
        name=graph.name,
        opset=opset,
        inputs=tuple(_value(entry) for entry in graph.input if entry.name not in constants),
        outputs=tuple(_value(entry) for entry in graph.output),
        constants=constants,
        nodes=tuple(_node(entry, folder) for entry in graph.node),
        shapes=inferred_shapes(loaded),
    )
    check(result)
    return result


class _Large(NamedTuple):
    """The tensors that were left in the model's file."""

    path: str
    places: dict[str, Place]

    def __call__(self, tensor: TensorProto) -> AnyArray:
        from onnx import helper

        dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
        return mapped(self.path, self.places[tensor.name], dtype, tuple(tensor.dims))


def _loaded(model: Any) -> tuple[ModelProto, str, _Large]:
    """Return a model, the folder in which its external data lies, and what of it was not read."""
    try:
        import onnx
    except ImportError as error:
        raise ImportError("InferenceSession needs the onnx package to read a model: pip install onnx") from error
    if isinstance(model, onnx.ModelProto):
        return model, "", _Large("", {})
    if isinstance(model, (str, os.PathLike)):
        path = os.path.abspath(os.fspath(model))
        text, places = _parsed(lambda: without_large_tensors(path), path)
        return _parsed(lambda: _checked(onnx.load_from_string(text)), path), os.path.dirname(path), _Large(path, places)
    if isinstance(model, (bytes, bytearray, memoryview)):
        text = bytes(model)
        return _parsed(lambda: _checked(onnx.load_from_string(text)), f"{len(text)} bytes"), "", _Large("", {})
    raise TypeError(f"InferenceSession: model must be a path, bytes or a ModelProto, got {type(model).__name__}")


def _parsed(load: Callable[[], _T], shown: str) -> _T:
    try:
        return load()
    except OSError:
        raise
    except Exception as error:  # protobuf's own, of no common class
        raise ValueError(f"InferenceSession: model must be a model of ONNX, got {shown}: {error}") from None


def _checked(model: ModelProto) -> ModelProto:
    if not model.graph.output:
        raise ValueError("it has no output")
    return model


def _check_domains(graph: GraphProto) -> None:
    """Refuse operators whose meaning ONNX's default domain does not tell."""
    others = dict.fromkeys(f"{node.domain}.{node.op_type}" for node in _all_nodes(graph) if node.domain not in _DEFAULT)
    if others:
        rule = "operators must be of ONNX's default domain, or be functions that the model holds"
        raise ValueError(f"InferenceSession: {rule}, got {', '.join(others)}")


def _all_nodes(graph: GraphProto) -> Iterator[NodeProto]:
    for node in graph.node:
        yield node
        for inner in _graphs(node):
            yield from _all_nodes(inner)


def _graphs(node: NodeProto) -> list[GraphProto]:
    return [graph for entry in node.attribute for graph in ([entry.g] if entry.HasField("g") else entry.graphs)]


def _node(node: NodeProto, folder: str) -> Node:
    from onnx import helper

    attributes = {entry.name: _attribute(helper.get_attribute_value(entry), folder) for entry in node.attribute}
    captured = tuple(dict.fromkeys(name for graph in _graphs(node) for name in _free(graph)))
    if captured:
        attributes[CAPTURED] = captured
    return Node(node.op_type, (*node.input, *captured), tuple(node.output), attributes, node.name)


def _free(graph: GraphProto) -> list[str]:
    """Return the names that a graph reads and does not make."""
    own = {entry.name for entry in (*graph.input, *graph.initializer)}
    own.update(name for node in graph.node for name in node.output)
    read_ = [name for node in graph.node for name in node.input]
    read_ += [name for node in graph.node for inner in _graphs(node) for name in _free(inner)]
    read_ += [entry.name for entry in graph.output]
    return [name for name in read_ if name and name not in own]


def _attribute(value: Any, folder: str) -> Any:
    """Return an attribute as Python has it; graphs and types stay messages."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return [entry.decode() for entry in value]
    kind = type(value).__name__
    if kind == "TensorProto":
        return _array(value, folder)
    return _dense(value, folder) if kind == "SparseTensorProto" else value


def _array(tensor: TensorProto, folder: str) -> AnyArray:
    from onnx import external_data_helper, numpy_helper

    if external_data_helper.uses_external_data(tensor):
        if not folder:
            raise ValueError(
                f"InferenceSession: model must hold its tensors, got {tensor.name!r} in a file beside it; "
                "pass the path of the model"
            )
        own = type(tensor)()  # a copy without the data, which goes when the array is made
        own.CopyFrom(tensor)
        try:
            external_data_helper.load_external_data_for_tensor(own, folder)
        except OSError:
            raise
        except Exception as error:  # onnx's own, of no common class
            rule = f"the data of {tensor.name!r} must lie in a file beside it"
            raise ValueError(f"InferenceSession: model must hold its tensors, or {rule}: {error}") from error
        tensor = own
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except Exception as error:  # of a type that there is not, or of another size than its data
        raise ValueError(f"InferenceSession: tensor {tensor.name!r} must hold what it says: {error!r}") from error


def _dense(sparse: Any, folder: str) -> AnyArray:
    values, places = _array(sparse.values, folder), _array(sparse.indices, folder)
    result = np.zeros(tuple(sparse.dims), values.dtype)
    if places.ndim == 1:
        result.flat[places] = values
    else:
        result[tuple(places.T)] = values
    return result


def _value(entry: Any) -> Value:
    from onnx import helper

    tensor = entry.type.tensor_type
    element = tensor.elem_type
    try:
        dtype = np.dtype(helper.tensor_dtype_to_np_dtype(element)) if element else np.dtype(object)
    except KeyError:
        rule = f"the type of {entry.name!r} must be one of ONNX's"
        raise ValueError(f"InferenceSession: {rule}, got {element}") from None
    if not tensor.HasField("shape"):
        return Value(entry.name, dtype, None)
    sizes = [dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None for dim in tensor.shape.dim]
    return Value(entry.name, dtype, tuple(sizes))
