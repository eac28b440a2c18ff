"""The operators of ONNX for convolution and pooling, as functions of NumPy arrays.

Each function takes the operator's inputs in ONNX's order and its attributes as keywords, with ONNX's names and
defaults. These contradict those of :mod:`convx`, which are torch's: here the stride of a pool is 1, padding does not
count in an average, and the indices of a maximum count within the whole tensor. One output is returned as an array,
several as a tuple. An attribute that breaks a rule is a ``ValueError`` that names operator, attribute, rule and value.

:class:`InferenceSession` runs whole models. :func:`reference_ops` makes ONNX's own ``ReferenceEvaluator`` run these
operators on convx. Only those two need the ``onnx`` package.

Operators are those of opset 22 (:func:`CausalConvWithState`: 27). Earlier versions differ in nothing that a call can
see, save :func:`ConvTranspose` before opset 11, whose text had the two sides of an odd padding the other way round.
"""
# ruff: noqa: F403 - what is public is said once, by the __all__ of each module

from typing import TYPE_CHECKING, Any

from convx.onnx import (
    causal,
    columns,
    conv_transpose,
    convolution,
    evaluator,
    global_pooling,
    pooling,
    quantized,
    unpooling,
)
from convx.onnx.causal import *
from convx.onnx.columns import *
from convx.onnx.conv_transpose import *
from convx.onnx.convolution import *
from convx.onnx.evaluator import *
from convx.onnx.global_pooling import *
from convx.onnx.pooling import *
from convx.onnx.quantized import *
from convx.onnx.unpooling import *

if TYPE_CHECKING:
    from convx.onnx.session import InferenceSession as InferenceSession

__all__: list[str] = ["InferenceSession"]
__all__ += causal.__all__
__all__ += columns.__all__
__all__ += conv_transpose.__all__
__all__ += convolution.__all__
__all__ += evaluator.__all__
__all__ += global_pooling.__all__
__all__ += pooling.__all__
__all__ += quantized.__all__
__all__ += unpooling.__all__

if not TYPE_CHECKING:  # where it would make every name an attribute

    def __getattr__(name: str) -> Any:
        """Import what runs whole models when it is asked for: it needs all operators, and few programs need it."""
        if name == "InferenceSession":
            from convx.onnx.session import InferenceSession

            return InferenceSession
        raise AttributeError(f"module 'convx.onnx' has no attribute {name!r}")
