"""What was measured, the ratios that follow from it, and the file in which it is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp, log
from pathlib import Path
from statistics import median
from typing import Any

from harness.systems import OURS, SYSTEMS
from harness.workers import HarnessError

__all__ = ["ALLOWED", "LayerResult", "Measured", "Run", "geometric_mean", "load", "save"]

ALLOWED = 1e-3


@dataclass(frozen=True)
class Measured:
    """One system on one layer: the best call of each round in seconds, and the processors busy meanwhile."""

    way: str
    rounds: tuple[float, ...]
    cores: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """The median over the rounds."""
        return median(self.rounds)


@dataclass(frozen=True)
class LayerResult:
    """One layer by all systems.

    Attributes
    ----------
    net, name, summary, family, input, output, count, flops
        The layer, see :class:`harness.problem.Problem`.
    difference : float
        Largest difference between two systems, relative to the root mean square of the output.
    differing : str
        Those two systems.
    measured : dict
        System -> times.
    """

    net: str
    name: str
    summary: str
    family: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    count: int
    flops: int
    difference: float
    differing: str
    measured: dict[str, Measured]

    @property
    def peers(self) -> dict[str, float]:
        """Seconds of every system that is not convx."""
        return {name: it.seconds for name, it in self.measured.items() if SYSTEMS[name][0] not in ("ours", "ours_out")}

    @property
    def fastest(self) -> str:
        """The fastest peer; empty when there is none."""
        return min(self.peers, key=self.peers.__getitem__, default="")

    @property
    def ratio(self) -> float | None:
        """Time of the fastest peer over that of convx; None without peers."""
        return self.peers[self.fastest] / self.measured[OURS].seconds if self.fastest else None


@dataclass(frozen=True)
class Run:
    """A whole run: how it was made, and its layers."""

    batch: int
    threads: int
    rounds: int
    seconds: float
    keep_memory: bool
    processor: str
    versions: dict[str, str]
    layers: list[LayerResult]

    @property
    def nets(self) -> list[str]:
        """The networks."""
        return list(dict.fromkeys(layer.net for layer in self.layers))

    def of(self, net: str) -> list[LayerResult]:
        """Return the layers of a network."""
        return [layer for layer in self.layers if layer.net == net]

    def check(self) -> None:
        """Raise unless the systems agree on every layer."""
        wrong = [layer for layer in self.layers if not layer.difference <= ALLOWED]  # NaN too
        if wrong:
            lines = (f"  {it.net}/{it.name}: {it.differing} differ by {it.difference:.1e}" for it in wrong)
            raise HarnessError("\n".join([f"results differ by more than {ALLOWED:g}", *lines]))


def geometric_mean(values: Sequence[float]) -> float:
    """Return the geometric mean."""
    return exp(sum(map(log, values)) / len(values))


def save(run: Run, path: Path) -> None:
    """Write a run as JSON, all or nothing."""
    extra = [{"ratio": layer.ratio, "fastest": layer.fastest} for layer in run.layers]
    data = asdict(run)
    data["layers"] = [layer | more for layer, more in zip(data["layers"], extra, strict=True)]
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(data, indent=1) + "\n")
    os.replace(part, path)


def load(path: Path) -> Run:
    """Read what :func:`save` wrote."""
    data: dict[str, Any] = json.loads(path.read_text())
    layers = []
    for layer in data.pop("layers"):
        measured = {
            name: Measured(it["way"], tuple(it["rounds"]), tuple(it["cores"]))
            for name, it in layer.pop("measured").items()
        }
        sizes: dict[str, Any] = {key: tuple(layer.pop(key)) for key in ("input", "output")}
        for derived in ("ratio", "fastest"):
            del layer[derived]
        layers.append(LayerResult(**layer, **sizes, measured=measured))
    return Run(**data, layers=layers)
