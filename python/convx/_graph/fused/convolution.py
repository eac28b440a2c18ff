"""``convx.Conv`` and ``convx.ConvTranspose``: plans, with what follows them."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import convx
from convx import _core, _elementwise
from convx._graph.fused.weight import weight_of
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator, writes

_WORDS = ("stride", "padding", "dilation", "groups", "padding_mode", "output_padding", "activation")


@operator("convx.Conv", "convx.ConvTranspose")
def convolution(node: Node, opset: int, constants: Constants) -> Run:
    """Make a plan of the node's weight; a second input is added before the activation, a pooling is the last."""
    own = node.attributes
    kind = getattr(convx, f"{node.operator.removeprefix('convx.')}{own['weight'].ndim - 2}d")
    if "pool" in own:
        return _with_pool(node)
    words = {word: own[word] for word in _WORDS if word in own}
    plan = _plan(kind, own.get("input_shape"), weight_of(node), own["bias"], words)
    call = plan._core
    run = writes(lambda x, *, out=None: call(x, out)) if len(node.inputs) == 1 else _with_residual(plan)
    run.plan = plan  # type: ignore[attr-defined]
    return run


def _with_pool(node: Node) -> Run:
    own = node.attributes
    size, stride, ceil_mode = own["pool"]
    plan = _core.pooled_conv_plan(
        "Conv2d",
        2,
        weight_of(node),
        bias=own["bias"],
        stride=own["stride"],
        padding=own["padding"],
        dilation=own["dilation"],
        groups=own["groups"],
        activation=own.get("activation"),
        algorithm="auto",
        pool_size=size,
        pool_stride=stride,
        ceil_mode=ceil_mode,
    )
    run = writes(lambda x, *, out=None: plan(x, out))
    run.plan = plan  # type: ignore[attr-defined]
    run.maps = partial(_maps, plan)  # type: ignore[attr-defined]
    return run


def _maps(plan: Any, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of what is pooled, for an input of these sizes."""
    axes = zip(sizes[2:], plan.weight_shape[2:], plan.padding, plan.dilation, plan.stride, strict=True)
    ends = ((size + lo + hi - dilation * (taps - 1) - 1, stride) for size, taps, (lo, hi), dilation, stride in axes)
    return (sizes[0], plan.weight_shape[0], *(end // stride + 1 for end, stride in ends))


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
