"""The layers that can be measured, and the choice among them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from fnmatch import fnmatchcase

from convx.networks import CONVOLUTIONS, POOLING, Conv, Layer, Pool

from harness.problem import Problem

__all__ = ["NETS", "add_layer_options", "positive", "seconds", "select"]

NETS: dict[str, Sequence[Layer]] = {**CONVOLUTIONS, "pooling": POOLING}


def add_layer_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose layers, batch and threads."""
    parser.add_argument("--nets", nargs="+", choices=NETS, default=list(NETS), metavar="NET", help=", ".join(NETS))
    parser.add_argument(
        "--layers",
        nargs="+",
        metavar="PATTERN",
        help="only layers with the pattern (* and ? allowed) somewhere in NET/LAYER/KIND, e.g. vgg16/conv3 or '3x3 s2'",
    )
    parser.add_argument("--batch", type=positive, default=1, help="images at once (default: 1)")
    parser.add_argument("--threads", type=positive, default=1, help="threads of every system (default: 1)")


def positive(text: str) -> int:
    """Return `text` as an integer of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be an integer >= 1, got {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """Return `text` as a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number > 0, got {text!r}")
    return value


def select(nets: Sequence[str], patterns: Sequence[str] | None, batch: int) -> list[Problem]:
    """Return the layers of the networks that match one of the patterns; None matches all."""
    problems = [_problem(net, layer, batch) for net in dict.fromkeys(nets) for layer in NETS[net]]
    if patterns is None:
        return problems
    return [
        problem
        for problem in problems
        if any(fnmatchcase(f"{problem.label}/{problem.summary}", f"*{pattern}*") for pattern in patterns)
    ]


def _problem(net: str, layer: Layer, batch: int) -> Problem:
    return Problem(
        net,
        layer.name,
        layer.summary,
        layer.kind,
        (batch, *layer.input_shape),
        (batch, *layer.output_shape),
        layer.weight_shape if isinstance(layer, Conv) else (),
        layer.kernel,
        layer.stride,
        layer.padding,
        layer.groups if isinstance(layer, Conv) else 1,
        isinstance(layer, Pool) and layer.ceil_mode,
        layer.count,
    )
