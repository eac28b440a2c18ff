"""docs/functions.md lists what there is."""

import re

import convx
import pytest
from checks import ROOT

PAGE = ROOT / "docs" / "functions.md"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the documentation is not beside the tests")


def listed() -> set[str]:
    """Every word in backticks at the beginning of a table's row, in its first cell."""
    rows = re.findall(r"^\| (`[^|]*`)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}


def test_every_public_name_is_listed() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert set(convx.__all__) <= listed()
    assert set(convx.onnx.__all__) <= set(re.findall(r"`(\w+)`", text))


def test_every_listed_name_is_public() -> None:
    assert listed() <= {*convx.__all__, *convx.onnx.__all__}
