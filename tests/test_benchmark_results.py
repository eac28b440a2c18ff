"""What benchmarks/peers.py makes of its measurements: who counts as a peer, and what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("harness")


def layer(name: str, **milliseconds_and_error: tuple[float, float]) -> Any:
    from harness.results import LayerResult, Measured

    measured = {
        system: Measured("way", error, (time / 1e3,), (1.0,))
        for system, (time, error) in milliseconds_and_error.items()
    }
    return LayerResult("net", name, "conv 3x3 s2", "3x3", (1, 2, 9, 9), (1, 3, 4, 4), 2, 1000, measured)


def run(*layers: Any) -> Any:
    from harness.results import Run

    versions = {"convx": "1", "torch": "2", "mnn": "3"}
    return Run(1, 1, 3, 0.1, False, "avx2", "a processor", versions, list(layers))


EXACT = dict.fromkeys(["convx"], (1.0, 1e-6))


def test_only_exact_peers_count() -> None:
    assert layer("a", **EXACT, torch=(3.0, 1e-6), mnn=(2.0, 1e-5)).fastest == "mnn"
    inexact = layer("b", **EXACT, torch=(3.0, 1e-6), mnn=(2.0, 1e-3))
    assert (inexact.fastest, inexact.ratio, inexact.ratio_to("mnn")) == ("torch", 3.0, 2.0)
    assert layer("c", **EXACT, mnn=(2.0, float("nan"))).ratio is None


def test_a_run_fails_where_convx_is_not_exact() -> None:
    from harness.workers import HarnessError

    run(layer("a", **EXACT, mnn=(2.0, 1e-3))).check()
    for error in (1e-4, float("nan")):
        with pytest.raises(HarnessError, match="net/b"):
            run(layer("b", convx=(1.0, error))).check()


def test_tables_show_all_and_mark_who_does_not_count() -> None:
    from harness.report import LayerTable, notes, summary, title

    layers = layer("a", **EXACT, torch=(3.0, 1e-6), mnn=(2.0, 1e-3)), layer("b", **EXACT, mnn=(4.0, 1e-6))
    whole = run(*layers)
    table = LayerTable(list(whole.versions), layers)
    first, second, total = map(str.split, (*map(table.row, layers), table.total(layers)))
    assert {"2.00!", "torch", "2.00"} <= {*first}
    assert {"-", "4.00", "mnn"} <= {*second}
    assert total[:5] == ["sum", "4", "4.00", "-", "12.0"]
    assert next(line for line in summary(layers) if line.startswith("net ")).split()[3:5] == ["3.46", "3.00"]
    assert "above 0.0001 on 1 of 2 layers" in "\n".join(notes(whole))
    assert "held to avx2; held with it: torch; built for no more: mnn" in title(whole)


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    from harness.results import load, save

    whole = run(layer("a", **EXACT, torch=(3.0, 1e-6)), layer("b", **EXACT, mnn=(4.0, 1e-6)))
    save(whole, tmp_path / "run.json")
    assert load(tmp_path / "run.json") == whole
