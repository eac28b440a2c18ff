"""One layer of the demo: run by every algorithm, checked against the NumPy reference, timed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

import convx
from convx import _core
from convx._cli.errors import CheckError
from convx._cli.progress import Progress
from convx._timing import measure
from convx._types import Activation

__all__ = ["Step", "convolve", "largest_difference", "pool"]

Array = NDArray[np.float32]

NUMPY = "NumPy"  # stands beside the names of the algorithms
SECONDS = 0.15  # spent on each time


@dataclass(frozen=True)
class Step:
    """A layer that has run.

    Attributes
    ----------
    name : str
        What it is called in the tables.
    output : ndarray
        The maps, one image.
    weights, macs : int
        How many weights there are to choose, how many multiplications were done.
    difference, allowed : float
        Largest difference from the NumPy reference over all algorithms, and what rounding may cause.
    seconds : dict
        Time of the best call by algorithm, and of the reference under "NumPy".
    """

    name: str
    output: Array
    weights: int
    macs: int
    difference: float
    allowed: float
    seconds: Mapping[str, float]

    def check(self) -> None:
        """Raise CheckError unless the difference is allowed."""
        if not self.difference <= self.allowed:
            raise CheckError(f"{self.name}: {self.difference:.2e} from the reference, allowed are {self.allowed:.2e}")


def convolve(
    name: str,
    maps: Array,
    weight: Array,
    bias: Array,
    *,
    groups: int = 1,
    activation: Activation = None,
    weights: int,
    progress: Progress,
) -> Step:
    """Run a convolution by every algorithm; the output is that of 'auto'."""
    progress.show(f"{name}: NumPy reference")
    reference = partial(convx.reference.conv2d, groups=groups, activation=activation)
    exact = reference(*(array.astype(np.float64) for array in (maps, weight, bias)))
    seconds = {NUMPY: measure(partial(reference, maps, weight, bias), SECONDS, minimum=1).best}
    outputs: dict[str, Array] = {}
    for algorithm in _core.algorithms():
        if not _core.supports(algorithm, weight.shape, 1, 1, groups):
            continue
        progress.show(f"{name}: {algorithm}")
        plan = convx.Conv2d(weight, bias, groups=groups, activation=activation, algorithm=algorithm)
        out = outputs[algorithm] = np.empty(exact.shape, np.float32)
        seconds[algorithm] = measure(partial(plan, maps, out=out), SECONDS).best
    difference = largest_difference(np.stack(list(outputs.values())), exact)
    terms = weight[0].size + 1  # and the bias
    largest = max(np.abs(maps).max() * np.abs(weight).max(), np.abs(bias).max())
    allowed = 4 * float(np.finfo(np.float32).eps) * terms * float(largest)
    return Step(name, outputs["auto"], weights, exact[0].size * weight[0].size, difference, allowed, seconds)


def pool(name: str, maps: Array, progress: Progress) -> Step:
    """Run 2x2 max pooling, which has one algorithm, listed under 'auto', and must be exact."""
    progress.show(name)
    reference = partial(convx.reference.max_pool2d, maps, 2)
    exact = reference()
    out = np.empty(exact.shape, np.float32)
    seconds = {
        NUMPY: measure(reference, SECONDS, minimum=1).best,
        "auto": measure(partial(convx.max_pool2d, maps, 2, out=out), SECONDS).best,
    }
    return Step(name, out, 0, 0, largest_difference(out, exact), 0.0, seconds)


def largest_difference(got: NDArray[np.number], wanted: NDArray[np.number]) -> float:
    """Return the largest absolute difference; NaN if there is one."""
    return float(np.max(np.abs(got - wanted)))
