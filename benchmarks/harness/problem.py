"""One layer to compute, as plain data: what a worker needs to know, without importing convx."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Problem"]

Array = NDArray[np.float32]
Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """A convolution with bias, or a pooling, of a batch of maps with one to three axes.

    Attributes
    ----------
    net, name : str
        Network and layer.
    kind : {"conv", "max", "avg"}
        What is computed.
    input_shape, output_shape, weight_shape : tuple of int
        All with the batch; a pooling has no weight: ``()``.
    kernel, stride, padding, dilation : tuple of int
        A number for each axis, as in :func:`convx.conv2d` and :func:`convx.max_pool2d`.
    groups, ceil_mode
        As there.
    count : int
        How often the layer occurs in its network.
    """

    net: str
    name: str
    kind: Literal["conv", "max", "avg"]
    input_shape: Sizes
    output_shape: Sizes
    weight_shape: Sizes
    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes
    groups: int = 1
    ceil_mode: bool = False
    count: int = 1

    @property
    def label(self) -> str:
        """Network and layer."""
        return f"{self.net}/{self.name}"

    @property
    def rank(self) -> int:
        """The number of axes beside batch and channels."""
        return len(self.kernel)

    @property
    def summary(self) -> str:
        """The layer in a few letters, such as ``conv 3x3 s2 p1 g32``."""
        words = [self.kind, "x".join(map(str, self.kernel)) if self.rank > 1 else f"k{self.kernel[0]}"]
        for letter, values, usual in (("s", self.stride, 1), ("p", self.padding, 0), ("d", self.dilation, 1)):
            if set(values) != {usual}:
                words.append(letter + "x".join(map(str, values if len(set(values)) > 1 else values[:1])))
        return " ".join([*words, f"g{self.groups}"] if self.groups > 1 else words)

    @property
    def depthwise(self) -> bool:
        """Whether every channel is a group of its own."""
        return 1 < self.groups == self.input_shape[1]

    @property
    def family(self) -> str:
        """The group in which the layer is averaged: the kernel, the number of axes, 'depthwise', 'max', 'avg'."""
        if self.kind != "conv":
            return self.kind
        if self.depthwise:
            return "depthwise"
        if self.rank != 2:
            return f"{self.rank}-d"
        return "x".join(map(str, self.kernel)) if len(set(self.kernel)) == 1 else "not square"

    @property
    def flops(self) -> int:
        """Multiplications and additions by the definition of the convolution; 0 for pooling."""
        return 2 * prod(self.output_shape) * prod(self.weight_shape[1:]) if self.weight_shape else 0

    @property
    def bytes(self) -> int:
        """What must be moved at least once: input, weights, bias and output."""
        constants = prod(self.weight_shape) + self.weight_shape[0] if self.weight_shape else 0
        return 4 * (prod(self.input_shape) + prod(self.output_shape) + constants)

    def maps(self) -> Array:
        """Return the input; the same in every process."""
        return np.random.default_rng(1).standard_normal(self.input_shape, np.float32)

    def weights(self) -> tuple[Array, Array]:
        """Return weight and bias, scaled so that the output is of the order of 1."""
        random = np.random.default_rng(2)
        weight = random.standard_normal(self.weight_shape, np.float32)
        weight /= np.sqrt(np.float32(prod(self.weight_shape[1:])))
        return weight, random.standard_normal(self.weight_shape[0], np.float32)
