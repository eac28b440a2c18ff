"""Pages that list something list what there is: functions, modules, benchmarks, variables, the version."""

import ast
import importlib
import inspect
import re
import tomllib

import convx
import pytest
from checks import ROOT
from convx import _core

PAGE = ROOT / "docs" / "functions.md"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the documentation is not beside the tests")


def listed() -> set[str]:
    """Every word in backticks at the beginning of a table's row, in its first cell."""
    rows = re.findall(r"^\| (`[^|]*`)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}


def test_every_public_name_is_listed() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert set(dir(convx)) <= listed()
    assert {*convx.onnx.__all__, *convx.ndimage.__all__} <= set(re.findall(r"`(\w+)`", text))


def test_every_listed_name_is_public() -> None:
    assert listed() <= {*dir(convx), *convx.onnx.__all__, *convx.ndimage.__all__}


def test_every_function_of_dask_is_listed() -> None:
    """By its name, or as `name1d` ... `3d` or `name` of each rank."""
    pytest.importorskip("dask.array")
    section = PAGE.read_text("utf-8").partition("\n## Dask\n")[2].partition("\n## ")[0]
    named = {re.sub(r"\dd$", "", name) for name in re.findall(r"`(\w+)`", section)}
    assert {re.sub(r"\dd$", "", name) for name in convx.dask.__all__} <= named


def test_every_module_is_promised_to_stay() -> None:
    text = (ROOT / "docs" / "project" / "deprecation.md").read_text("utf-8")
    modules = {name for name in dir(convx) if name == "dask" or inspect.ismodule(getattr(convx, name))}
    assert modules <= set(re.findall(r"`convx\.(\w+)`", text))


def test_citation_is_of_this_version() -> None:
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert re.findall(r"^version: (.*)$", text, re.MULTILINE) == [version]


def test_every_algorithm_is_described() -> None:
    page = ROOT / "docs" / "explanation" / "algorithms.md"
    rows = re.findall(r"^\| `(\w+)` \|", page.read_text("utf-8"), re.MULTILINE)
    assert sorted(["auto", *rows]) == sorted(_core.algorithms())
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in _core.algorithms() if f'`"{name}"`' not in text] == []


def test_every_benchmark_is_described() -> None:
    folder = ROOT / "benchmarks"
    described = set(re.findall(r"^\| `(\w+\.py)`", (folder / "README.md").read_text("utf-8"), re.MULTILINE))
    assert described == {path.name for path in folder.glob("*.py")} - {"conftest.py"}


def test_benchmarks_import_what_convx_has() -> None:
    """Read, not run: most of them need packages that are not installed for the tests."""
    asked = {
        (node.module, alias.name)
        for path in (ROOT / "benchmarks").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "convx"
        for alias in node.names
    }
    assert asked
    for module, name in sorted(asked):
        assert hasattr(importlib.import_module(module), name), (module, name)


def test_every_environment_variable_is_listed() -> None:
    page = ROOT / "docs" / "reference" / "environment.md"
    listed = set(re.findall(r"`([A-Z]+_[A-Z]+)`", page.read_text("utf-8")))
    sources = [*(ROOT / "cpp").rglob("*.cpp"), *(ROOT / "python" / "convx").rglob("*.py")]
    read = r'(?:getenv\(|environ(?:\.get\(|\[)|check\()"(\w+)"'
    asked = {name for path in sources for name in re.findall(read, path.read_text("utf-8"))}
    assert "CONVX_ISA" in asked
    assert {name for name in asked if name.startswith("CONVX_")} <= listed
