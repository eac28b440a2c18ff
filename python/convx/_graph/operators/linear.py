"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.elements import by_core
from convx._graph.operators.settings import has_input
from convx._graph.operators.table import Constants, Run, operator, writes
from convx._linear import matmul

__all__: list[str] = []

_SMALL = 1 << 18  # multiply-adds that OpenBLAS does quickly, and on one thread


def _multiply(a: AnyArray, b: AnyArray, out: AnyArray | None = None) -> Any:
    """Multiply in the core, on the threads of the session; small matrices, vectors and integers in NumPy."""
    large = a.ndim > 1 and b.ndim > 1 and a.shape[-2] * a.shape[-1] * b.shape[-1] > _SMALL
    if large and a.dtype == b.dtype and by_core(a):
        return matmul(a, b, out=out)
    result = np.matmul(a, b, out=out)
    return result if result.dtype == a.dtype else result.astype(a.dtype)  # which NumPy makes float32 of bfloat16


@operator("MatMul")
def _matmul(node: Node, opset: int, constants: Constants) -> Run:
    return writes(lambda a, b, out=None: _multiply(a, b, out))


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
            np.multiply(result, alpha, out=result, casting="unsafe")  # also integers, by a factor that is none
        if added and c is not None:
            np.add(result, c if beta == 1 else c * beta, out=result, casting="unsafe")
        return result

    return writes(run)


@operator("Einsum")
def _einsum(node: Node, opset: int, constants: Constants) -> Run:
    equation = node.attributes["equation"]

    def run(*inputs: AnyArray) -> AnyArray:
        dtype = inputs[0].dtype
        if dtype.kind == "V":  # bfloat16, which einsum does not take
            inputs = tuple(x.astype(np.float32) for x in inputs)
        result: AnyArray = np.einsum(equation, *inputs, optimize=len(inputs) > 1)
        return result.astype(dtype, copy=False)

    return run


@operator("Det")
def _det(node: Node, opset: int, constants: Constants) -> Run:
    return lambda x: np.linalg.det(x).astype(x.dtype, copy=False)
