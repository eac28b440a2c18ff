"""The arguments that the filters share, in SciPy's words: axes, modes, origins, sequences, outputs."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, overload
from warnings import warn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from convx._types import PaddingMode

__all__ = [
    "CORE_MODE",
    "Array",
    "Output",
    "Sides",
    "as_array",
    "holds",
    "item_axes",
    "make_output",
    "mode_name",
    "one_axis",
    "per_axis",
    "some_axes",
    "turned_origin",
    "window_over",
    "window_sides",
]

Array = NDArray[Any]
Output = Array | DTypeLike | None
Sides = tuple[int, int]
"""How many elements before and behind its place a window reaches."""

_Item = TypeVar("_Item")

CORE_MODE: dict[str, PaddingMode] = {
    "reflect": "symmetric",
    "mirror": "reflect",
    "nearest": "replicate",
    "wrap": "circular",
    "constant": "zeros",
}
"""SciPy's names of modes in the words of `padding_mode`."""

_SYNONYMS = {"grid-mirror": "reflect", "grid-wrap": "wrap", "grid-constant": "constant"}

_ELSEWHERE = {
    "symmetric": "reflect",
    "edge": "nearest",
    "replicate": "nearest",
    "circular": "wrap",
    "zeros": "constant",
    "reflect_101": "mirror",
    "reflect101": "mirror",
}
"""What np.pad, torch, OpenCV and :mod:`convx` itself call SciPy's modes."""


def as_array(function: str, input: ArrayLike) -> Array:
    """Return what is to be filtered as an array; a masked one would lose its mask."""
    if isinstance(input, np.ma.MaskedArray):
        raise TypeError(f"{function}: input must not be masked, as its mask would be lost; fill it first")
    array = np.asarray(input)
    if array.dtype.kind not in "biufc" or array.dtype.itemsize > (16 if array.dtype.kind == "c" else 8):
        raise TypeError(f"{function}: input must hold numbers of at most 64 bits, got {array.dtype}")
    return array


def holds(dtype: np.dtype[Any], value: float) -> bool:
    """Whether a dtype can hold a number, as floats hold any."""
    if dtype.kind == "f":
        return True
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return bool(value == np.rint(value) and low <= value <= high)


def mode_name(function: str, mode: str) -> str:
    """Return `mode` without synonyms."""
    name = _SYNONYMS.get(mode, mode)
    if name not in CORE_MODE:
        known = ", ".join(map(repr, (*CORE_MODE, *_SYNONYMS)))
        ours = _ELSEWHERE.get(mode)
        remedy = f" (write {ours!r} for {mode!r})" if ours else ""
        raise RuntimeError(f"{function}: mode must be one of {known}{remedy}, got {mode!r}")
    return name


def one_axis(function: str, axis: int, ndim: int) -> int:
    """Return `axis` counted from the first."""
    index = operator.index(axis)
    if not -ndim <= index < ndim:
        raise np.exceptions.AxisError(f"{function}: axis must be from {-ndim} to {ndim - 1}, got {axis}")
    return index % ndim


def some_axes(function: str, axes: int | Iterable[int] | None, ndim: int) -> tuple[int, ...]:
    """Return the axes to filter along, counted from the first; all of them for None."""
    if axes is None:
        return tuple(range(ndim))
    if not isinstance(axes, Iterable):
        axes = (axes,)
    found = tuple(operator.index(axis) for axis in axes)
    for axis in found:
        if not -ndim <= axis < ndim:
            raise ValueError(f"{function}: axes: {axis} is out of range, which is {-ndim} to {ndim - 1}")
    found = tuple(axis % ndim for axis in found)
    if len(set(found)) < len(found):
        raise ValueError(f"{function}: axes must be unique, got {found}")
    return found


@overload
def per_axis(function: str, name: str, value: str | Sequence[str], count: int) -> list[str]: ...
@overload
def per_axis(function: str, name: str, value: _Item | Sequence[_Item], count: int) -> list[_Item]: ...
def per_axis(function: str, name: str, value: Any, count: int) -> list[Any]:
    """Return one item for each of `count` axes."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return [value] * count
    items = list(value)
    if len(items) != count:
        raise RuntimeError(
            f"{function}: {name}: sequence argument must have length equal to input rank, "
            f"or to the number of axes, {count}; got {len(items)}"
        )
    return items


def item_axes(axes: Sequence[int], ndim: int) -> Sequence[int]:
    """Return the axes that items are given for: as SciPy has it, where `axes` are all, in the array's order."""
    return axes if len(axes) < ndim else range(ndim)


def window_sides(function: str, size: int, origin: int) -> Sides:
    """Return how far a window of `size` reaches; `origin` moves it, but not off its place."""
    before = size // 2 + operator.index(origin)
    if not 0 <= before < size:
        low, high = -(size // 2), (size - 1) // 2
        raise ValueError(f"{function}: invalid origin {origin}: for a window of {size} it must be from {low} to {high}")
    return before, size - 1 - before


def window_over(
    function: str,
    sizes: Sequence[int],
    origins: Sequence[int],
    axes: Sequence[int],
    ndim: int,
    *,
    turned: bool = False,
) -> tuple[list[Sides], list[int]]:
    """Return how far a window, or one that is turned, reaches along each of `ndim` axes, and its sizes.

    As SciPy has it, the axes of a window lie in the order of the array's, whatever that of `axes`.
    """
    reach, shape = [(0, 0)] * ndim, [1] * ndim
    shifts = [0] * ndim
    for axis, origin in zip(item_axes(axes, ndim), origins, strict=True):
        shifts[axis] = origin
    for axis, size in zip(sorted(axes), sizes, strict=True):
        shape[axis] = size
    for axis in range(ndim):
        shift = turned_origin(shifts[axis], shape[axis]) if turned else shifts[axis]
        reach[axis] = window_sides(function, shape[axis], shift)
    return reach, shape


def turned_origin(origin: int, size: int) -> int:
    """Return the origin of a window after it was turned: one of even size has its centre on the other side."""
    return -origin - (1 - size % 2)


def make_output(function: str, output: Output, input: Array, *, is_complex: bool = False) -> Array:
    """Return where to write: the array that was given, or a new one of the dtype that was given or of the input's."""
    if isinstance(output, np.ndarray):
        if output.shape != input.shape:
            raise RuntimeError(f"{function}: output must have shape {input.shape}, got {output.shape}")
        if is_complex and output.dtype.kind != "c":
            raise RuntimeError(f"{function}: output must be complex, got {output.dtype}")
        return output
    dtype = input.dtype if output is None else np.dtype(output)
    if is_complex and dtype.kind != "c":
        if isinstance(output, str):
            raise RuntimeError(f"{function}: output must have complex dtype, got {output!r}")
        if output is not None:
            warn(f"{function}: promoting specified output dtype to complex", UserWarning, stacklevel=4)
        dtype = np.promote_types(dtype, np.complex64)
    if dtype.kind not in "biufc":
        raise RuntimeError(f"{function}: output must have a numeric dtype, got {dtype}")
    return np.empty(input.shape, dtype.newbyteorder("="))
