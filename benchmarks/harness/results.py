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

__all__ = [
    "ALLOWED",
    "BESIDE",
    "HONEST",
    "LayerResult",
    "Measured",
    "Run",
    "geometric_mean",
    "load",
    "save",
    "write_json",
]

ALLOWED = 3e-5  # error of convx, relative to the largest value
HONEST = 1e-4  # error of a peer whose time counts
BESIDE = "mnn"  # the ratio to this one is shown whatever its error


@dataclass(frozen=True)
class Measured:
    """One system on one layer.

    Attributes
    ----------
    way : str
        The fastest of its ways.
    error : float
        Largest error of its output, relative to the largest value.
    rounds, cores : tuple of float
        The best call of each round in seconds, and the processors busy meanwhile.
    """

    way: str
    error: float
    rounds: tuple[float, ...]
    cores: tuple[float, ...]

    @property
    def honest(self) -> bool:
        """Whether the result is exact enough for the time to count."""
        return self.error <= HONEST

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
    measured : dict
        System -> error and times; without systems that have no such layer.
    """

    net: str
    name: str
    summary: str
    family: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    count: int
    flops: int
    measured: dict[str, Measured]

    @property
    def peers(self) -> dict[str, Measured]:
        """Every system that is not convx."""
        return {name: it for name, it in self.measured.items() if SYSTEMS[name][0] not in ("ours", "ours_out")}

    @property
    def fastest(self) -> str:
        """The fastest peer that is exact enough; empty when there is none."""
        honest = {name: it.seconds for name, it in self.peers.items() if it.honest}
        return min(honest, key=honest.__getitem__, default="")

    @property
    def ratio(self) -> float | None:
        """Time of the fastest peer over that of convx; None without peers."""
        return self.ratio_to(self.fastest)

    def ratio_to(self, name: str) -> float | None:
        """Return the time of a system over that of convx; None where it was not measured."""
        return self.measured[name].seconds / self.measured[OURS].seconds if name in self.measured else None


@dataclass(frozen=True)
class Run:
    """A whole run: how it was made, and its layers."""

    batch: int
    threads: int
    rounds: int
    seconds: float
    keep_memory: bool
    isa: str  # that all were held to as far as they can; empty: none
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
        """Raise unless convx is exact on every layer."""
        errors = {f"{it.net}/{it.name}": it.measured[OURS].error for it in self.layers}
        wrong = [f"  {name}: {error:.1e}" for name, error in errors.items() if not error <= ALLOWED]  # NaN too
        if wrong:
            raise HarnessError("\n".join([f"convx is off by more than {ALLOWED:g} of the largest value", *wrong]))


def geometric_mean(values: Sequence[float]) -> float:
    """Return the geometric mean."""
    return exp(sum(map(log, values)) / len(values))


def write_json(data: object, path: Path) -> None:
    """Write a file, all or nothing."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(data, indent=1) + "\n")
    os.replace(part, path)


def save(run: Run, path: Path) -> None:
    """Write a run as JSON."""
    extra = [{"ratio": layer.ratio, "fastest": layer.fastest} for layer in run.layers]
    data = asdict(run)
    data["layers"] = [layer | more for layer, more in zip(data["layers"], extra, strict=True)]
    write_json(data, path)


def load(path: Path) -> Run:
    """Read what :func:`save` wrote."""
    data: dict[str, Any] = json.loads(path.read_text())
    layers = []
    for layer in data.pop("layers"):
        measured = {
            name: Measured(it["way"], it["error"], tuple(it["rounds"]), tuple(it["cores"]))
            for name, it in layer.pop("measured").items()
        }
        sizes: dict[str, Any] = {key: tuple(layer.pop(key)) for key in ("input", "output")}
        for derived in ("ratio", "fastest"):
            del layer[derived]
        layers.append(LayerResult(**layer, **sizes, measured=measured))
    return Run(**data, layers=layers)
