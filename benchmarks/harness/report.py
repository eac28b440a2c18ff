"""The tables: a line for each layer, then a summary for each network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median

from convx._cli.table import Table, milliseconds, shape

from harness.isa import held
from harness.problem import Problem
from harness.results import BESIDE, HONEST, LayerResult, Measured, Run, geometric_mean
from harness.systems import OURS

__all__ = ["LayerTable", "notes", "summary", "title"]

OFF = "!"  # behind the time of who is not exact enough
ALONE, SPARE = 0.9, 0.1  # processors busy: less is a disturbed turn, so much more than the threads is one too many


def title(run: Run) -> str:
    """Return the lines above the tables."""
    systems = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    memory = "; memory kept between calls" if run.keep_memory else ""
    return (
        f"{run.processor}; float32, batch {run.batch}, threads: {run.threads}{memory}\n{systems}\n"
        + (f"{held(run.isa, run.versions)}\n" if run.isa else "")
        + f"milliseconds: median over {run.rounds} rounds of the best call within {run.seconds:g} s\n"
        f"ratio: fastest peer / convx; {OFF}: off by more than {HONEST:g} of the largest value, not counted as a peer"
    )


def notes(run: Run) -> Iterator[str]:
    """Yield what there is to say about the run as a whole."""
    for name in run.versions:
        errors = {f"{it.net}/{it.name}": it.measured[name].error for it in run.layers if name in it.measured}
        if errors:
            worst = max(errors, key=errors.__getitem__)
            off = sum(not error <= HONEST for error in errors.values())
            count = f"; above {HONEST:g} on {off} of {len(errors)} layers" if off else ""
            yield f"largest error of {name}, over the largest value: {errors[worst]:.1e} at {worst}{count}"
    turns = [(name, cores) for layer in run.layers for name, it in layer.measured.items() for cores in it.cores]
    disturbed = sum(cores < ALONE for _, cores in turns)
    if disturbed:
        yield f"{disturbed} of {len(turns)} turns had less than {ALONE} of a processor: something else was running"
    for name in dict.fromkeys(name for name, _ in turns):
        if median(cores for system, cores in turns if system == name) > run.threads + SPARE:
            yield f"warning: {name} used more than {run.threads} threads"


class LayerTable:
    """The table of one network's layers.

    Parameters
    ----------
    systems : sequence of str
        The systems, in the order of their columns.
    layers : sequence
        All layers that will occur, for the widths.
    """

    def __init__(self, systems: Sequence[str], layers: Sequence[Problem | LayerResult]) -> None:
        self._systems = systems
        self._table = Table(
            ("layer", f"<{max(map(len, ('layer', *(layer.name for layer in layers))))}"),
            ("kind", f"<{max(map(len, ('kind', *(layer.summary for layer in layers))))}"),
            ("input", ">15"),
            ("out", ">5"),
            ("times", ">5"),
            *((name, f">{max(8, len(name))}") for name in systems),
            ("GFLOP/s", ">7"),
            ("ratio", ">6"),
            *((f"/ {name}", ">6") for name in systems if name == BESIDE),
            ("fastest peer", "<26"),
            ("error", ">7"),
        )

    def head(self) -> str:
        """Return the headings."""
        return self._table.head()

    def row(self, layer: LayerResult) -> str:
        """Return the line of one layer."""
        speed = f"{layer.flops / layer.measured[OURS].seconds / 1e9:.0f}" if layer.flops else "-"
        way = f"{layer.fastest} ({layer.measured[layer.fastest].way})" if layer.fastest else "-"
        beside = [_ratio(layer.ratio_to(name)) for name in self._systems if name == BESIDE]
        return self._table.row(
            layer.name,
            layer.summary,
            shape(layer.input[1:]),
            str(layer.output[1]),
            str(layer.count),
            *(_time(layer.measured.get(name)) for name in self._systems),
            speed,
            _ratio(layer.ratio),
            *beside,
            way,
            f"{layer.measured[OURS].error:.0e}",
        )

    def total(self, layers: Sequence[LayerResult]) -> str:
        """Return the line of the sums, each layer as often as it occurs; none of who has not all of them."""
        sums = {
            name: sum(layer.measured[name].seconds * layer.count for layer in layers)
            for name in self._systems
            if all(name in layer.measured for layer in layers)
        }
        flops = sum(layer.flops * layer.count for layer in layers)
        speed = f"{flops / sums[OURS] / 1e9:.0f}" if flops else "-"
        count = str(sum(layer.count for layer in layers))
        times = (milliseconds(sums[name]) if name in sums else "-" for name in self._systems)
        rest = [""] * (3 + (BESIDE in self._systems))
        return self._table.row("sum", "", "", "", count, *times, speed, *rest)


def _time(measured: Measured | None) -> str:
    return milliseconds(measured.seconds) + ("" if measured.honest else OFF) if measured else "-"


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def summary(layers: Sequence[LayerResult]) -> Iterator[str]:
    """Yield the lines of the summary: geometric means of the ratios and the worst layer, by network and kind."""
    beside = any(BESIDE in layer.measured for layer in layers)
    table = Table(
        ("network", "<14"),
        ("kind", "<18"),
        ("layers", ">6"),
        ("mean ratio", ">10"),
        ("worst", ">6"),
        ("layer", "<24"),
        *([(f"mean / {BESIDE}", ">10")] if beside else []),
    )
    yield table.head()
    for net in dict.fromkeys(layer.net for layer in layers):
        mine = [layer for layer in layers if layer.net == net]
        for kind, group in _groups(mine).items():
            ratios = {layer.name: layer.ratio for layer in group if layer.ratio is not None}
            if ratios:
                worst = min(ratios, key=ratios.__getitem__)
                others = [ratio for layer in group if (ratio := layer.ratio_to(BESIDE)) is not None]
                row = [f"{geometric_mean(list(ratios.values())):.2f}", f"{ratios[worst]:.2f}", worst]
                row += [f"{geometric_mean(others):.2f}" if others else "-"] if beside else []
                yield table.row(net if kind == "all" else "", kind, str(len(group)), *row)


def _groups(layers: Sequence[LayerResult]) -> dict[str, list[LayerResult]]:
    groups = {"all": list(layers)}
    for family in dict.fromkeys(layer.family for layer in layers):
        mine = [layer for layer in layers if layer.family == family]
        groups[family] = mine
        unit = [layer for layer in mine if not re.search(r" s\d", layer.summary)]
        if 0 < len(unit) < len(mine) and family not in ("max", "avg"):
            groups[f"{family} stride 1"] = unit
    return groups
