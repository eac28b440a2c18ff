"""A network as nodes between named values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["AnyArray", "Graph", "Node", "Value"]

AnyArray: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Value:
    """What is known of an input or an output before anything runs.

    Attributes
    ----------
    name : str
        Its name in the graph.
    dtype : dtype
        Of its elements.
    shape : tuple of int, str or None, or None
        Sizes; the names of those that are open, or None where they have none; None if not even the rank is known.
    """

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | str | None, ...] | None


@dataclass(frozen=True)
class Node:
    """One operator applied to values.

    Attributes
    ----------
    operator : str
        ONNX's name of it, or one of ours that a pass made.
    inputs, outputs : tuple of str
        Names of values; ``""`` where an optional one is left out.
    attributes : mapping of str to object
        Python's numbers, strings, lists and arrays.
    name : str
        For people.
    domain : str
        ``""`` for ONNX's default one.
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    domain: str = ""


@dataclass(frozen=True)
class Graph:
    """A network: nodes in an order in which they can run.

    Attributes
    ----------
    name : str
        For people.
    opset : int
        The version of ONNX's default domain that says what its operators mean.
    inputs, outputs : tuple of Value
        What is given to a run, and what it returns.
    constants : mapping of str to ndarray
        Values that are the same in each run.
    nodes : tuple of Node
        Each after those that make its inputs.
    shapes : mapping of str to tuple of int
        Of values, where they are known before anything runs.
    """

    name: str
    opset: int
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    constants: Mapping[str, AnyArray]
    nodes: tuple[Node, ...]
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
