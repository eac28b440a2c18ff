"""What is said of one layer, fact by fact, for text and HTML alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from convx import _core
from convx._explain import formulas
from convx._explain.format import amount, by, count, each, memory, percent, seconds
from convx._explain.render import Fact
from convx._types import Activation

if TYPE_CHECKING:
    from convx._explain.explanation import Explanation

__all__ = ["facts_of"]

SHORT = 5e-6
"""Seconds below which what a call itself takes can no longer be left out."""


def facts_of(e: Explanation) -> tuple[Fact, ...]:
    """Return the rows of an explanation."""
    return (*_shapes(e), *_costs(e), *_field(e), *_algorithm(e), *_time(e))


def _shapes(e: Explanation) -> Iterator[Fact]:
    layer = e.layer
    yield Fact("type", (e.family.says,))
    yield Fact("input", (f"{layer.input_shape} {layer.input_dtype}",))
    if layer.weight_shape is not None:
        bias = f", bias of {layer.bias_size}" if layer.has_bias else ""
        yield Fact("weight", (f"{layer.weight_shape}{bias}",))
    if layer.activation is not None:
        yield Fact("activation", (f"{_activation(layer.activation)}, once for each output, after sum and bias",))
    axes = [(f"{axis}:", formulas.output_with_numbers(layer, i)) for i, axis in enumerate(formulas.axis_names(layer))]
    yield Fact("output", (f"{layer.output_shape} {layer.dtype}", formulas.output_formula(layer), *axes))


def _costs(e: Explanation) -> Iterator[Fact]:
    layer, counts = e.layer, e.counts
    if layer.is_convolution:
        yield Fact("parameters", (f"{count(counts.parameters)} = {formulas.parameters_with_numbers(layer)}",))
        lines = [f"{count(counts.macs)} = {formulas.macs_with_numbers(layer)}"]
        if counts.macs_inside != counts.macs:
            rest = "reach outputs" if layer.kind == "conv_transpose" else "meet the input"
            other = "is cut off" if layer.kind == "conv_transpose" else "multiplies padding"
            share = percent(counts.macs_inside / counts.macs)
            lines.append(f"{count(counts.macs_inside)} of them ({share}) {rest}; the rest {other}")
        yield Fact("MACs", tuple(lines))
    elif counts.operations:
        yield Fact("operations", (f"{count(counts.operations)}, one for each element of each window",))
    parts = [("input", counts.input_bytes), ("weight", counts.weight_bytes), ("output", counts.output_bytes)]
    moved = ", ".join(f"{name} {memory(nbytes)}" for name, nbytes in parts if nbytes)
    scratch = (f"scratch of a call: {memory(e.choice.scratch)}",) if e.choice else ()
    yield Fact("memory", (f"{memory(counts.bytes)}: {moved}", *scratch))
    unit = "FLOP" if layer.dtype.kind not in "iub" else "operations"
    if counts.operations:
        yield Fact("intensity", (f"{counts.intensity:.3g} {unit} per byte of input, weight and output",))


def _activation(activation: Activation) -> str:
    return activation if isinstance(activation, str) else " ".join(map(str, activation or ()))


def _field(e: Explanation) -> Iterator[Fact]:
    if e.field is None:
        return
    if max(e.layer.windows) == 1:
        yield Fact("receptive field", (f"{by(e.field.size)} inputs",))
        return
    steps, start = each(e.field.jump), each(e.field.start)
    yield Fact("receptive field", (f"{by(e.field.size)} inputs, {steps} from output to output, the first at {start}",))


_BY = {
    "model": "the least of the model's estimates",
    "wisdom": "measured by tune; the model's own choice was {first!r}",
    "argument": "as the layer asks for it",
    "kind": "chosen by the core; no estimates are told of this kind of convolution",
}


def _algorithm(e: Explanation) -> Iterator[Fact]:
    choice = e.choice
    if choice is None:
        return
    first = next(iter(choice.slots), "")
    single = choice.by == "model" and not e.layer.name.startswith("Conv")
    note = ("as a plan; a single call packs the weight too, and may choose otherwise",) if single else ()
    yield Fact("algorithm", (f"{choice.algorithm}: {_BY[choice.by].format(first=first)}", *note))
    least = choice.slots.get(first, 0.0)
    estimates = [
        (name, seconds(e.model_seconds(name) or 0.0), f"{slots / least:.2f} times the least" if name != first else "")
        for name, slots in choice.slots.items()
    ]
    if estimates:
        yield Fact("estimates", tuple(estimates))
        yield Fact("not taken", tuple((name, why) for name, why in choice.excluded.items()))


def _time(e: Explanation) -> Iterator[Fact]:
    machine, roofline, dtype = e.machine, e.roofline, e.layer.dtype
    exact = e.choice is not None and e.choice.slots
    yield Fact("threads", (f"{'' if exact else 'at most '}{e.threads}, instruction set {machine.isa}",))
    sides: list[tuple[str, ...]] = []
    if roofline.compute_seconds:
        peak = machine.flops(dtype) if e.layer.is_convolution else machine.flops(dtype) / 2
        work = f"{amount(e.operations_inside, 'FLOP')} at {peak / 1e9:.0f} GFLOP/s"
        sides.append(("compute", seconds(roofline.compute_seconds), work))
    moved = f"{memory(e.counts.bytes)} at {machine.bandwidth / 1e9:.1f} GB/s"
    sides.append(("memory", seconds(roofline.memory_seconds), moved))
    call = ("a call itself takes some microseconds more",) if roofline.seconds < SHORT else ()
    yield Fact("time", (f"{seconds(roofline.seconds)} by the roofline: {_bound(e)}", *sides, *_model_line(e), *call))


def _bound(e: Explanation) -> str:
    if e.roofline.bound == "compute":
        return "arithmetic binds"
    unknown = "; the peak of integers is not known" if e.layer.dtype.kind in "iub" else ""
    near = e.counts.bytes < _core.info()["caches"][2]
    return f"memory binds{unknown}{'; faster where the arrays are in cache' if near else ''}"


def _model_line(e: Explanation) -> Iterator[str]:
    if e.choice is None or (expected := e.model_seconds(e.choice.algorithm)) is None:
        return
    fewer = ", which multiplies less" if e.choice.algorithm in ("winograd", "fft") else ""
    yield f"{seconds(expected)} by the model, with {e.choice.algorithm}{fewer}"
