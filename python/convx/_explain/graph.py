"""A network as steps, and what each step sees of the network's input.

The receptive field of an output is found backwards, from the output to the input: one interval along each axis, which
every layer widens by its window. A. Araujo, W. Norris and J. Sim, "Computing receptive fields of convolutional neural
networks", Distill, 2019, derive the closed form for chains of convolutions; going step by step gives the same numbers,
and those of transposed convolutions, of adaptive pools and of branches that come together too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from convx._layers import Layer
from convx.reference.geometry import adaptive_window

__all__ = ["INPUT", "Field", "Step", "chain", "fields"]

INPUT = -1
"""The network's input among the inputs of a step."""


@dataclass(frozen=True)
class Step:
    """A layer of a network, or something that leaves each pixel at its place.

    Attributes
    ----------
    name : str
        The layer's name in its network.
    layer : Layer or None
        None for what computes each pixel from those at the same place, such as a sum or a concatenation.
    inputs : tuple of int
        The steps before it whose outputs it reads, :data:`INPUT` for the network's input; none if they are not known.
    sizes : tuple of int
        Spatial sizes of its output.
    count : int
        How often the network has a layer of these sizes.
    """

    name: str
    layer: Layer | None
    inputs: tuple[int, ...]
    sizes: tuple[int, ...]
    count: int = 1


@dataclass(frozen=True)
class Field:
    """The receptive field of a map's elements, each axis for itself.

    Attributes
    ----------
    size : tuple of int
        Input elements from the first to the last on which an output depends, those of the padding included.
    jump : tuple of Fraction
        Input elements from the field of one output to that of the next.
    start : tuple of int
        The first input element of output 0, negative in the padding.
    """

    size: tuple[int, ...]
    jump: tuple[Fraction, ...]
    start: tuple[int, ...]


def chain(layers: Sequence[Layer], names: Sequence[str] = ()) -> tuple[Step, ...]:
    """Return the steps of layers that follow each other."""
    return tuple(
        Step(names[i] if names else layer.name, layer, (i - 1,), layer.windows) for i, layer in enumerate(layers)
    )


def fields(steps: Sequence[Step], sizes: tuple[int, ...]) -> list[Field | None]:
    """Return the receptive field of each step.

    Parameters
    ----------
    steps : sequence of Step
        In an order in which they can run.
    sizes : tuple of int
        Spatial sizes of the network's input.

    Returns
    -------
    list of Field or None
        None for what is no layer, where a step's inputs are not known, or where places are lost, as in columns.
    """
    jumps: list[tuple[Fraction, ...] | None] = []
    for step in steps:
        jumps.append(_jump(step, [(Fraction(1),) * len(sizes) if i == INPUT else jumps[i] for i in step.inputs], steps))
    return [
        None if jump is None or steps[number].layer is None else _field(steps, number, sizes, jump)
        for number, jump in enumerate(jumps)
    ]


def _jump(
    step: Step, before: Sequence[tuple[Fraction, ...] | None], steps: Sequence[Step]
) -> tuple[Fraction, ...] | None:
    if not before or None in before or any(i != INPUT and _loses_places(steps[i]) for i in step.inputs):
        return None
    known = [jump for jump in before if jump is not None]
    layer = step.layer
    if layer is None:
        whole = [
            [jump for i, jump in zip(step.inputs, known, strict=True) if not _spreads(steps, step, i, axis)] or known
            for axis in range(len(known[0]))
        ]
        return tuple(jumps[0][axis] for axis, jumps in enumerate(whole))
    if layer.kind == "conv_transpose":
        ratios = [Fraction(1, s) for s in layer.stride]
    elif layer.kind.startswith("adaptive"):
        ratios = [Fraction(size, out) for size, out in zip(layer.in_sizes, layer.windows, strict=True)]
    else:
        ratios = [Fraction(s) for s in layer.stride]
    return tuple(jump * ratio for jump, ratio in zip(known[0], ratios, strict=True))


def _spreads(steps: Sequence[Step], step: Step, source: int, axis: int) -> bool:
    """Whether `step` gives the one element that `source` has along `axis` to all of its own, as broadcasting does."""
    return step.layer is None and source != INPUT and steps[source].sizes[axis] == 1 < step.sizes[axis]


def _loses_places(step: Step) -> bool:
    """Whether the output of `step` has no spatial axes as its input has."""
    return step.layer is not None and len(step.layer.out_sizes) != step.layer.rank


Interval = tuple[Any, Any]
"""The first and the last element: ints for one output, arrays for several."""


def _field(steps: Sequence[Step], number: int, sizes: tuple[int, ...], jump: tuple[Fraction, ...]) -> Field:
    before = _ancestors(steps, number)
    if all(_is_alike(steps[i].layer) for i in before):  # one output tells of all
        alike = [_interval(steps, before, axis, 0, min, max) for axis in range(len(sizes))]
        return Field(tuple(last - first + 1 for first, last in alike), jump, tuple(first for first, _ in alike))
    found = [
        _interval(steps, before, axis, np.arange(steps[number].sizes[axis]), np.minimum, np.maximum)
        for axis in range(len(sizes))
    ]
    return Field(
        tuple(int((last - first).max()) + 1 for first, last in found), jump, tuple(int(first[0]) for first, _ in found)
    )


def _interval(
    steps: Sequence[Step],
    before: Sequence[int],
    axis: int,
    outputs: Any,
    least: Callable[[Any, Any], Any],
    most: Callable[[Any, Any], Any],
) -> Interval:
    """Return the first and the last input element along `axis` of `outputs` of the first of the steps `before`."""
    wanted: dict[int, Interval] = {before[0]: (outputs, outputs)}
    for i in before:
        read = _read(steps[i].layer, axis, *wanted[i])
        for source in steps[i].inputs:
            part = (read[0] * 0, read[1] * 0) if _spreads(steps, steps[i], source, axis) else read
            first, last = wanted.get(source, part)
            wanted[source] = least(first, part[0]), most(last, part[1])
    return wanted[INPUT]


def _ancestors(steps: Sequence[Step], number: int) -> list[int]:
    """Return `number` and the steps from which it follows, the last first."""
    found = {number}
    for i in range(number, -1, -1):
        if i in found:
            found.update(source for source in steps[i].inputs if source != INPUT)
    return sorted(found, reverse=True)


def _is_alike(layer: Layer | None) -> bool:
    """Whether all windows of `layer` have one size."""
    return layer is None or not (layer.kind == "conv_transpose" or layer.kind.startswith("adaptive"))


def _read(layer: Layer | None, axis: int, first: Any, last: Any) -> Interval:
    """Return the inputs that `layer` reads for outputs `first` ... `last`; beyond its sizes too, as padding is."""
    if layer is None:
        return first, last
    size, outputs = layer.in_sizes[axis], layer.windows[axis]
    if layer.kind.startswith("adaptive"):
        first, last = first.clip(0, outputs - 1), last.clip(0, outputs - 1)
        return adaptive_window(first, size, outputs)[0], adaptive_window(last, size, outputs)[1] - 1
    kernel, stride, dilation = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
    lo, reach = layer.padding[axis][0], dilation * (kernel - 1)
    if layer.kind == "conv_transpose":
        return -((reach - lo - first) // stride), (last + lo) // stride
    return first * stride - lo, last * stride - lo + reach
