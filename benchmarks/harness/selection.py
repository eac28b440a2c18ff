"""The layers that can be measured, and the choice among them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from convx.networks import CONVOLUTIONS, POOLING, Conv, Layer, Pool

from harness import layers_1d_3d, random_layers
from harness.grid import grid
from harness.layer import Conv as Line
from harness.problem import Problem

__all__ = ["NETS", "add_layer_options", "positive", "seconds", "select", "selected"]

TYPICAL: dict[str, Sequence[Layer]] = {**CONVOLUTIONS, "pooling": POOLING}
NETS = (*TYPICAL, "1d-3d", "random")
CHOICES = (*NETS, "grid")


def add_layer_options(parser: argparse.ArgumentParser, nets: Sequence[str] = NETS) -> None:
    """Add the options that choose layers, batch and threads; `nets` are the default."""
    names = ", ".join(CHOICES)
    parser.add_argument("--nets", nargs="+", choices=CHOICES, default=nets, metavar="NET", help=names)
    parser.add_argument(
        "--layers",
        nargs="+",
        metavar="PATTERN",
        help="only layers with the pattern (* and ? allowed) somewhere in NET/LAYER/KIND, e.g. vgg16/conv3 or '3x3 s2'",
    )
    parser.add_argument("--random", type=positive, default=40, metavar="N", help="random layers (default: 40)")
    parser.add_argument("--seed", type=int, default=0, help="of the random layers (default: 0)")
    parser.add_argument("--batch", type=positive, default=1, help="images at once (default: 1)")
    parser.add_argument("--threads", type=positive, default=1, help="threads of every system (default: 1)")


def selected(options: argparse.Namespace) -> list[Problem]:
    """Return the layers that the options ask for."""
    return select(options.nets, options.layers, batch=options.batch, number=options.random, seed=options.seed)


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


def select(
    nets: Sequence[str], patterns: Sequence[str] | None = None, *, batch: int = 1, number: int = 40, seed: int = 0
) -> list[Problem]:
    """Return the layers of the networks that match one of the patterns; None matches all.

    Parameters
    ----------
    nets, patterns : sequence of str
        Names out of NETS, and patterns as `--layers` takes them.
    batch : int
        Images at once.
    number, seed : int
        How many layers "random" has, and which.
    """
    problems: list[Problem] = []
    for net in dict.fromkeys(nets):
        if net in TYPICAL:
            problems += [_problem(net, layer, batch) for layer in TYPICAL[net]]
        else:
            problems += [it.problem(net, batch) for it in _untypical(net, number, seed)]
    if patterns is None:
        return problems
    return [
        problem
        for problem in problems
        if any(fnmatchcase(f"{problem.label}/{problem.summary}", f"*{pattern}*") for pattern in patterns)
    ]


def _untypical(net: str, number: int, seed: int) -> Iterable[Line]:
    return layers_1d_3d.LAYERS if net == "1d-3d" else grid() if net == "grid" else random_layers.draw(seed, number)


def _problem(net: str, layer: Layer, batch: int) -> Problem:
    return Problem(
        net,
        layer.name,
        layer.kind,
        (batch, *layer.input_shape),
        (batch, *layer.output_shape),
        layer.weight_shape if isinstance(layer, Conv) else (),
        (layer.kernel,) * 2,
        (layer.stride,) * 2,
        (layer.padding,) * 2,
        (1, 1),
        layer.groups if isinstance(layer, Conv) else 1,
        isinstance(layer, Pool) and layer.ceil_mode,
        layer.count,
    )
