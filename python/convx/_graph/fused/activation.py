"""The activations of layers, on arrays that are there already."""

from __future__ import annotations

import numpy as np

from convx._graph.graph import AnyArray
from convx._types import Activation

__all__ = ["activate"]


def activate(array: AnyArray, activation: Activation) -> None:
    """Apply an activation in place.

    Parameters
    ----------
    array : ndarray
        Floats of any shape.
    activation : None, str or tuple
        As :func:`convx.conv2d` takes it.
    """
    if activation is None:
        return
    name, *numbers = (activation,) if isinstance(activation, str) else activation
    if name == "leaky_relu":
        np.multiply(array, array.dtype.type(numbers[0]), out=array, where=array < 0)
        return
    lo, hi = {"relu": (0.0, np.inf), "relu6": (0.0, 6.0)}.get(name) or numbers
    if hi == np.inf:
        np.maximum(array, array.dtype.type(lo), out=array)
    else:
        np.clip(array, array.dtype.type(lo), array.dtype.type(hi), out=array)
