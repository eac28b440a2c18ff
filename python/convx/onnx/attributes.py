"""ONNX's attributes, checked and turned into the arguments of convx."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Sized
from contextlib import contextmanager, suppress
from math import prod
from operator import index
from typing import Any, Literal, NamedTuple, NoReturn, SupportsIndex, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._types import PaddingName, PaddingPairs

AnyArray: TypeAlias = NDArray[Any]
Attribute: TypeAlias = Sequence[SupportsIndex] | None
"""An attribute that holds ints; None where it is not present."""

AutoPad: TypeAlias = Literal["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]

# What the functions of convx call what ONNX calls otherwise.
_NAMES = {
    "input": "X",
    "weight": "W",
    "bias": "B",
    "stride": "strides",
    "dilation": "dilations",
    "padding": "pads",
    "groups": "group",
    "kernel_size": "kernel_shape",
    "kernel": "kernel_shape",
}


class Window(NamedTuple):
    """A sliding window in the terms of convx."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: PaddingName | PaddingPairs


def fail(operator: str, rule: str, got: object) -> NoReturn:
    """Raise the ValueError of an input or attribute that breaks a rule."""
    raise ValueError(f"{operator}: {rule}, got {got}")


@contextmanager
def speaking_onnx(operator: str, **names: str) -> Iterator[None]:
    """Let errors of the functions of convx name the operator and ONNX's words instead of their own."""
    try:
        yield
    except (TypeError, ValueError) as error:
        found = re.match(r"\w+: (\w+)(.*)", str(error), re.DOTALL)
        if found is None or type(error) not in (TypeError, ValueError):
            raise
        name, rest = found.groups()
        raise type(error)(f"{operator}: {names.get(name) or _NAMES.get(name, name)}{rest}") from error


def as_array(operator: str, name: str, value: ArrayLike) -> AnyArray:
    """Return the array that `value` is or speaks of, uncopied where it can be."""
    if isinstance(value, np.ma.MaskedArray):
        rule = f"{name} must not be a masked array, whose mask would be lost (pass its .filled(value) or .data)"
        raise TypeError(f"{operator}: {rule}, got {type(value).__name__}")
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, Sized):
        with suppress(TypeError):  # a tensor without axes
            len(value)  # NumPy takes an object for a scalar if its len() fails, whatever that raised
    return np.asarray(value)


def check_size(operator: str, shape: Sequence[int]) -> None:
    """Refuse a result that no array can be, before NumPy computes with its sizes."""
    if prod(max(n, 1) for n in shape) >= 2**60:
        fail(operator, "output must be smaller than 2**63 bytes in float64", f"shape {tuple(shape)}")


def spatial_rank(operator: str, name: str, array: AnyArray) -> int:
    """Return the number of spatial axes of (N, C, *spatial)."""
    if array.ndim not in (3, 4, 5):
        fail(operator, f"{name} must have 3 to 5 axes (N, C and 1 to 3 spatial)", f"shape {array.shape}")
    return array.ndim - 2


def integer(operator: str, attribute: str, value: SupportsIndex, least: int) -> int:
    """Return an attribute that is one int, at least `least`."""
    number = _as_int(operator, attribute, value, value)
    if number < least:
        fail(operator, f"{attribute} must be >= {least}", number)
    return number


def flag(operator: str, attribute: str, value: SupportsIndex) -> bool:
    """Return an attribute that is 0 or 1."""
    number = int(value) if isinstance(value, (bool, np.bool_)) else _as_int(operator, attribute, value, value)
    if number not in (0, 1):
        fail(operator, f"{attribute} must be 0 or 1", number)
    return bool(number)


def integers(operator: str, attribute: str, value: Attribute, count: int, least: int, default: int) -> tuple[int, ...]:
    """Return an attribute of `count` ints, each at least `least`; all `default` where it is not present."""
    if value is None:
        return (default,) * count
    if isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, np.ndarray)):
        raise TypeError(f"{operator}: {attribute} must be a sequence of ints, got {value!r}")
    numbers = tuple(_as_int(operator, attribute, entry, value) for entry in value)
    if len(numbers) != count:
        fail(operator, f"{attribute} must hold {count} ints", numbers)
    if numbers and min(numbers) < least:
        fail(operator, f"{attribute} must be >= {least}", numbers)
    return numbers


