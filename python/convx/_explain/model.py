"""The convolutions and pools of an ONNX model as steps, whatever their weights hold."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from convx._explain.graph import INPUT, Step
from convx._explain.operators import LAYERS, Shape
from convx._layers import Layer, read_layer

__all__ = ["Model", "read_model"]

# Operators that compute each pixel from pixels at the same place, or put maps side by side.
_PIXEL_BY_PIXEL = re.compile(
    "Add|Sub|Mul|Div|Sum|Mean|Max|Min|Pow|Neg|Abs|Exp|Log|Sqrt|Erf|Clip|Relu|LeakyRelu|PRelu|ThresholdedRelu|Elu|Selu|"
    "Celu|Gelu|Sigmoid|HardSigmoid|HardSwish|Swish|Mish|Tanh|Softplus|Softsign|Identity|Dropout|Cast|"
    "BatchNormalization|LRN|QuantizeLinear|DequantizeLinear|Concat"
)


@dataclass(frozen=True)
class Model:
    """What was read of a model.

    Attributes
    ----------
    title : str
        The graph's name.
    input_shape : tuple of int
        Of its first input.
    steps : tuple of Step
        Convolutions and pools, and what lies between them.
    passed_over : dict of str to int
        How many nodes of each other operator there are, the most frequent first.
    """

    title: str
    input_shape: Shape
    steps: tuple[Step, ...]
    passed_over: dict[str, int]


def read_model(model: Any, input_shape: Sequence[int] | None) -> Model:
    """Return the layers of a model.

    Parameters
    ----------
    model : path, bytes or ModelProto
        The model.
    input_shape : sequence of int or None
        Of its first input, where the model leaves it open; None for its own, with one image.

    Raises
    ------
    ImportError
        If onnx is not installed.
    ValueError
        If it is no model, its shapes are not known, or it has neither convolution nor pooling.
    """
    graph = _inferred(model, input_shape)
    shapes = {value.name: _shape(value) for value in (*graph.input, *graph.value_info, *graph.output)}
    constants = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    inputs = [value.name for value in graph.input if value.name not in constants]
    first = shapes.get(inputs[0]) if inputs else None
    assert first is not None
    types = {value.name: value.type.tensor_type.elem_type for value in (*graph.input, *graph.value_info)}
    reader = _Reader(shapes, types, constants, {inputs[0]: INPUT})
    passed_over: Counter[str] = Counter()
    for node in graph.node:
        if not reader.took(node):
            passed_over[node.op_type] += 1
    if not any(step.layer for step in reader.steps):
        raise ValueError(f"model must hold a convolution or a pooling, got {sum(passed_over.values())} other nodes")
    return Model(graph.name or "model", first, tuple(reader.steps), dict(passed_over.most_common()))


def _inferred(model: Any, input_shape: Sequence[int] | None) -> Any:
    """Return the graph of a model, every shape in it."""
    try:
        import onnx
    except ImportError as error:
        raise ImportError("convx.explain needs the onnx package to read a model: pip install onnx") from error
    if isinstance(model, (str, os.PathLike)):
        read = _parsed(partial(onnx.load, load_external_data=False), model)  # shapes are enough
    elif isinstance(model, bytes):
        read = _parsed(onnx.load_from_string, model)
    else:
        read = onnx.ModelProto()
        read.CopyFrom(model)
    constants = {tensor.name for tensor in read.graph.initializer}
    values = [value for value in read.graph.input if value.name not in constants]
    if not values:
        raise ValueError("model must have an input, got none")
    for number, value in enumerate(values):
        _set_shape(value, input_shape if number == 0 else None, first=number == 0)
    del read.graph.value_info[:]  # what was inferred for another size
    for value in read.graph.output:
        value.type.tensor_type.ClearField("shape")
    return onnx.shape_inference.infer_shapes(read, data_prop=True).graph


def _parsed(load: Callable[[Any], Any], model: Any) -> Any:
    try:
        return load(model)
    except OSError:
        raise
    except Exception as error:  # protobuf's own, of no common class
        shown = model if isinstance(model, (str, os.PathLike)) else f"{len(model)} bytes"
        raise ValueError(f"model must be a model of ONNX, got {shown}: {error}") from None


def _set_shape(value: Any, given: Sequence[int] | None, *, first: bool) -> None:
    """Put numbers in the place of names in an input's shape."""
    dims = value.type.tensor_type.shape.dim
    if given is not None:
        if dims and len(given) != len(dims):
            raise ValueError(f"input_shape must have the {len(dims)} axes of {value.name}, got {tuple(given)}")
        del dims[:]
        for size in given:
            dims.add().dim_value = size
    elif dims and not dims[0].dim_value:
        dims[0].dim_value = 1
    if first and (not dims or not all(dim.dim_value > 0 for dim in dims)):
        known = tuple(dim.dim_value or dim.dim_param or "?" for dim in dims)
        raise ValueError(f"input_shape must be given: the model's input {value.name} is {known}")


