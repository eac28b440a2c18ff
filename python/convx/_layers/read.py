"""Layers from plans, functions and partials. What is allowed is asked of convx itself, with an empty batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import signature
from operator import index
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from convx._layers.geometry import geometry_of
from convx._layers.kinds import function_of, kind_of, kind_of_plan
from convx._layers.layer import Layer
from convx._plan import Plan
from convx._types import NumberArray

__all__ = ["read_layer", "read_network"]

_OF_EACH_IMAGE = ("offset", "mask")
"""Arguments with one entry for each image, of which an empty batch takes none."""


def read_layer(layer: Any, input_shape: Sequence[int], dtype: DTypeLike | None = None) -> Layer:
    """Return what `layer` does to an input of `input_shape`, all of it checked by convx.

    Parameters
    ----------
    layer : plan, function of convx, or functools.partial of one
        A function takes the array first, and a partial gives all its other arguments. A weight may be given as its
        shape, a tuple of ints, where its values do not matter; its bias then as True.
    input_shape : sequence of int
        ``(N, C, ...)``, or without N where the layer says how many spatial axes there are: N is then 1.
    dtype : dtype, optional
        Of the input; by default that of the weight, float32 for what has none, or uint8 for quantised convolution.

    Raises
    ------
    TypeError
        If `layer` is not one of convx's, or an argument is of the wrong type.
    ValueError
        If the arguments do not fit each other or the input.
    """
    said = _said(layer, np.dtype(np.float32 if dtype is None else dtype))
    shape = _with_batch(said, input_shape)
    given = np.dtype(dtype) if dtype is not None else _dtype_of(said)
    empty = _probed(said, shape, given)
    if isinstance(empty, tuple):
        raise ValueError(f"{said.name}: return_indices must be False: a layer returns one array")
    return Layer(
        name=said.name,
        kind=said.kind,
        run=said.run,
        arguments=said.arguments,
        input_shape=shape,
        output_shape=(shape[0], *empty.shape[1:]),
        input_dtype=given,
        dtype=empty.dtype,
        weight_shape=None if said.weight is None else said.weight.shape,
        weight=said.weight if said.known else None,
        bias=said.bias if said.known else None,
        has_bias=said.bias is not None,
        weight_bytes=sum(array.nbytes for array in (said.weight, said.bias) if array is not None),
        **geometry_of(said.name, said.kind, said.arguments, said.weight, shape, empty.shape),
    )


def _probed(said: _Said, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """Return the result for a batch of no images: shapes and dtypes without work."""
    none = (0, *shape[1:])
    try:
        return said.probe(np.empty(none, dtype))
    except (TypeError, ValueError) as error:
        raise type(error)(str(error).replace(str(none), str(shape))) from None


def read_network(
    layers: Sequence[Any], input_shape: Sequence[int], dtype: DTypeLike | None = None
) -> tuple[Layer, ...]:
    """Return what each of `layers` does, the first to an input of `input_shape`, the others to what comes before.

    Parameters
    ----------
    layers : list or tuple
        As :func:`read_layer` takes them.
    input_shape, dtype
        Of the first layer's input.

    Raises
    ------
    TypeError, ValueError
        As :func:`read_layer`; the message says which layer, counted from 0.
    """
    if not isinstance(layers, (list, tuple)) or not layers:
        raise TypeError(f"layers must be a list of one layer or more, got {layers!r}")
    read: list[Layer] = []
    for number, layer in enumerate(layers):
        before = read[-1] if read else None
        try:
            read.append(
                read_layer(layer, before.output_shape, before.dtype)
                if before
                else read_layer(layer, input_shape, dtype)
            )
        except (TypeError, ValueError) as error:
            raise type(error)(f"layer {number}: {error}") from None
    return tuple(read)


class _Said(NamedTuple):
    """A layer in one form, whether it came as a plan or as a function."""

    name: str
    kind: str
    rank: int | None
    arguments: dict[str, Any]
    weight: NumberArray | None
    bias: NumberArray | None
    known: bool  # the values of weight and bias
    run: Callable[[NumberArray], NumberArray]
    probe: Callable[[NumberArray], Any]


def _said(layer: Any, dtype: np.dtype[Any]) -> _Said:
    """Return what a layer says; a weight of which only the shape is given is of `dtype`."""
    if isinstance(layer, Plan):
        kind, axes = kind_of_plan(layer)
        run: Callable[[NumberArray], Any] = layer  # type: ignore[assignment]  # what every subclass can be
        return _Said(layer._name, kind, axes, layer._arguments(), layer.weight, layer.bias, True, run, run)
    function, places, keywords = (layer, (), {})
    if isinstance(layer, partial):
        function, places, keywords = (layer.func, layer.args, layer.keywords)
    name = function_of(function)
    if name is None:
        raise TypeError(
            "a layer must be a plan such as convx.Conv2d(weight), a function of convx that takes maps and returns maps "
            "such as convx.global_avg_pool, or functools.partial of one such as partial(convx.max_pool2d, "
            f"kernel_size=2), got {function!r}"
        )
    if places:
        raise TypeError(f"{name}: a partial must give its arguments by name: the first place is the input's")
    arguments = _bound(name, function, keywords)
    kind, rank = kind_of(name)
    weight_name = "w" if "w" in arguments else "weight"
    weight, known = _weight(name, arguments.get(weight_name), np.dtype(np.int8) if weight_name == "w" else dtype)
    bias = arguments.get("bias")
    if weight is not None and not known:
        bias = _bias_of(name, kind, arguments, weight, bias)
        arguments |= {key: array for key, array in ((weight_name, weight), ("bias", bias)) if key in arguments}
    nothing = {key: np.asarray(arguments[key])[:0] for key in _OF_EACH_IMAGE if arguments.get(key) is not None}
    return _Said(
        name,
        kind,
        rank if rank else None if weight is None else weight.ndim - 2,
        arguments,
        weight,
        None if bias is None else np.asarray(bias),
        known,
        partial(function, **arguments),
        partial(function, **(arguments | nothing)),
    )


def _bound(name: str, function: Callable[..., Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return every argument but the input, defaults included."""
    if keywords.get("out") is not None:
        raise TypeError(f"{name}: out must not be given: a layer makes its own result")
    try:
        bound = signature(function).bind(None, **keywords)
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    bound.apply_defaults()
    _, *others = bound.arguments.items()
    return {key: value for key, value in others if key not in ("out", "residual")}


