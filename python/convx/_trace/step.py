"""A layer as it ran on one image: the maps that came out, and what each of their values was made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from convx._layers import Layer, plan_of
from convx._trace.windows import AxisWindows, each, windows_of
from convx._types import Activation, NumberArray
from convx.reference.geometry import spatial_axes
from convx.reference.pooling.avg import average_divisor

__all__ = ["Step", "activation_parts", "step_of"]

Rule = Literal["sum", "max", "mean", "norm"]
"""What makes one number of a window: the weighted sum, the largest, the sum by a divisor, the p-norm."""

_RULES: dict[str, Rule] = {
    "conv": "sum",
    "conv_transpose": "sum",
    "max_pool": "max",
    "adaptive_max_pool": "max",
    "global_max_pool": "max",
    "maxout": "max",
    "avg_pool": "mean",
    "adaptive_avg_pool": "mean",
    "global_avg_pool": "mean",
    "lp_pool": "norm",
    "global_lp_pool": "norm",
}

_FACTORS = {"winograd": 128, "fft": 16}
"""How many times ``eps * K * max|x| * max|w|`` an algorithm may err, as documented; the others 4 times."""


@dataclass(frozen=True, eq=False)
class Step:
    """A layer as it ran, its maps with two axes: those of one axis are rows of height 1.

    Attributes
    ----------
    layer : Layer
        What ran.
    rule : 'sum', 'max', 'mean' or 'norm'
        What makes one number of a window.
    reads : list of list of int
        The input maps that each output map reads.
    rows, columns : AxisWindows
        Which elements of those maps each output reads.
    input, output : ndarray, shape (C, H, W)
        What went in and what convx computed.
    weight : ndarray, shape (Cout, maps read, kh, kw), or None
        The kernel slice for each input map of `reads`.
    bias : ndarray, shape (Cout,), or None
        Added to the sum over all maps.
    limits : tuple of (float, float)
        What the activation clamps to.
    slope : float
        What it multiplies numbers below 0 with.
    divisor : ndarray, shape (Hout, Wout), or None
        What the sum of an average pool is divided by.
    norm : float
        The p of the p-norm.
    bound : float
        How far rounding may take a value of `output` from the exact one.
    """

    layer: Layer
    rule: Rule
    reads: list[list[int]]
    rows: AxisWindows
    columns: AxisWindows
    input: NumberArray
    output: NumberArray
    weight: NumberArray | None
    bias: NumberArray | None
    limits: tuple[float, float]
    slope: float
    divisor: NumberArray | None
    norm: float
    bound: float


def step_of(number: int, layer: Layer, given: NumberArray, result: NumberArray) -> Step:
    """Return layer `number` as it made `result` of `given`, both with N = 1."""
    rule = _RULES.get(layer.kind)
    if rule is None:
        raise ValueError(
            f"trace: layers[{number}] must be conv, conv_transpose or a pool, over one or two axes, got {layer.name}"
        )
    x, y = as_maps(given, layer.data_format), as_maps(result, layer.data_format)
    *above, columns = (windows_of(layer, axis) for axis in range(layer.rank))
    rows = above[0] if above else each(1)
    weight, bias = _weight(layer), layer.bias
    limits, slope = _activation(layer.activation)
    return Step(
        layer=layer,
        rule=rule,
        reads=_reads(layer, len(x), len(y)),
        rows=rows,
        columns=columns,
        input=x,
        output=y,
        weight=weight,
        bias=None if bias is None else bias.astype(_drawn(bias)),
        limits=limits,
        slope=slope,
        divisor=_divisor(layer, rows, columns),
        norm=float(layer.arguments.get("norm_type", 2)),
        bound=_bound(layer, rule, x, y, weight),
    )


def as_maps(array: NumberArray, data_format: str) -> NumberArray:
    """Return the one image of a batch as maps of two axes, in float32 or float64, which hold all that convx takes."""
    maps = array[0]
    if data_format == "channels_last" and maps.ndim > 1:
        maps = np.moveaxis(maps, -1, 0)
    shape = (len(maps), *(1,) * (3 - maps.ndim), *maps.shape[1:])
    return np.ascontiguousarray(maps.reshape(shape), dtype=_drawn(maps))


def _drawn(array: NumberArray) -> type[np.float32] | type[np.float64]:
    return np.float32 if array.dtype.itemsize < 4 or array.dtype == np.float32 else np.float64


def _reads(layer: Layer, inputs: int, outputs: int) -> list[list[int]]:
    if layer.kind == "maxout":
        size = inputs // outputs
        return [list(range(k * size, (k + 1) * size)) for k in range(outputs)]
    if not layer.is_convolution:
        return [[k] for k in range(outputs)]
    size = inputs // layer.groups
    groups = (k * layer.groups // outputs for k in range(outputs))
    return [list(range(g * size, (g + 1) * size)) for g in groups]


def _weight(layer: Layer) -> NumberArray | None:
    """Return the weight as (Cout, maps read, kh, kw), whatever the layer."""
    w = layer.weight
    if w is None:
        return None
    w = w.astype(_drawn(w))
    if layer.rank == 1:
        w = w[:, :, np.newaxis]
    if layer.kind == "conv_transpose":  # (Cin, Cout / groups, kh, kw)
        g = layer.groups
        w = w.reshape(g, w.shape[0] // g, *w.shape[1:]).swapaxes(1, 2).reshape(-1, w.shape[0] // g, *w.shape[2:])
    return np.ascontiguousarray(w)


def _divisor(layer: Layer, rows: AxisWindows, columns: AxisWindows) -> NumberArray | None:
    if not layer.kind.endswith("avg_pool"):
        return None
    if layer.kind != "avg_pool":
        high, wide = (np.array([len(p) for p in axis.positions]) for axis in (rows, columns))
        counts: NumberArray = high[:, np.newaxis] * wide
        return counts
    override = layer.arguments.get("divisor_override")
    axes = spatial_axes(layer.in_sizes, layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode)
    counted = np.asarray(average_divisor(axes, layer.count_include_pad, override))
    return np.broadcast_to(counted, (len(rows.positions), len(columns.positions))).copy()


def activation_parts(activation: Activation) -> tuple[str, list[float]]:
    """Return the name of an activation, empty for none, and its numbers."""
    if activation is None or isinstance(activation, str):
        return activation or "", []
    name, *numbers = activation
    return name, list(map(float, numbers))


def _activation(activation: Activation) -> tuple[tuple[float, float], float]:
    """Return an activation as the limits to which it clamps, and its slope below 0."""
    name, numbers = activation_parts(activation)
    if name == "leaky_relu":
        return (-math.inf, math.inf), numbers[0]
    limits = {"": (-math.inf, math.inf), "relu": (0.0, math.inf), "relu6": (0.0, 6.0)}
    low, high = limits.get(name, numbers)
    return (low, high), 1.0


def _bound(layer: Layer, rule: Rule, x: NumberArray, y: NumberArray, weight: NumberArray | None) -> float:
    """Return the documented bound of a convolution; of a pool, some units in the last place of its largest value."""
    if layer.dtype.kind in "iub":
        return 0.0
    eps = float(2.0**-7 if layer.dtype.name == "bfloat16" else np.finfo(layer.dtype).eps)
    if weight is None:
        return 0.0 if rule == "max" else 64 * eps * _largest(x)
    terms = math.prod(weight.shape[1:])
    plan = plan_of(layer)
    factor = _FACTORS.get(plan.algorithm_for(layer.input_shape), 4) if plan else 4
    bias = 0.0 if layer.bias is None else _largest(layer.bias.astype(np.float64))
    bound = factor * eps * (terms * _largest(x) * _largest(weight) + bias)
    return min(bound, float(np.finfo(np.float64).max))  # JSON has no infinity


def _largest(array: NumberArray) -> float:
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
