"""Every family of calls, one row each: what is called, on which arrays; other tests draw from this table.

`FAMILIES[name](n, seed)` gives `call, arrays`, and `call(*arrays)` computes over a batch of n. With n = 1 that takes
10 us to 1 ms; `lengthen` finds an n that lasts as long as a test needs.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import convx
import numpy as np
from cases import Array
from convx import _core, onnx

Call = Callable[..., Any]
Made = tuple[Call, tuple[Array, ...]]
Family = Callable[[int, int], Made]

MOST_BYTES = 96 << 20  # of an input with memory of its own; a larger batch repeats one image
FAMILIES: dict[str, Family] = {}


def numbers(seed: int, shape: tuple[int, ...], dtype: str = "float32") -> Array:
    """Small integers, so that sums are exact in every type; floats get an eighth more, integers none."""
    generator = np.random.default_rng([seed, *shape])
    low, high = (0, 9) if np.dtype(dtype).kind == "u" else (-5, 6)
    whole = generator.integers(low, high, shape)
    return whole.astype(dtype) if np.dtype(dtype).kind in "iu" else (whole / 8 + 0.125).astype(dtype)


def batch(n: int, seed: int, shape: tuple[int, ...], dtype: str = "float32") -> Array:
    """N images that differ, or the same one n times where they would not fit."""
    if n * int(np.prod(shape)) * 8 <= MOST_BYTES:
        return numbers(seed, (n, *shape), dtype)
    return np.broadcast_to(numbers(seed, (1, *shape), dtype), (n, *shape))


def result_arrays(result: Any) -> tuple[Array, ...]:
    return result if isinstance(result, tuple) else (result,)


def same(actual: Any, expected: Any) -> bool:
    """Equal bits; without a copy, for results of some hundred megabytes."""
    pairs = zip(result_arrays(actual), result_arrays(expected), strict=True)
    return all(
        a.shape == e.shape and a.dtype == e.dtype and np.array_equal(a.view(f"u{a.itemsize}"), e.view(f"u{e.itemsize}"))
        for a, e in pairs
    )


def seconds_of(call: Call, arrays: tuple[Array, ...]) -> float:
    start = time.perf_counter()
    call(*arrays)
    return time.perf_counter() - start


def lengthen(name: str, seconds: float, seed: int = 0, most_bytes: int = 1 << 30) -> int:
    """The n with which the family takes about so long, but for results of more than most_bytes."""
    n = 1
    while True:
        call, arrays = FAMILIES[name](n, seed)
        size = sum(a.nbytes for a in result_arrays(call(*arrays)))
        took = min(seconds_of(call, arrays) for _ in range(3))  # of a busy machine, one may last at any n
        limit = n * most_bytes // max(size, 1) if n > 1 else 1 << 40
        if took > seconds / 16 or n >= limit:
            return max(1, min(int(n * seconds / took), limit))
        n = min(n * 8, limit)


def add(name: str, family: Family) -> None:
    assert name not in FAMILIES, name
    FAMILIES[name] = family


def simple(function: Call, shape: tuple[int, ...], *rest: Any, dtype: str = "float32", **keywords: Any) -> Family:
    """Of one input alone."""

    def make(n: int, seed: int) -> Made:
        return lambda x, **more: function(x, *rest, **keywords, **more), (batch(n, seed, shape, dtype),)

    return make


def weighted(
    function: Call,
    x_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    *,
    dtype: str = "float32",
    w_dtype: str | None = None,
    bias: int = 0,
    **keywords: Any,
) -> Family:
    """Of input and weight, in this order, and a bias of so many numbers."""

    def make(n: int, seed: int) -> Made:
        arrays = batch(n, seed, x_shape, dtype), numbers(seed + 1, w_shape, w_dtype or dtype)
        if bias:
            arrays += (numbers(seed + 2, (bias,), w_dtype or dtype),)
        return partial(function, **keywords), arrays

    return make


def planned(plan_class: Call, x_shape: tuple[int, ...], w_shape: tuple[int, ...], **of: Any) -> Iterator[Family]:
    """Calls of one plan; then its making and first call."""
    dtype, w_dtype = of.pop("dtype", "float32"), of.pop("w_dtype", "float32")

    def kept(n: int, seed: int) -> Made:
        return plan_class(numbers(seed + 1, w_shape, w_dtype), **of), (batch(n, seed, x_shape, dtype),)

    def made(n: int, seed: int) -> Made:
        def call(x: Array, w: Array, **more: Any) -> Any:
            return plan_class(w, **of)(x, **more)

        return call, (batch(n, seed, x_shape, dtype), numbers(seed + 1, w_shape, w_dtype))

    yield kept
    yield made


def quantised(x_dtype: str, w_dtype: str) -> tuple[Any, ...]:
    def parameters(w: Array) -> tuple[Any, ...]:
        zeros = np.array(3, x_dtype), np.zeros(len(w), w_dtype)
        return np.float32(0.5), zeros[0], w, np.full(len(w), 0.25, "float32"), zeros[1], np.float32(2), zeros[0]

    def function(x: Array, w: Array, **more: Any) -> Any:
        return convx.qlinear_conv(x, *parameters(w), padding=1, **more)

    def operator(x: Array, w: Array) -> Any:
        return onnx.QLinearConv(x, *parameters(w), pads=[1, 1, 1, 1])

    def plan(w: Array) -> convx.QLinearConv:
        return convx.QLinearConv(*parameters(w), padding=1)

    return function, operator, plan


def convolutions() -> None:
    x2, w2 = (7, 13, 19), (9, 7, 3, 3)
    for algorithm in _core.algorithms():
        depthwise = algorithm in ("depthwise", "separable")
        groups, w_shape = (7, (7, 1, 3, 3)) if depthwise else (1, w2)
        named = {"padding": 1, "groups": groups, "algorithm": algorithm}
        for dtype in ("float32", "float64", "float16"):
            add(f"conv2d-{algorithm}-{dtype}", weighted(convx.conv2d, x2, w_shape, dtype=dtype, **named))
        last = {"data_format": "channels_last", **named}
        add(f"conv2d-{algorithm}-last", weighted(convx.conv2d, (13, 19, 7), w_shape, **last))
        add(f"conv2d-{algorithm}-reflect", weighted(convx.conv2d, x2, w_shape, padding_mode="reflect", **named))
        add(f"conv2d-{algorithm}-tiny", weighted(convx.conv2d, (w_shape[1] * groups, 3, 5), w_shape, **named))
    add("conv2d-mixed", weighted(convx.conv2d, x2, w2, w_dtype="float64", padding=1))
    add("conv2d-bias-relu", weighted(convx.conv2d, x2, w2, bias=9, padding=1, activation="relu"))
    add("conv2d-stride2", weighted(convx.conv2d, x2, w2, stride=2, padding=1))
    add("conv2d-1x1", weighted(convx.conv2d, x2, (9, 7, 1, 1)))
    add("conv2d-groups", weighted(convx.conv2d, (8, 13, 19), (12, 4, 3, 3), groups=2, padding=1))
    add("conv2d-wide", weighted(convx.conv2d, (32, 17, 17), (48, 32, 3, 3), padding=1))
    add("conv1d", weighted(convx.conv1d, (5, 101), (6, 5, 7), padding=3))
    add("conv3d", weighted(convx.conv3d, (3, 5, 7, 9), (6, 3, 3, 3, 3), padding=1))
    for name in ("float32", "float16"):
        for stride in (1, 2):
            of = {"dtype": name, "stride": stride, "padding": 1, "groups": 17}
            add(f"depthwise-{name}-stride{stride}", weighted(convx.conv2d, (17, 13, 19), (17, 1, 3, 3), **of))
            last = {"data_format": "channels_last", **of}
            add(f"depthwise-{name}-stride{stride}-last", weighted(convx.conv2d, (13, 19, 17), (17, 1, 3, 3), **last))


def plans() -> None:
    casts = {
        "float32": ("float32", "float32"),
        "float32-of-float64": ("float32", "float64"),
        "float16-of-float16": ("float16", "float16"),
        "float16-of-float32": ("float16", "float32"),
        "float16-of-float64": ("float16", "float64"),
        "float64-of-float32": ("float64", "float32"),
    }
    plan_classes = {
        "Conv2d": (convx.Conv2d, (7, 13, 19), (9, 7, 3, 3), {"padding": 1}),
        "Conv2d-depthwise": (convx.Conv2d, (7, 13, 19), (7, 1, 3, 3), {"padding": 1, "groups": 7}),
        "ConvTranspose2d": (convx.ConvTranspose2d, (7, 9, 11), (7, 5, 3, 3), {"stride": 2}),
    }
    for name, (plan_class, x_shape, w_shape, of) in plan_classes.items():
        for cast, (w_dtype, dtype) in casts.items():
            kept, made = planned(plan_class, x_shape, w_shape, w_dtype=w_dtype, dtype=dtype, **of)
            add(f"plan-{name}-{cast}", kept)
            add(f"made-{name}-{cast}", made)
    for w_dtype, dtype in (("int8", "int8"), ("int8", "uint8"), ("int8", "int16"), ("int16", "int16"), ("int64",) * 2):
        kept, made = planned(convx.Conv2d, (7, 13, 19), (9, 7, 3, 3), w_dtype=w_dtype, dtype=dtype, padding=1)
        add(f"plan-Conv2d-{w_dtype}-of-{dtype}", kept)
        add(f"made-Conv2d-{w_dtype}-of-{dtype}", made)
    for x_dtype, w_dtype in (("uint8", "int8"), ("uint8", "uint8"), ("int8", "int8")):
        function, operator, plan = quantised(x_dtype, w_dtype)
        kept, made = planned(plan, (7, 13, 19), (9, 7, 3, 3), w_dtype=w_dtype, dtype=x_dtype)
        add(f"plan-QLinearConv-{x_dtype}-{w_dtype}", kept)
        add(f"made-QLinearConv-{x_dtype}-{w_dtype}", made)
        add(
            f"qlinear_conv-{x_dtype}-{w_dtype}",
            weighted(function, (7, 13, 19), (9, 7, 3, 3), dtype=x_dtype, w_dtype=w_dtype),
        )
        add(
            f"onnx-QLinearConv-{x_dtype}-{w_dtype}",
            weighted(operator, (7, 13, 19), (9, 7, 3, 3), dtype=x_dtype, w_dtype=w_dtype),
        )


def integers() -> None:
    x, w = (7, 13, 19), (9, 7, 3, 3)
    for dtype in ("int8", "uint8", "int16", "int32", "int64"):
        add(f"conv2d-{dtype}", weighted(convx.conv2d, x, w, dtype=dtype, padding=1))
    add("conv2d-int8-reference", weighted(convx.conv2d, x, w, dtype="int8", padding=1, algorithm="reference"))
    add(
        "conv2d-int8-last", weighted(convx.conv2d, (13, 19, 7), w, dtype="int8", padding=1, data_format="channels_last")
    )
    add("conv2d-int8-depthwise", weighted(convx.conv2d, x, (7, 1, 3, 3), dtype="int8", padding=1, groups=7))
    of = {"dtype": "uint8", "w_dtype": "int8", "padding": 1}
    add("conv_integer", weighted(convx.conv_integer, x, w, x_zero_point=np.uint8(3), **of))
    of = {"dtype": "uint8", "w_dtype": "float64", "padding": "same", "groups": 7}
    add("filter_image-rows", weighted(convx.filter_image, x, (7, 1, 3, 3), **of))
    add("filter_image-tiles", weighted(convx.filter_image, x, (7, 1, 9, 4), **of | {"dtype": "int16"}))
    of = {"dtype": "uint8", "w_dtype": "int8", "pads": [1, 1, 1, 1]}
    add("onnx-ConvInteger", weighted(onnx.ConvInteger, x, w, **of))


def transposed() -> None:
    for dtype in ("float32", "float64", "float16"):
        add(
            f"conv_transpose2d-{dtype}",
            weighted(convx.conv_transpose2d, (7, 9, 11), (7, 5, 3, 3), dtype=dtype, stride=2),
        )
    of = {"stride": 2, "data_format": "channels_last"}
    add("conv_transpose2d-last", weighted(convx.conv_transpose2d, (9, 11, 7), (7, 5, 3, 3), **of))
    add("conv_transpose2d-stride1", weighted(convx.conv_transpose2d, (7, 9, 11), (7, 5, 3, 3), padding=1))
    add("conv_transpose2d-reference", weighted(convx.conv_transpose2d, (7, 9, 11), (7, 5, 3, 3), algorithm="reference"))
    add("conv_transpose2d-depthwise", weighted(convx.conv_transpose2d, (7, 9, 11), (7, 1, 4, 4), stride=2, groups=7))
    add("conv_transpose1d", weighted(convx.conv_transpose1d, (5, 51), (5, 6, 7), stride=3))
    add("conv_transpose3d", weighted(convx.conv_transpose3d, (3, 4, 5, 6), (3, 4, 3, 3, 3), stride=2))


def gradients() -> None:
    def by_input(function: Call, out: tuple[int, ...], w: tuple[int, ...], size: tuple[int, ...], **of: Any) -> Family:
        def make(n: int, seed: int) -> Made:
            def call(g: Array, weight: Array, **more: Any) -> Any:
                return function((n, *size), weight, g, **of, **more)

            return call, (batch(n, seed, out), numbers(seed + 1, w))

        return make

    def by_weight(function: Call, x: tuple[int, ...], w: tuple[int, ...], out: tuple[int, ...], **of: Any) -> Family:
        dtype = of.pop("dtype", "float32")

        def make(n: int, seed: int) -> Made:
            def call(a: Array, g: Array, **more: Any) -> Any:
                return function(a, w, g, **of, **more)

            return call, (batch(n, seed, x, dtype), batch(n, seed + 1, out, dtype))

        return make

    add("conv2d_input", by_input(convx.conv2d_input, (9, 13, 19), (9, 7, 3, 3), (7, 13, 19), padding=1))
    add(
        "conv2d_input-stride2", by_input(convx.conv2d_input, (9, 7, 10), (9, 7, 3, 3), (7, 13, 19), padding=1, stride=2)
    )
    add("conv1d_input", by_input(convx.conv1d_input, (6, 101), (6, 5, 7), (5, 101), padding=3))
    add("conv3d_input", by_input(convx.conv3d_input, (6, 5, 7, 9), (6, 3, 3, 3, 3), (3, 5, 7, 9), padding=1))
    x, w, out = (7, 13, 19), (9, 7, 3, 3), (9, 13, 19)
    for algorithm in _core.conv_weight_algorithms():
        add(f"conv2d_weight-{algorithm}", by_weight(convx.conv2d_weight, x, w, out, padding=1, algorithm=algorithm))
    for dtype in ("float64", "float16"):
        add(f"conv2d_weight-{dtype}", by_weight(convx.conv2d_weight, x, w, out, padding=1, dtype=dtype))
    of = {"padding": 1, "groups": 7}
    add("conv2d_weight-depthwise", by_weight(convx.conv2d_weight, x, (7, 1, 3, 3), x, **of))
    of = {"padding": 1, "data_format": "channels_last"}
    add("conv2d_weight-last", by_weight(convx.conv2d_weight, (13, 19, 7), w, (13, 19, 9), **of))
    add("conv1d_weight", by_weight(convx.conv1d_weight, (5, 101), (6, 5, 7), (6, 101), padding=3))
    add("conv3d_weight", by_weight(convx.conv3d_weight, (3, 5, 7, 9), (6, 3, 3, 3, 3), (6, 5, 7, 9), padding=1))
    for dtype in ("float32", "float64", "float16"):
        add(f"conv2d_bias-{dtype}", simple(convx.conv2d_bias, (9, 13, 19), dtype=dtype))
    add("conv2d_bias-last", simple(convx.conv2d_bias, (13, 19, 9), data_format="channels_last"))
    add("conv1d_bias", simple(convx.conv1d_bias, (6, 101)))
    add("conv3d_bias", simple(convx.conv3d_bias, (6, 5, 7, 9)))


def pools() -> None:
    shapes = {1: (5, 101), 2: (5, 17, 23), 3: (3, 7, 9, 11)}
    for rank, shape in shapes.items():
        kinds = {"max": (), "avg": (), "lp": (2,)}
        for kind, norm in kinds.items():
            function = getattr(convx, f"{kind}_pool{rank}d")
            add(f"{kind}_pool{rank}d", simple(function, shape, *norm, 3))
        add(f"max_pool{rank}d-indices", simple(getattr(convx, f"max_pool{rank}d"), shape, 3, return_indices=True))
        for kind in ("avg", "max"):
            add(f"adaptive_{kind}_pool{rank}d", simple(getattr(convx, f"adaptive_{kind}_pool{rank}d"), shape, 3))
        adaptive = getattr(convx, f"adaptive_max_pool{rank}d")
        add(f"adaptive_max_pool{rank}d-indices", simple(adaptive, shape, 2, return_indices=True))
    variants: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
        "small": ((5, 4, 4), {"kernel_size": 2}),
        "tall": ((3, 61, 9), {"kernel_size": (31, 3)}),
        "stride1": ((5, 17, 23), {"kernel_size": 5, "stride": 1, "padding": 2}),
        "strided": ((5, 17, 23), {"kernel_size": 3, "stride": 2, "padding": 1}),
        "dilated": ((5, 17, 23), {"kernel_size": 3, "dilation": 2}),
        "last": ((17, 23, 5), {"kernel_size": 3, "data_format": "channels_last"}),
        "float64": ((5, 17, 23), {"kernel_size": 3}),
        "float16": ((5, 17, 23), {"kernel_size": 3}),
        "one_window": ((5, 17, 23), {"kernel_size": (17, 23)}),
    }
    for variant, (shape, of) in variants.items():
        dtype = variant if variant.startswith("float") else "float32"
        add(f"max_pool2d-{variant}", simple(convx.max_pool2d, shape, dtype=dtype, **of))
        add(f"avg_pool2d-{variant}", simple(convx.avg_pool2d, shape, dtype=dtype, **of))
        add(f"lp_pool2d-{variant}", simple(convx.lp_pool2d, shape, 3, dtype=dtype, **of))
        add(f"max_pool2d-{variant}-indices", simple(convx.max_pool2d, shape, dtype=dtype, return_indices=True, **of))
    add("max_pool2d-int8", simple(convx.max_pool2d, (5, 17, 23), 3, dtype="int8"))
    add("max_pool2d-int64-indices", simple(convx.max_pool2d, (5, 17, 23), 3, dtype="int64", return_indices=True))
    for name, function in (
        ("avg", convx.global_avg_pool),
        ("max", convx.global_max_pool),
        ("lp", convx.global_lp_pool),
    ):
        add(f"global_{name}_pool", simple(function, (5, 17, 23)))
    add("maxout", simple(convx.maxout, (12, 17, 23), 4))
    add("maxout-last_axis", simple(convx.maxout, (17, 23, 12), 4, 3))


def pool_gradients() -> None:
    def backward(rank: int, shape: tuple[int, ...], unpool: bool, **of: Any) -> Family:
        pool = getattr(convx, f"max_pool{rank}d")
        function = getattr(convx, f"max_unpool{rank}d" if unpool else f"max_pool{rank}d_backward")

        def make(n: int, seed: int) -> Made:
            x = batch(n, seed, shape)
            small = x if x.strides[0] else x[:1]
            values, indices = pool(small, return_indices=True, **of)
            arrays = tuple(np.broadcast_to(a, (n, *a.shape[1:])) if len(a) != n else a for a in (values, indices))

            def call(g: Array, i: Array, **more: Any) -> Any:
                return function(g, i, of["kernel_size"], **more) if unpool else function(g, i, (n, *shape), **more)

            return call, arrays

        return make

    def average(rank: int, shape: tuple[int, ...], out: tuple[int, ...], **of: Any) -> Family:
        function = getattr(convx, f"avg_pool{rank}d_backward")

        def make(n: int, seed: int) -> Made:
            return lambda g, **more: function(g, (n, *shape), **of, **more), (batch(n, seed, out),)

        return make

    for rank, side in {1: (99,), 2: (15, 21), 3: (6, 9, 12)}.items():
        shape, out = (4, *side), (4, *(n // 3 for n in side))
        add(f"max_pool{rank}d_backward", backward(rank, shape, unpool=False, kernel_size=3))
        add(f"max_unpool{rank}d", backward(rank, shape, unpool=True, kernel_size=3))
        add(f"avg_pool{rank}d_backward", average(rank, shape, out, kernel_size=3))
    of = {"kernel_size": 3, "stride": 1, "padding": 1}
    add("max_pool2d_backward-overlapping", backward(2, (4, 15, 21), unpool=False, **of))
    add("avg_pool2d_backward-overlapping", average(2, (4, 15, 21), (4, 15, 21), **of))
    add(
        "avg_pool2d_backward-dilated",
        average(2, (4, 15, 21), (4, 7, 10), kernel_size=3, stride=2, padding=1, dilation=2),
    )


def columns() -> None:
    def deformed(rank: int, shape: tuple[int, ...], w: tuple[int, ...], masked: bool, **of: Any) -> Family:
        function = getattr(convx, f"deform_conv{rank}d")
        taps = int(np.prod(w[2:]))
        out = tuple(n - k + 1 for n, k in zip(shape[1:], w[2:], strict=True))

        def make(n: int, seed: int) -> Made:
            arrays = [batch(n, seed, shape), batch(n, seed + 1, (rank * taps, *out)), numbers(seed + 2, w)]
            if masked:
                arrays.append(batch(n, seed + 3, (taps, *out)))

            def call(x: Array, offset: Array, weight: Array, *mask: Array, **more: Any) -> Any:
                return function(x, offset, weight, mask=mask[0] if mask else None, **of, **more)

            return call, tuple(arrays)

        return make

    add("unfold", simple(convx.unfold, (5, 13, 17), 3, 1, 1))
    add("unfold-strided", simple(convx.unfold, (5, 13, 17), 3, 2, 0, 2))
    add("unfold-float64", simple(convx.unfold, (5, 13, 17), 3, dtype="float64"))
    add("fold", simple(convx.fold, (45, 11 * 15), (13, 17), 3))
    add("fold-strided", simple(convx.fold, (45, 7 * 9), (13, 17), 3, 1, 1, 2))
    add("onnx-Col2Im", simple(onnx.Col2Im, (45, 11 * 15), (13, 17), (3, 3)))
    add("deform_conv1d", deformed(1, (5, 41), (6, 5, 3), masked=False))
    add("deform_conv2d", deformed(2, (4, 11, 13), (6, 4, 3, 3), masked=False))
    add("deform_conv2d-mask", deformed(2, (4, 11, 13), (6, 4, 3, 3), masked=True))
    add("deform_conv3d", deformed(3, (2, 5, 6, 7), (3, 2, 2, 3, 3), masked=False))


def operators() -> None:
    add("onnx-Conv", weighted(onnx.Conv, (7, 13, 19), (9, 7, 3, 3), pads=[1, 1, 1, 1]))
    add("onnx-ConvTranspose", weighted(onnx.ConvTranspose, (7, 9, 11), (7, 5, 3, 3), strides=[2, 2]))
    add("onnx-MaxPool", simple(onnx.MaxPool, (5, 17, 23), kernel_shape=[3, 3], return_indices=True))
    add("onnx-AveragePool", simple(onnx.AveragePool, (5, 17, 23), kernel_shape=[3, 3], ceil_mode=1))
    add("onnx-LpPool", simple(onnx.LpPool, (5, 17, 23), kernel_shape=[3, 3]))
    add("onnx-GlobalAveragePool", simple(onnx.GlobalAveragePool, (5, 17, 23)))


for rows in (convolutions, plans, integers, transposed, gradients, pools, pool_gradients, columns, operators):
    rows()
