"""What benchmarks/fit_costs.py does to the constants of the model of costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("harness")

TABLES = ("up_to_32_bytes", "of_64_bytes")


@pytest.mark.parametrize("table", TABLES)
def test_every_constant_has_a_value(table: str) -> None:
    import fit_costs

    constants = fit_costs.constants(table)
    assert min(constants.values()) > 0
    assert {*fit_costs.HELD} < {*constants}


@pytest.mark.parametrize("table", TABLES)
def test_what_is_written_is_read(table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fit_costs

    copy = tmp_path / "cost_slots.cpp"
    copy.write_text(fit_costs.SOURCE.read_text())
    monkeypatch.setattr(fit_costs, "SOURCE", copy)
    (other,) = {*TABLES} - {table}
    before = fit_costs.constants(other)
    changed = fit_costs.constants(table) | {"tile": 12.34, "tap_row": 17.0, "stage_vector": 21.0}
    fit_costs.write(table, changed)
    assert fit_costs.constants(table) == changed | {"tile": 12.3}
    assert fit_costs.constants(other) == before


class Linear:
    """Two algorithms, the second of which takes a constant times what the first takes."""

    def costs(self, values: Any) -> Any:
        return np.array([[1.0, values[0]]] * 4)


def test_a_constant_moves_to_where_the_choice_is_right() -> None:
    import fit_costs

    fit = fit_costs.Fit(Linear(), np.log([[2.0, 1.0]] * 4), 1.0, [*"abcd"])  # type: ignore[arg-type]
    start = np.array([1.1, 1.0])
    lost = np.log(2)
    np.testing.assert_allclose(fit.judge(start)[0], lost)
    fitted = fit_costs.fitted_to([fit], start, [0])
    np.testing.assert_array_equal(fit.judge(fitted)[0], 0)
    assert 0.4 < fitted[0] < 0.8
    assert fitted[1] == 1


def test_constants_explain_the_times() -> None:
    import fit_costs

    fit = fit_costs.Fit(Linear(), np.log([[1.0, 1.0]] * 4), 1.0, [*"abcd"])  # type: ignore[arg-type]
    fitted = fit_costs.explained([fit], np.array([1.5, 1.0]), [0])
    assert 1 < fitted[0] < 1.2
    assert fitted[1] == 1
