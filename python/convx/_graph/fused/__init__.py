"""Operators of our own, which passes make out of ONNX's."""

from convx._graph.fused import convolution, linear

__all__ = ["convolution", "linear"]
