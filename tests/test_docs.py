"""docs/functions.md lists what there is, and the code in the documentation runs."""

import ast
import builtins
import importlib
import re
from pathlib import Path

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
    assert {*convx.onnx.__all__, *convx.ndimage.__all__} <= set(re.findall(r"`(\w+)`", text))


def test_every_listed_name_is_public() -> None:
    assert listed() <= {*convx.__all__, *convx.onnx.__all__, *convx.ndimage.__all__, "dask"}


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


PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
BLOCKS = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in PAGES
    for number, code in enumerate(
        re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    )
]


def test_code_is_found() -> None:
    assert {"README.md-0", "functions.md-0"} <= {block.id for block in BLOCKS}


@pytest.mark.parametrize("code", BLOCKS)
def test_code_defines_what_it_names(code: str) -> None:
    """Whatever is installed here: a block that needs another package is not run everywhere."""
    names = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    aliases = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.alias)]
    known = {alias.asname or alias.name.partition(".")[0] for alias in aliases} | {*dir(builtins)}
    known |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    known |= {node.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)}
    known |= {node.arg for node in ast.walk(ast.parse(code)) if isinstance(node, ast.arg)}
    assert not {name.id for name in names} - known


@pytest.mark.parametrize("code", BLOCKS)
def test_code_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if "onnx.reference" in code:
        onnx = pytest.importorskip("onnx")
        head, body = '<ir_version: 8, opset_import: ["": 18]>', "{ y = MaxPool<kernel_shape=[2]>(x) }"
        text = f"{head} g (float[1,1,4] x) => (float[1,1,3] y) {body}"
        onnx.save(onnx.parser.parse_model(text), "model.onnx")
    exec(compile(code, "documentation", "exec"), {"__name__": "__main__"})