def _weight(name: str, weight: Any, dtype: np.dtype[Any]) -> tuple[NumberArray | None, bool]:
    """Return the weight and whether its values are known; where a shape was given, an array without memory."""
    if not isinstance(weight, (tuple, list)) or not all(isinstance(size, (int, np.integer)) for size in weight):
        return (None if weight is None else np.asarray(weight)), True
    if not weight or min(weight) < 1 or any(isinstance(size, bool) for size in weight):
        raise ValueError(f"{name}: a weight's shape must be of ints >= 1, got {weight!r}")
    return np.broadcast_to(np.zeros((), dtype), tuple(map(int, weight))), False


def _bias_of(name: str, kind: str, arguments: Mapping[str, Any], weight: NumberArray, bias: Any) -> NumberArray | None:
    """Return zeros where a bias of unknown values is told by True."""
    if bias is None or bias is False:
        return None
    if bias is not True:
        raise TypeError(f"{name}: bias must be True or None where the weight is given by its shape, got {bias!r}")
    outputs = weight.shape[1] * index(arguments["groups"]) if kind == "conv_transpose" else weight.shape[0]
    return np.zeros(outputs, weight.dtype)


def _with_batch(said: _Said, input_shape: Sequence[int]) -> tuple[int, ...]:
    """Return `input_shape` with N."""
    try:
        shape = tuple(index(size) for size in input_shape)
    except TypeError:
        raise TypeError(f"{said.name}: input_shape must be a sequence of ints, got {input_shape!r}") from None
    if said.rank is not None and len(shape) == said.rank + 1:
        shape = (1, *shape)
    least, most = (said.rank + 2, said.rank + 2) if said.rank else (3, 5)
    if not least <= len(shape) <= most or min(shape) < 1:
        axes = "W" if said.rank == 1 else "H, W" if said.rank == 2 else "D, H, W" if said.rank else "[[D,] H,] W"
        raise ValueError(f"{said.name}: input_shape must be (N, C, {axes}), all >= 1, got {shape}")
    return shape


def _dtype_of(said: _Said) -> np.dtype[Any]:
    if said.kind in ("conv_integer", "qlinear_conv"):
        zero = np.asarray(said.arguments["x_zero_point"]).dtype
        return zero if zero in (np.int8, np.uint8) else np.dtype(np.uint8)
    return np.dtype(np.float32) if said.weight is None else said.weight.dtype
