"""Where the windows lie: output sizes, padding, and the views through which each output sees the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from convx._types import Ints, Padding, PaddingMode, PaddingName
from convx.reference.arguments import padding_pairs, per_axis

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True)
class Axis:
    """One spatial axis: `size` elements, `lo` padded before and `hi` after them, under a sliding kernel."""

    size: int
    kernel: int
    stride: int
    dilation: int
    lo: int
    hi: int
    ceil_mode: bool

    def __post_init__(self) -> None:
        if min(self.kernel, self.stride, self.dilation) < 1 or min(self.lo, self.hi) < 0:
            raise ValueError(f"kernel, stride and dilation must be >= 1 and padding >= 0, got {self}")
        if self.outputs < 1:
            raise ValueError(f"output size must be >= 1, got {self.outputs} from {self}")

    @property
    def extent(self) -> int:
        """Elements from the first tap of a window to its last; the kernel itself if there is no dilation."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def outputs(self) -> int:
        """Number of windows: the first lies at the low end, and one more fits for each stride."""
        room = self.size + self.lo + self.hi - self.extent
        if not self.ceil_mode:
            return room // self.stride + 1
        outputs = -(-room // self.stride) + 1  # rounded up
        starts_in_high_padding = (outputs - 1) * self.stride >= self.size + self.lo
        return outputs - 1 if starts_in_high_padding else outputs

    @property
    def overhang(self) -> int:
        """Elements that the last window of `ceil_mode` reads beyond the high padding."""
        return max((self.outputs - 1) * self.stride + self.extent - (self.size + self.lo + self.hi), 0)

    def taps(self) -> NDArray[np.int64]:
        """Position in the input of every tap of every output, (outputs, kernel); outside 0 ... size - 1 is padding."""
        starts = np.arange(self.outputs) * self.stride - self.lo
        return starts[:, np.newaxis] + np.arange(self.kernel) * self.dilation


def spatial_axes(
    sizes: Sequence[int], kernel: Sequence[int], stride: Ints, padding: Padding, dilation: Ints, ceil_mode: bool = False
) -> list[Axis]:
    """Return the spatial axes of a convolution or pooling."""
    rank = len(sizes)
    axes = []
    for size, taps, step, gap, pads in zip(
        sizes,
        kernel,
        per_axis("stride", stride, rank),
        per_axis("dilation", dilation, rank),
        padding_pairs(padding, rank),
        strict=True,
    ):
        lo, hi = named_padding(pads, size, taps, step, gap) if isinstance(pads, str) else pads
        axes.append(Axis(size, taps, step, gap, lo, hi, ceil_mode))
    return axes


def named_padding(name: PaddingName, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Return the (lo, hi) that a padding name stands for."""
    reach = dilation * (kernel - 1)
    if name == "valid":
        return 0, 0
    if name == "causal":  # the last tap of output i lies on input i * stride: nothing later is seen
        return reach, 0
    if name not in ("same", "same_lower"):
        raise ValueError(f"padding must be 'valid', 'same', 'same_lower' or 'causal', got {name!r}")
    outputs = -(-size // stride)  # ceil(size / stride)
    total = max((outputs - 1) * stride + reach + 1 - size, 0)
    small, large = total // 2, total - total // 2
    return (small, large) if name == "same" else (large, small)


def adaptive_window(index: Any, size: int, outputs: int) -> tuple[Any, Any]:
    """Return where window `index` of an adaptive pool begins and ends: floor(i * in / out), ceil((i + 1) * in / out).

    Of an array of indices, arrays.
    """
    return index * size // outputs, -(-(index + 1) * size // outputs)


PADDING_MODES: dict[PaddingMode, Literal["constant", "edge", "reflect", "symmetric", "wrap"]] = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
    "symmetric": "symmetric",
    "edge": "edge",
    "wrap": "wrap",
}


"""What :func:`numpy.pad` calls them."""


def extended(images: NDArray[_Scalar], axes: Sequence[Axis], padding_mode: PaddingMode) -> NDArray[_Scalar]:
    """Return `images` with their padding around them."""
    if padding_mode not in PADDING_MODES:
        raise ValueError(f"padding_mode must be one of {', '.join(PADDING_MODES)}, got {padding_mode!r}")
    return np.pad(images, [(0, 0), (0, 0), *((a.lo, a.hi) for a in axes)], mode=PADDING_MODES[padding_mode])


def windows(images: NDArray[_Scalar], axes: Sequence[Axis], fill: float) -> NDArray[_Scalar]:
    """Pad `images` with `fill` and return a view of shape (N, C, *outputs, *kernel).

    Its element [n, c, p, r], where p and r stand for one index per axis, is what tap r of output p sees.
    """
    padded = np.pad(images, [(0, 0), (0, 0), *((a.lo, a.hi + a.overhang) for a in axes)], constant_values=fill)
    view = sliding_window_view(padded, [a.extent for a in axes], axis=tuple(range(2, padded.ndim)))
    every_stride = [slice(0, (a.outputs - 1) * a.stride + 1, a.stride) for a in axes]
    every_dilation = [slice(None, None, a.dilation) for a in axes]
    return view[:, :, *every_stride, *every_dilation]
