"""Errors that name the node in which they happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convx._graph.graph import Node

__all__ = ["blamed"]


def blamed(error: Exception, function: str, node: Node, inputs: Sequence[Any] | None = None) -> Exception:
    """Return an error that tells where another one happened.

    Parameters
    ----------
    error : Exception
        From the code of a node.
    function : str
        Of the session, which the message begins with.
    node : Node
        Whose it is.
    inputs : sequence, optional
        What the node was given.

    Returns
    -------
    Exception
        A TypeError or a MemoryError if `error` is one, else a ValueError.
    """
    kind = next((one for one in (TypeError, MemoryError) if isinstance(error, one)), ValueError)
    given = "" if inputs is None else " of " + (", ".join(map(_described, inputs)) or "nothing")
    return kind(f"{function}: node {node.operator} {node.name!r}{given}: {error}")


def _described(value: Any) -> str:
    """Return dtype and shape of an input."""
    if not isinstance(value, (np.ndarray, np.generic)):
        return "none" if value is None else type(value).__name__
    return f"{value.dtype}[{', '.join(map(str, value.shape))}]"
