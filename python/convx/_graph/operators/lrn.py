"""Local response normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

import convx
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.elements import divide, multiply
from convx._graph.operators.results import into
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


def _normalize(x: AnyArray, size: int, alpha: float, beta: float, bias: float, out: AnyArray | None) -> Any:
    """``x / (bias + alpha / size * sums) ** beta``, with the sum of the squares of `size` maps around each.

    The base of the power is a convolution along the maps, with a tap for each.
    """
    if x.size == 0:
        return into(out, x)
    squares = multiply(x, x).reshape(len(x), 1, x.shape[1], -1)
    taps, added = np.full((1, 1, size, 1), alpha / size, x.dtype), np.full(1, bias, x.dtype)
    base = convx.conv2d(squares, taps, added, padding=(((size - 1) // 2, size // 2), (0, 0)))
    return divide(x, _power(base, beta, squares).reshape(x.shape), out=out)


def _power(base: AnyArray, exponent: float, room: AnyArray) -> AnyArray:
    """Two roots take a fraction of the time of a power, and 0.75 is what every network has."""
    if exponent != 0.75:
        return np.power(base, exponent, out=base)
    root = np.sqrt(base, out=room)
    np.sqrt(root, out=base)
    result: AnyArray = multiply(base, root, out=base)
    return result
