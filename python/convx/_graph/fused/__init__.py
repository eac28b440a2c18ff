"""Operators of our own, which passes make out of ONNX's."""

from convx._graph.fused import convolution, linear

__all__ = ["DTYPES", "LAYERS", "convolution", "linear"]

LAYERS = ("convx.Conv", "convx.ConvTranspose", "convx.Linear")
"""Those that multiply by a weight and apply an activation."""

DTYPES = ("float32", "float64")
"""Of their weights."""
