"""Sums over 8- and 16-bit pixels, which the core makes of them as they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convx import _core
from convx.ndimage._arguments import CORE_MODE, Array, Sides

__all__ = ["pixel_sums", "takes_pixels"]

RESULTS = frozenset("bBhHiIlLqQfd")
MOST_FLOAT_TAPS = 121
"""Of a kernel whose sums in floats may be rounded: beyond them transforms are faster."""


def takes_pixels(input: Array, weights: Array, modes: Sequence[str], cval: float, out: Array) -> bool:
    """Whether the core sums these arrays as they are; the modes are those of axes along which a window reaches."""
    if out.dtype.kind == "f" and weights.size > MOST_FLOAT_TAPS and (weights != np.rint(weights)).any():
        return False
    return bool(
        input.dtype.char in "?bBhH"
        and input.dtype.isnative
        and out.dtype.char in RESULTS
        and out.dtype.isnative
        and out.flags.aligned
        and input.ndim <= 3
        and len({*modes}) == 1
        and np.isfinite(weights).all()
        and np.isfinite(cval)
    )


def pixel_sums(
    input: Array,
    weights: Array,
    sides: Sequence[Sides],
    mode: str,
    cval: float,
    out: Array,
    *,
    line: bool,
) -> None:
    """Write the sums of windows into `out`, which does not overlap `input`, cut off as C does in integers.

    Axes along which the window has one weight come first, whatever their order: pixels are summed fastest along the
    last one.
    """
    order = sorted(range(input.ndim), key=lambda axis: weights.shape[axis] > 1)
    pixels = input.view(np.uint8) if input.dtype == bool else input
    _core.image_sums(
        pixels.transpose(order)[None, None],
        weights.transpose(order)[None, None],
        padding=[sides[axis] for axis in order],
        padding_mode=CORE_MODE[mode],
        fill=cval,
        line=line,
        out=out.transpose(order)[None, None],
        sums=None,
        off=0.0,
    )
