"""``convx.Conv`` and ``convx.ConvTranspose``: plans, with what follows them."""

from __future__ import annotations

from functools import cache
from typing import Any

import convx
from convx import _elementwise
from convx._graph.fused.weight import weight_of
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator, writes

_WORDS = ("stride", "padding", "dilation", "groups", "padding_mode", "output_padding", "activation")


@operator("convx.Conv", "convx.ConvTranspose")
def convolution(node: Node, opset: int, constants: Constants) -> Run:
    """Make a plan of the node's weight; a second input is added before the activation."""
    own = node.attributes
    kind = getattr(convx, f"{node.operator.removeprefix('convx.')}{own['weight'].ndim - 2}d")
    words = {word: own[word] for word in _WORDS if word in own}
    plan = _plan(kind, own.get("input_shape"), weight_of(node), own["bias"], words)
    call = plan._core
    run = writes(lambda x, *, out=None: call(x, out)) if len(node.inputs) == 1 else _with_residual(plan)
    run.plan = plan  # type: ignore[attr-defined]
    return run


def _plan(kind: Any, shape: tuple[int, ...] | None, weight: AnyArray, bias: AnyArray | None, words: Any) -> Any:
    if shape and hasattr(kind, "_for_shape"):
        try:
            return kind._for_shape(shape, weight, bias, **words)
        except ValueError:  # if it is not the shape's, it comes again
            pass
    return kind(weight, bias, **words)


def _with_residual(plan: Any) -> Run:
    call, activation = plan._core, plan.activation

    @cache
    def plain() -> Any:
        return type(plan)(**{**plan._arguments(), "activation": None})

    def run(x: AnyArray, residual: AnyArray, *, out: AnyArray | None = None) -> AnyArray:
        if residual.shape == plan.output_shape(x.shape):
            summed: AnyArray = call(x, out, residual)
            return summed
        return _elementwise.add(plain()(x), residual, activation=activation, out=out)  # one of them is broadcast

    return writes(run)
