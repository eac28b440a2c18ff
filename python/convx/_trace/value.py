"""One value of a map, and all that it was made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convx._trace.step import Step

__all__ = ["Value", "value_of"]

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Value:
    """One value of an output map, and the sum, the largest or the mean that it is.

    Attributes
    ----------
    layer, channel : int
        Which layer, and which of its maps, from 0.
    position : tuple of (int, int)
        Row and column in the map, from 0.
    name : str
        The function or plan of the layer.
    reads : list of int
        The input maps that it reads.
    rows, columns : list of int
        Where its window lies in each of them: below 0 or beyond the last is padding.
    receptive_field : tuple of (int, int, int, int)
        First row, last row, first column and last column of the image on which it depends, padding left out.
    window : ndarray of float64, shape (maps, kh, kw)
        The numbers under the window in each map; padding with the value it has, NaN where a pool leaves it out.
    weight : ndarray of float64, shape (maps, kh, kw), or None
        The slice of the filter that each map meets; None for a pool.
    products : ndarray of float64, shape (maps, kh, kw), or None
        Window times weight.
    shares : ndarray of float64, shape (maps,), or None
        What each input map adds to the sum.
    bias : float
        Added once to the sum of all shares; 0 where there is none.
    total : float
        The sum and the bias of a convolution, the largest, mean or norm of a pool, in float64.
    activation : None, str or tuple
        Applied once, to `total`.
    computed : float
        The activation of `total`: this value, from the numbers above.
    output : float
        What convx computed, in its own dtype and order of additions.
    agrees : bool
        Whether both are equal but for rounding.
    """

    layer: int
    channel: int
    position: tuple[int, int]
    name: str
    reads: list[int]
    rows: list[int]
    columns: list[int]
    receptive_field: tuple[int, int, int, int]
    window: _Floats
    weight: _Floats | None
    products: _Floats | None
    shares: _Floats | None
    bias: float
    total: float
    activation: Any
    computed: float
    output: float
    agrees: bool

    def __str__(self) -> str:
        from convx._trace.text import text_of

        return text_of(self)

    __repr__ = __str__


def value_of(steps: list[Step], layer: int, channel: int, position: tuple[int, int]) -> Value:
    """Return value `position` of map `channel` of layer `layer`, all of them in range."""
    step = steps[layer]
    i, j = position
    reads = step.reads[channel]
    window = _window(step, reads, i, j)
    weight = products = shares = None
    bias = 0.0
    if step.weight is not None:
        weight = step.weight[channel][:, step.rows.taps[i]][:, :, step.columns.taps[j]].astype(np.float64)
        products = window * weight
        shares = products.sum(axis=(1, 2))
        bias = 0.0 if step.bias is None else float(step.bias[channel])
    total = _total(step, window, shares, bias, (i, j))
    computed = activated(step, total)
    output = float(step.output[channel, i, j])
    return Value(
        layer=layer,
        channel=channel,
        position=position,
        name=step.layer.name,
        reads=reads,
        rows=step.rows.positions[i],
        columns=step.columns.positions[j],
        receptive_field=receptive_field(steps, layer, position),
        window=window,
        weight=weight,
        products=products,
        shares=shares,
        bias=bias,
        total=total,
        activation=step.layer.activation,
        computed=computed,
        output=output,
        agrees=_agree(computed, output, step.bound),
    )


def _window(step: Step, reads: list[int], i: int, j: int) -> _Floats:
    rows, columns = np.array(step.rows.sources(i), int), np.array(step.columns.sources(j), int)
    window = step.input[reads][:, rows][:, :, columns].astype(np.float64)
    absent = (rows < 0)[:, np.newaxis] | (columns < 0)
    window[:, absent] = math.nan if step.rule == "max" else 0.0
    return window


def _total(step: Step, window: _Floats, shares: _Floats | None, bias: float, at: tuple[int, int]) -> float:
    with np.errstate(all="ignore"):
        if shares is not None:
            return float(shares.sum() + bias)
        if step.rule == "max":
            there = window[~np.isnan(window)]
            return float(there.max(initial=-math.inf))
        if step.divisor is not None:
            return float(window.sum() / step.divisor[at])
        return float((np.abs(window) ** step.norm).sum() ** (1 / step.norm))


def activated(step: Step, number: float) -> float:
    """Return the activation of a layer, of one number."""
    low, high = step.limits
    if step.slope != 1.0:
        return number if number > 0 else number * step.slope
    return number if math.isnan(number) else min(max(number, low), high)


def _agree(computed: float, output: float, bound: float) -> bool:
    if math.isnan(computed) or math.isnan(output):
        return math.isnan(computed) and math.isnan(output)
    return computed == output or abs(computed - output) <= bound


def receptive_field(steps: list[Step], layer: int, position: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the first and last row, and the first and last column, of the image on which a value depends."""
    rows, columns = {position[0]}, {position[1]}
    for step in reversed(steps[: layer + 1]):
        rows = {s for i in rows for s in step.rows.sources(i) if s >= 0}
        columns = {s for j in columns for s in step.columns.sources(j) if s >= 0}
    if not rows or not columns:  # a window that lies in the padding alone
        return 0, -1, 0, -1
    return min(rows), max(rows), min(columns), max(columns)
