"""Operators that change the type of elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.dtypes import dtype_of, ml_dtypes
from convx._graph.operators.table import Constants, Run, operator

__all__ = ["convert"]


@operator("Cast")
def _cast(node: Node, opset: int, constants: Constants) -> Run:
    dtype = dtype_of("Cast", node.attributes["to"])
    saturate, mode = _float8_rules(node)
    return lambda x: convert(x, dtype, saturate, mode)


@operator("CastLike")
def _cast_like(node: Node, opset: int, constants: Constants) -> Run:
    saturate, mode = _float8_rules(node)
    return lambda x, like: convert(x, like.dtype, saturate, mode)


def _float8_rules(node: Node) -> tuple[bool, str]:
    return bool(node.attributes.get("saturate", 1)), node.attributes.get("round_mode", "up")


def convert(x: AnyArray, dtype: np.dtype[Any], saturate: bool = True, mode: str = "up") -> AnyArray:
    """Return the elements as another type; `saturate` and `mode` are rules of the types of eight bits."""
    if dtype == x.dtype:
        return x
    if dtype.kind == "O" and x.dtype.kind != "O":
        return x.astype(str).astype(object)
    if not dtype.name.startswith("float8") or x.dtype.name.startswith("float8"):
        return x.astype(dtype, copy=False)
    wide = x.astype(np.float32)
    if saturate:  # what is too large becomes the largest
        limits = ml_dtypes("Cast").finfo(dtype)
        least = limits.smallest_normal if dtype.name == "float8_e8m0fnu" else limits.min
        wide = np.clip(wide, float(least), float(limits.max))
    if dtype.name == "float8_e8m0fnu" and mode != "nearest":  # powers of two
        mantissa, exponent = np.frexp(wide)
        wide = np.ldexp(np.float32(1), exponent - ((mantissa == 0.5) | (mode == "down")))
    return wide.astype(dtype)
