"""The explanation of a network: a row for each layer, and totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from convx._explain import render
from convx._explain.explanation import Explanation, explained_at
from convx._explain.format import amount, by, count, each, memory, percent, seconds
from convx._explain.graph import Step, fields
from convx._layers import Layer

__all__ = ["NetworkExplanation", "explained_network"]

SHORTEST_NAME = 10
"""Letters of a layer's name that stay in the text; of longer ones, the end tells them apart."""


@dataclass(frozen=True, eq=False)
class NetworkExplanation:
    """What :func:`convx.explain` says of a network; printed, it is a table, as it is in a notebook.

    Attributes
    ----------
    title : str
        Its name.
    input_shape : tuple of int
        Of the network's input, with N.
    layers : tuple of Explanation
        Each layer's, with its receptive field in the network's input.
    passed_over : dict of str to int
        What the network has beside convolutions and pools, and how many of each.
    """

    title: str
    input_shape: tuple[int, ...]
    layers: tuple[Explanation, ...]
    passed_over: dict[str, int]

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers."""
        return sum(e.count * e.counts.parameters for e in self.layers)

    @property
    def macs(self) -> int:
        """Multiplications of all layers, those of zeros in the padding included."""
        return sum(e.count * e.counts.macs for e in self.layers)

    @property
    def macs_inside(self) -> int:
        """Those that are no products of padding."""
        return sum(e.count * e.counts.macs_inside for e in self.layers)

    @property
    def weight_bytes(self) -> int:
        """Memory of all weights and biases."""
        return sum(e.count * e.counts.weight_bytes for e in self.layers)

    @property
    def map_bytes(self) -> int:
        """Memory of the outputs of all layers, as training keeps them."""
        return sum(e.count * e.counts.output_bytes for e in self.layers)

    @property
    def peak_bytes(self) -> int:
        """Memory of the input and the output of the layer that has the most."""
        return max(e.counts.input_bytes + e.counts.output_bytes for e in self.layers)

    @property
    def roofline_seconds(self) -> float:
        """Sum of the rooflines' times of all layers."""
        return sum(e.count * e.roofline.seconds for e in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as dicts, lists, strings and numbers, which :mod:`json` can write.

        Returns
        -------
        dict
            Totals, and ``layers``, a dict for each as :meth:`Explanation.to_dict` returns it. Times in seconds, memory
            in bytes.
        """
        return {
            "title": self.title,
            "input_shape": list(self.input_shape),
            "parameters": self.parameters,
            "macs": self.macs,
            "macs_inside": self.macs_inside,
            "weight_bytes": self.weight_bytes,
            "map_bytes": self.map_bytes,
            "peak_bytes": self.peak_bytes,
            "roofline_seconds": self.roofline_seconds,
            "passed_over": dict(self.passed_over),
            "layers": [e.to_dict() for e in self.layers],
        }

    def __str__(self) -> str:
        heads = ["layer", "kind", "output", "parameters", "MACs", "share", "field"]
        rows = [_cells(e, self.macs) for e in self.layers]
        rows.append(["total", "", "", count(self.parameters), amount(self.macs), "", ""])
        others = sum(max(map(len, column)) + 2 for column in list(zip(heads, *rows, strict=True))[1:])
        room = max(render.TABLE_WIDTH - others, SHORTEST_NAME)
        named = [[_shortened(name, room), *cells] for name, *cells in rows]
        table = render.text_table(heads, named, 3)
        return "\n".join([self._title, "", *table, "", *map(render.wrapped, self._notes())])

    def __repr__(self) -> str:
        numbers = f"{len(self.layers)} layers, {count(self.parameters)} parameters, {count(self.macs)} MACs"
        return f"<NetworkExplanation of {self.title}: {numbers}>"

    def _repr_html_(self) -> str:
        heads = ["layer", "kind", "output", "algorithm", "parameters", "MACs", "share", "field", "step", "maps"]
        rows = []
        for e in self.layers:
            name, kind, output, *numbers = _cells(e, self.macs)
            step = each(e.field.jump) if e.field else "-"
            algorithm = e.choice.algorithm if e.choice else ""
            rows.append([name, kind, output, algorithm, *numbers, step, memory(e.counts.output_bytes)])
        total = [count(self.parameters), amount(self.macs), "", "", "", memory(self.map_bytes)]
        return render.html_table(self._title, heads, [*rows, ["total", "", "", "", *total]], 4, self._notes())

    @property
    def _title(self) -> str:
        return f"{self.title}: input {self.input_shape}"

    def _notes(self) -> list[str]:
        notes = []
        if self.macs:
            inside = percent(self.macs_inside / self.macs)
            notes.append(f"MACs: {count(self.macs)}, of which {inside} do not multiply padding.")
        notes += [
            f"Memory: weights {memory(self.weight_bytes)}, all maps {memory(self.map_bytes)}, input and output of one "
            f"layer at most {memory(self.peak_bytes)}.",
            self._time(),
        ]
        if algorithms := Counter(e.choice.algorithm for e in self.layers if e.choice for _ in range(e.count)):
            notes.append(f"Algorithms: {', '.join(f'{name} {number}' for name, number in algorithms.most_common())}.")
        if any(e.field is None for e in self.layers):
            notes.append("Field -: not known, since the layer does not follow the one before.")
        if self.passed_over:
            others = ", ".join(f"{name} {number}" for name, number in self.passed_over.items())
            notes.append(f"Passed over, neither convolution nor pooling: {others}.")
        return notes

    def _time(self) -> str:
        threads = max(e.threads for e in self.layers)
        least = f"{seconds(self.roofline_seconds)} by the rooflines"
        times = [(e.count, e.model_seconds(e.choice.algorithm)) for e in self.layers if e.choice]
        expected = [number * time for number, time in times if time is not None]
        if expected:
            least += f"; the convolutions take {seconds(sum(expected))} by the model"
        return f"Time on {threads} thread{'s' if threads > 1 else ''}: {least}."


def explained_network(
    title: str, steps: Sequence[Step], input_shape: tuple[int, ...], sizes: tuple[int, ...], passed_over: dict[str, int]
) -> NetworkExplanation:
    """Return the explanation of a network's steps; `sizes` are the spatial ones of its input."""
    found = fields(steps, sizes)
    layers = tuple(
        explained_at(step.layer, step.name, field, step.count)
        for step, field in zip(steps, found, strict=True)
        if step.layer is not None
    )
    if not layers:
        raise ValueError(f"{title} must hold a convolution or a pooling, got none")
    return NetworkExplanation(title, input_shape, layers, passed_over)


def _cells(e: Explanation, macs: int) -> list[str]:
    layer, counts = e.layer, e.counts
    name = f"{e.name} (x{e.count})" if e.count > 1 else e.name
    sizes = by((layer.out_channels, *layer.out_sizes))
    if not layer.is_convolution:
        costs = ["", "", ""]
    else:
        share = percent(e.count * counts.macs / macs)
        costs = [count(e.count * counts.parameters), amount(e.count * counts.macs), share]
    return [name, summary(layer), sizes, *costs, each(e.field.size) if e.field else "-"]


_SHORT = {"conv_transpose": "transposed", "deform_conv": "deformable", "conv_integer": "conv", "qlinear_conv": "qconv"}


def summary(layer: Layer) -> str:
    """Return a layer in a few letters, such as ``conv 3x3 s2 p1 g32``."""
    kind = _SHORT.get(layer.kind) or layer.kind.removesuffix("_pool").replace("_", " ")
    if layer.kind == "maxout":
        return f"{kind} {layer.arguments['pool_size']}"
    if layer.kind.startswith(("global", "adaptive")):
        return kind
    parts = [kind, by(layer.kernel_size)]
    if set(layer.stride) != {1}:
        parts.append(f"s{each(layer.stride)}")
    if any(map(any, layer.padding)):
        parts.append(f"p{_pads(layer.padding)}")
    if set(layer.dilation) != {1}:
        parts.append(f"d{each(layer.dilation)}")
    if layer.is_convolution and layer.groups > 1:
        parts.append(f"g{layer.groups}")
    return " ".join(parts)


def _pads(pairs: Sequence[tuple[int, int]]) -> str:
    if len({pad for pair in pairs for pad in pair}) == 1:
        return str(pairs[0][0])
    sides = [str(lo) if lo == hi else f"{lo}+{hi}" for lo, hi in pairs]
    return sides[0] if len(set(sides)) == 1 else "x".join(sides)


def _shortened(name: str, room: int) -> str:
    return name if len(name) <= room else f"..{name[2 - room :]}"
