"""Sums of bytes under large windows, by Fourier transforms of floats: those that rounding decides are made again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import convx
from convx import _core
from convx.ndimage._arguments import Array, Sides
from convx.ndimage._blocks import for_blocks

__all__ = ["takes_transforms", "transformed_sums"]

FEWEST_TAPS = 17 * 17
"""Below them sums of products are faster."""

MOST_OFF = 1 / 256
"""Of sums in float: where more of them are near to a whole number, to make those again takes longer."""


def takes_transforms(input: Array, weights: Array, fill: float, out: Array) -> bool:
    """Whether bytes are summed by transforms, into integers whose sums are not all exact."""
    if weights.size < FEWEST_TAPS or input.dtype.char not in "bB" or out.dtype.char not in "bBhH":
        return False
    return bool(
        1 <= input.ndim <= 3
        and input.size >= 2 * weights.size
        and out.dtype.isnative
        and np.isfinite(weights).all()
        and (weights != np.rint(weights)).any()
        and fill == np.rint(fill)
        and np.iinfo(input.dtype).min <= fill <= np.iinfo(input.dtype).max
        and _off(weights) <= MOST_OFF
    )


def _off(weights: Array) -> float:
    """Return how far sums made by transforms are from the true ones, at most (decision 31)."""
    return float(16 * np.finfo(np.float32).eps * weights.size * 255 * np.abs(weights).max())


def transformed_sums(
    input: Array,
    weights: Array,
    sides: Sequence[Sides],
    modes: Sequence[str],
    fill: float,
    out: Array,
    *,
    line: bool,
) -> None:
    """Write the sums of windows into `out`, which does not overlap `input`, cut off as C does in integers."""
    convolve = (convx.conv1d, convx.conv2d, convx.conv3d)[input.ndim - 1]
    kernel, off = weights.astype(np.float32)[None, None], _off(weights)

    def filter_block(block: Array, part: Array) -> None:
        sums = convolve(block.astype(np.float32)[None, None], kernel, algorithm="fft")
        _core.image_sums(
            block[None, None],
            weights[None, None],
            padding=0,
            padding_mode="zeros",
            fill=0.0,
            line=line,
            out=part[None, None],
            sums=sums,
            off=off,
        )

    for_blocks(input, out, sides, modes, fill, input.dtype, filter_block)
