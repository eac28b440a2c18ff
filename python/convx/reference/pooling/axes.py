"""The windows of a pooling."""

from __future__ import annotations

from collections.abc import Sequence

from convx._types import Ints, Padding
from convx.reference.arguments import per_axis
from convx.reference.geometry import Axis, spatial_axes


def pool_axes(
    sizes: Sequence[int], kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: bool
) -> list[Axis]:
    """Return the spatial axes of a pooling; the stride is that of the kernel if there is none."""
    kernel = per_axis("kernel_size", kernel_size, len(sizes))
    axes = spatial_axes(sizes, kernel, kernel if stride is None else stride, padding, dilation, ceil_mode)
    if not isinstance(padding, str):
        check_padding(axes)
    return axes


def check_padding(axes: Sequence[Axis]) -> None:
    """Refuse padding beyond half of the kernel, as torch does."""
    for axis in axes:
        if max(axis.lo, axis.hi) > axis.extent // 2:
            got = (axis.lo, axis.hi)
            raise ValueError(f"padding must be <= half of the effective kernel size {axis.extent}, got {got}")


def taps(rank: int) -> tuple[int, ...]:
    """Axes of `windows` that run over the taps: the last ones."""
    return tuple(range(-rank, 0))
