"""A graph whose nodes are ready to run, in a list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from convx._graph.fused import LAYERS
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
    nodes : list of Node, optional
        Its nodes in place of those that `graph` has. Each loses its arrays when it is ready, so that those of no more
        than one are there twice; the largest come first, while there is room.

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

    def __init__(self, graph: Graph, nodes: list[Node] | None = None) -> None:
        nodes = list(graph.nodes) if nodes is None else nodes
        self._slots: dict[str, int] = {}
        self.opset = graph.opset
        self.values: tuple[Value, ...] = graph.inputs
        self.inputs = tuple(self._slot(value.name) for value in graph.inputs)
        self.constants: dict[int, AnyArray] = {self._slot(name): value for name, value in graph.constants.items()}
        places = [self._places(node) for node in nodes]
        runs: dict[int, Run] = {}
        for number in sorted(range(len(nodes)), key=lambda number: -_heft(nodes[number])):
            runs[number] = _ready(nodes[number], graph)
            nodes[number] = _light(nodes[number])
        self.steps = [Step(node, runs[number], *places[number]) for number, node in enumerate(nodes)]
        self.outputs = tuple(self._slots[value.name] for value in graph.outputs)
        self.size = len(self._slots)

    def _slot(self, name: str) -> int:
        return self._slots.setdefault(name, len(self._slots)) if name else NOTHING

    def _places(self, node: Node) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the slots of inputs and outputs."""
        inputs = tuple(self._slot(name) for name in node.inputs)
        return inputs, tuple(self._slot(name) for name in node.outputs)


def _ready(node: Node, graph: Graph) -> Run:
    shape = graph.shapes.get(node.inputs[0]) if node.operator in LAYERS else None
    if shape:
        node = replace(node, attributes={**node.attributes, "input_shape": shape})
    return make_ready(node, graph.opset, graph.constants)


def _heft(node: Node) -> int:
    return sum(value.nbytes for value in node.attributes.values() if isinstance(value, np.ndarray))


def _light(node: Node) -> Node:
    return replace(node, attributes={name: value for name, value in node.attributes.items() if not _is_heavy(value)})


def _is_heavy(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.nbytes > 1024
