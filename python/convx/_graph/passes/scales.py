"""A factor and an addend per channel go into the layer before, or make a depthwise layer of one tap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from convx._graph.draft import Draft
from convx._graph.fused import LAYERS
from convx._graph.graph import AnyArray, Graph, Node
from convx._graph.ranks import ranks

__all__ = ["fold_scales"]


class _Scale(NamedTuple):
    """What is done to each channel: ``x * factor + addend``, in float64."""

    factor: AnyArray
    addend: AnyArray
    dtype: np.dtype[Any]


def fold_scales(graph: Graph) -> Graph:
    """Fold BatchNormalization, and Mul, Div, Add and Sub by constants, into the layer whose output they read.

    Where there is no such layer, a BatchNormalization becomes a depthwise convolution of one tap, which is the same in
    one pass over memory, and into which what follows can be folded.

    Parameters
    ----------
    graph : Graph
        A network.

    Returns
    -------
    Graph
        The same network.
    """
    known = ranks(graph)
    draft = Draft(graph)
    for node in draft:
        position = _image(draft, node)
        if position is None:
            continue
        layer = draft.only_before(node, position)
        rank, channels, axis = known.get(node.inputs[position]), None, 1
        if layer is not None and layer.operator in LAYERS and not _is_closed(layer):
            channels, axis = _channels(layer), (rank or 0) - 1 if layer.operator == "convx.Linear" else 1
        scale = _scale(draft, node, position, rank, channels, axis)
        if scale is None:
            continue
        along = axis == 1 or node.operator != "BatchNormalization"  # whose channels are always axis 1
        if layer is not None and channels == len(scale.factor) and along:
            draft.merge(layer, node, _scaled(layer, node, scale))
        elif node.operator == "BatchNormalization" and 3 <= known.get(node.inputs[0], 0) <= 5:
            draft.change(node, _depthwise(node, scale, known[node.inputs[0]]))
    return draft.graph()


def _image(draft: Draft, node: Node) -> int | None:
    """Return which input of a node is no constant, if it is one that scales."""
    if node.operator == "BatchNormalization":
        return 0
    if node.operator not in ("Mul", "Div", "Add", "Sub") or len(node.inputs) != 2:
        return None
    if draft.constant(node, 1) is not None:
        return 0
    return 1 if node.operator in ("Mul", "Add") and draft.constant(node, 0) is not None else None


def _is_closed(layer: Node) -> bool:
    """Whether something follows the sum of a layer already."""
    return len(layer.inputs) > 1 or layer.attributes.get("activation") is not None


def _channels(layer: Node) -> int:
    weight = layer.attributes["weight"]
    if layer.operator == "convx.ConvTranspose":
        return int(weight.shape[1] * layer.attributes["groups"])
    return len(weight)


def _scale(draft: Draft, node: Node, position: int, rank: int | None, channels: int | None, axis: int) -> _Scale | None:
    if node.operator == "BatchNormalization":
        return _normalisation(draft, node)
    constant = draft.constant(node, 1 - position)
    if constant is None or rank is None or channels is None or constant.dtype.kind != "f" or not constant.size:
        return None
    values = _per_channel(constant, rank, axis, channels)
    if values is None:
        return None
    one, zero = np.ones(channels), np.zeros(channels)
    if node.operator == "Mul":
        return _Scale(values, zero, constant.dtype)
    if node.operator == "Div":
        return _Scale(1 / values, zero, constant.dtype) if values.all() else None
    return _Scale(one, values if node.operator == "Add" else -values, constant.dtype)


def _per_channel(constant: AnyArray, rank: int, axis: int, channels: int) -> AnyArray | None:
    """Return the entries of a constant for each channel, None if it varies along another axis."""
    if constant.ndim > rank:
        return None
    shape = (1,) * (rank - constant.ndim) + constant.shape
    if constant.size != shape[axis] or shape[axis] not in (1, channels):
        return None
    return np.broadcast_to(constant.reshape(-1).astype(np.float64), (channels,))


def _normalisation(draft: Draft, node: Node) -> _Scale | None:
    found = [draft.constant(node, place) for place in range(1, 5)]
    trains = node.attributes.get("training_mode", 0) or any(draft.is_read(name) for name in node.outputs[1:])
    if trains or not node.attributes.get("spatial", 1) or any(array is None or array.ndim != 1 for array in found):
        return None
    scale, bias, mean, variance = (np.asarray(array, np.float64) for array in found)
    if not len(scale) == len(bias) == len(mean) == len(variance):
        return None
    factor = scale / np.sqrt(variance + node.attributes.get("epsilon", 1e-5))
    assert found[0] is not None
    return _Scale(factor, bias - mean * factor, found[0].dtype)


def _scaled(layer: Node, node: Node, scale: _Scale) -> Node:
    """Return a layer with a scale in its weight and bias."""
    own = layer.attributes
    weight, bias, channels = own["weight"], own["bias"], _channels(layer)
    before = np.zeros(channels) if bias is None else bias
    attributes = {
        **own,
        "factor": own.get("factor", 1.0) * scale.factor,  # multiplied when the weight is packed, once for all
        "bias": (before * scale.factor + scale.addend).astype(weight.dtype),
        "fused": (*own.get("fused", ()), node.operator),
    }
    return replace(layer, outputs=node.outputs[:1], attributes=attributes)


def _depthwise(node: Node, scale: _Scale, rank: int) -> Node:
    channels, axes = len(scale.factor), rank - 2
    attributes = {
        "weight": scale.factor.astype(scale.dtype).reshape(channels, *[1] * (rank - 1)),
        "bias": scale.addend.astype(scale.dtype),
        "stride": (1,) * axes,
        "padding": ((0, 0),) * axes,
        "dilation": (1,) * axes,
        "groups": channels,
        "fused": (node.operator,),
    }
    return Node("convx.Conv", node.inputs[:1], node.outputs[:1], attributes, node.name)
