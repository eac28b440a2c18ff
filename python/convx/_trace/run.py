"""Running a network on one image, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convx._layers import Layer, rank_of, read_network
from convx._trace.step import Step, step_of
from convx._types import NumberArray

__all__ = ["run_network"]


def run_network(layers: Sequence[Any], image: ArrayLike) -> tuple[list[NumberArray], list[Step]]:
    """Return the image and what each layer made of it, with N = 1, and the layers as they ran."""
    array = _batch(layers, np.asarray(image))
    try:
        read = read_network(layers, array.shape, array.dtype)
    except (TypeError, ValueError) as error:
        raise type(error)(f"trace: {error}") from None
    maps, steps = [array], []
    for number, layer in enumerate(read):
        _check(number, layer)
        maps.append(layer.run(maps[-1]))
        steps.append(step_of(number, layer, maps[-2], maps[-1]))
    return maps, steps


def _check(number: int, layer: Layer) -> None:
    if layer.rank > 2:
        raise ValueError(
            f"trace: layers[{number}] must have one or two spatial axes, got {layer.rank} of {layer.name}: "
            "maps are drawn, volumes are not; trace a 2-d network on the slices of a volume"
        )
    if layer.weight_shape is not None and layer.weight is None:
        raise ValueError(f"trace: layers[{number}] must have a weight of known values, got only its shape")


def _batch(layers: Sequence[Any], array: NumberArray) -> NumberArray:
    """Return the one image with N and C, in the order of axes of the first layer."""
    if array.dtype.kind not in "iuf" and array.dtype.name != "bfloat16":
        raise TypeError(f"trace: image must hold floats or integers, got {array.dtype}")
    # That of the first layer which says how many axes it has.
    rank = next(filter(None, map(rank_of, layers)), min(array.ndim - 1, 2))
    if array.ndim == rank:
        last = _keeps_channels_last(layers[0])
        return array[np.newaxis, ..., np.newaxis] if last else array[np.newaxis, np.newaxis]
    if array.ndim == rank + 1:
        return array[np.newaxis]
    if array.ndim == rank + 2 and len(array) != 1:
        raise ValueError(
            f"trace: image must be one image, got {len(array)}, shape {array.shape}: choose one, as images[0]"
        )
    return array


def _keeps_channels_last(layer: Any) -> bool:
    given = layer.keywords.get("data_format") if isinstance(layer, partial) else getattr(layer, "data_format", None)
    return bool(given == "channels_last")
