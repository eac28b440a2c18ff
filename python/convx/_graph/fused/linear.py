"""``convx.Linear``: a product with a constant matrix."""

from __future__ import annotations

from functools import cache
from math import prod

import numpy as np

from convx import _elementwise
from convx._graph.fused.weight import weight_of
from convx._graph.graph import AnyArray, Node
from convx._graph.mapped import kept
from convx._graph.operators.table import Constants, Run, operator, writes
from convx._linear import Linear

_LARGE = 1 << 24  # bytes; a plan of any shape keeps the plain weight beside the packed one


@operator("convx.Linear")
def linear(node: Node, opset: int, constants: Constants) -> Run:
    """Multiply, add the bias and apply the activation in one call of a layer, which has its weight packed.

    Where the number of rows is not known, a large weight is read where it lies as long as one row is multiplied by it:
    packed, it would be there twice.
    """
    own = node.attributes
    weight, bias, activation = weight_of(node), own["bias"], own.get("activation")
    shape = own.get("input_shape")
    if (shape and shape[-1] == weight.shape[1]) or weight.nbytes <= _LARGE:
        layer = Linear(weight, bias, activation=activation, rows=prod(shape[:-1]) if shape else None)
        return writes(lambda x, *, out=None: layer(x, out=out))
    matrix = kept(weight).T
    added = np.zeros(1, matrix.dtype) if bias is None else bias

    @cache
    def packed() -> Linear:
        return Linear(matrix.T, bias, activation=activation)

    def run(x: AnyArray, *, out: AnyArray | None = None) -> AnyArray:
        if x.size != len(matrix):
            return packed()(x, out=out)
        result: AnyArray = np.matmul(x, matrix, out=out)
        return _elementwise.add(result, added, activation=activation, out=result)

    return writes(run)
