"""Which functions are layers: they take one array of maps first and return one."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from convx import columns, conv, conv_transpose, deform, integer, pooling
from convx._plan import Plan

__all__ = ["CONVOLUTIONS", "function_of", "kind_of", "kind_of_plan", "rank_of"]

CONVOLUTIONS = ("conv", "conv_transpose", "deform_conv", "conv_integer", "qlinear_conv")

_MODULES = (
    conv,
    conv_transpose,
    deform,
    integer,
    columns,
    pooling.max,
    pooling.avg,
    pooling.lp,
    pooling.adaptive_max,
    pooling.adaptive_avg,
    pooling.global_,
    pooling.maxout,
)
_FUNCTIONS = {name: getattr(module, name) for module in _MODULES for name in module.__all__ if name != "fold"}
_PLANS = {"Conv": "conv", "ConvTranspose": "conv_transpose", "QLinearConv": "qlinear_conv"}


def function_of(layer: Any) -> str | None:
    """Return the name of the function that `layer` is, or None: a function is known by what it is, not by its name."""
    name = getattr(layer, "__name__", "")
    return name if name in _FUNCTIONS and _FUNCTIONS[name] is layer else None


def kind_of(name: str) -> tuple[str, int | None]:
    """Return the kind of a function, and its rank where its name says it."""
    found = re.fullmatch(r"(\w+?)(?:(\d)d)?", name)
    assert found
    kind, rank = found.groups()
    return kind, int(rank) if rank else None


def kind_of_plan(plan: Plan) -> tuple[str, int]:
    """Return the kind and the rank of a plan."""
    return _PLANS[re.sub(r"\dd$", "", plan._name)], len(plan.weight_shape) - 2


def rank_of(layer: Any) -> int | None:
    """Return the number of spatial axes of a layer where it says so itself, whatever its input."""
    if isinstance(layer, Plan):
        return kind_of_plan(layer)[1]
    name = function_of(layer.func if isinstance(layer, partial) else layer)
    return kind_of(name)[1] if name else None
