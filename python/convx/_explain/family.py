"""Which kind of layer it is: who sees which maps, and who shares a filter. The weight's values are looked at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from convx._layers import Layer
from convx._types import NumberArray

__all__ = ["Family", "family_of"]


class Family(NamedTuple):
    """What a layer is called.

    Attributes
    ----------
    name : str
        ``'standard'``, ``'pointwise'``, ``'grouped'`` or ``'depthwise'`` for convolutions, behind ``'transposed'`` or
        ``'deformable'`` where it is; for others as ``'max pooling'``.
    type : str or None
        ``'Type 1'``, ``'Type 2.1'`` or ``'Type 2.2'``, where it is one.
    says : str
        What that means here, in a sentence.
    """

    name: str
    type: str | None
    says: str


_POOLS = {
    "max_pool": ("max pooling", "the largest element of each window of each map"),
    "avg_pool": ("average pooling", "the mean of each window of each map"),
    "lp_pool": ("Lp pooling", "the p-norm of each window of each map"),
    "adaptive_max_pool": ("adaptive max pooling", "the largest elements of windows that follow from the output's size"),
    "adaptive_avg_pool": ("adaptive average pooling", "the means of windows that follow from the output's size"),
    "global_max_pool": ("global max pooling", "the largest element of each map"),
    "global_avg_pool": ("global average pooling", "the mean of each map"),
    "global_lp_pool": ("global Lp pooling", "the p-norm of each map"),
    "maxout": ("maxout", "the largest of neighbouring maps at each pixel: a pooling across maps"),
    "unfold": ("unfold (im2col)", "the patch under each window as a column; nothing is computed"),
}
_PREFIX = {"conv_transpose": "transposed ", "deform_conv": "deformable "}


def family_of(layer: Layer) -> Family:
    """Return what `layer` is called.

    Parameters
    ----------
    layer : Layer
        A convolution or a pool.
    """
    if not layer.is_convolution:
        name, says = _POOLS[layer.kind]
        return Family(name, None, f"{says}; no weights")
    name, of_type, says = _convolution(layer)
    return Family(_PREFIX.get(layer.kind, "") + name, of_type, says)


def _convolution(layer: Layer) -> tuple[str, str | None, str]:
    maps, filters, groups = layer.in_channels, layer.out_channels, layer.groups
    weight = None if layer.kind == "conv_transpose" else layer.weight
    if groups == 1:
        name = "pointwise" if set(layer.kernel_size) == {1} else "standard"
        if maps == 1:
            return name, "Type 2.2", "one input map: Types 1, 2.1 and 2.2 are the same"
        if weight is not None and _same_along(weight, 1):
            says = f"each filter is one matrix that all {maps} input maps share: the result is that of their sum"
            return name, "Type 2.1", says
        if name == "pointwise":
            says = f"each of the {filters} filters weighs and sums the {maps} maps at a pixel, and sees no other pixel"
        else:
            says = f"each of the {filters} filters has a matrix for each of the {maps} input maps, and sums over them"
        return name, "Type 2.2", says
    if maps == groups:
        return ("depthwise", *_depthwise(weight, groups, filters // groups))
    says = f"{groups} groups that do not see each other: {maps // groups} maps in, {filters // groups} filters each"
    return "grouped", "Type 2.2", says


def _depthwise(weight: NumberArray | None, maps: int, multiplier: int) -> tuple[str | None, str]:
    if weight is not None and _same_along(weight.reshape(maps, multiplier, *weight.shape[1:]), 0):
        return "Type 1", (
            f"the same {_filters(multiplier)} applied to each of the {maps} maps separately: {maps} x {multiplier} = "
            f"{maps * multiplier} maps"
        )
    own = f"each of the {maps} maps has {_filters(multiplier)} of its own, none sees another map"
    return None, own if weight is not None else f"{own}; Type 1 where all maps share theirs"


def _filters(number: int) -> str:
    return "one filter" if number == 1 else f"{number} filters"


def _same_along(weight: NumberArray, axis: int) -> bool:
    first = np.take(weight, [0], axis)
    return bool((weight == first).all())
