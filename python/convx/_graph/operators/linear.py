"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.settings import has_input
from convx._graph.operators.table import Constants, Run, operator, writes

__all__: list[str] = []


def _multiply(a: AnyArray, b: AnyArray, out: AnyArray | None = None) -> Any:
    return np.matmul(a, b, out=out)


@operator("MatMul")
def _matmul(node: Node, opset: int, constants: Constants) -> Run:
    return writes(_multiply_run)


def _multiply_run(a: AnyArray, b: AnyArray, out: AnyArray | None = None) -> Any:
    return _multiply(a, b, out)


@operator("Gemm")
def _gemm(node: Node, opset: int, constants: Constants) -> Run:
    """``alpha * a @ b + beta * c``, of which a factor that is 1 costs nothing."""
    given = node.attributes
    alpha, beta = given.get("alpha", 1.0), given.get("beta", 1.0)
    trans_a, trans_b = given.get("transA", 0), given.get("transB", 0)
    added = has_input(node, 2) and beta != 0

    def run(a: AnyArray, b: AnyArray, c: AnyArray | None = None, out: AnyArray | None = None) -> Any:
        result = _multiply(a.T if trans_a else a, b.T if trans_b else b, out)
        if alpha != 1:
            result = _scaled(result, alpha)
        if added and c is not None:
            np.add(result, c if beta == 1 else _scaled(c, beta), out=result)
        return result

    return writes(run)


def _scaled(x: AnyArray, factor: float) -> AnyArray:
    """Also of integers, by a factor that is none."""
    return x * factor if x.dtype.kind not in "iu" else (x * factor).astype(x.dtype)
