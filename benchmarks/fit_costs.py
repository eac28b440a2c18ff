"""Fit the constants of the model of costs to times that sweep_algorithms.py kept, and write them into its source.

First those that the sweep tells of are set to what explains the times best, by least squares of logarithms, in which
estimates count less that are far off or far from the fastest. Then a constant moves by some percent where that lowers
what "auto" is expected to lose, the error of the estimates of all algorithms that may be taken, and the distance from
where it was, which holds what the times do not tell. Every second layer is not in the fit: what is lost there tells
whether the rest was learned or learned by heart.

It needs build/native (cmake --preset native && cmake --build --preset native --target convx_costs).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
HEADER, SOURCE = ROOT / "cpp/convx/conv/cost_slots.h", ROOT / "cpp/convx/conv/cost_slots.cpp"
TABLES = {"avx512": "of_64_bytes"}  # of instruction sets; all others have
OTHERS = "up_to_32_bytes"
SLOTS_A_CYCLE = {"of_64_bytes": 1, OTHERS: 2}

DOUBT = 0.05  # estimates that are so close (in logarithms) may be either way round on another day
MAY_BE_TAKEN = 2.5  # times the fastest algorithm: others need no good estimate
HIGH, ERROR, DISTANCE = 3.0, 0.1, 0.03  # weights beside the loss: of its square, and of what holds the fit
COMMON = 0.1  # weight of what all estimates of a layer are off by, which changes no choice
FAR = 0.7  # errors beyond (in logarithms) count no more
STEPS = (0.25, 0.12, 0.06, 0.03)
ROUNDS, TRIAL = 6, 0.02  # of least squares; by how much a constant is moved to see what that does
NEAR, OFF = 0.2, 0.15  # how far from the fastest, and how far off, an estimate counts half
TRUST = 0.5  # weight of the constants as they were, in estimates
MOST = 3.0  # times what a constant was

# What the sweep does not tell of.
UNTOLD = ["latency", "bare_vector", "pack_point", "pack_weight", "last_vector", "stage_vector"]

# And what only explaining times moves, not the loss: what decides between Winograd's schemes, and between depthwise by
# rows and by channels, of which the sweep times only the one that is taken.
HELD = [
    *UNTOLD,
    *("point_tile", "input_point", "input_pixel", "far_point", "memory_point"),
    *("output_point", "output_pixel"),
    *("cached_vector", "memory_vector", "cold_vector", "winograd"),
    *("depthwise_tap", "depthwise_held", "depthwise_wide", "depthwise_row"),
    *("turn_pixel", "channel_tap", "channel_any_tap", "tap_row", "channel_row"),
]

Floats = NDArray[np.float64]


class Model:
    """The estimates of some layers with any constants: the core's own code, in a process of its own."""

    def __init__(self, program: Path, sweep: dict[str, Any]) -> None:
        environment = os.environ | {"CONVX_ISA": sweep["isa"]}
        if sweep.get("caches"):
            environment["CONVX_CACHES"] = ",".join(map(str, sweep["caches"]))
        self._process = subprocess.Popen(
            [program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        layers = [it["problem"] for it in sweep["choices"]]
        print(len(layers), np.dtype(sweep["dtype"]).itemsize, file=self._input)
        for it in layers:
            lists = (it[name] for name in ("input_shape", "weight_shape", "stride", "padding", "dilation"))
            print(len(it["stride"]), *(n for numbers in lists for n in numbers), it["groups"], file=self._input)
        self._input.flush()
        assert self._process.stdout is not None
        self.names = self._process.stdout.readline().split()

    @property
    def _input(self) -> TextIO:
        assert self._process.stdin is not None
        return self._process.stdin

    def costs(self, values: Floats) -> Floats:
        """Return layers x algorithms, infinite where an algorithm is not to be taken."""
        print(*values, file=self._input, flush=True)
        assert self._process.stdout is not None
        line = np.fromstring(self._process.stdout.readline(), sep=" ")
        return np.where(np.isfinite(line) & (line < 1e300), line, np.inf).reshape(-1, len(self.names))


@dataclass
class Fit:
    """The times of one sweep beside the model's estimates."""

    model: Model
    log_times: Floats  # layers x algorithms, infinite where there is none
    slot: float  # seconds
    labels: list[str]

    @classmethod
    def of(cls, program: Path, sweep: dict[str, Any], table: str) -> Fit:
        """Start a model of the layers of a sweep."""
        model = Model(program, sweep)
        times = [[it["seconds"].get(name, np.inf) for name in model.names] for it in sweep["choices"]]
        lanes = (64 if table != OTHERS else 16 if sweep["isa"] in ("baseline", "neon") else 32) / np.dtype(
            sweep["dtype"]
        ).itemsize
        labels = [f"{it['problem']['net']}/{it['problem']['name']}" for it in sweep["choices"]]
        return cls(model, np.log(np.array(times)), 2 * lanes / sweep["peak"] / 1e9, labels)

    def errors(self, logs: Floats, part: slice) -> tuple[Floats, Floats]:
        """Return by how much estimates of some layers are off, in logarithms, and how much that counts."""
        costs = np.log(self.model.costs(np.exp(logs)) * self.slot)
        slower = self.log_times - self.log_times.min(1, keepdims=True)
        counts = np.isfinite(costs) & (slower < np.log(MAY_BE_TAKEN))
        error = np.where(counts, costs, 0) - np.where(counts, self.log_times, 0)
        weight = np.where(counts, 1 / (1 + np.where(counts, slower, 0) / NEAR) ** 2, 0)
        return error[part].ravel(), weight[part].ravel()

    def judge(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        """Return by layer: what the choice loses, what it is expected to, and the errors of estimates."""
        costs = np.log(self.model.costs(values) * self.slot)
        costs = np.where(np.isfinite(self.log_times), costs, np.inf)
        slower = self.log_times - self.log_times.min(1, keepdims=True)
        chosen = costs.argmin(1)
        loss = slower[np.arange(len(chosen)), chosen]
        chance = np.exp(-(costs - costs.min(1, keepdims=True)) / DOUBT)
        chance /= chance.sum(1, keepdims=True)
        expected = (chance * np.where(chance > 0, slower, 0)).sum(1)
        counts = np.isfinite(costs) & (slower < np.log(MAY_BE_TAKEN))
        error = np.where(counts, costs, 0) - np.where(counts, self.log_times, 0)
        common = error.sum(1, keepdims=True) / counts.sum(1, keepdims=True)
        apart = np.abs(np.where(counts, error - common, 0)).clip(max=FAR)
        return loss, expected, (apart**2).sum(1) / counts.sum(1) + COMMON * common[:, 0].clip(-FAR, FAR) ** 2


def constants(table: str) -> dict[str, float]:
    """Return the constants of a table by name, in the order of the struct."""
    fields = re.findall(r"^    double (\w+);", HEADER.read_text(), re.MULTILINE)
    values: dict[str, float] = {}
    for name in (OTHERS, table):
        values |= {field: float(value) for field, value in _lines(name)}
    return {field: values[field] for field in fields}


def _lines(table: str) -> list[tuple[str, str]]:
    return re.findall(r"^    s\.(\w+) = (.*);", _body(table)[0], re.MULTILINE)


def _body(table: str) -> tuple[str, str]:
    source = SOURCE.read_text()
    body = source[source.index(f"constexpr Slots {table}() {{") :]
    body = body[: body.index("}\n")]
    return body, source


def write(table: str, values: dict[str, float]) -> None:
    """Put values into a table, with three digits. Tables that begin with its values keep their own."""
    followers = {name: constants(name) for name in TABLES.values() if table == OTHERS}
    body, source = _body(table)
    own = dict(_lines(table))
    new = body
    before = constants(table)
    for name, value in values.items():
        if name in own:
            new = new.replace(f"    s.{name} = {own[name]};", f"    s.{name} = {value:.3g};")
        elif f"{value:.3g}" != f"{before[name]:.3g}":
            new = new.replace("    return s;", f"    s.{name} = {value:.3g};\n    return s;")
    SOURCE.write_text(source.replace(body, new))
    for name, kept in followers.items():
        write(name, kept)


def _report(when: str, fits: list[Fit], values: Floats) -> None:
    for fit in fits:
        loss, _, error = fit.judge(values)
        worst = loss.argmax()
        parts = ", ".join(f"{np.expm1(loss[part::2].mean()):.1%} {name}" for part, name in enumerate(("fit", "other")))
        print(
            f"{when}: loss {np.expm1(loss.mean()):.1%} ({parts}), worst {np.expm1(loss[worst]):.0%} at "
            f"{fit.labels[worst]}, estimates off by {np.sqrt(error.mean()):.0%}",
            flush=True,
        )


def fitted_to(fits: list[Fit], start: Floats, free: list[int], everything: bool = False) -> Floats:
    """Return constants that the times are better explained by; only the free ones move."""
    part = slice(None, None, 1 if everything else 2)

    def objective(logs: Floats) -> float:
        total = DISTANCE * float(np.mean((logs - np.log(start)) ** 2))
        for fit in fits:
            _, expected, error = (by_layer[part] for by_layer in fit.judge(np.exp(logs)))
            total += float(np.mean(expected + HIGH * expected**2 + ERROR * error)) / len(fits)
        return total

    logs, best = np.log(start), objective(np.log(start))
    for step in STEPS:
        gain = 1.0
        while gain > 0.01 * best:
            before = best
            for index in free:
                for change in (step, -step):
                    moved = logs.copy()
                    moved[index] = np.clip(moved[index] + change, *(np.log(start[index]) + np.log([1 / MOST, MOST])))
                    value = objective(moved)
                    if value < best:
                        logs, best = moved, value
                        break
            gain = before - best
            print(f"step {step}: {best:.5f}", file=sys.stderr, flush=True)
    return np.exp(logs)


def explained(fits: list[Fit], start: Floats, free: list[int], everything: bool = False) -> Floats:
    """Return constants by which the estimates are nearest to the times; only the free ones move."""
    part = slice(None, None, 1 if everything else 2)
    logs, before = np.log(start), np.log(start)[free]
    for _ in range(ROUNDS):
        matrix, vector = TRUST * np.eye(len(free)), TRUST * (logs[free] - before)
        for fit in fits:
            error, weight = fit.errors(logs, part)
            moves = [fit.errors(logs + TRIAL * (np.arange(len(logs)) == index), part)[0] - error for index in free]
            slopes = np.array(moves) / TRIAL
            weight /= np.hypot(1, error / OFF)
            matrix += slopes * weight @ slopes.T
            vector += slopes @ (weight * error)
        logs[free] -= np.linalg.solve(matrix, vector).clip(-1, 1)
    return np.exp(logs)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("times", nargs="+", type=Path, help="what sweep_algorithms.py --json wrote")
    parser.add_argument("--everything", action="store_true", help="let no layer out of the fit")
    parser.add_argument("--hold", nargs="*", default=[], metavar="NAME", help="constants to leave as they are")
    parser.add_argument("--write", action="store_true", help="put the constants into cost_slots.cpp")
    parser.add_argument("--program", type=Path, default=ROOT / "build/native/benchmarks/model/convx_costs")
    options = parser.parse_args()
    sweeps: dict[tuple[str, ...], dict[str, Any]] = {}
    for path in options.times:
        for sweep in json.loads(path.read_text()):
            key = tuple(str(sweep[name]) for name in ("isa", "dtype", "threads", "processor"))
            sweeps.setdefault(key, sweep | {"choices": []})["choices"] += sweep["choices"]
    tables = {TABLES.get(isa, OTHERS) for isa, *_ in sweeps}
    if len(tables) > 1:
        parser.error("the times are of vectors of different size: fit them one after the other")
    (table,) = tables
    start = constants(table)
    fits = [Fit.of(options.program, sweep, table) for sweep in sweeps.values()]
    _report("before", fits, np.array([*start.values()]))
    told, free = ([i for i, name in enumerate(start) if name not in (*held, *options.hold)] for held in (UNTOLD, HELD))
    fitted = explained(fits, np.array([*start.values()]), told, options.everything)
    _report("explained", fits, fitted)
    fitted = fitted_to(fits, fitted, free, options.everything)
    _report("after", fits, fitted)
    for (name, before), after in zip(start.items(), fitted, strict=True):
        if f"{before:.3g}" != f"{after:.3g}":
            print(f"{name:<18} {before:>8.3g} -> {after:.3g}")
    if options.write:
        write(table, dict(zip(start, fitted, strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
