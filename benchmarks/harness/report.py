"""The tables: a line for each layer, then a summary for each network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convx._cli.table import Table, milliseconds, shape

from harness.problem import Problem
from harness.results import ALLOWED, LayerResult, Run, geometric_mean
from harness.systems import OURS

__all__ = ["LayerTable", "notes", "summary", "title"]

ALONE, SPARE = 0.9, 0.1  # processors busy: less is a disturbed turn, so much more than the threads is one too many


def title(run: Run) -> str:
    """Return the lines above the tables."""
    systems = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    memory = "; memory kept between calls" if run.keep_memory else ""
    return (
        f"{run.processor}; float32, batch {run.batch}, threads: {run.threads}{memory}\n{systems}\n"
        f"milliseconds: median over {run.rounds} rounds of the best call within {run.seconds:g} s; "
        "ratio: fastest peer / convx"
    )


def notes(run: Run) -> Iterator[str]:
    """Yield what there is to say about the run as a whole."""
    if run.layers:
        worst = max(run.layers, key=lambda layer: layer.difference)
        at = f", {worst.differing} at {worst.net}/{worst.name}" if worst.differing else ""
        yield f"largest difference between results, over the rms: {worst.difference:.1e}{at}; allowed: {ALLOWED:g}"
    turns = [(name, cores) for layer in run.layers for name, it in layer.measured.items() for cores in it.cores]
    disturbed = sum(cores < ALONE for _, cores in turns)
    if disturbed:
        yield f"{disturbed} of {len(turns)} turns had less than {ALONE} of a processor: something else was running"
    for name in dict.fromkeys(name for name, cores in turns if cores > run.threads + SPARE):
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
            ("input", ">12"),
            ("times", ">5"),
            *((name, f">{max(8, len(name))}") for name in systems),
            ("GFLOP/s", ">7"),
            ("ratio", ">6"),
            ("fastest peer", "<26"),
            ("differ", ">7"),
        )

    def head(self) -> str:
        """Return the headings."""
        return self._table.head()

    def row(self, layer: LayerResult) -> str:
        """Return the line of one layer."""
        speed = f"{layer.flops / layer.measured[OURS].seconds / 1e9:.0f}" if layer.flops else "-"
        way = f"{layer.fastest} ({layer.measured[layer.fastest].way})" if layer.fastest else "-"
        return self._table.row(
            layer.name,
            layer.summary,
            shape(layer.input[1:]),
            str(layer.count),
            *(milliseconds(layer.measured[name].seconds) for name in self._systems),
            speed,
            "-" if layer.ratio is None else f"{layer.ratio:.2f}",
            way,
            f"{layer.difference:.0e}",
        )

    def total(self, layers: Sequence[LayerResult]) -> str:
        """Return the line of the sums, each layer as often as it occurs."""
        sums = [sum(layer.measured[name].seconds * layer.count for layer in layers) for name in self._systems]
        flops = sum(layer.flops * layer.count for layer in layers)
        speed = f"{flops / sums[self._systems.index(OURS)] / 1e9:.0f}" if flops else "-"
        count = str(sum(layer.count for layer in layers))
        return self._table.row("sum", "", "", count, *map(milliseconds, sums), speed, "", "", "")


def summary(layers: Sequence[LayerResult]) -> Iterator[str]:
    """Yield the lines of the summary: geometric means of the ratios and the worst layer, by network and kind."""
    table = Table(
        ("network", "<14"), ("kind", "<14"), ("layers", ">6"), ("mean ratio", ">10"), ("worst", ">6"), ("layer", "<24")
    )
    yield table.head()
    for net in dict.fromkeys(layer.net for layer in layers):
        mine = [layer for layer in layers if layer.net == net]
        for kind, group in _groups(mine).items():
            ratios = {layer.name: layer.ratio for layer in group if layer.ratio is not None}
            if ratios:
                worst = min(ratios, key=ratios.__getitem__)
                mean = geometric_mean(list(ratios.values()))
                row = f"{mean:.2f}", f"{ratios[worst]:.2f}", worst
                yield table.row(net if kind == "all" else "", kind, str(len(group)), *row)


def _groups(layers: Sequence[LayerResult]) -> dict[str, list[LayerResult]]:
    groups = {"all": list(layers)}
    for family in dict.fromkeys(layer.family for layer in layers):
        mine = [layer for layer in layers if layer.family == family]
        groups[family] = mine
        unit = [layer for layer in mine if _stride(layer) == 1]
        if 0 < len(unit) < len(mine) and family not in ("max", "avg"):
            groups[f"{family} stride 1"] = unit
    return groups


def _stride(layer: LayerResult) -> int:
    return int(next((word[1:] for word in layer.summary.split() if word[0] == "s" and word[1:].isdecimal()), "1"))
