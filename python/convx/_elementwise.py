"""Functions of elements that networks put between convolutions, by the core: one pass over memory each. Private.

Arrays are float16, bfloat16, float32 or float64, of any strides; half types are computed in float32 and rounded once.
`out` has exactly the result's shape and dtype and may be an operand.
"""

from __future__ import annotations

from math import inf
from typing import Literal, TypeAlias

from numpy.typing import ArrayLike

from convx import _core
from convx._types import Activation, FloatArray

__all__ = [
    "add",
    "clip",
    "divide",
    "elu",
    "erf",
    "exp",
    "gelu",
    "hard_sigmoid",
    "hard_swish",
    "leaky_relu",
    "log_softmax",
    "maximum",
    "minimum",
    "mish",
    "multiply",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "subtract",
    "tanh",
]

Kind: TypeAlias = Literal["clip", "leaky_relu", "hard_sigmoid", "hard_swish", "elu", "exp", "tanh", "sigmoid", "silu"]
Smooth: TypeAlias = Literal["softplus", "mish", "erf", "gelu"]
Operation: TypeAlias = Literal["add", "subtract", "multiply", "divide", "maximum", "minimum"]


def _of_one(
    kind: Kind | Smooth, input: ArrayLike, out: FloatArray | None, a: float = 0.0, b: float = 0.0
) -> FloatArray:
    return _core.unary(kind, kind, input, alpha=a, beta=b, out=out)


def clip(input: ArrayLike, lo: float = -inf, hi: float = inf, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``min(max(x, lo), hi)``."""
    return _of_one("clip", input, out, lo, hi)


def relu(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``max(x, 0)``."""
    return clip(input, 0.0, out=out)


def leaky_relu(input: ArrayLike, slope: float = 0.01, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``x if x > 0 else slope * x``."""
    return _of_one("leaky_relu", input, out, slope)


def hard_sigmoid(
    input: ArrayLike, alpha: float = 0.2, beta: float = 0.5, *, out: FloatArray | None = None
) -> FloatArray:
    """Return ``min(max(alpha * x + beta, 0), 1)``."""
    return _of_one("hard_sigmoid", input, out, alpha, beta)


def hard_swish(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``x * min(max(x / 6 + 1 / 2, 0), 1)``."""
    return _of_one("hard_swish", input, out, 1 / 6, 0.5)


def elu(input: ArrayLike, alpha: float = 1.0, gamma: float = 1.0, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``gamma * (x if x > 0 else alpha * (exp(x) - 1))``; of SELU's two numbers it is SELU."""
    return _of_one("elu", input, out, gamma * alpha, gamma)


def exp(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``exp(x)``."""
    return _of_one("exp", input, out)


def tanh(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``tanh(x)``."""
    return _of_one("tanh", input, out)


def sigmoid(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``1 / (1 + exp(-x))``."""
    return _of_one("sigmoid", input, out)


def silu(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``x / (1 + exp(-x))``, which is called swish too."""
    return _of_one("silu", input, out)


def softplus(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``log(1 + exp(x))``."""
    return _of_one("softplus", input, out)


def mish(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``x * tanh(log(1 + exp(x)))``."""
    return _of_one("mish", input, out)


def erf(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return the error function of x."""
    return _of_one("erf", input, out)


def gelu(input: ArrayLike, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``x / 2 * (1 + erf(x / sqrt(2)))``."""
    return _of_one("gelu", input, out)


def _of_two(
    kind: Operation, input: ArrayLike, other: ArrayLike, activation: Activation, out: FloatArray | None
) -> FloatArray:
    return _core.binary(kind, kind, input, other, activation=activation, out=out)


def add(
    input: ArrayLike, other: ArrayLike, *, activation: Activation = None, out: FloatArray | None = None
) -> FloatArray:
    """Return ``activation(input + other)``, broadcast as NumPy does."""
    return _of_two("add", input, other, activation, out)


def subtract(
    input: ArrayLike, other: ArrayLike, *, activation: Activation = None, out: FloatArray | None = None
) -> FloatArray:
    """Return ``activation(input - other)``, broadcast as NumPy does."""
    return _of_two("subtract", input, other, activation, out)


def multiply(
    input: ArrayLike, other: ArrayLike, *, activation: Activation = None, out: FloatArray | None = None
) -> FloatArray:
    """Return ``activation(input * other)``, broadcast as NumPy does."""
    return _of_two("multiply", input, other, activation, out)


def divide(
    input: ArrayLike, other: ArrayLike, *, activation: Activation = None, out: FloatArray | None = None
) -> FloatArray:
    """Return ``activation(input / other)``, broadcast as NumPy does."""
    return _of_two("divide", input, other, activation, out)


def maximum(
    input: ArrayLike, other: ArrayLike, *, activation: Activation = None, out: FloatArray | None = None
) -> FloatArray:
    """Return the larger of each pair, or NaN where either is."""
    return _of_two("maximum", input, other, activation, out)


def minimum(
    input: ArrayLike, other: ArrayLike, *, activation: Activation = None, out: FloatArray | None = None
) -> FloatArray:
    """Return the smaller of each pair, or NaN where either is."""
    return _of_two("minimum", input, other, activation, out)


def softmax(input: ArrayLike, axis: int = -1, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``exp(x) / sum(exp(x))`` along an axis, without overflow."""
    return _core.softmax("softmax", "softmax", input, axis, out)


def log_softmax(input: ArrayLike, axis: int = -1, *, out: FloatArray | None = None) -> FloatArray:
    """Return ``x - log(sum(exp(x)))`` along an axis, without overflow."""
    return _core.softmax("log_softmax", "log_softmax", input, axis, out)
