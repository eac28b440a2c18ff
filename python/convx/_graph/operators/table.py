"""What can be run, by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from convx._graph.graph import AnyArray, Node

__all__ = ["TABLE", "Make", "Run", "operator"]

Run: TypeAlias = Callable[..., "AnyArray | tuple[AnyArray, ...]"]
"""Takes a node's inputs in their order, None where one is left out; returns its output, or a tuple of several."""

Make: TypeAlias = Callable[[Node, int, "Sequence[AnyArray | None]"], Run]
"""Makes a node ready: takes the node, the version of the opset, and of each input its constant, None if it has none.

All that can be computed from attributes and constants is computed here, once: plans are packed, axes checked.
"""

TABLE: dict[str, Make] = {}


def operator(*names: str) -> Callable[[Make], Make]:
    """Enter a maker under the names of the operators that it makes ready."""

    def enter(make: Make) -> Make:
        TABLE.update(dict.fromkeys(names, make))
        return make

    return enter
