"""A convolution over maps with one to three axes, written down in a line."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from convx.networks import output_size

from harness.problem import Problem

__all__ = ["Conv"]


class Conv(NamedTuple):
    """A convolution; of kernel, stride, padding and dilation, one number stands for all axes."""

    name: str
    channels: int
    sizes: tuple[int, ...]
    outputs: int
    kernel: int | tuple[int, ...]
    stride: int | tuple[int, ...] = 1
    padding: int | tuple[int, ...] = 0
    dilation: int | tuple[int, ...] = 1
    groups: int = 1

    def each(self, value: int | tuple[int, ...]) -> tuple[int, ...]:
        """Return a number for each axis."""
        return value if isinstance(value, tuple) else (value,) * len(self.sizes)

    @property
    def output_sizes(self) -> tuple[int, ...]:
        """Sizes of the output; less than 1 where the kernel does not fit."""
        axes = map(self.each, (self.kernel, self.stride, self.padding, self.dilation))
        return tuple(
            output_size(size, (kernel - 1) * dilation + 1, stride, padding)
            for size, kernel, stride, padding, dilation in zip(self.sizes, *axes, strict=True)
        )

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """Shape of the weight."""
        return self.outputs, self.channels // self.groups, *self.each(self.kernel)

    @property
    def flops(self) -> int:
        """Multiplications and additions for one image."""
        return 2 * prod(self.output_sizes) * prod(self.weight_shape)

    def problem(self, net: str, batch: int) -> Problem:
        """Return the layer as a problem."""
        kernel, stride, padding, dilation = map(self.each, (self.kernel, self.stride, self.padding, self.dilation))
        return Problem(
            net,
            self.name,
            "conv",
            (batch, self.channels, *self.sizes),
            (batch, self.outputs, *self.output_sizes),
            self.weight_shape,
            kernel,
            stride,
            padding,
            dilation,
            self.groups,
        )
