"""A network as a sequence of layers and of modules whose branches run side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from convx.networks.layer import Conv, Layer, Pool, Shape

__all__ = ["Chain", "Module", "Network"]


class Chain:
    """Collects layers, each fed by the one before it, so that no size is written twice.

    Parameters
    ----------
    channels, size : int
        Channels of the input and the height (= width) of its maps.
    """

    def __init__(self, channels: int, size: int) -> None:
        self.channels = channels
        self.size = size
        self.layers: list[Layer] = []

    def conv(
        self, name: str, out_channels: int, kernel: int, stride: int = 1, padding: int = 0, groups: int = 1
    ) -> Chain:
        """Append a convolution."""
        return self._append(Conv(name, self.channels, self.size, out_channels, kernel, stride, padding, groups))

    def pool(
        self,
        name: str,
        kind: Literal["max", "avg"],
        kernel: int,
        stride: int,
        padding: int = 0,
        *,
        ceil_mode: bool = False,
    ) -> Chain:
        """Append a pooling layer."""
        return self._append(Pool(name, kind, self.channels, self.size, kernel, stride, padding, ceil_mode))

    def _append(self, layer: Layer) -> Chain:
        self.layers.append(layer)
        self.channels, self.size, _ = layer.output_shape
        return self


@dataclass(frozen=True)
class Module:
    """Branches that read the same input; their outputs are concatenated along the channels.

    Attributes
    ----------
    name : str
        Name of the module.
    branches : tuple of tuple of Conv or Pool
        Each branch a chain of layers.
    """

    name: str
    branches: tuple[tuple[Layer, ...], ...]

    @property
    def output_shape(self) -> Shape:
        """Channels, height and width of the concatenated output."""
        ends = [branch[-1].output_shape for branch in self.branches]
        return sum(channels for channels, _, _ in ends), *ends[0][1:]


@dataclass(frozen=True)
class Network:
    """The convolution and pooling layers of a network, in the order in which they run.

    Attributes
    ----------
    title : str
        The network's name as its authors write it.
    input_shape : tuple of int
        Channels, height and width of the input.
    stages : tuple of Conv, Pool or Module
        What runs, each stage fed by the one before it.
    """

    title: str
    input_shape: Shape
    stages: tuple[Layer | Module, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer, those of the modules branch by branch."""
        return tuple(layer for stage in self.stages for branch in _branches(stage) for layer in branch)

    @property
    def convolutions(self) -> tuple[Conv, ...]:
        """Every convolution."""
        return tuple(layer for layer in self.layers if isinstance(layer, Conv))

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Every pooling layer."""
        return tuple(layer for layer in self.layers if isinstance(layer, Pool))


def _branches(stage: Layer | Module) -> tuple[tuple[Layer, ...], ...]:
    return stage.branches if isinstance(stage, Module) else ((stage,),)
