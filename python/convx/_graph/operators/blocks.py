"""Operators that move elements between maps and places, or cut a picture out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Run, operator

__all__: list[str] = []


@operator("DepthToSpace")
def _depth_to_space(node: Node, opset: int, constants: Constants) -> Run:
    """Let maps become the elements of blocks; the number of a map is (row, column, depth), or with CRD (depth, ...)."""
    size, mode = node.attributes["blocksize"], node.attributes.get("mode", "DCR")

    def run(x: AnyArray) -> AnyArray:
        n, c, h, w = x.shape
        depth = c // size**2
        if mode == "DCR":
            parts = x.reshape(n, size, size, depth, h, w).transpose(0, 3, 4, 1, 5, 2)
        else:
            parts = x.reshape(n, depth, size, size, h, w).transpose(0, 1, 4, 2, 5, 3)
        return parts.reshape(n, depth, h * size, w * size)

    return run


@operator("SpaceToDepth")
def _space_to_depth(node: Node, opset: int, constants: Constants) -> Run:
    """Undo DepthToSpace; the mode came with version 28."""
    size, mode = node.attributes["blocksize"], node.attributes.get("mode", "DCR")

    def run(x: AnyArray) -> AnyArray:
        n, c, h, w = x.shape
        parts = x.reshape(n, c, h // size, size, w // size, size)
        order = (0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4)
        return parts.transpose(order).reshape(n, c * size**2, h // size, w // size)

    return run


@operator("CenterCropPad")
def _center_crop_pad(node: Node, opset: int, constants: Constants) -> Run:
    """Cut what is too much, or add zeros, on both sides; the odd one at the end."""
    axes = node.attributes.get("axes")

    def prepare(sizes: Sequence[int]) -> Callable[[AnyArray], AnyArray]:
        def run(x: AnyArray) -> AnyArray:
            shape = list(x.shape)
            for axis, size in zip(range(x.ndim) if axes is None else axes, sizes, strict=True):
                shape[axis] = size
            source, target = [], []
            for have, want in zip(x.shape, shape, strict=True):
                common = min(have, want)
                source.append(slice((have - common) // 2, (have - common) // 2 + common))
                target.append(slice((want - common) // 2, (want - common) // 2 + common))
            result = np.zeros(shape, x.dtype)
            result[tuple(target)] = x[tuple(source)]
            return result

        return run

    return settled(node, constants, ("shape",), prepare)
