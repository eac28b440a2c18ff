"""What can be run, by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from convx._graph.graph import AnyArray, Node

__all__ = ["TABLE", "Constants", "Make", "Run", "elementwise", "is_elementwise", "operator", "takes_out", "writes"]

Run: TypeAlias = Callable[..., "AnyArray | tuple[AnyArray, ...]"]
"""Takes a node's inputs in their order, None where one is left out; returns its output, or a tuple of several.

A tuple has an entry for every output that the node names or skips, None for one that it skips. A result may be a view
of an input or of a constant, read-only too, and a NumPy scalar where it has no axes. Overflow, division by zero and the
like are no errors in ONNX: the caller runs all nodes within ``np.errstate(all="ignore")``. A run keeps nothing between
calls, so that several threads may be in it.
"""

Constants: TypeAlias = Sequence["AnyArray | None"]

Make: TypeAlias = Callable[[Node, int, Constants], Run]
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


def writes(run: Run) -> Run:
    """Mark a run that also takes ``out=``, an array of its result's shape and dtype, which no input may overlap."""
    run.takes_out = True  # type: ignore[attr-defined]
    return run


def elementwise(run: Run) -> Run:
    """Mark a run that takes ``out=``, which may be one of the inputs itself: each element is read before it is written.

    An input that is broadcast has another shape than the result, and so cannot be it.
    """
    run.elementwise = True  # type: ignore[attr-defined]
    return writes(run)


def takes_out(run: Run) -> bool:
    """Whether a run writes its result into a given array."""
    return getattr(run, "takes_out", False)


def is_elementwise(run: Run) -> bool:
    """Whether a run may write its result over an input of the same shape and dtype."""
    return getattr(run, "elementwise", False)
