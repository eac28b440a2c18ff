"""One random call of each function that torch has too, made by both and compared.

Data are small integers, so that sums are exact and every difference is one of meaning; only divisions, roots and
Winograd round.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import convx
import hypothesis.strategies as st
import numpy as np
import torch
from torch.nn import functional, grad

Draw = Callable[[Any], Any]
FAMILIES: dict[str, Callable[[Draw], None]] = {}
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def family(function: Callable[[Draw], None]) -> Callable[[Draw], None]:
    """Register a comparison under its name."""
    FAMILIES[function.__name__] = function
    return function


def number(draw: Draw, lo: int, hi: int) -> int:
    result: int = draw(st.integers(lo, hi))
    return result


def per_axis(draw: Draw, rank: int, lo: int, hi: int) -> tuple[int, ...]:
    return tuple(number(draw, lo, hi) for _ in range(rank))


def spelled(draw: Draw, values: tuple[int, ...]) -> Any:
    """An int where all axes agree, sometimes."""
    return values[0] if len(set(values)) == 1 and draw(st.booleans()) else values


def data(draw: Draw, shape: Sequence[int], dtype: str, lo: int = -9, hi: int = 9) -> Any:
    return np.random.default_rng(number(draw, 0, 2**31)).integers(lo, hi + 1, shape).astype(dtype)


def dtype_of(draw: Draw) -> str:
    result: str = draw(st.sampled_from(["float32", "float64"]))
    return result


def t(array: Any) -> Any:
    return None if array is None else torch.from_numpy(np.ascontiguousarray(array))


def both(ours: Any, theirs: Any, scale: float = 0.0) -> None:
    """Equal shapes, dtypes and values; rounding may differ by some eps of `scale` where that is not 0."""
    expected = theirs.detach().numpy()
    assert ours.shape == expected.shape
    assert ours.dtype == expected.dtype
    eps = np.finfo(ours.dtype).eps if ours.dtype.kind == "f" else 0
    np.testing.assert_allclose(ours, expected, rtol=8 * eps, atol=64 * eps * scale)


def batch(draw: Draw) -> tuple[int, ...]:
    return (number(draw, 1, 3),) if number(draw, 0, 4) else ()


def conv_shapes(draw: Draw, rank: int) -> tuple[int, int, int, tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Groups, channels in and out, kernel, stride, dilation."""
    groups = number(draw, 1, 3)
    channels, maps = groups * number(draw, 1, 6), groups * number(draw, 1, 6)
    kernel = per_axis(draw, rank, 1, (7, 5, 3)[rank - 1])
    return groups, channels, maps, kernel, per_axis(draw, rank, 1, 3), per_axis(draw, rank, 1, 3)


def sizes_for(draw: Draw, kernel: Sequence[int], dilation: Sequence[int], room: int) -> tuple[int, ...]:
    """Sizes that hold the dilated kernel, and up to `room` more."""
    return tuple((k - 1) * d + 1 + number(draw, 0, room) for k, d in zip(kernel, dilation, strict=True))


