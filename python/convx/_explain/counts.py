"""What a layer costs, counted: parameters, multiplications, bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from convx._layers import Layer

__all__ = ["Counts", "counts_of"]


@dataclass(frozen=True)
class Counts:
    """Of one call, for the whole batch.

    Attributes
    ----------
    parameters : int
        Weights and biases.
    macs : int
        Multiplications, each with an addition, those of zeros in the padding included; 0 for a pool.
    macs_inside : int
        Those whose input is no zero of the padding; of a transposed convolution, whose output is not cut off.
    operations : int
        Two for each of `macs`; of a pool, one for each element of each window.
    input_bytes, weight_bytes, output_bytes : int
        Memory of the arrays.
    """

    parameters: int
    macs: int
    macs_inside: int
    operations: int
    input_bytes: int
    weight_bytes: int
    output_bytes: int

    @property
    def bytes(self) -> int:
        """What must be read and written once at least."""
        return self.input_bytes + self.weight_bytes + self.output_bytes

    @property
    def intensity(self) -> float:
        """Operations per byte."""
        return self.operations / self.bytes


def counts_of(layer: Layer) -> Counts:
    """Return what `layer` costs.

    Parameters
    ----------
    layer : Layer
        With the shape of its input.
    """
    pairs, inside = _pairs(layer)
    filters = math.prod(layer.weight_shape[:2]) if layer.weight_shape else 0
    macs = layer.batch * filters * pairs
    counted = layer.batch * layer.out_channels * pairs
    if layer.kind == "maxout":
        counted = math.prod(layer.input_shape)
    elif layer.kind == "unfold":
        counted = 0  # it copies
    return Counts(
        parameters=layer.parameters,
        macs=macs,
        macs_inside=layer.batch * filters * inside,
        operations=2 * macs if filters else counted,
        input_bytes=math.prod(layer.input_shape) * layer.input_dtype.itemsize,
        weight_bytes=layer.weight_bytes,
        output_bytes=math.prod(layer.output_shape) * layer.dtype.itemsize,
    )


def _pairs(layer: Layer) -> tuple[int, int]:
    """Return how many pairs of window and tap there are in a map, and how many of them meet elements of arrays."""
    if layer.kind.startswith("adaptive"):
        lengths = [sum(len(layer.taps(axis, i)) for i in range(windows)) for axis, windows in enumerate(layer.windows)]
        return math.prod(lengths), math.prod(lengths)
    transposed = layer.kind == "conv_transpose"
    moves, meets = (layer.in_sizes, layer.windows) if transposed else (layer.windows, layer.in_sizes)
    every = math.prod(moves) * math.prod(layer.kernel_size)
    if layer.padding_mode != "zeros":  # what is padded is elements too
        return every, every
    return every, math.prod(
        sum(_hits(count, s, r * d - lo, size) for r in range(k))
        for count, size, k, s, d, (lo, _) in zip(
            moves, meets, layer.kernel_size, layer.stride, layer.dilation, layer.padding, strict=True
        )
    )


def _hits(count: int, stride: int, offset: int, size: int) -> int:
    """Return how many of ``offset + stride * i``, i < `count`, lie in 0 ... `size` - 1."""
    first = max(-(offset // stride), 0)
    behind = min((size - 1 - offset) // stride + 1, count)
    return max(behind - first, 0)
