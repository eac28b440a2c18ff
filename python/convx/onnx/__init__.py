"""The operators of ONNX for convolution and pooling, as functions of NumPy arrays.

Each function takes the operator's inputs in ONNX's order and its attributes as keywords, with ONNX's names and
defaults. These contradict those of :mod:`convx`, which are torch's: here the stride of a pool is 1, padding does not
count in an average, and the indices of a maximum count within the whole tensor. One output is returned as an array,
several as a tuple. An attribute that breaks a rule is a ``ValueError`` that names operator, attribute, rule and value.

:func:`reference_ops` makes ONNX's own ``ReferenceEvaluator`` run these operators on convx. Only that function needs the
``onnx`` package.

Operators are those of opset 22 (:func:`CausalConvWithState`: 27). Earlier versions differ in nothing that a call can
see, save :func:`ConvTranspose` before opset 11, whose text had the two sides of an odd padding the other way round.
"""

from convx.onnx.columns import Col2Im
from convx.onnx.convolution import CausalConvWithState, Conv, ConvTranspose, DeformConv
from convx.onnx.evaluator import reference_ops
from convx.onnx.pooling import (
    AveragePool,
    GlobalAveragePool,
    GlobalLpPool,
    GlobalMaxPool,
    LpPool,
    MaxPool,
    MaxUnpool,
)
from convx.onnx.quantized import ConvInteger, QLinearConv

__all__ = [
    "AveragePool",
    "CausalConvWithState",
    "Col2Im",
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "DeformConv",
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "LpPool",
    "MaxPool",
    "MaxUnpool",
    "QLinearConv",
    "reference_ops",
]
