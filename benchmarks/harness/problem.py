"""One layer to compute, as plain data: what a worker needs to know, without importing convx."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Problem"]

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Problem:
    """A convolution with bias, or a pooling, of a batch of square maps.

    Attributes
    ----------
    net, name, summary : str
        Network, layer, and the layer in a few letters.
    kind : {"conv", "max", "avg"}
        What is computed.
    input_shape, output_shape, weight_shape : tuple of int
        All with the batch; a pooling has no weight: ``()``.
    kernel, stride, padding, groups, ceil_mode
        As in :func:`convx.conv2d` and :func:`convx.max_pool2d`.
    count : int
        How often the layer occurs in its network.
    """

    net: str
    name: str
    summary: str
    kind: Literal["conv", "max", "avg"]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    weight_shape: tuple[int, ...]
    kernel: int
    stride: int
    padding: int
    groups: int
    ceil_mode: bool
    count: int

    @property
    def label(self) -> str:
        """Network and layer."""
        return f"{self.net}/{self.name}"

    @property
    def family(self) -> str:
        """The group in which the layer is averaged: the kernel, or 'depthwise', 'max', 'avg'."""
        if self.kind != "conv":
            return self.kind
        return "depthwise" if 1 < self.groups == self.input_shape[1] else f"{self.kernel}x{self.kernel}"

    @property
    def flops(self) -> int:
        """Multiplications and additions by the definition of the convolution; 0 for pooling."""
        return 2 * int(np.prod(self.output_shape)) * int(np.prod(self.weight_shape[1:])) if self.weight_shape else 0

    @property
    def bytes(self) -> int:
        """What must be moved at least once: input, weights, bias and output."""
        bias = self.weight_shape[0] if self.weight_shape else 0
        weights = int(np.prod(self.weight_shape)) if self.weight_shape else 0
        return 4 * (int(np.prod(self.input_shape)) + int(np.prod(self.output_shape)) + weights + bias)

    def maps(self) -> Array:
        """Return the input; the same in every process."""
        return np.random.default_rng(1).standard_normal(self.input_shape, np.float32)

    def weights(self) -> tuple[Array, Array]:
        """Return weight and bias, scaled so that the output is of the order of 1."""
        random = np.random.default_rng(2)
        weight = random.standard_normal(self.weight_shape, np.float32)
        weight /= np.sqrt(np.float32(np.prod(self.weight_shape[1:])))
        return weight, random.standard_normal(self.weight_shape[0], np.float32)
