"""The operators that networks are run with, against the node cases of the onnx package."""

import re
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from checks import ROOT
from convx._graph.operators import TABLE
from graph_cases import all_cases, as_array, run_model

CASES = all_cases()
ONNX = {name for name in TABLE if not name.startswith("convx.")}  # without our own
PAGE = ROOT / "docs" / "reference" / "onnx_operators.md"


def assert_as_shipped(actual: Any, expected: Any, case: Any) -> None:
    """Shape and dtype equal, values within the case's own tolerance; integers exactly."""
    actual, expected = as_array(actual), as_array(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    if expected.dtype.kind in "iubOU":
        np.testing.assert_array_equal(actual, expected)
    else:
        wide = "complex128" if expected.dtype.kind == "c" else "float64"
        np.testing.assert_allclose(actual.astype(wide), expected.astype(wide), rtol=case.rtol, atol=case.atol)


@pytest.mark.parametrize("constant", [False, True], ids=["inputs", "constants"])
@pytest.mark.parametrize("name", CASES)
def test_case(name: str, constant: bool) -> None:
    case = CASES[name]
    for inputs, outputs in case.data_sets:
        results = run_model(case.model, inputs, constant)
        assert len(results) == len(outputs)
        for actual, expected in zip(results, outputs, strict=True):
            assert_as_shipped(actual, expected, case)


def test_every_operator_has_a_case() -> None:
    """Of GlobalLpPool the onnx package has none; test_graph_opsets.py has."""
    tried = {case.model.graph.node[0].op_type for case in CASES.values() if len(case.model.graph.node) == 1}
    assert ONNX - tried == {"GlobalLpPool"}


@pytest.mark.skipif(not PAGE.is_file(), reason="the documentation is not beside the tests")
def test_every_operator_is_listed() -> None:
    """The page's table names those that there are, and no others."""
    table = re.findall(r"^\| [^|]+ \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(table))) == sorted(ONNX)
