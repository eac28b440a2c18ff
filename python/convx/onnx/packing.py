"""Weights that the nodes of an evaluator have packed already."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["PACKED", "packed"]

PACKED = ("Conv", "ConvTranspose", "QLinearConv")
"""The operators whose weights are packed."""


class _Kept(NamedTuple):
    """What runs a node, and the arrays for which it was made."""

    arrays: tuple[Callable[[], Any], ...]
    run: Callable[..., Any]

    def holds(self, arrays: Sequence[Any]) -> bool:
        return len(arrays) == len(self.arrays) and all(
            known() is array for known, array in zip(self.arrays, arrays, strict=True)
        )


def packed(
    owner: Any, operator: str, inputs: Sequence[Any], attributes: Mapping[str, Any]
) -> Callable[..., Any] | None:
    """Return what runs a node with its weight packed; None if the weight may change.

    A weight is known again by its identity. Nobody can write to an array that lies in Python's bytes, as the constants
    of a model do; any other one might hold other numbers in the next run.

    Parameters
    ----------
    owner : object
        The node in its evaluator, which keeps what is made.
    operator : str
        One of :data:`PACKED`.
    inputs : sequence of ndarray or None
        The image, and what else the operator takes.
    attributes : mapping of str to object
        Those that are present.

    Returns
    -------
    callable or None
        Takes the inputs.
    """
    constants = inputs[1:]
    kept: _Kept | None = vars(owner).get("_convx_kept")
    if kept is not None and kept.holds(constants):
        return kept.run
    if not all(array is None or _is_immutable(array) for array in constants):
        return None
    from convx._graph.graph import Node
    from convx._graph.operators.table import TABLE

    names = tuple("" if array is None else "given" for array in inputs)
    run = TABLE[operator](Node(operator, names, ("result",), attributes), 22, [None, *constants])
    arrays = tuple((lambda: None) if array is None else weakref.ref(array) for array in constants)
    owner._convx_kept = _Kept(arrays, run)
    return run


def _is_immutable(array: Any) -> bool:
    base = array
    while isinstance(base, np.ndarray):
        if base.flags.writeable:
            return False
        base = base.base
    return isinstance(base, bytes)