@family
def conv(draw: Draw) -> None:
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    groups, channels, maps, kernel, stride, dilation = conv_shapes(draw, rank)
    size = sizes_for(draw, kernel, dilation, (40, 12, 5)[rank - 1])
    mode = draw(st.sampled_from(sorted(MODES)))
    most = min(4, min(size) - (mode == "reflect"))
    pads = tuple((number(draw, 0, most), number(draw, 0, most)) for _ in range(rank))
    x, w = data(draw, (*batch(draw), channels, *size), dtype), data(draw, (maps, channels // groups, *kernel), dtype)
    b = data(draw, (maps,), dtype) if draw(st.booleans()) else None
    ours = getattr(convx, f"conv{rank}d")(
        x, w, b, spelled(draw, stride), pads, spelled(draw, dilation), groups, padding_mode=mode
    )
    padded = functional.pad(t(x), [n for lo, hi in reversed(pads) for n in (lo, hi)], MODES[mode])
    theirs = getattr(functional, f"conv{rank}d")(padded, t(w), t(b), stride, 0, dilation, groups)
    both(ours, theirs, channels * math.prod(kernel) * 81)


@family
def conv_named_padding(draw: Draw) -> None:
    """'same' in torch is for stride 1 only."""
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    groups, channels, maps, kernel, stride, dilation = conv_shapes(draw, rank)
    size = sizes_for(draw, kernel, dilation, 8)
    x, w = data(draw, (*batch(draw), channels, *size), dtype), data(draw, (maps, channels // groups, *kernel), dtype)
    name = draw(st.sampled_from(["same", "valid"]))
    stride = (1,) * rank if name == "same" else stride
    ours = getattr(convx, f"conv{rank}d")(x, w, None, stride, name, dilation, groups)
    theirs = getattr(functional, f"conv{rank}d")(t(x), t(w), None, stride, name, dilation, groups)
    both(ours, theirs, channels * math.prod(kernel) * 81)


@family
def conv_transpose(draw: Draw) -> None:
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    groups, channels, maps, kernel, stride, dilation = conv_shapes(draw, rank)
    size = per_axis(draw, rank, 1, (20, 9, 4)[rank - 1])
    extra = tuple(number(draw, 0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True))
    whole = [
        s * (n - 1) + d * (k - 1) + 1 + e for n, s, d, k, e in zip(size, stride, dilation, kernel, extra, strict=True)
    ]
    pads = tuple(number(draw, 0, min(4, (n - 1) // 2)) for n in whole)
    x, w = data(draw, (*batch(draw), channels, *size), dtype), data(draw, (channels, maps // groups, *kernel), dtype)
    b = data(draw, (maps,), dtype) if draw(st.booleans()) else None
    ours = getattr(convx, f"conv_transpose{rank}d")(x, w, b, stride, spelled(draw, pads), extra, groups, dilation)
    theirs = getattr(functional, f"conv_transpose{rank}d")(t(x), t(w), t(b), stride, pads, extra, groups, dilation)
    both(ours, theirs, channels * math.prod(kernel) * 81)


@family
def conv_gradients(draw: Draw) -> None:
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    groups, channels, maps, kernel, stride, dilation = conv_shapes(draw, rank)
    pads = per_axis(draw, rank, 0, 3)
    size = sizes_for(draw, kernel, dilation, (20, 8, 4)[rank - 1])
    x, w = (
        data(draw, (number(draw, 1, 3), channels, *size), dtype),
        data(draw, (maps, channels // groups, *kernel), dtype),
    )
    y = getattr(functional, f"conv{rank}d")(t(x), t(w), None, stride, pads, dilation, groups)
    gy = data(draw, tuple(y.shape), dtype)
    arguments = (spelled(draw, stride), spelled(draw, pads), spelled(draw, dilation), groups)
    ours = getattr(convx, f"conv{rank}d_input")(x.shape, w, gy, *arguments)
    theirs = getattr(grad, f"conv{rank}d_input")(x.shape, t(w), t(gy), stride, pads, dilation, groups)
    both(ours, theirs, maps * math.prod(kernel) * 81)
    ours = getattr(convx, f"conv{rank}d_weight")(x, w.shape, gy, *arguments)
    theirs = getattr(grad, f"conv{rank}d_weight")(t(x), w.shape, t(gy), stride, pads, dilation, groups)
    both(ours, theirs, gy.size / maps * 81)
    both(getattr(convx, f"conv{rank}d_bias")(gy), t(gy).sum([0, *range(2, rank + 2)]), gy.size / maps * 81)


def pool_shapes(draw: Draw, rank: int, *, dilated: bool) -> tuple[Any, ...]:
    """Kernel, stride or None, padding of at most half a kernel, dilation, ceil_mode, size."""
    kernel = per_axis(draw, rank, 1, (9, 5, 3)[rank - 1])
    stride = None if number(draw, 0, 3) == 0 else per_axis(draw, rank, 1, 4)
    dilation = per_axis(draw, rank, 1, 3) if dilated else (1,) * rank
    pads = tuple(number(draw, 0, k // 2) for k in kernel)
    size = sizes_for(draw, kernel, dilation, (40, 12, 6)[rank - 1])
    return kernel, stride, pads, dilation, draw(st.booleans()), size


@family
def max_pool(draw: Draw) -> None:
    """Few different numbers: ties; and some NaN, whose index counts too."""
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    kernel, stride, pads, dilation, ceil, size = pool_shapes(draw, rank, dilated=True)
    x = data(draw, (*batch(draw), number(draw, 1, 5), *size), dtype, -3, 3)
    if number(draw, 0, 3) == 0:
        x[np.random.default_rng(number(draw, 0, 99)).random(x.shape) < 0.1] = np.nan
    function = getattr(functional, f"max_pool{rank}d")
    theirs, where = function(t(x), kernel, stride, pads, dilation, ceil, return_indices=True)
    ours, indices = getattr(convx, f"max_pool{rank}d")(
        x, spelled(draw, kernel), stride, spelled(draw, pads), spelled(draw, dilation), ceil, True
    )
    both(ours, theirs)
    both(indices, where)
    both(getattr(convx, f"max_pool{rank}d")(x, kernel, stride, pads, dilation, ceil), theirs)
    if np.isnan(x).any() or x.ndim == rank + 1:
        return
    gy = data(draw, ours.shape, dtype)
    xt = t(x).requires_grad_()
    function(xt, kernel, stride, pads, dilation, ceil).backward(t(gy))
    both(getattr(convx, f"max_pool{rank}d_backward")(gy, indices, x.shape), xt.grad)


@family
def avg_pool(draw: Draw) -> None:
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    kernel, stride, pads, _, ceil, size = pool_shapes(draw, rank, dilated=False)
    x = data(draw, (*batch(draw), number(draw, 1, 5), *size), dtype)
    include = draw(st.booleans())
    divisor = number(draw, 1, 9) if rank > 1 and draw(st.booleans()) else None
    rest = (stride, pads, ceil, include) if rank == 1 else (stride, pads, ceil, include, divisor)
    xt = t(x).requires_grad_()
    theirs = getattr(functional, f"avg_pool{rank}d")(xt, kernel, *rest)
    both(getattr(convx, f"avg_pool{rank}d")(x, kernel, *rest), theirs, 9)
    gy = data(draw, tuple(theirs.shape), dtype)
    theirs.backward(t(gy))
    both(getattr(convx, f"avg_pool{rank}d_backward")(gy, x.shape, kernel, *rest), xt.grad, 9 * math.prod(kernel))


@family
def lp_pool(draw: Draw) -> None:
    """Whole windows of positive numbers: torch drops the bars of |x|, and scales what a window misses."""
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    kernel, stride, _, _, _, size = pool_shapes(draw, rank, dilated=False)
    x = data(draw, (*batch(draw), number(draw, 1, 5), *size), dtype, 0, 9)
    p = number(draw, 1, 4)
    theirs = getattr(functional, f"lp_pool{rank}d")(t(x), p, kernel if rank > 1 else kernel[0], stride)
    both(getattr(convx, f"lp_pool{rank}d")(x, p, kernel, stride), theirs, 9 * math.prod(kernel))


@family
def adaptive_pools(draw: Draw) -> None:
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    size = per_axis(draw, rank, 1, (40, 17, 9)[rank - 1])
    x = data(draw, (*batch(draw), number(draw, 1, 5), *size), dtype)
    wanted: Any = tuple(number(draw, 1, 9) for _ in size)
    if rank > 1:
        wanted = tuple(None if number(draw, 0, 3) == 0 else n for n in wanted)
    theirs = getattr(functional, f"adaptive_avg_pool{rank}d")(t(x), wanted)
    both(getattr(convx, f"adaptive_avg_pool{rank}d")(x, wanted), theirs, 9)
    theirs, where = getattr(functional, f"adaptive_max_pool{rank}d")(t(x), wanted, return_indices=True)
    ours, indices = getattr(convx, f"adaptive_max_pool{rank}d")(x, wanted, True)
    both(ours, theirs)
    both(indices, where)


@family
def max_unpool(draw: Draw) -> None:
    """Windows that do not overlap: else torch does not say which of two elements wins."""
    rank, dtype = number(draw, 1, 3), dtype_of(draw)
    kernel = per_axis(draw, rank, 1, 4)
    stride = tuple(k + number(draw, 0, 2) for k in kernel)
    size = sizes_for(draw, kernel, (1,) * rank, 9)
    x = data(draw, (*batch(draw), number(draw, 1, 5), *size), dtype)
    values, where = getattr(functional, f"max_pool{rank}d")(t(x), kernel, stride, return_indices=True)
    theirs = getattr(functional, f"max_unpool{rank}d")(values, where, kernel, stride, output_size=size)
    ours = getattr(convx, f"max_unpool{rank}d")(values.numpy(), where.numpy(), kernel, stride, 0, size)
    both(ours, theirs)


@family
def unfold_and_fold(draw: Draw) -> None:
    dtype = dtype_of(draw)
    kernel, stride, dilation = per_axis(draw, 2, 1, 4), per_axis(draw, 2, 1, 3), per_axis(draw, 2, 1, 3)
    pads = per_axis(draw, 2, 0, 4)
    size = sizes_for(draw, kernel, dilation, 9)
    x = data(draw, (*batch(draw), number(draw, 1, 4), *size), dtype)
    arguments = (spelled(draw, kernel), spelled(draw, dilation), spelled(draw, pads), spelled(draw, stride))
    theirs = functional.unfold(t(x), kernel, dilation, pads, stride)
    both(convx.unfold(x, *arguments), theirs)
    columns = data(draw, tuple(theirs.shape), dtype)
    both(convx.fold(columns, size, *arguments), functional.fold(t(columns), size, kernel, dilation, pads, stride))
