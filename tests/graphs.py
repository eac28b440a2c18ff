"""Small networks, made of nodes, for the tests of passes."""

from typing import Any

import numpy as np
from convx._graph.graph import Graph, Node, Value
from convx._graph.run.program import Program
from convx._graph.run.runner import Runner

__all__ = ["graph", "node", "operators", "outputs", "tensor"]


def tensor(*shape: int, seed: int = 0) -> Any:
    """Numbers from a normal distribution, of float32."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape, dtype=np.float32)


def node(operator: str, inputs: str, output: str, **attributes: Any) -> Node:
    """A node whose inputs' names are written with spaces between; ``_`` is one that is left out."""
    names = tuple("" if name == "_" else name for name in inputs.split())
    return Node(operator, names, tuple(output.split()), attributes, f"{operator}-{output}")


def graph(*nodes: Node, shape: tuple[int | None, ...] = (1, 4, 6, 6), opset: int = 13, **constants: Any) -> Graph:
    """A network from ``x`` to ``y``."""
    x = Value("x", np.dtype("float32"), shape)
    return Graph("net", opset, (x,), (Value("y", np.dtype("float32"), None),), constants, nodes)


def operators(network: Graph) -> list[str]:
    """The operators of its nodes, in order."""
    return [one.operator for one in network.nodes]


def outputs(network: Graph, x: Any, times: int = 3) -> list[Any]:
    """What each of some runs returns: the first lays the memory out, the others use it."""
    runner = Runner(Program(network))
    return [runner.run([x])[0] for _ in range(times)]
