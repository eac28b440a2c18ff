"""Which algorithm a convolution takes, and why it is that one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import convx
from convx import _core
from convx._explain.counts import counts_of
from convx._explain.format import by
from convx._layers import Layer, plan_like, plan_of

__all__ = ["Choice", "choice_of"]

LEAST_OPERATIONS = 1_000_000
"""Of a call, from which on "auto" may take Winograd's algorithm or Fourier's."""
LEAST_TAPS = 16
"""Of a kernel, from which on "auto" may take Fourier's algorithm."""

LEAST_TAPS_ALONG = 3
"""Of a kernel's axes, from which on "auto" may sum along columns, then along rows."""


@dataclass(frozen=True)
class Choice:
    """What a plan takes for one shape of inputs.

    Attributes
    ----------
    algorithm : str
        What a call takes.
    by : {'model', 'wisdom', 'argument', 'kind'}
        Who decided: the model of costs, a measurement of :meth:`Conv2d.tune`, the argument `algorithm`, or the kind of
        convolution, whose algorithm the core picks without estimates that can be told.
    slots : dict of str to float
        The model's estimate of every algorithm that may be taken, the least first, in multiply-adds of whole vectors.
    excluded : dict of str to str
        Why each of the others may not.
    threads : int
        Of such a call, at most.
    scratch : int
        Bytes of memory that a call allocates and frees.
    """

    algorithm: str
    by: str
    threads: int
    scratch: int
    slots: dict[str, float] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)


def choice_of(layer: Layer, threads: int) -> Choice | None:
    """Return what `layer` takes; None where there is no plan to ask.

    Parameters
    ----------
    layer : Layer
        Any: pools, and the functions without a plan, have none.
    threads : int
        How many threads a call may use; of the process where the core does not tell.
    """
    plan = plan_of(layer)
    if plan is None:
        return None
    shape = layer.input_shape
    taken, scratch = plan.algorithm_for(shape), plan.workspace_bytes(shape)
    if layer.kind != "conv" or plan.dtype.kind in "iu":
        return Choice(taken, "kind" if plan.algorithm == "auto" else "argument", threads, scratch)
    free = plan if plan.algorithm == "auto" else plan_like(layer, algorithm="auto")
    names, threads, level = free._core.candidates(shape)
    costs = _costs(layer, plan.dtype)
    by = "argument" if plan.algorithm != "auto" else "model" if taken == names[0] else "wisdom"
    excluded: dict[str, str] = {
        name: _why_not(name, layer, costs, level, plan.dtype)
        for name in _core.algorithms()
        if name != "auto" and name not in names
    }
    return Choice(taken, by, threads, scratch, {name: costs[name] for name in names}, excluded)


def _costs(layer: Layer, dtype: np.dtype[Any]) -> dict[str, float]:
    shape = layer.batch, layer.in_channels, *layer.in_sizes
    computed: np.dtype[Any] = np.dtype(np.float64 if dtype == np.float64 else np.float32)
    assert layer.weight_shape is not None
    return _core.algorithm_costs(
        shape, layer.weight_shape, layer.stride, layer.padding, layer.dilation, layer.groups, computed
    )


def _why_not(name: str, layer: Layer, costs: dict[str, float], level: str, dtype: np.dtype[Any]) -> str:
    """Return the rule that keeps "auto" from taking `name`."""
    if name == "reference":
        return "the definition, slow by design: only where it is asked for"
    if name not in costs:
        return f"needs {_core.algorithm_summaries()[name].partition('; needs ')[2]}; here {_here(name, layer)}"
    if name == "separable":
        if min(layer.kernel_size) < LEAST_TAPS_ALONG:
            return f"the kernel has fewer than {LEAST_TAPS_ALONG} taps along an axis, too few to gain by it"
        return "some kernel is not the outer product of a column and a row"
    if name == "winograd" and dtype == np.float64:
        return "its lost accuracy is only worth while in float32"
    if counts_of(layer).operations < LEAST_OPERATIONS:
        return f"the call has fewer than {LEAST_OPERATIONS / 1e6:g} million operations, too few to gain by it"
    if name == "fft" and math.prod(layer.kernel_size) < LEAST_TAPS:
        return f"the kernel has fewer than {LEAST_TAPS} taps, which other algorithms compute faster"
    if level == "off" and convx.get_winograd() != "off":
        return "the weight is not finite, and NaN or infinity would reach the outputs around"
    return f"forbidden by set_winograd({convx.get_winograd()!r})"


def _here(name: str, layer: Layer) -> str:
    assert layer.weight_shape is not None
    if name == "depthwise":
        return f"{layer.weight_shape[1]}"
    window = f"kernel {by(layer.kernel_size)}, stride {by(layer.stride)}, dilation {by(layer.dilation)}"
    return window + (f", input channels {layer.weight_shape[1]}" if name == "separable" else "")
