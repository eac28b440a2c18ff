"""The time of a named layer, with random numbers."""

from __future__ import annotations

from functools import partial

import numpy as np

import convx
from convx._timing import Timing, measure
from convx._types import Activation, Algorithm
from convx.networks import Conv

__all__ = ["timed"]


def timed(
    layer: Conv, seconds: float, *, batch: int = 1, algorithm: Algorithm = "auto", activation: Activation = None
) -> Timing:
    """Time a layer in float32.

    Parameters
    ----------
    layer : Conv
        What to time.
    seconds : float
        How long to go on.
    batch : int
        How many images.
    algorithm, activation
        As :class:`convx.Conv2d` takes them.
    """
    random = np.random.default_rng(0)
    maps = random.standard_normal((batch, *layer.input_shape), np.float32)
    weight = random.standard_normal(layer.weight_shape, np.float32)
    bias = random.standard_normal(layer.out_channels, np.float32)
    # The plan packs the weight ahead, and the output is there: neither is part of the time.
    plan = convx.Conv2d(
        weight,
        bias,
        layer.stride,
        layer.padding,
        groups=layer.groups,
        activation=activation,
        algorithm=algorithm,
    )
    out = np.empty((batch, *layer.output_shape), np.float32)
    return measure(partial(plan, maps, out=out), seconds)
