"""What a layer of a network is: its sizes, parameters and multiplications, by formula."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, TypeVar

__all__ = ["Conv", "Layer", "Pool", "output_size", "unique"]

Shape = tuple[int, int, int]


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, *, ceil_mode: bool = False) -> int:
    """Length of the output along one axis, ``floor((size + 2*padding - kernel)/stride) + 1``.

    Parameters
    ----------
    size, kernel, stride, padding : int
        Length of the input, of the kernel, the step, and the padding at each end.
    ceil_mode : bool
        Round up instead, but never start a window in the padding at the end (the rule of PyTorch and ONNX).
    """
    room = size + 2 * padding - kernel
    if not ceil_mode:
        return room // stride + 1
    out = -(-room // stride) + 1
    return out - 1 if (out - 1) * stride >= size + padding else out


@dataclass(frozen=True)
class Conv:
    """A two-dimensional convolution over square maps with a square kernel.

    Attributes
    ----------
    name : str
        The layer's name in its network.
    in_channels, size : int
        Channels of the input and the height (= width) of its maps.
    out_channels, kernel, stride, padding, groups : int
        As in :func:`convx.conv2d`.
    count : int
        How often the same shape occurs in its network.
    """

    kind: ClassVar[Literal["conv"]] = "conv"

    name: str
    in_channels: int
    size: int
    out_channels: int
    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1
    count: int = 1

    @property
    def input_shape(self) -> Shape:
        """Channels, height and width of the input."""
        return self.in_channels, self.size, self.size

    @property
    def output_shape(self) -> Shape:
        """Channels, height and width of the output."""
        out = output_size(self.size, self.kernel, self.stride, self.padding)
        return self.out_channels, out, out

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """Shape of the weight that :func:`convx.conv2d` takes."""
        return self.out_channels, self.in_channels // self.groups, self.kernel, self.kernel

    @property
    def fan_in(self) -> int:
        """Products summed in one output element."""
        return self.in_channels // self.groups * self.kernel**2

    @property
    def weights(self) -> int:
        """Number of weights, the bias not counted."""
        return self.out_channels * self.fan_in

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return self.weights + self.out_channels

    @property
    def macs(self) -> int:
        """Multiplications (each with an addition) for one image: Hout * Wout * Cout * (Cin/groups) * kh * kw."""
        _, height, width = self.output_shape
        return height * width * self.weights

    @property
    def summary(self) -> str:
        """The layer in a few letters, such as ``conv 3x3 s2 p1 g32``."""
        groups = f" g{self.groups}" if self.groups > 1 else ""
        return f"conv {_window(self.kernel, self.stride, self.padding)}{groups}"


@dataclass(frozen=True)
class Pool:
    """Max or average pooling over square maps with a square window.

    Attributes
    ----------
    name : str
        The layer's name in its network.
    kind : {"max", "avg"}
        What is taken of each window.
    channels, size : int
        Channels of the input and the height (= width) of its maps.
    kernel, stride, padding, ceil_mode
        As in :func:`convx.max_pool2d`.
    count : int
        How often the same shape occurs in its network.
    """

    name: str
    kind: Literal["max", "avg"]
    channels: int
    size: int
    kernel: int
    stride: int
    padding: int = 0
    ceil_mode: bool = False
    count: int = 1

    weights: ClassVar[int] = 0
    parameters: ClassVar[int] = 0
    macs: ClassVar[int] = 0

    @property
    def input_shape(self) -> Shape:
        """Channels, height and width of the input."""
        return self.channels, self.size, self.size

    @property
    def output_shape(self) -> Shape:
        """Channels, height and width of the output."""
        out = output_size(self.size, self.kernel, self.stride, self.padding, ceil_mode=self.ceil_mode)
        return self.channels, out, out

    @property
    def summary(self) -> str:
        """The layer in a few letters, such as ``max 3x3 s2``."""
        return f"{self.kind} {_window(self.kernel, self.stride, self.padding)}"


Layer = Conv | Pool
_L = TypeVar("_L", Conv, Pool)


def _window(kernel: int, stride: int, padding: int) -> str:
    return f"{kernel}x{kernel}" + (f" s{stride}" if stride > 1 else "") + (f" p{padding}" if padding else "")


def unique(layers: Iterable[_L]) -> tuple[_L, ...]:
    """Merge layers that differ in nothing but their name, and add up their counts.

    Parameters
    ----------
    layers : iterable of Conv or of Pool
        The layers, in any order.

    Returns
    -------
    tuple
        One layer per shape, under the name of its first occurrence, in the order of first occurrence.
    """
    found: dict[_L, _L] = {}
    for layer in layers:
        shape = replace(layer, name="", count=1)
        seen = found.get(shape)
        found[shape] = replace(seen, count=seen.count + layer.count) if seen else layer
    return tuple(found.values())
