"""Sums of products under a moving window, for any number of axes, dtypes and modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

import convx
from convx._types import Algorithm
from convx.ndimage._arguments import CORE_MODE, Array, Sides
from convx.ndimage._axes import joined_axes
from convx.ndimage._blocks import for_blocks, store
from convx.ndimage._pixels import pixel_sums, takes_pixels
from convx.ndimage._transformed import takes_transforms, transformed_sums
from convx.ndimage._truncation import settle

__all__ = ["weighted_sums"]

_CONVOLUTIONS: dict[int, Callable[..., Array]] = {1: convx.conv1d, 2: convx.conv2d, 3: convx.conv3d}


def weighted_sums(
    input: Array,
    weights: Array,
    sides: Sequence[Sides],
    modes: Sequence[str],
    cval: float,
    out: Array,
    *,
    divisor: int = 1,
    line: bool = False,
    origin: Sequence[int] | None = None,
) -> None:
    """Write into `out` the sums ``sum of weights[r] * input[p + r - before]``, divided by `divisor`.

    Parameters
    ----------
    input, out : ndarray
        Real, of the same shape; they may overlap unless `origin` is given.
    weights : ndarray of float64
        With as many axes as `input`.
    sides, modes : sequence
        For each axis how far its window reaches, and what lies beyond its borders.
    cval : float
        What lies there where the mode is 'constant'.
    divisor : int
        Of the finished sums.
    line : bool
        Whether SciPy adds the terms as it does along a line, see `settle`.
    origin : sequence of int, optional
        Where in the result `out` begins, if it is but a part of it.
    """
    if not out.size:
        return
    kept = list(range(input.ndim))
    if origin is None:
        (input, out), kept = joined_axes((input, out), [size > 1 for size in weights.shape])
    weights = weights.reshape([weights.shape[axis] for axis in kept])
    sides, modes = [sides[axis] for axis in kept], [modes[axis] for axis in kept]
    fill = cval if "constant" in modes else 0.0
    dtype = _sum_dtype(input.dtype, weights, fill, out.dtype)
    kernel = weights.astype(dtype)
    is_plain = divisor == 1 and origin is None
    taken_as_it_is = is_plain and 1 <= input.ndim <= 3 and input.dtype == out.dtype == dtype
    if taken_as_it_is and len({*modes}) == 1 and (cval == 0 or "constant" not in modes):
        mode = CORE_MODE[modes[0]]
        convolve = _CONVOLUTIONS[input.ndim]
        convolve(input[None, None], kernel[None, None], padding=sides, padding_mode=mode, out=out[None, None])
        return
    if np.may_share_memory(input, out):
        input = input.copy()
    reaching = [mode for mode, size in zip(modes, weights.shape, strict=True) if size > 1]
    if is_plain and takes_transforms(input, weights, fill, out):
        transformed_sums(input, weights, sides, modes, fill, out, line=line)
        return
    if is_plain and takes_pixels(input, weights, reaching, cval, out):
        pixel_sums(input, weights, sides, reaching[0], cval, out, line=line)
        return
    cut_off = out.dtype.kind in "biu"
    unsettled = cut_off and not (input.dtype.kind in "biu" and _is_whole(weights) and _is_whole(fill))

    def filter_block(block: Array, part: Array) -> None:
        sums = _valid(block, kernel, exact=cut_off)
        if unsettled:
            sums = settle(sums, block, weights, line=line)
        store(part, sums if divisor == 1 else sums.astype(np.float64) / divisor)

    for_blocks(input, out, sides, modes, cval, dtype, filter_block, origin)


def _is_whole(numbers: Array | float) -> bool:
    return bool(np.all(numbers == np.rint(numbers)))


def _sum_dtype(
    input: np.dtype[np.generic], weights: Array, fill: float, out: np.dtype[np.generic]
) -> np.dtype[np.generic]:
    """Return float32 where it holds the sums exactly or is all that is asked for, else float64."""
    if input.kind == "f":
        narrow = input.itemsize <= 4 and out.kind == "f" and out.itemsize <= 4
    else:
        largest = max(1 if input.kind == "b" else 2.0 ** (8 * input.itemsize), abs(fill))
        exact = _is_whole(weights) and _is_whole(fill) and largest * np.abs(weights).sum() <= 2.0**24
        narrow = bool(exact) or (input.itemsize <= 2 and out.kind == "f" and out.itemsize <= 4)
        few_near = input.itemsize == 1 and out.kind != "f" and fill == float(np.float32(fill))
        narrow = narrow or few_near  # are too near to a whole number to tell
    return np.dtype(np.float32 if narrow else np.float64)


def _valid(block: Array, kernel: Array, *, exact: bool) -> Array:
    """Return the sums of all windows that lie within a block; a fourth axis and more are summed as maps are.

    Where they must be exact for whole numbers, "auto" must not take what transforms.
    """
    if block.ndim == 0:
        product: Array = block * kernel
        return product
    if block.ndim <= 3:
        algorithm = "depthwise" if exact else "auto"
        sums: Array = _CONVOLUTIONS[block.ndim](block[None, None], kernel[None, None], algorithm=algorithm)[0, 0]
        return sums
    taps = len(kernel)
    planes = (block[start : start + taps] for start in range(len(block) - taps + 1))
    return np.stack([_over_first(some, kernel, exact=exact) for some in planes])


def _over_first(planes: Array, kernel: Array, *, exact: bool) -> Array:
    if planes.ndim == 4:
        algorithm: Algorithm = "narrow" if exact else "auto"
        summed: Array = convx.conv3d(planes[None], kernel[None], algorithm=algorithm)[0, 0]
        return summed
    return reduce(np.add, (_valid(plane, part, exact=exact) for plane, part in zip(planes, kernel, strict=True)))
