"""Windows of a layer in numbers: what was given once for all axes, or by name, said for each axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from convx._types import NumberArray, PaddingPairs
from convx.reference.arguments import padding_pairs, per_axis
from convx.reference.conv_transpose import named_cut
from convx.reference.geometry import adaptive_window, named_padding

__all__ = ["geometry_of"]


def geometry_of(
    name: str,
    kind: str,
    arguments: Mapping[str, Any],
    weight: NumberArray | None,
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
) -> dict[str, Any]:
    """Return the fields of :class:`Layer` that tell of windows and maps, from arguments that convx has accepted."""
    data_format = _data_format(name, kind, arguments, len(input_shape))
    last = data_format == "channels_last"
    rank = len(input_shape) - 2
    sizes = input_shape[1:-1] if last else input_shape[2:]
    channels = input_shape[-1 if last else 1]
    outputs = output_shape[1:-1] if last else output_shape[2:]
    kernel, stride, dilation = _windows(kind, arguments, weight, sizes, outputs)
    pads = _padding(kind, arguments.get("padding", 0), sizes, kernel, stride, dilation)
    if kind == "deform_conv" and weight is not None:
        groups = channels // weight.shape[1]
    else:
        groups = int(arguments["groups"]) if "groups" in arguments else 1 if kind == "maxout" else channels
    return {
        "rank": rank,
        "kernel_size": kernel,
        "stride": stride,
        "dilation": dilation,
        "padding": pads,
        "groups": groups,
        "padding_mode": arguments.get("padding_mode", "zeros"),
        "data_format": data_format,
        "activation": arguments.get("activation"),
        "ceil_mode": bool(arguments.get("ceil_mode", False)),
        "count_include_pad": bool(arguments.get("count_include_pad", True)),
    }


def _data_format(name: str, kind: str, arguments: Mapping[str, Any], axes: int) -> str:
    if kind != "maxout":
        return str(arguments["data_format"])
    axis = int(arguments["axis"]) % axes
    if axis not in (1, axes - 1):
        raise ValueError(f"{name}: axis must be that of the maps, 1 or the last, got {arguments['axis']!r}")
    return "channels_first" if axis == 1 else "channels_last"


Axes = tuple[int, ...]


def _windows(
    kind: str, arguments: Mapping[str, Any], weight: NumberArray | None, sizes: Axes, outputs: Axes
) -> tuple[Axes, Axes, Axes]:
    """Return kernel, stride and dilation of each axis."""
    rank, ones = len(sizes), (1,) * len(sizes)
    if kind == "maxout":
        return ones, ones, ones
    if kind.startswith("global"):
        return sizes, sizes, ones
    if kind.startswith("adaptive"):
        return _largest(sizes, outputs), tuple(n // out for n, out in zip(sizes, outputs, strict=True)), ones
    kernel = weight.shape[2:] if weight is not None else tuple(per_axis("kernel_size", arguments["kernel_size"], rank))
    stride = arguments["stride"]
    return (
        kernel,
        kernel if stride is None else tuple(per_axis("stride", stride, rank)),
        tuple(per_axis("dilation", arguments.get("dilation", 1), rank)),
    )


def _largest(sizes: Axes, outputs: Axes) -> Axes:
    """Return the most elements that a window of an adaptive pool has, along each axis."""
    return tuple(
        max(end - begin for begin, end in (adaptive_window(i, size, out) for i in range(out)))
        for size, out in zip(sizes, outputs, strict=True)
    )


def _padding(kind: str, padding: Any, sizes: Sequence[int], kernel: Axes, stride: Axes, dilation: Axes) -> PaddingPairs:
    pairs = []
    for pads, size, taps, step, gap in zip(
        padding_pairs(padding, len(sizes)), sizes, kernel, stride, dilation, strict=True
    ):
        if not isinstance(pads, str):
            pairs.append(pads)
        elif kind == "conv_transpose":
            pairs.append(named_cut(pads, taps, step, gap))
        else:
            pairs.append(named_padding(pads, size, taps, step, gap))
    return tuple(pairs)
