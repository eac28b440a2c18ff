"""Padding is done by the layer that reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convx._graph.draft import Draft
from convx._graph.graph import Graph, Node
from convx._graph.operators.settings import has_input

__all__ = ["fold_padding"]

_MODES = {"constant": "zeros", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}

Pairs = tuple[tuple[int, int], ...]


def fold_padding(graph: Graph) -> Graph:
    """Fold Pad into the ``convx.Conv``, MaxPool or AveragePool that alone reads it.

    Zeros go into a convolution, and into an average that counts them; minus infinity into a maximum; borders that
    repeat or mirror the image into a convolution without padding of its own.

    Parameters
    ----------
    graph : Graph
        A network.

    Returns
    -------
    Graph
        The same network.
    """
    draft = Draft(graph)
    for node in draft:
        if node.operator not in ("convx.Conv", "MaxPool", "AveragePool"):
            continue
        pad = draft.only_before(node)
        if pad is None or pad.operator != "Pad":
            continue
        pairs = _pairs(draft, pad)
        if pairs is None:
            continue
        folded = _conv(draft, node, pad, pairs) if node.operator == "convx.Conv" else _pool(draft, node, pad, pairs)
        if folded is not None:
            draft.merge(pad, node, replace(node, inputs=(pad.inputs[0], *node.inputs[1:]), attributes=folded))
    return draft.graph()


def _pairs(draft: Draft, pad: Node) -> Pairs | None:
    """Return the padding of the spatial axes, None if it is not known, or if other axes are padded or cut."""
    own = pad.attributes
    sizes = own.get("pads", own.get("paddings", draft.constant(pad, 1)))
    if sizes is None or has_input(pad, 3):
        return None
    numbers = [int(size) for size in np.asarray(sizes).reshape(-1)]
    pairs = tuple(zip(numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :], strict=True))
    if min(numbers, default=-1) < 0 or pairs[:2] != ((0, 0), (0, 0)):
        return None
    return pairs[2:]


def _value(draft: Draft, pad: Node) -> float | None:
    """Return what a constant border holds."""
    if has_input(pad, 2):
        constant = draft.constant(pad, 2)
        return None if constant is None else float(constant.item())
    return float(pad.attributes.get("value", 0.0))


def _conv(draft: Draft, conv: Node, pad: Node, pairs: Pairs) -> dict[str, Any] | None:
    own = conv.attributes
    mode = _MODES.get(pad.attributes.get("mode", "constant"))
    zeros = mode == "zeros" and _value(draft, pad) == 0
    if mode is None or isinstance(own["padding"], str) or len(own["padding"]) != len(pairs):
        return None
    if not zeros and (mode == "zeros" or any(lo or hi for lo, hi in own["padding"])):
        return None
    sums = tuple((lo + a, hi + b) for (lo, hi), (a, b) in zip(own["padding"], pairs, strict=True))
    return {**own, "padding": sums, "padding_mode": mode, "fused": ("Pad", *own.get("fused", ()))}


def _pool(draft: Draft, pool: Node, pad: Node, pairs: Pairs) -> dict[str, Any] | None:
    own = pool.attributes
    if pad.attributes.get("mode", "constant") != "constant" or own.get("auto_pad", "NOTSET") != "NOTSET":
        return None
    before = list(own.get("pads", [0] * (2 * len(pairs))))
    if pool.operator == "MaxPool":
        fits = _value(draft, pad) == -np.inf and len(pool.outputs) == 1
    else:
        fits = _value(draft, pad) == 0 and not own.get("ceil_mode", 0)
        fits = fits and bool(own.get("count_include_pad", 0) or not any(before))
    if not fits or len(before) != 2 * len(pairs):
        return None
    added = [lo for lo, _ in pairs] + [hi for _, hi in pairs]
    found = {**own, "pads": [a + b for a, b in zip(before, added, strict=True)]}
    if pool.operator == "AveragePool":
        found["count_include_pad"] = 1
    return found
