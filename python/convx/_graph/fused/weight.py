"""The weight of a layer, with the factors that passes have given it."""

from __future__ import annotations

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.mapped import aligned, forget

__all__ = ["weight_of"]


def weight_of(node: Node) -> AnyArray:
    """Return what a layer multiplies by.

    Parameters
    ----------
    node : Node
        A ``convx.Conv``, ``convx.ConvTranspose`` or ``convx.Linear``. Its attribute ``factor``, if it has one, holds a
        number for each output channel.

    Returns
    -------
    ndarray
        Of the weight's shape and dtype; without factors the weight itself.
    """
    weight = aligned(node.attributes["weight"])
    factor = node.attributes.get("factor")
    if factor is None:
        return weight
    if node.operator == "convx.ConvTranspose":  # (Cin, Cout / groups, *kernel)
        groups, per_group = node.attributes["groups"], weight.shape[1]
        factor = np.repeat(factor.reshape(groups, per_group), len(weight) // groups, axis=0)
    else:
        factor = factor.reshape(-1, 1)
    scaled: AnyArray = weight * factor.reshape(*factor.shape, *[1] * (weight.ndim - 2)).astype(weight.dtype)
    forget(weight)
    return scaled
