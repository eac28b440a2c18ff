"""Formulas with the numbers of a layer filled in."""

from __future__ import annotations

from convx._layers import Layer

__all__ = ["axis_names", "macs_with_numbers", "output_formula", "output_with_numbers", "parameters_with_numbers"]


def axis_names(layer: Layer) -> str:
    """Return the letters of the spatial axes."""
    return "DHW"[-layer.rank :]


def output_formula(layer: Layer) -> str:
    """Return how an output size follows, in letters."""
    kind = layer.kind
    if kind == "conv_transpose":
        if _is_named(layer):
            return "out = in*stride"
        added = " + output_padding" if any(_output_padding(layer)) else ""
        return f"out = (in - 1)*stride + dilation*(k - 1) + 1 - lo - hi{added}"
    if kind.startswith("adaptive"):
        return "window i: from floor(i*in/out) to before ceil((i + 1)*in/out)"
    if kind.startswith("global"):
        return "out = 1"
    if kind == "maxout":
        return "maps = C/pool_size"
    way = "ceil" if layer.ceil_mode else "floor"
    return f"out = {way}((in + lo + hi - dilation*(k - 1) - 1)/stride) + 1"


def output_with_numbers(layer: Layer, axis: int) -> str:
    """Return the formula of one axis with its numbers, and its value."""
    kind, size, out = layer.kind, layer.in_sizes[axis], layer.windows[axis]
    if kind == "maxout" or kind.startswith("global"):
        return str(out)
    if kind.startswith("adaptive"):
        return f"{out} windows of {size}, of {_lengths(layer, axis)}"
    k, s, d = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
    lo, hi = layer.padding[axis]
    if kind == "conv_transpose":
        if _is_named(layer):
            return f"{size}*{s} = {out}"
        added = f" + {extra}" if (extra := _output_padding(layer)[axis]) else ""
        return f"({size} - 1)*{s} + {d}*({k} - 1) + 1 - {lo} - {hi}{added} = {out}"
    way = "ceil" if layer.ceil_mode else "floor"
    value = f"{way}(({size} + {lo} + {hi} - {d}*({k} - 1) - 1)/{s}) + 1"
    dropped = layer.ceil_mode and -(-(size + lo + hi - d * (k - 1) - 1) // s) + 1 > out
    return f"{value} - 1 = {out}, the last would start in the padding" if dropped else f"{value} = {out}"


def parameters_with_numbers(layer: Layer) -> str:
    """Return how the number of parameters is made."""
    if layer.weight_shape is None:
        return ""
    bias = f" + {layer.bias_size}" if layer.has_bias else ""
    return " * ".join(map(str, layer.weight_shape)) + bias


def macs_with_numbers(layer: Layer) -> str:
    """Return how the number of multiplications is made: places times filters times what each of them multiplies."""
    if layer.weight_shape is None:
        return ""
    places = layer.in_sizes if layer.kind == "conv_transpose" else layer.windows
    batch = (layer.batch,) if layer.batch > 1 else ()
    return " * ".join(map(str, (*batch, *places, *layer.weight_shape)))


def _lengths(layer: Layer, axis: int) -> str:
    lengths = {len(layer.taps(axis, i)) for i in range(layer.windows[axis])}
    least, most = min(lengths), max(lengths)
    return f"{least} element{'s' if least > 1 else ''}" if least == most else f"{least} to {most} elements"


def _is_named(layer: Layer) -> bool:
    return layer.arguments["padding"] in ("same", "same_lower", "causal")


def _output_padding(layer: Layer) -> tuple[int, ...]:
    """Return what is added at the end, whether it was given or follows from `output_size`."""
    return tuple(
        out - ((n - 1) * s + d * (k - 1) + 1 - lo - hi)
        for out, n, s, d, k, (lo, hi) in zip(
            layer.out_sizes,
            layer.in_sizes,
            layer.stride,
            layer.dilation,
            layer.kernel_size,
            layer.padding,
            strict=True,
        )
    )
