"""A graph whose nodes are ready to run, in a list."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from convx._graph.graph import AnyArray, Graph, Node, Value
from convx._graph.operators.table import Run
from convx._graph.ready import make_ready

__all__ = ["NOTHING", "Program", "Step"]

NOTHING = -1
"""The slot of an optional input or output that is left out."""


class Step(NamedTuple):
    """A node, ready to run.

    Attributes
    ----------
    node : Node
        Without its arrays, which `run` holds as it needs them.
    run : callable
        Takes the inputs, returns the output or a tuple of several.
    inputs, outputs : tuple of int
        Slots of its values, or :data:`NOTHING`.
    """

    node: Node
    run: Run
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


class Program:
    """What is made once of a graph, and shared by all runs.

    Each value has a slot, which is its place in the list of values of a run.

    Parameters
    ----------
    graph : Graph
        A network.
    nodes : deque of Node, optional
        Its nodes in place of those that `graph` has. Each is taken out when it is ready, so that the arrays of no more
        than one are there twice.

    Attributes
    ----------
    opset : int
        The graph's.
    inputs, outputs : tuple of int
        Their slots.
    values : list of Value
        The graph's inputs.
    constants : dict of int to ndarray
        Values that are the same in each run.
    steps : list of Step
        In the order in which they run.
    size : int
        How many slots there are.
    """

    def __init__(self, graph: Graph, nodes: deque[Node] | None = None) -> None:
        nodes = deque(graph.nodes) if nodes is None else nodes
        self._slots: dict[str, int] = {}
        self.opset = graph.opset
        self.values: tuple[Value, ...] = graph.inputs
        self.inputs = tuple(self._slot(value.name) for value in graph.inputs)
        self.constants: dict[int, AnyArray] = {self._slot(name): value for name, value in graph.constants.items()}
        self.steps: list[Step] = []
        while nodes:
            self.steps.append(self._step(nodes.popleft(), graph))
        self.outputs = tuple(self._slots[value.name] for value in graph.outputs)
        self.size = len(self._slots)

    def _slot(self, name: str) -> int:
        return self._slots.setdefault(name, len(self._slots)) if name else NOTHING

    def _step(self, node: Node, graph: Graph) -> Step:
        run = make_ready(node, graph.opset, graph.constants)
        light = {name: value for name, value in node.attributes.items() if not _is_heavy(value)}
        inputs = tuple(self._slot(name) for name in node.inputs)
        return Step(replace(node, attributes=light), run, inputs, tuple(self._slot(name) for name in node.outputs))


def _is_heavy(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.nbytes > 1024
