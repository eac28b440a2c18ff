"""Local response normalization."""

from __future__ import annotations

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator, writes

__all__: list[str] = []


@operator("LRN")
def _lrn(node: Node, opset: int, constants: Constants) -> Run:
    given = node.attributes
    size, alpha, beta, bias = (
        given["size"],
        given.get("alpha", 1e-4),
        given.get("beta", 0.75),
        given.get("bias", 1.0),
    )
    return writes(lambda x, out=None: _normalize(x, size, alpha, beta, bias, out))


def _normalize(x: AnyArray, size: int, alpha: float, beta: float, bias: float, out: AnyArray | None) -> AnyArray:
    """``x / (bias + alpha / size * sums) ** beta``, with the sum of the squares of `size` maps around each."""
    squares = np.square(x)
    sums = squares.copy()
    before, after = (size - 1) // 2, size // 2
    for distance in range(1, min(before, x.shape[1] - 1) + 1):
        sums[:, distance:] += squares[:, :-distance]
    for distance in range(1, min(after, x.shape[1] - 1) + 1):
        sums[:, :-distance] += squares[:, distance:]
    sums *= alpha / size
    sums += bias
    return np.divide(x, _power(sums, beta), out=out)


def _power(base: AnyArray, exponent: float) -> AnyArray:
    """Two roots take a fraction of the time of a power, and 0.75 is what every network has."""
    if exponent != 0.75:
        result: AnyArray = np.power(base, exponent)
        return result
    root = np.sqrt(base)
    result = np.sqrt(root)
    return np.multiply(result, root, out=result)
