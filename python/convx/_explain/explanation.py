"""The explanation of one layer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from convx._explain import formulas, render
from convx._explain.choice import Choice, choice_of
from convx._explain.counts import Counts, counts_of
from convx._explain.facts import facts_of
from convx._explain.family import Family, family_of
from convx._explain.format import count
from convx._explain.graph import Field, chain, fields
from convx._explain.machine import Machine, Roofline, machine, roofline_of
from convx._layers import Layer
from convx.threads import get_num_threads

__all__ = ["Explanation", "explained", "explained_at"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """What :func:`convx.explain` says of one layer; printed, it is a text, and in a notebook a table.

    Attributes
    ----------
    name : str
        The layer's name in its network; by itself, that of its function or plan.
    layer : Layer
        All that follows from the shape of its input: `kernel_size`, `padding` as pairs, `output_shape` ...
    field : Field or None
        The receptive field along each axis: `size`, `jump`, `start`; in a network, that in the network's input, and
        None where it is not known.
    choice : Choice or None
        The `algorithm`, `by` what it was chosen, estimates, why others were `excluded`; None for pools.
    threads : int
        How many threads a call may use.
    count : int
        How often its network has such a layer.
    """

    name: str
    layer: Layer
    field: Field | None
    choice: Choice | None
    threads: int
    count: int = 1

    @cached_property
    def family(self) -> Family:
        """What it is called: `name`, `type`, and a sentence that `says` what that means."""
        return family_of(self.layer)

    @cached_property
    def counts(self) -> Counts:
        """What it costs: `parameters`, `macs`, `macs_inside`, `operations`, bytes of the arrays, `intensity`."""
        return counts_of(self.layer)

    @cached_property
    def machine(self) -> Machine:
        """The machine's FMA peak and memory bandwidth, measured once in a process when first asked for."""
        return machine(self.threads)

    @cached_property
    def roofline(self) -> Roofline:
        """The time of the layer's operations and of its bytes on `machine`; zeros of the padding are not computed."""
        return roofline_of(
            self.operations_inside,
            self.counts.bytes,
            self.layer.dtype,
            fused=self.layer.is_convolution,
            on=self.machine,
        )

    @property
    def operations_inside(self) -> int:
        """Operations without those on zeros of the padding, which an algorithm may leave out."""
        return 2 * self.counts.macs_inside or self.counts.operations

    def model_seconds(self, algorithm: str) -> float | None:
        """Return what the model of ``algorithm='auto'`` expects, at the measured peak; None where it has no estimate.

        Parameters
        ----------
        algorithm : str
            One of ``choice.slots``.
        """
        slots = self.choice.slots.get(algorithm) if self.choice else None
        return None if slots is None else self.machine.seconds_of_slots(slots, self.layer.dtype)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as dicts, lists, strings and numbers, which :mod:`json` can write.

        Returns
        -------
        dict
            Times in seconds, sizes in elements, memory in bytes, speeds in FLOP/s and bytes per second.
        """
        layer, counts = self.layer, self.counts
        return {
            "name": self.name,
            "count": self.count,
            "function": layer.name,
            "kind": layer.kind,
            "family": self.family.name,
            "type": self.family.type,
            "says": self.family.says,
            "input_shape": list(layer.input_shape),
            "input_dtype": str(layer.input_dtype),
            "weight_shape": None if layer.weight_shape is None else list(layer.weight_shape),
            "bias": layer.has_bias,
            "output_shape": list(layer.output_shape),
            "dtype": str(layer.dtype),
            "kernel_size": list(layer.kernel_size),
            "stride": list(layer.stride),
            "padding": [list(pair) for pair in layer.padding],
            "dilation": list(layer.dilation),
            "groups": layer.groups,
            "data_format": layer.data_format,
            "output_formula": formulas.output_formula(layer),
            "output_sizes": [formulas.output_with_numbers(layer, axis) for axis in range(layer.rank)],
            "parameters": counts.parameters,
            "macs": counts.macs,
            "macs_inside": counts.macs_inside,
            "operations": counts.operations,
            "input_bytes": counts.input_bytes,
            "weight_bytes": counts.weight_bytes,
            "output_bytes": counts.output_bytes,
            "scratch_bytes": self.choice.scratch if self.choice else None,
            "intensity": counts.intensity,
            "receptive_field": field_dict(self.field),
            "algorithm": self._choice_dict(),
            "threads": self.threads,
            "roofline": self._roofline_dict(),
        }

    def __str__(self) -> str:
        return render.text(self._title, facts_of(self))

    def __repr__(self) -> str:
        layer = self.layer
        costs = f"{count(self.counts.macs)} MACs" if layer.is_convolution else self.family.name
        return f"<Explanation of {self.name}: {layer.input_shape} -> {layer.output_shape}, {costs}>"

    def _repr_html_(self) -> str:
        return render.html(self._title, facts_of(self))

    @property
    def _title(self) -> str:
        layer = self.layer
        kind = f"{self.family.name} convolution" if layer.is_convolution else self.family.name
        return f"{self.name}: {kind}{f' ({self.family.type})' if self.family.type else ''}"

    def _choice_dict(self) -> dict[str, Any] | None:
        if self.choice is None:
            return None
        return {
            "chosen": self.choice.algorithm,
            "by": self.choice.by,
            "model_seconds": {name: self.model_seconds(name) for name in self.choice.slots},
            "excluded": dict(self.choice.excluded),
        }

    def _roofline_dict(self) -> dict[str, Any]:
        return {
            "isa": self.machine.isa,
            "peak": self.machine.flops(self.layer.dtype),
            "bandwidth": self.machine.bandwidth,
            "compute_seconds": self.roofline.compute_seconds,
            "memory_seconds": self.roofline.memory_seconds,
            "seconds": self.roofline.seconds,
            "bound": self.roofline.bound,
        }


def explained(layer: Layer, name: str | None = None) -> Explanation:
    """Return the explanation of a layer by itself."""
    return explained_at(layer, name or layer.name, fields(chain([layer]), layer.in_sizes)[0])


def explained_at(layer: Layer, name: str, field: Field | None, count: int = 1) -> Explanation:
    """Return the explanation of a layer whose place in a network is known, as the process is set now."""
    choice = choice_of(layer, get_num_threads())
    return Explanation(name, layer, field, choice, choice.threads if choice else get_num_threads(), count)


def field_dict(field: Field | None) -> dict[str, Any] | None:
    """Return a receptive field for JSON; the jump is a whole number but behind transposed convolutions and the like."""
    if field is None:
        return None
    jump = [int(j) if j.denominator == 1 else float(j) for j in field.jump]
    return {"size": list(field.size), "jump": jump, "start": list(field.start)}
