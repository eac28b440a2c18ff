"""What is right: some hundred elements of a layer's output in float64, straight from the definition."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from harness.problem import Array, Problem

__all__ = ["Oracle", "oracle"]

POINTS = 600
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Oracle:
    """Elements of the output, and what they should be."""

    places: tuple[Indices, ...]
    values: NDArray[np.float64]

    def error(self, output: Array) -> float:
        """Return the largest error, relative to the largest value of the output."""
        return float(np.abs(output[self.places] - self.values).max() / np.abs(output).max())


def oracle(problem: Problem) -> Oracle:
    """Compute the corners of the output and elements drawn at random, by NumPy in float64."""
    places = batch, channel, *at = _places(problem.output_shape)
    starts = [place * stride for place, stride in zip(at, problem.stride, strict=True)]
    window = _window(problem, starts)
    maps = _padded(problem)
    if problem.kind == "max":
        return Oracle(places, maps[(batch, channel, *window)].max(0))
    if problem.kind == "avg":
        return Oracle(places, maps[(batch, channel, *window)].sum(0) / _counted(problem, starts))
    weight, bias = (array.astype(np.float64) for array in problem.weights())
    depth = weight.shape[1]
    filters = weight.reshape(*weight.shape[:2], -1)
    first = channel // (weight.shape[0] // problem.groups) * depth
    values = bias[channel]
    for c in range(depth):
        values += np.einsum("tp,pt->p", maps[(batch, first + c, *window)], filters[channel, c])
    return Oracle(places, values)


def _places(shape: tuple[int, ...]) -> tuple[Indices, ...]:
    random = np.random.default_rng(3)
    corners = np.array(list(product(*((0, size - 1) for size in shape)))).T
    inner = np.stack([random.integers(0, size, POINTS) for size in shape])
    return tuple(np.concatenate([corners, inner], 1))


def _padded(problem: Problem) -> NDArray[np.float64]:
    """Return the input with its padding, and as much behind it as sizes that are rounded up reach."""
    ends = zip(problem.padding, problem.stride, strict=True)
    padding = [(0, 0), (0, 0), *((pad, pad + problem.ceil_mode * stride) for pad, stride in ends)]
    outside = -np.inf if problem.kind == "max" else 0
    return np.pad(problem.maps().astype(np.float64), padding, constant_values=outside)


def _window(problem: Problem, starts: list[Indices]) -> tuple[Indices, ...]:
    """Return the positions of the taps along each axis: taps x places."""
    taps = np.array(list(product(*map(range, problem.kernel)))).T
    axes = zip(starts, taps, problem.dilation, strict=True)
    return tuple(start + tap[:, None] * dilation for start, tap, dilation in axes)


def _counted(problem: Problem, starts: list[Indices]) -> Indices:
    """Return how many elements an average counts: those of the padding, none behind it."""
    counts = np.ones_like(starts[0])
    for start, kernel, pad, size in zip(starts, problem.kernel, problem.padding, problem.input_shape[2:], strict=True):
        counts *= np.minimum(kernel, size + 2 * pad - start)
    return counts
