"""Passes: each takes a graph and returns one that computes the same with less to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from convx._graph.graph import Graph
from convx._graph.passes.activations import fuse_activations
from convx._graph.passes.constants import fold_constants
from convx._graph.passes.convolutions import adopt_convolutions
from convx._graph.passes.dead import drop_dead
from convx._graph.passes.gates import fuse_gates
from convx._graph.passes.identities import drop_identities
from convx._graph.passes.linear import adopt_linear
from convx._graph.passes.padding import fold_padding
from convx._graph.passes.pooling import fuse_pooling
from convx._graph.passes.residuals import fuse_residuals
from convx._graph.passes.scales import fold_scales

__all__ = ["PASSES", "Pass", "optimised"]

PASSES: tuple[Callable[[Graph], Graph], ...] = (
    drop_dead,
    fold_constants,
    drop_identities,
    adopt_convolutions,
    adopt_linear,
    drop_dead,  # weights that layers have taken over, before others are made of them
    fold_padding,
    fold_scales,
    fuse_residuals,
    fuse_activations,
    fuse_gates,
    fuse_pooling,
    drop_dead,
)
"""In their order: residuals before activations, which are applied to sums."""


class Pass(NamedTuple):
    """What a pass did.

    Attributes
    ----------
    name : str
        Of the pass.
    nodes : int
        How many nodes it left.
    """

    name: str
    nodes: int


def optimised(graph: Graph) -> tuple[Graph, tuple[Pass, ...]]:
    """Return a graph after all passes.

    Parameters
    ----------
    graph : Graph
        A network.

    Returns
    -------
    graph : Graph
        The same network.
    done : tuple of Pass
        One for each pass.
    """
    done = []
    for one in PASSES:
        graph = one(graph)
        done.append(Pass(one.__name__, len(graph.nodes)))
    return graph, tuple(done)
