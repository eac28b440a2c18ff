"""A graph that a pass is changing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from convx._graph.graph import AnyArray, Graph, Node

__all__ = ["Draft"]


class Draft:
    """Nodes that can be replaced one by one, and who makes and who reads each value.

    Parameters
    ----------
    graph : Graph
        What to begin with; it stays as it is.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._constants = dict(graph.constants)
        self._nodes: list[Node | None] = list(graph.nodes)
        self._place = {name: place for place, node in enumerate(graph.nodes) for name in node.outputs if name}
        self._readers = Counter(name for node in graph.nodes for name in node.inputs)
        self._readers.update(value.name for value in graph.outputs)

    def __iter__(self) -> Iterator[Node]:
        """Yield the nodes as they are by now, in their order."""
        for place in range(len(self._nodes)):
            node = self._nodes[place]
            if node is not None:
                yield node

    @property
    def opset(self) -> int:
        """The version of ONNX's default domain."""
        return self._graph.opset

    def is_output(self, name: str) -> bool:
        """Whether a run returns this value."""
        return any(value.name == name for value in self._graph.outputs)

    def is_read(self, name: str) -> bool:
        """Whether a node reads this value, or a run returns it."""
        return bool(name) and self._readers[name] > 0

    def constant(self, node: Node, position: int) -> AnyArray | None:
        """Return the constant that a node reads at a position, None if there is none."""
        return self._constants.get(node.inputs[position]) if position < len(node.inputs) else None

    def before(self, node: Node, position: int = 0) -> Node | None:
        """Return the node that makes an input of `node`, None if it is an input or a constant."""
        place = self._place.get(node.inputs[position]) if position < len(node.inputs) else None
        return None if place is None else self._nodes[place]

    def only_before(self, node: Node, position: int = 0) -> Node | None:
        """Return the node that makes an input of `node` if nothing else reads any of its outputs."""
        found = self.before(node, position)
        if found is None or len(found.outputs) != 1 or self._readers[found.outputs[0]] != 1:
            return None
        return found

    def is_before(self, first: Node, second: Node) -> bool:
        """Whether `first` runs before `second`."""
        return self._place[first.outputs[0]] < self._place[second.outputs[0]]

    def add_constant(self, name: str, value: AnyArray) -> None:
        """Let a value be a constant, whoever made it before."""
        self._constants[name] = value

    def change(self, node: Node, by: Node) -> None:
        """Put `by`, which has the outputs of `node`, in its place."""
        place = self._place[node.outputs[0]]
        self._readers.subtract(node.inputs)
        self._readers.update(by.inputs)
        self._nodes[place] = by

    def remove(self, node: Node) -> None:
        """Take a node out whose outputs nothing reads, or which are constants by now."""
        self._nodes[self._place[node.outputs[0]]] = None
        self._readers.subtract(node.inputs)

    def merge(self, first: Node, second: Node, merged: Node) -> None:
        """Put `merged` in the place of `second`, whose input only `first` made."""
        self.remove(first)
        self.change(second, merged)

    def read_instead(self, old: str, new: str) -> None:
        """Let every node that reads `old` read `new`."""
        for place, node in enumerate(self._nodes):
            if node is not None and old in node.inputs:
                inputs = tuple(new if name == old else name for name in node.inputs)
                self._nodes[place] = replace(node, inputs=inputs)
                self._readers[new] += node.inputs.count(old)
        self._readers[old] = int(self.is_output(old))

    def graph(self) -> Graph:
        """Return what the graph has become."""
        return replace(self._graph, constants=self._constants, nodes=tuple(self))