def _shape(value: Any) -> Shape | None:
    dims = value.type.tensor_type.shape.dim
    return tuple(dim.dim_value for dim in dims) if dims and all(dim.dim_value > 0 for dim in dims) else None


class _Reader:
    """Collects steps, and which of them makes each tensor."""

    def __init__(
        self,
        shapes: dict[str, Shape | None],
        types: dict[str, int],
        constants: dict[str, Shape],
        made_by: dict[str, int],
    ) -> None:
        self.steps: list[Step] = []
        self._shapes = shapes
        self._types = types
        self._constants = constants
        self._made_by = made_by

    def took(self, node: Any) -> bool:
        """Append the step of a node; return whether it is a layer."""
        if node.op_type == "Constant":
            value = next((a.t for a in node.attribute if a.name == "value"), None)
            self._constants[node.output[0]] = () if value is None else tuple(value.dims)
            return False
        read = LAYERS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        name = node.name or node.output[0]
        sources = tuple(self._made_by[i] for i in node.input if i in self._made_by)
        if read is None:
            self._append(node, Step(name, None, self._passed_through(node, sources), self._sizes(node.output[0])))
            return False
        source = self._made_by.get(node.input[0])
        layer = self._layer(name, node, read)
        self._append(node, Step(name, layer, () if source is None else (source,), layer.windows))
        return True

    def _layer(self, name: str, node: Any, read: Callable[..., Any]) -> Layer:
        from onnx import helper

        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        attributes = {key: value.decode() if isinstance(value, bytes) else value for key, value in attributes.items()}
        x = self._shapes.get(node.input[0])
        if x is None:
            raise ValueError(f"{name}: the shape of its input {node.input[0]} must be known, but does not follow")
        others = [self._constants.get(i) or self._shapes.get(i) for i in node.input]
        try:
            dtype = helper.tensor_dtype_to_np_dtype(self._types[node.input[0]])
            return read_layer(read(node.op_type, x, others, attributes), x, dtype)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: {error}") from None

    def _passed_through(self, node: Any, sources: tuple[int, ...]) -> tuple[int, ...]:
        """Return the steps before a node whose pixels stay where they are; none if it moves them."""
        sizes = self._sizes(node.output[0])
        before = [self._sizes(i) for i in node.input if i in self._made_by]
        stays = _PIXEL_BY_PIXEL.fullmatch(node.op_type) is not None and len(sizes) > 0
        fits = all(len(b) == len(sizes) and all(n in (1, m) for n, m in zip(b, sizes, strict=True)) for b in before)
        return sources if stays and fits else ()

    def _sizes(self, tensor: str) -> Shape:
        shape = self._shapes.get(tensor)
        return shape[2:] if shape else ()

    def _append(self, node: Any, step: Step) -> None:
        if step.layer is None and not any(i in self._made_by for i in node.input):
            return  # computed from constants alone
        self.steps.append(step)
        self._made_by.update(dict.fromkeys((o for o in node.output if o), len(self.steps) - 1))
