"""Pooling, by windows and of whole maps."""

from __future__ import annotations

from typing import Any

import convx
from convx import _core
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator, writes
from convx.onnx.attributes import fail, flag, integer, integers, window
from convx.onnx.pooling import onto_tensor

__all__: list[str] = []


def _window(node: Node) -> tuple[int, dict[str, Any]]:
    """Return the number of spatial axes, and the window in the words of the core."""
    given, name = node.attributes, node.operator
    if "kernel_shape" not in given:
        fail(name, "kernel_shape must be present", None)
    rank = len(given["kernel_shape"])
    auto_pad = given.get("auto_pad", "NOTSET")
    kernel = integers(name, "kernel_shape", given["kernel_shape"], rank, 1, 1)
    view = window(name, kernel, auto_pad, given.get("dilations"), given.get("pads"), given.get("strides"))
    return rank, {
        "kernel_size": view.kernel,
        "stride": view.stride,
        "padding": view.padding,
        "dilation": view.dilation,
        "ceil_mode": flag(name, "ceil_mode", given.get("ceil_mode", 0)) and auto_pad == "NOTSET",
        "data_format": "channels_first",
        "any_padding": True,
    }


@operator("MaxPool")
def _max_pool(node: Node, opset: int, constants: Constants) -> Run:
    rank, view = _window(node)
    if len(node.outputs) == 1:
        return writes(lambda x, out=None: _core.max_pool("MaxPool", rank, x, return_indices=False, out=out, **view))
    by_columns = flag("MaxPool", "storage_order", node.attributes.get("storage_order", 0))

    def run(x: AnyArray) -> tuple[AnyArray, ...]:
        values, indices = _core.max_pool("MaxPool", rank, x, return_indices=True, out=None, **view)
        return values, onto_tensor(indices, x.shape, by_columns)

    return run


@operator("AveragePool")
def _average_pool(node: Node, opset: int, constants: Constants) -> Run:
    rank, view = _window(node)
    view["count_include_pad"] = flag("AveragePool", "count_include_pad", node.attributes.get("count_include_pad", 0))
    view["divisor_override"] = None
    return writes(lambda x, out=None: _core.avg_pool("AveragePool", rank, x, out=out, **view))


@operator("LpPool")
def _lp_pool(node: Node, opset: int, constants: Constants) -> Run:
    rank, view = _window(node)
    view["norm_type"] = integer("LpPool", "p", node.attributes.get("p", 2), 1)
    return writes(lambda x, out=None: _core.lp_pool("LpPool", rank, x, out=out, **view))


@operator("GlobalAveragePool")
def _global_average_pool(node: Node, opset: int, constants: Constants) -> Run:
    return writes(lambda x, out=None: convx.global_avg_pool(x, out=out))


@operator("GlobalMaxPool")
def _global_max_pool(node: Node, opset: int, constants: Constants) -> Run:
    return writes(lambda x, out=None: convx.global_max_pool(x, out=out))


@operator("GlobalLpPool")
def _global_lp_pool(node: Node, opset: int, constants: Constants) -> Run:
    power = integer("GlobalLpPool", "p", node.attributes.get("p", 2), 1)
    return writes(lambda x, out=None: convx.global_lp_pool(x, power, out=out))
