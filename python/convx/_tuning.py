"""Which algorithm is the fastest for a plan's convolutions of one shape: measured."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convx import _core
from convx._timing import least_times
from convx._types import Algorithm

if TYPE_CHECKING:
    from convx._plan import Plan

__all__ = ["Tuning", "tune"]

MARGIN = 0.05
"""What an algorithm must save of the time of the model's choice to be taken in its place."""
HOPELESS = 2.0
"""How many times slower than the fastest an algorithm is that is called no more after one round."""

FILLED = 1 << 24
"""Elements that are filled before Ctrl-C is heard."""


class Tuning(NamedTuple):
    """What :meth:`Conv2d.tune` found.

    Attributes
    ----------
    algorithm : str
        The one that calls of this shape take from now on.
    model : str
        The one that they would take if nothing had been measured.
    seconds : dict of str to float
        The time of each algorithm's fastest call.
    """

    algorithm: Algorithm
    model: Algorithm
    seconds: dict[Algorithm, float]

    @property
    def overruled(self) -> bool:
        """Whether the measurement overruled the model."""
        return self.algorithm != self.model


def tune(plan: Plan, input_shape: tuple[int, ...], seconds: float) -> Tuning:
    """Measure what `plan` may take for inputs of `input_shape`, and have all plans of the process know it.

    Parameters
    ----------
    plan : Plan
        Any; refused by ValueError where it leaves no choice.
    input_shape : tuple of int
        Of the inputs.
    seconds : float
        How long to measure, for all algorithms together.
    """
    name, core = plan._name, plan._core
    try:
        is_time = math.isfinite(seconds) and seconds >= 0
    except TypeError:
        raise TypeError(f"{name}: seconds must be a real number, got {seconds!r}") from None
    if not is_time:
        raise ValueError(f"{name}: seconds must be finite and >= 0, got {seconds!r}")
    names, threads, winograd = core.candidates(input_shape)
    isa = _core.get_isa()
    times = _times(core, input_shape, names, seconds)
    chosen = _chosen(times, names[0])
    _core.learn(
        name,
        isa=isa,
        threads=threads,
        winograd=winograd,
        dtype="float64" if core.dtype == np.float64 else "float32",
        input_shape=input_shape,
        weight_shape=core.weight_shape,
        stride=core.stride,
        padding=core.padding,
        dilation=core.dilation,
        groups=core.groups,
        padding_mode=core.padding_mode,
        data_format=core.data_format,
        algorithm=chosen,
        keep=True,
    )
    return Tuning(chosen, names[0], times)


def _times(
    plan: _core.Plan, input_shape: tuple[int, ...], names: tuple[Algorithm, ...], seconds: float
) -> dict[Algorithm, float]:
    """Return the seconds of each algorithm's fastest call; the calls take turns."""
    x = np.empty(input_shape, plan.dtype)
    parts = x.reshape(-1)
    for begin in range(0, x.size, FILLED):
        parts[begin : begin + FILLED] = 1
    out = np.empty(plan.output_shape(input_shape), plan.dtype)
    # Plans of "auto", not of a named algorithm: what a call looks through before it takes one belongs to its time.
    calls = {name: partial(plan.preferring(name), x, out) for name in names}
    times = least_times(calls, minimum=1)
    limit = HOPELESS * min(times.values())
    close = {name: call for name, call in calls.items() if times[name] <= limit or name == names[0]}
    return times | least_times(close, seconds / len(close))


def _chosen(times: dict[Algorithm, float], model: Algorithm) -> Algorithm:
    """Return the fastest, where it is so by more than what a measurement on a shared machine may err."""
    fastest = min(times, key=times.__getitem__)
    return fastest if times[fastest] < (1 - MARGIN) * times[model] else model
