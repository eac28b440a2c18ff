"""``convx.Conv`` and ``convx.ConvTranspose``: plans, with what follows them."""

from __future__ import annotations

from collections.abc import Sequence

import convx
from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Run, operator

_WORDS = ("stride", "padding", "dilation", "groups", "padding_mode", "output_padding", "activation")


@operator("convx.Conv", "convx.ConvTranspose")
def convolution(node: Node, opset: int, constants: Sequence[AnyArray | None]) -> Run:
    """Make a plan of the node's weight; a second input is added before the activation."""
    own = node.attributes
    rank = own["weight"].ndim - 2
    kind = getattr(convx, f"{node.operator.removeprefix('convx.')}{rank}d")
    plan = kind(own["weight"], own["bias"], **{word: own[word] for word in _WORDS if word in own})
    core = plan._core

    def run(x: AnyArray, *, out: AnyArray | None = None) -> AnyArray:
        result: AnyArray = core(x, out)
        return result

    run.takes_out, run.plan = True, plan
    return run
