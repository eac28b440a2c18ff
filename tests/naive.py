"""Convolution and pooling as the formulas read, one output at a time, in plain Python."""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from checks import Array


def positions(
    output: Sequence[int], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int], low: Sequence[int]
) -> Iterator[tuple[int, ...]]:
    """Input position under every tap of one output, padding included."""
    for tap in itertools.product(*map(range, kernel)):
        yield tuple(p * s + t * d - lo for p, t, s, d, lo in zip(output, tap, stride, dilation, low, strict=True))


def inside(position: Sequence[int], sizes: Sequence[int]) -> bool:
    return all(0 <= i < n for i, n in zip(position, sizes, strict=True))


def conv(
    x: Array,
    w: Array,
    b: Array | None,
    stride: Sequence[int],
    pads: Sequence[tuple[int, int]],
    dilation: Sequence[int],
    groups: int,
) -> Array:
    """x is (N, C, ...), everything else one per axis."""
    sizes, kernel, low = x.shape[2:], w.shape[2:], [lo for lo, _ in pads]
    outputs = [
        (n + lo + hi - d * (k - 1) - 1) // s + 1
        for n, k, s, d, (lo, hi) in zip(sizes, kernel, stride, dilation, pads, strict=True)
    ]
    result = np.zeros((len(x), len(w), *outputs))
    per_group = len(w) // groups
    for n, k, *p in np.ndindex(*result.shape):
        first = k // per_group * w.shape[1]
        total = 0.0 if b is None else float(b[k])
        for tap, at in zip(np.ndindex(*kernel), positions(p, kernel, stride, dilation, low), strict=True):
            if inside(at, sizes):
                total += sum(float(x[n, first + c][at]) * float(w[k, c][tap]) for c in range(w.shape[1]))
        result[(n, k, *p)] = total
    return result


def pool_size(n: int, k: int, s: int, d: int, pad: tuple[int, int], ceil_mode: bool) -> int:
    """Number of windows along one axis."""
    room = n + sum(pad) - d * (k - 1) - 1
    out = (math.ceil(room / s) if ceil_mode else room // s) + 1
    return out - 1 if ceil_mode and (out - 1) * s >= n + pad[0] else out


def pool(
    x: Array,
    kernel: Sequence[int],
    stride: Sequence[int],
    pads: Sequence[tuple[int, int]],
    dilation: Sequence[int],
    ceil_mode: bool,
    average: bool,
    include_pad: bool = True,
    divisor: int | None = None,
) -> Array:
    """x is (N, C, ...); the maximum, or the average with its divisor by the rule, window by window."""
    sizes, low = x.shape[2:], [lo for lo, _ in pads]
    outputs = [pool_size(*axis, ceil_mode) for axis in zip(sizes, kernel, stride, dilation, pads, strict=True)]
    result = np.zeros((*x.shape[:2], *outputs))
    for n, c, *p in np.ndindex(*result.shape):
        under = list(positions(p, kernel, stride, dilation, low))
        values = [float(x[n, c][at]) for at in under if inside(at, sizes)]
        if not average:
            result[(n, c, *p)] = math.nan if any(map(math.isnan, values)) else max(values, default=-math.inf)
            continue
        # With padding: taps inside of the padded input. What ceil_mode adds beyond it never counts.
        padded = [at for at in under if all(i < m + hi for i, m, (_, hi) in zip(at, sizes, pads, strict=True))]
        count = divisor or (len(padded) if include_pad else len(values))
        result[(n, c, *p)] = sum(values) / count if count else math.nan
    return result
