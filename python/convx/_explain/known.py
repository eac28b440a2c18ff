"""The layers of :mod:`convx.networks` as steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import convx
from convx._explain.graph import INPUT, Step
from convx._layers import Layer, read_layer
from convx.networks import MOBILENET_V2, RESNET50, Conv, Network, Pool
from convx.networks import Layer as Shapes

__all__ = ["LAYER", "layer_of", "network_of"]

LAYER = (Conv, Pool)
"""The classes of a layer of known shapes."""


_TITLES = (("MobileNet-V2", MOBILENET_V2), ("ResNet-50", RESNET50))


def network_of(what: Network | Sequence[Shapes]) -> tuple[str, list[Step], tuple[int, ...]]:
    """Return the title, the steps and the input's shape of a network, or of a list of layers."""
    if isinstance(what, Network):
        return what.title, _steps_of_network(what), (1, *what.input_shape)
    if not isinstance(what, (list, tuple)):
        raise TypeError(f"explain: what must be a layer, a list of layers or a Network, got a {type(what).__name__}")
    for number, shapes in enumerate(what):
        if not isinstance(shapes, LAYER):
            raise TypeError(f"layer {number}: must be of convx.networks, as others of the list are, got {shapes!r}")
    title = next((title for title, layers in _TITLES if layers is what), "network")
    return title, _steps_of_list(what), (1, *what[0].input_shape)


def layer_of(shapes: Shapes) -> Layer:
    """Return a layer of known shapes, its weight's values left open."""
    function: Any
    if isinstance(shapes, Conv):
        function = partial(
            convx.conv2d,
            weight=shapes.weight_shape,
            bias=True,
            stride=shapes.stride,
            padding=shapes.padding,
            groups=shapes.groups,
        )
    else:
        function = partial(
            convx.max_pool2d if shapes.kind == "max" else convx.avg_pool2d,
            kernel_size=shapes.kernel,
            stride=shapes.stride,
            padding=shapes.padding,
            ceil_mode=shapes.ceil_mode,
        )
    return read_layer(function, (1, *shapes.input_shape))


def _steps_of_network(network: Network) -> list[Step]:
    """Return every layer, and a concatenation behind the branches of each module."""
    steps: list[Step] = []
    before = INPUT
    for stage in network.stages:
        if isinstance(stage, LAYER):
            before = _appended(steps, stage, (before,))
            continue
        ends = []
        for branch in stage.branches:
            end = before
            for shapes in branch:
                end = _appended(steps, shapes, (end,))
            ends.append(end)
        steps.append(Step(stage.name, None, tuple(ends), stage.output_shape[1:]))
        before = len(steps) - 1
    return steps


def _steps_of_list(layers: Sequence[Shapes]) -> list[Step]:
    """Return layers in a row; where one does not fit the one before, what it follows is not known."""
    steps: list[Step] = []
    known = True
    for number, shapes in enumerate(layers):
        known = known and (number == 0 or layers[number - 1].output_shape == shapes.input_shape)
        _appended(steps, shapes, (number - 1,) if known else ())
    return steps


def _appended(steps: list[Step], shapes: Shapes, inputs: tuple[int, ...]) -> int:
    layer = layer_of(shapes)
    steps.append(Step(shapes.name, layer, inputs, layer.windows, shapes.count))
    return len(steps) - 1
