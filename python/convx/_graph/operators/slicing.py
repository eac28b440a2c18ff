"""Slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import settled
from convx._graph.operators.table import Constants, Run, operator

__all__: list[str] = []


@operator("Slice")
def _slice(node: Node, opset: int, constants: Constants) -> Run:
    """Python's own slices do what ONNX asks for: negative numbers count from the end, what is beyond it is cut."""

    def prepare(
        starts: Sequence[int], ends: Sequence[int], axes: Sequence[int] | None, steps: Sequence[int] | None
    ) -> Callable[[AnyArray], AnyArray]:
        parts = [slice(*part) for part in zip(starts, ends, steps or [1] * len(starts), strict=True)]
        if axes is None:
            return lambda x: x[tuple(parts)]

        def run(x: AnyArray) -> AnyArray:
            where = [slice(None)] * x.ndim
            for axis, part in zip(axes, parts, strict=True):
                where[axis] = part
            return x[tuple(where)]

        return run

    return settled(node, constants, ("starts", "ends", "axes", "steps"), prepare)
