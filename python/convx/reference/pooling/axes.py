"""The windows of a pooling."""

from __future__ import annotations

from convx._types import FloatArray, Ints, Padding
from convx.reference.arguments import per_axis
from convx.reference.geometry import Axis, spatial_axes


def pool_axes(
    rank: int, x: FloatArray, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: bool
) -> list[Axis]:
    """Return the spatial axes of a pooling; the stride is that of the kernel if there is none."""
    kernel = per_axis("kernel_size", kernel_size, rank)
    return spatial_axes(x.shape[-rank:], kernel, kernel if stride is None else stride, padding, dilation, ceil_mode)


def taps(rank: int) -> tuple[int, ...]:
    """Axes of `windows` that run over the taps: the last ones."""
    return tuple(range(-rank, 0))
