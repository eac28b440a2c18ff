"""A maximum over windows that do not overlap is taken by the convolution before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from convx import _core
from convx._graph.draft import Draft
from convx._graph.graph import Graph, Node

__all__ = ["fuse_pooling"]

_PIXELS = 1024  # of all maps that L2 must hold, as the core wants them


def fuse_pooling(graph: Graph) -> Graph:
    """Give MaxPool to the convolution of two axes whose output alone it reads, as its attribute ``pool``.

    Its value is the window, the stride and whether the last window may reach beyond the maps.

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
        if node.operator != "MaxPool" or len(node.outputs) != 1:
            continue
        layer, pool = draft.only_before(node), _pool(node.attributes)
        if layer is None or pool is None or not _takes_pool(layer):
            continue
        fused = (*layer.attributes.get("fused", ()), node.operator)
        attributes = {**layer.attributes, "pool": pool, "fused": fused}
        draft.merge(layer, node, replace(layer, outputs=node.outputs, attributes=attributes))
    return draft.graph()


def _pool(given: Any) -> tuple[tuple[int, ...], tuple[int, ...], bool] | None:
    """Return window, stride and rounding of a pooling, None if it pads or its windows overlap along the rows."""
    size = tuple(given.get("kernel_shape", ()))
    stride = tuple(given.get("strides") or [1] * len(size))
    plain = given.get("auto_pad", "NOTSET") == "NOTSET" and not any(given.get("pads") or ())
    if not plain or any(step != 1 for step in given.get("dilations") or ()) or len(size) != 2 or len(stride) != 2:
        return None
    return (size, stride, bool(given.get("ceil_mode", 0))) if size[0] <= stride[0] else None


def _takes_pool(layer: Node) -> bool:
    """Whether some rows of a convolution's maps can stay in L2 until they are pooled."""
    own = layer.attributes
    if layer.operator != "convx.Conv" or len(layer.inputs) > 1 or own["weight"].ndim != 4:
        return False
    if own.get("padding_mode", "zeros") != "zeros" or isinstance(own["padding"], str):
        return False
    maps, inputs = own["weight"].shape[:2]
    depthwise = inputs == 1 and own["groups"] > 1
    return not depthwise and maps * _PIXELS * own["weight"].itemsize <= _core.info()["caches"][1]