def kernel_of(operator: str, weight: AnyArray, kernel_shape: Attribute, rank: int, name: str = "W") -> tuple[int, ...]:
    """Return the kernel sizes of a weight, which kernel_shape must repeat where it is present."""
    if weight.ndim != rank + 2:
        fail(operator, f"{name} must have {rank + 2} axes, as the input has", f"shape {weight.shape}")
    kernel = weight.shape[2:]
    if kernel_shape is not None and integers(operator, "kernel_shape", kernel_shape, rank, 1, 1) != kernel:
        fail(operator, f"kernel_shape must be that of {name}, {kernel}", tuple(kernel_shape))
    return kernel


def auto_pad_name(operator: str, auto_pad: AutoPad) -> AutoPad:
    """Return auto_pad, one of ONNX's four."""
    if not isinstance(auto_pad, str):
        raise TypeError(f"{operator}: auto_pad must be a str, got {auto_pad!r}")
    if auto_pad not in get_args(AutoPad):
        fail(operator, f"auto_pad must be one of {', '.join(get_args(AutoPad))}", repr(auto_pad))
    return auto_pad


def pad_pairs(operator: str, pads: Attribute, rank: int) -> tuple[tuple[int, int], ...]:
    """Return pads, all beginnings and then all ends, as one pair per axis."""
    numbers = integers(operator, "pads", pads, 2 * rank, 0, 0)
    return tuple(zip(numbers[:rank], numbers[rank:], strict=True))


def window(
    operator: str, kernel: tuple[int, ...], auto_pad: AutoPad, dilations: Attribute, pads: Attribute, strides: Attribute
) -> Window:
    """Return the window that the attributes shared by convolution and pooling describe."""
    rank = len(kernel)
    pairs = pad_pairs(operator, pads, rank)
    named: dict[str, PaddingName] = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower"}
    padding = named.get(auto_pad_name(operator, auto_pad))
    if auto_pad != "NOTSET" and any(lo or hi for lo, hi in pairs):
        fail(operator, f"pads must be 0 with auto_pad {auto_pad}", pairs)
    return Window(
        kernel,
        integers(operator, "strides", strides, rank, 1, 1),
        integers(operator, "dilations", dilations, rank, 1, 1),
        padding or pairs,
    )


def pool_window(
    operator: str,
    x: AnyArray,
    kernel_shape: Attribute,
    auto_pad: AutoPad,
    ceil_mode: SupportsIndex,
    dilations: Attribute,
    pads: Attribute,
    strides: Attribute,
) -> tuple[int, Window, bool]:
    """Return a pooling's number of spatial axes, window and ceil_mode; only explicit padding heeds the last."""
    rank = spatial_rank(operator, "X", x)
    if kernel_shape is None:
        fail(operator, "kernel_shape must be present", None)
    kernel = integers(operator, "kernel_shape", kernel_shape, rank, 1, 1)
    view = window(operator, kernel, auto_pad, dilations, pads, strides)
    return rank, view, flag(operator, "ceil_mode", ceil_mode) and auto_pad == "NOTSET"


def _as_int(operator: str, attribute: str, value: object, whole: object) -> int:
    number = _exact_int(operator, attribute, value, whole)
    if not -(2**63) <= number < 2**63:
        fail(operator, f"{attribute} must be >= -2**63 and < 2**63", number)
    return number


def _exact_int(operator: str, attribute: str, value: object, whole: object) -> int:
    if type(value) is int:  # to ask a protocol takes 20 us
        return value
    if isinstance(value, float) and value.is_integer():  # early opsets wrote some ints as floats
        return int(value)
    if not isinstance(value, SupportsIndex) or isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{operator}: {attribute} must hold ints, got {whole!r}")
    try:
        return index(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{operator}: {attribute} must hold ints, got {whole!r}") from error
