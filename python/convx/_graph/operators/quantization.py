"""Between numbers and their 8-bit forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.casting import convert
from convx._graph.operators.dtypes import dtype_of, ml_dtypes
from convx._graph.operators.table import Constants, Run, operator

__all__ = ["saturated"]


def saturated(rounded: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
    """Return whole numbers as a type of integers, those beyond its ends as its ends; `rounded` may be written over."""
    info = np.iinfo(dtype) if dtype.kind in "iu" else ml_dtypes("QuantizeLinear").iinfo(dtype)
    result: AnyArray = np.clip(rounded, info.min, info.max, out=np.asarray(rounded)).astype(dtype)
    return result


def _spread(values: AnyArray, x: AnyArray, axis: int, block: int) -> AnyArray:
    """Let a scale or zero point broadcast: one for all, one for each index of an axis, or one for each block of it."""
    if values.size == 1:
        return values.reshape(())
    if not block:
        return values.reshape(-1, *[1] * (x.ndim - 1 - axis % x.ndim))
    return np.repeat(values, block, axis).take(range(x.shape[axis]), axis)


@operator("QuantizeLinear")
def _quantize(node: Node, opset: int, constants: Constants) -> Run:
    given = node.attributes
    axis, block, saturate = given.get("axis", 1), given.get("block_size", 0), bool(given.get("saturate", 1))
    named = dtype_of(node.operator, given.get("output_dtype", 0) or 2)  # uint8
    precision = dtype_of(node.operator, given["precision"]) if given.get("precision") else None

    def run(x: AnyArray, scale: AnyArray, zero_point: AnyArray | None = None) -> AnyArray:
        dtype = named if zero_point is None else zero_point.dtype
        work = precision or np.result_type(x, scale)
        if work.kind in "iu":
            work = np.dtype(np.float32)
        ratio = np.divide(x.astype(work, copy=False), _spread(scale, x, axis, block).astype(work, copy=False))
        if dtype.name.startswith("float"):
            return convert(ratio, dtype, saturate)
        wide = np.dtype(np.float64) if dtype.itemsize > 1 else np.dtype(np.float32)
        rounded = np.rint(ratio).astype(wide, copy=False)
        if zero_point is not None:
            rounded += _spread(zero_point, x, axis, block).astype(wide)
        return saturated(rounded, dtype)

    return run


@operator("DequantizeLinear")
def _dequantize(node: Node, opset: int, constants: Constants) -> Run:
    given = node.attributes
    axis, block = given.get("axis", 1), given.get("block_size", 0)
    named = dtype_of(node.operator, given["output_dtype"]) if given.get("output_dtype") else None

    def run(x: AnyArray, scale: AnyArray, zero_point: AnyArray | None = None) -> AnyArray:
        wide = np.float64 if x.dtype.itemsize > 2 else np.float32  # which hold all integers of the type
        result: AnyArray = x.astype(wide)
        if zero_point is not None:
            result -= _spread(zero_point, x, axis, block).astype(wide)
        result *= _spread(scale, x, axis, block).astype(wide)
        return result.astype(named or scale.dtype, copy=False)

    return run


@operator("DynamicQuantizeLinear")
def _dynamic(node: Node, opset: int, constants: Constants) -> Run:
    """Choose a scale and a zero point so that uint8 spans the elements and zero."""

    def run(x: AnyArray) -> tuple[AnyArray, ...]:
        low, high = np.minimum(x.min(), np.float32(0)), np.maximum(x.max(), np.float32(0))
        scale = np.float32((high - low) / 255) if high > low else np.float32(1 / 255)
        zero_point = np.rint(np.clip(-low / scale, 0, 255))
        rounded = np.rint(x / scale)
        rounded += zero_point
        return saturated(rounded, np.dtype(np.uint8)), np.array(scale), np.array(zero_point, np.uint8)

    return run
