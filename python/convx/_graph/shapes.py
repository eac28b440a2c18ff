"""Shapes that ONNX's own inference finds before anything has run: by them layers pack their weights."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

__all__ = ["inferred_shapes"]

_WORTH = 1 << 21  # elements of weights: the first inference of a process takes 10 ms
_READ = 1024  # bytes; what decides a shape is smaller


def inferred_shapes(model: ModelProto) -> dict[str, tuple[int, ...]]:
    """Return the shapes of values that are known whatever a run is given.

    Parameters
    ----------
    model : ModelProto
        A model.

    Returns
    -------
    dict of str to tuple of int
        By name. Nothing depends on them but speed and memory: there are none for small models, nor where inference
        fails.
    """
    from onnx import shape_inference

    if sum(prod(tensor.dims) for tensor in model.graph.initializer) < _WORTH:
        return {}
    try:
        graph = shape_inference.infer_shapes(_without_weights(model)).graph
    except Exception:  # of whatever class; a run tells better what is wrong
        return {}
    shapes = {value.name: _shape(value) for values in (graph.value_info, graph.input) for value in values}
    return {name: shape for name, shape in shapes.items() if shape}


def _without_weights(model: ModelProto) -> ModelProto:
    """Return a copy in which large tensors have a shape and no data: inference copies a model several times."""
    copy = type(model)(ir_version=model.ir_version, opset_import=model.opset_import)
    graph = model.graph
    for field in ("node", "input", "output", "value_info"):
        getattr(copy.graph, field).extend(getattr(graph, field))
    for tensor in graph.initializer:
        if tensor.ByteSize() <= _READ:
            copy.graph.initializer.append(tensor)
        else:
            copy.graph.initializer.add(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
    return copy


def _shape(value: ValueInfoProto) -> tuple[int, ...]:
    """Return a shape, or nothing where a size is open."""
    shape = tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
    return shape if all(size > 0 for size in shape) else ()
