"""A small network on one image, from the picture to the class: each value and what it was made of."""

from convx._trace.tracing import Trace, trace
from convx._trace.value import Value

__all__ = ["Trace", "Value", "trace"]
