"""``convx explain``: what a layer or a network computes, and what it costs."""

from __future__ import annotations

import argparse
import json
import re
from typing import Any

import convx
from convx import networks
from convx._cli.arguments import known, thread_limit
from convx._cli.errors import UserError

__all__ = ["run_explain"]

_NETWORKS: dict[str, Any] = {
    "alexnet": networks.ALEXNET,
    "googlenet": networks.GOOGLENET,
    "mobilenet_v2": networks.MOBILENET_V2,
    "resnet50": networks.RESNET50,
    "vgg16": networks.VGG16,
}
_OF_CONVOLUTIONS = ("stride", "padding", "dilation", "groups", "algorithm")


def run_explain(args: argparse.Namespace) -> None:
    """Print the explanation of what is asked for.

    Parameters
    ----------
    args : argparse.Namespace
        Of the command line: `model`, `net`, `layer` or `conv`, and what belongs to it.
    """
    asked = [name for name in ("model", "net", "layer", "conv") if getattr(args, name) is not None]
    if len(asked) != 1:
        raise UserError("give one of MODEL, --net, --layer or --conv")
    if args.conv is None:
        for name in _OF_CONVOLUTIONS:
            if getattr(args, name) is not None:
                raise UserError(f"--{name} needs --conv")
    with thread_limit(args.threads):
        explanation = _explained(args)
        print(json.dumps(explanation.to_dict(), indent=2) if args.json else explanation)


def _explained(args: argparse.Namespace) -> Any:
    given = None if args.input is None else _sizes("--input", args.input)
    if args.model is not None:
        return _asked("MODEL", args.model, given)
    if args.conv is not None:
        return _convolution(args, given)
    if given is not None:
        raise UserError("--input needs MODEL or --conv: a network or layer by its name has its own")
    if args.net is not None:
        (name,) = known("network", [args.net], tuple(_NETWORKS))
        return convx.explain(_NETWORKS[name])
    (name,) = known("layer", [args.layer], tuple(networks.NAMED_CONVOLUTIONS))
    return convx.explain(networks.NAMED_CONVOLUTIONS[name])


def _convolution(args: argparse.Namespace, given: tuple[int, ...] | None) -> Any:
    weight = _sizes("--conv", args.conv)
    if len(weight) not in (3, 4, 5):
        raise UserError(f"--conv: must be the shape of a weight, such as 64x3x7x7, got {args.conv!r}")
    if given is None:
        raise UserError("--conv needs --input, such as --input 1x3x224x224")
    arguments: dict[str, Any] = {"weight": weight}
    for name in ("stride", "dilation", "groups", "padding"):
        text = getattr(args, name)
        if text is not None:
            is_name = name == "padding" and text[:1].isalpha()
            arguments[name] = text if is_name else _one_or_more(f"--{name}", text)
    if args.algorithm is not None:
        arguments["algorithm"] = args.algorithm
    return _asked("--conv", getattr(convx, f"conv{len(weight) - 2}d"), given, **arguments)


def _asked(name: str, what: Any, given: tuple[int, ...] | None, **arguments: Any) -> Any:
    """Return an explanation; what cannot be explained is the user's error, in a line."""
    try:
        return convx.explain(what, given, **arguments)
    except (ImportError, OSError, TypeError, ValueError) as error:
        raise UserError(f"{name}: {' '.join(str(error).split())}") from None


def _one_or_more(name: str, text: str) -> int | tuple[int, ...]:
    sizes = _sizes(name, text, "2 or 2x1")
    return sizes[0] if len(sizes) == 1 else sizes


def _sizes(name: str, text: str, such_as: str = "1x3x224x224") -> tuple[int, ...]:
    """Return sizes that are written as ``1x3x224x224``, or with commas."""
    if not re.fullmatch(r"\d+([x,]\d+)*", text):
        raise UserError(f"{name}: must be numbers with an x between them, such as {such_as}, got {text!r}")
    return tuple(map(int, re.split("[x,]", text)))
