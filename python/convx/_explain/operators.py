"""ONNX's convolutions and pools as functions of convx with their arguments, weights told by their shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

import convx
from convx.onnx.attributes import integers, pool_window, window

__all__ = ["LAYERS", "Shape"]

Shape = tuple[int, ...]
Inputs = Sequence[Shape | None]
Attributes = dict[str, Any]


def _weight(operator: str, inputs: Inputs, place: int) -> Shape:
    shape = inputs[place]
    if not shape:
        raise ValueError(f"{operator}: the shape of its weight must be known, but does not follow")
    return shape


def _conv(operator: str, x: Shape, inputs: Inputs, attributes: Attributes) -> Any:
    weight = _weight(operator, inputs, 1)
    return partial(
        getattr(convx, f"conv{len(x) - 2}d"),
        weight=weight,
        bias=len(inputs) > 2,
        **_window(operator, weight, attributes),
    )


def _conv_integer(operator: str, x: Shape, inputs: Inputs, attributes: Attributes) -> Any:
    weight = _weight(operator, inputs, 1)
    return partial(convx.conv_integer, w=weight, **_window(operator, weight, attributes))


def _qlinear_conv(operator: str, x: Shape, inputs: Inputs, attributes: Attributes) -> Any:
    weight = _weight(operator, inputs, 3)
    numbers: dict[str, Any] = dict.fromkeys(("x_scale", "w_scale", "y_scale"), 1.0)
    numbers |= dict.fromkeys(("x_zero_point", "y_zero_point"), np.uint8(0))
    return partial(
        convx.qlinear_conv,
        w=weight,
        w_zero_point=0,
        bias=len(inputs) > 8,
        **numbers,
        **_window(operator, weight, attributes),
    )


def _conv_transpose(operator: str, x: Shape, inputs: Inputs, attributes: Attributes) -> Any:
    weight = _weight(operator, inputs, 1)
    size = attributes.get("output_shape")
    added = integers(operator, "output_padding", attributes.get("output_padding"), len(x) - 2, 0, 0)
    return partial(
        getattr(convx, f"conv_transpose{len(x) - 2}d"),
        weight=weight,
        bias=len(inputs) > 2,
        output_padding=0 if size else added,
        output_size=size,
        **_window(operator, weight, attributes),
    )


def _window(operator: str, weight: Shape, attributes: Attributes) -> dict[str, Any]:
    found = window(
        operator,
        weight[2:],
        attributes.get("auto_pad", "NOTSET"),
        attributes.get("dilations"),
        attributes.get("pads"),
        attributes.get("strides"),
    )
    return {
        "stride": found.stride,
        "padding": found.padding,
        "dilation": found.dilation,
        "groups": attributes.get("group", 1),
    }


def _pool(operator: str, x: Shape, inputs: Inputs, attributes: Attributes) -> Any:
    rank, found, ceil_mode = pool_window(
        operator,
        np.empty((0, *x[1:])),
        attributes.get("kernel_shape"),
        attributes.get("auto_pad", "NOTSET"),
        attributes.get("ceil_mode", 0),
        attributes.get("dilations"),
        attributes.get("pads"),
        attributes.get("strides"),
    )
    kind = {"MaxPool": "max", "AveragePool": "avg", "LpPool": "lp"}[operator]
    own: dict[str, Any] = {
        "max": {},
        "avg": {"count_include_pad": bool(attributes.get("count_include_pad", 0))},
        "lp": {"norm_type": attributes.get("p", 2)},
    }[kind]
    return partial(
        getattr(convx, f"{kind}_pool{rank}d"),
        kernel_size=found.kernel,
        stride=found.stride,
        padding=found.padding,
        dilation=found.dilation,
        ceil_mode=ceil_mode,
        **own,
    )


def _global_pool(operator: str, x: Shape, inputs: Inputs, attributes: Attributes) -> Any:
    if operator == "GlobalLpPool":
        return partial(convx.global_lp_pool, norm_type=attributes.get("p", 2))
    return convx.global_max_pool if operator == "GlobalMaxPool" else convx.global_avg_pool


LAYERS: dict[str, Callable[[str, Shape, Inputs, Attributes], Any]] = {
    "Conv": _conv,
    "ConvInteger": _conv_integer,
    "ConvTranspose": _conv_transpose,
    "QLinearConv": _qlinear_conv,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "LpPool": _pool,
    "GlobalMaxPool": _global_pool,
    "GlobalAveragePool": _global_pool,
    "GlobalLpPool": _global_pool,
}
