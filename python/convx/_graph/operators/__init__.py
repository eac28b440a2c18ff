"""ONNX's operators, made ready once for a node and run many times.

A module holds those of one kind and enters them into the table when it is imported, which happens here.
"""

from convx._graph.operators import (
    activations,
    arithmetic,
    batch_normalization,
    casting,
    convolution,
    dropout,
    gathering,
    generators,
    joining,
    linear,
    lrn,
    padding,
    pooling,
    shapes,
    slicing,
    softmax,
    variadic,
)
from convx._graph.operators.table import TABLE

__all__ = [
    "TABLE",
    "activations",
    "arithmetic",
    "batch_normalization",
    "casting",
    "convolution",
    "dropout",
    "gathering",
    "generators",
    "joining",
    "linear",
    "lrn",
    "padding",
    "pooling",
    "shapes",
    "slicing",
    "softmax",
    "variadic",
]
