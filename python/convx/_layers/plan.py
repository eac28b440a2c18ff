"""A layer as a plan: what there is to ask of a convolution, a plan answers."""

from __future__ import annotations

from typing import Any

import convx
from convx._layers.layer import Layer
from convx._plan import Plan

__all__ = ["plan_like", "plan_of"]


def plan_of(layer: Layer) -> Plan | None:
    """Return the plan that `layer` is or could be; None for pools, and for functions without a plan."""
    run: object = layer.run
    if isinstance(run, Plan):
        return run
    if layer.kind == "qlinear_conv":
        return convx.QLinearConv(**layer.arguments)
    return plan_like(layer) if layer.kind in ("conv", "conv_transpose") else None


def plan_like(layer: Layer, **changed: Any) -> Plan:
    """Return a plan of the same convolution, plain or transposed, with some arguments `changed`."""
    kind = "Conv" if layer.kind == "conv" else "ConvTranspose"
    made: Plan = getattr(convx, f"{kind}{layer.rank}d")(**{**layer.arguments, **changed})
    return made
