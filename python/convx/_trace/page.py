"""The page: one file of HTML that holds the numbers, and the code that draws them."""

from __future__ import annotations

import base64
import html
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import numpy as np

from convx import __version__
from convx._trace.step import Step, activation_parts
from convx._types import NumberArray

__all__ = ["page_of"]

MOST_NUMBERS = 2_000_000
"""Values and weights: some 11 MB of page in float32."""
MOST_MAPS = 512
"""In a layer: more can neither be drawn nor told apart."""

_STYLES = ("base", "network", "map", "formula")
_SCRIPTS = ("network", "values", "elements", "colours", "drawing", "overview", "inputs", "sum", "formula", "main")
"""In the order in which they need each other."""


def page_of(title: str, steps: Sequence[Step], classes: Sequence[str] | None) -> str:
    """Return the page of a network that has run."""
    _check_size(steps)
    data = json.dumps(_network(steps, classes), allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    parts = {
        "title": html.escape(title),
        "styles": "\n".join(_asset(f"{name}.css") for name in _STYLES),
        "network": data,
        "scripts": "\n".join(_asset(f"{name}.js") for name in _SCRIPTS),
        "version": __version__,
    }
    page = _asset("page.html")
    for name, part in parts.items():
        page = page.replace(f"{{{{{name}}}}}", part)
    return page


def _asset(name: str) -> str:
    return (files("convx._trace") / "page" / name).read_text(encoding="utf-8")


def _check_size(steps: Sequence[Step]) -> None:
    arrays = [steps[0].input, *(s.output for s in steps), *(s.weight for s in steps if s.weight is not None)]
    numbers = sum(array.size for array in arrays)
    maps = max(map(len, (steps[0].input, *(s.output for s in steps))))
    if numbers > MOST_NUMBERS or maps > MOST_MAPS:
        raise ValueError(
            f"trace: a page must hold at most {MOST_NUMBERS} values and weights, and {MOST_MAPS} maps a layer, got "
            f"{numbers} and {maps}: trace fewer layers, as layers[:2], or a smaller image; "
            "value() and outputs have no such limit"
        )


def _network(steps: Sequence[Step], classes: Sequence[str] | None) -> dict[str, Any]:
    return {
        "classes": classes,
        "image": {"shape": steps[0].input.shape, "values": _numbers(steps[0].input)},
        "layers": [_layer(step) for step in steps],
    }


def _layer(step: Step) -> dict[str, Any]:
    """Return a layer for the page; what is not finite is told by null, which JSON has."""
    layer = step.layer
    return {
        "name": layer.name,
        "rank": layer.rank,
        "facts": facts_of(step),
        "rule": step.rule,
        "groups": layer.groups if layer.is_convolution else 1,
        "border": layer.padding_mode,
        "reads": step.reads,
        "rows": asdict(step.rows),
        "columns": asdict(step.columns),
        "slide": None if layer.kind != "conv" else _slide(step),
        "shape": step.output.shape,
        "values": _numbers(step.output),
        "weight": None if step.weight is None else {"shape": step.weight.shape, "values": _numbers(step.weight)},
        "bias": None if step.bias is None else _numbers(step.bias),
        "activation": _activation(step),
        "divisor": None if step.divisor is None else step.divisor.tolist(),
        "norm": step.norm if math.isfinite(step.norm) else None,
        "bound": step.bound,
    }


def _slide(step: Step) -> list[list[int]]:
    """Return stride, dilation and padding before, of rows and columns: what the formula of a convolution needs."""
    layer = step.layer
    axes = [
        list(numbers) for numbers in zip(layer.stride, layer.dilation, (lo for lo, _ in layer.padding), strict=True)
    ]
    return axes if len(axes) == 2 else [[1, 1, 0], *axes]


def _activation(step: Step) -> dict[str, Any] | None:
    name, _ = activation_parts(step.layer.activation)
    if not name:
        return None
    low, high = (limit if math.isfinite(limit) else None for limit in step.limits)
    return {"name": name, "low": low, "high": high, "slope": step.slope}


def _numbers(array: NumberArray) -> str:
    """Return an array as base64: exact, and shorter than its digits."""
    wide = array.dtype == np.float64
    return ("f8:" if wide else "f4:") + base64.b64encode(array.astype("<f8" if wide else "<f4").tobytes()).decode()


def facts_of(step: Step) -> list[str]:
    """Return what there is to say of a layer, in a few words each."""
    layer = step.layer
    facts = []
    if layer.is_convolution or "kernel_size" in layer.arguments:
        facts.append(f"window {_by(layer.kernel_size)}")
        facts.append(f"stride {_each(layer.stride)}")
        if any(d != 1 for d in layer.dilation):
            facts.append(f"dilation {_each(layer.dilation)}")
        if any(pads != (0, 0) for pads in layer.padding):
            facts.append(
                f"padding {_pads(layer.padding)}" + (f", {layer.padding_mode}" if layer.kind == "conv" else "")
            )
    if layer.is_convolution and layer.groups > 1:
        facts.append(f"{layer.groups} groups")
    if layer.activation is not None:
        name, numbers = activation_parts(layer.activation)
        facts.append(" ".join([name, *(f"{number:g}" for number in numbers)]))
    return facts


def _by(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))


def _each(numbers: Sequence[int]) -> str:
    """Return one number if it holds for every axis."""
    return str(numbers[0]) if len(set(numbers)) == 1 else _by(numbers)


def _pads(pads: Sequence[tuple[int, int]]) -> str:
    if len(set(pads)) == 1 and pads[0][0] == pads[0][1]:
        return str(pads[0][0])
    return ", ".join(f"{lo}+{hi}" for lo, hi in pads)
