"""A layer with everything resolved that depends on the shape of its input."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from convx._layers.kinds import CONVOLUTIONS
from convx._types import Activation, DataFormat, NumberArray, PaddingMode, PaddingPairs
from convx.reference.geometry import adaptive_window, spatial_axes

__all__ = ["Layer"]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer and the input that it is for.

    Attributes
    ----------
    name : str
        The function or the plan's class: ``'conv2d'``, ``'Conv2d'``, ``'max_pool2d'``.
    kind : str
        What it is whatever its rank, and whether plan or function: ``'conv'``, ``'conv_transpose'``,
        ``'deform_conv'``, ``'conv_integer'``, ``'qlinear_conv'``, ``'max_pool'``, ``'avg_pool'``, ``'lp_pool'``,
        ``'adaptive_max_pool'``, ``'adaptive_avg_pool'``, ``'global_max_pool'``, ``'global_avg_pool'``,
        ``'global_lp_pool'``, ``'maxout'`` or ``'unfold'``.
    rank : int
        Number of spatial axes.
    run : callable
        Takes an array of `input_shape` and returns one of `output_shape`.
    arguments : mapping
        Every argument but the input by its name in convx, defaults included, as it was given.
    input_shape, output_shape : tuple of int
        With N, and in the order of `data_format`.
    input_dtype, dtype : numpy.dtype
        Of the input and of the output.
    weight_shape : tuple of int or None
        Of the weight; None for what has none.
    weight, bias : ndarray or None
        None where there is none, and where only a shape was given.
    has_bias : bool
        Whether there is a bias, of known values or not.
    weight_bytes : int
        Of weight and bias.
    kernel_size, stride, dilation : tuple of int
        For each spatial axis; a window of an adaptive pool has at most `kernel_size` elements, and `stride` is their
        mean distance, rounded down. A transposed convolution's stride counts outputs.
    padding : tuple of (int, int)
        For each spatial axis, before and after it, names resolved. What a transposed convolution cuts off.
    groups : int
        Of maps that do not see each other; of pools, which see one map each, the number of maps.
    padding_mode, data_format, activation : as the functions take them
    ceil_mode, count_include_pad : bool
        Of pools; False and True elsewhere.
    """

    name: str
    kind: str
    rank: int
    run: Callable[[NumberArray], NumberArray]
    arguments: Mapping[str, Any]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    input_dtype: np.dtype[Any]
    dtype: np.dtype[Any]
    weight_shape: tuple[int, ...] | None
    weight: NumberArray | None
    bias: NumberArray | None
    has_bias: bool
    weight_bytes: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: PaddingPairs
    dilation: tuple[int, ...]
    groups: int
    padding_mode: PaddingMode
    data_format: DataFormat
    activation: Activation
    ceil_mode: bool
    count_include_pad: bool

    @property
    def is_convolution(self) -> bool:
        """Whether it multiplies with a weight."""
        return self.kind in CONVOLUTIONS

    @property
    def batch(self) -> int:
        """Number of images."""
        return self.input_shape[0]

    @property
    def in_channels(self) -> int:
        """Number of input maps."""
        return self.input_shape[self._channel_axis]

    @property
    def out_channels(self) -> int:
        """Number of output maps."""
        return self.output_shape[self._channel_axis]

    @property
    def in_sizes(self) -> tuple[int, ...]:
        """Spatial sizes of the input; of columns, their number."""
        return self._sizes(self.input_shape)

    @property
    def out_sizes(self) -> tuple[int, ...]:
        """Spatial sizes of the output, ``()`` where a global pool does not keep its axes."""
        return self._sizes(self.output_shape)

    @property
    def windows(self) -> tuple[int, ...]:
        """How many windows lie along each spatial axis; of a transposed convolution, how many outputs."""
        if self.kind == "unfold":
            axes = spatial_axes(self.in_sizes, self.kernel_size, self.stride, self.padding, self.dilation)
            return tuple(axis.outputs for axis in axes)
        return self.out_sizes or (1,) * self.rank

    def taps(self, axis: int, index: int) -> tuple[int, ...]:
        """Return what window `index` along spatial axis `axis` reads: positions in the input, one for each tap.

        Those below 0 or beyond the input's last lie in the padding. A transposed convolution has the inputs that
        reach output `index`, the last tap first: none, some or all of the kernel's.
        """
        size, kernel, stride, dilation = (
            values[axis] for values in (self.in_sizes, self.kernel_size, self.stride, self.dilation)
        )
        lo = self.padding[axis][0]
        if self.kind.startswith("adaptive"):
            return tuple(range(*adaptive_window(index, size, self.windows[axis])))
        if self.kind == "conv_transpose":
            ways = (index + lo - r * dilation for r in reversed(range(kernel)))
            return tuple(way // stride for way in ways if way % stride == 0 and 0 <= way // stride < size)
        return tuple(index * stride - lo + r * dilation for r in range(kernel))

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return math.prod(self.weight_shape or (0,)) + (self.bias_size if self.has_bias else 0)

    @property
    def bias_size(self) -> int:
        """Number of elements that a bias has."""
        return self.out_channels if self.weight_shape else 0

    @property
    def _channel_axis(self) -> int:
        return 1 if self.data_format == "channels_first" else -1

    def _sizes(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[2:] if self.data_format == "channels_first" else shape[1:-1]
