"""The code in the documentation runs, page by page: each block goes on from those before it, as a reader would."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import re
import shlex
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest
from checks import ROOT
from convx.cli import _parser
from site_pages import DOCS, Block, blocks, packages, pages, tables
from sources import CPP

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documentation is not beside the tests")

# Directives of Sphinx that hold no code.
DIRECTIVES = r"\{(toctree|include|literalinclude|grid|grid-item-card|container|image|figure|raw|note|eval-rst)\}.*"
SHELL = ("", "sh", "console")


def named(path: Path) -> Any:
    return pytest.param(path, id=path.relative_to(ROOT).as_posix())


def python(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.is_python]


WITH_CODE = [named(page) for page in pages() if python(page)]


def test_pages_are_found() -> None:
    ids = {page.id for page in WITH_CODE}
    assert {"README.md", "docs/functions.md", "docs/tutorial/convolution_layer.md"} <= ids
    rows = {page.name: len(tables(page)) for page in pages() if tables(page)}
    assert rows.keys() == {"replace_torch.md", "replace_scipy.md", "replace_opencv.md"}
    assert min(rows.values()) > 10


@pytest.mark.parametrize("page", [named(page) for page in pages()])
def test_every_block_is_checked_by_something(page: Path) -> None:
    """Python runs, C++ is quoted, commands parse; what is left is text that says so."""
    known = ("python", "{code-cell} python", "cpp", "text", "yaml", *SHELL)
    unknown = [f"{block.line}: {block.info}" for block in blocks(page) if block.info not in known]
    assert not [what for what in unknown if not re.fullmatch(DIRECTIVES, what.partition(": ")[2])]


@pytest.mark.parametrize("page", WITH_CODE)
def test_code_defines_what_it_names(page: Path) -> None:
    """Whatever is installed here: a block that needs another package is not run everywhere."""
    nodes = [node for block in python(page) for node in ast.walk(ast.parse(block.code))]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    known = {node.asname or node.name.partition(".")[0] for node in nodes if isinstance(node, ast.alias)}
    known |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    known |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    known |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    known |= {node.name or "" for node in nodes if isinstance(node, ast.ExceptHandler)}
    assert not {node.id for node in names} - known - {*dir(builtins), "__file__"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep_threads: int, keep_winograd: None) -> Iterator[Path]:
    """A folder as that of a page in a checkout, where code may leave files; what it sets is put back."""
    folder = tmp_path / "docs" / "page"
    folder.mkdir(parents=True)
    for name in ("README.md", "benchmarks"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(Path(convx.__file__).parents[1]))  # for commands, wherever they run
    yield folder
    convx.forget_wisdom()
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def run(page: Path) -> dict[str, Any]:
    """Run the blocks of a page; the test ends as skipped at the first one that needs what is not installed."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in python(page):
        for package in packages(block.code):
            pytest.importorskip(package)
        if "matplotlib" in packages(block.code):
            sys.modules["matplotlib"].use("Agg")
            warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")  # plt.show() on a desktop
        if '"model.onnx"' in block.code and not Path("model.onnx").exists():
            model_file()
        body = ast.parse(block.code, str(page)).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(page), "exec"), namespace)
        if last:  # a page shows the value of a cell's last line: no numbers that nobody meant to show
            value = eval(compile(ast.Expression(last.value), str(page), "eval"), namespace)
            assert value is None or hasattr(value, "_repr_html_") or not block.is_cell
    return namespace


def model_file() -> None:
    """Write the model that pages speak of as the reader's own."""
    onnx = pytest.importorskip("onnx")
    head, body = '<ir_version: 8, opset_import: ["": 18]>', "{ y = MaxPool<kernel_shape=[2]>(x) }"
    onnx.save(onnx.parser.parse_model(f"{head} g (float[1,1,4] x) => (float[1,1,3] y) {body}"), "model.onnx")


@pytest.mark.parametrize("page", WITH_CODE)
def test_page_runs(page: Path, desk: Path) -> None:
    """And in each row of its tables, what stands in the first column gives what stands in the second."""
    namespace = run(page)
    for theirs, ours in tables(page):
        expected, actual = eval(theirs, namespace), eval(ours, namespace)
        pairs = list(zip(expected, actual, strict=True)) if isinstance(actual, tuple) else [(expected, actual)]
        for one, other in pairs:
            assert np.any(np.asarray(other)), f"{ours} is nothing but zeros"
            np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-4, err_msg=f"{theirs} -> {ours}")


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command `convx ...` and `python benchmarks/...` of the pages, as a shell would split it."""
    for page in pages():
        for block in blocks(page):
            for line in re.split(r"\n|&&", re.sub(r"\\\n", " ", block.text)) if block.info in SHELL else []:
                line = re.sub(r"^\$ |\b[A-Z_]+=\S* ", "", line.strip())
                if re.match(r"convx |python benchmarks/", line):
                    yield page.name, shlex.split(line, comments=True)


def test_commands_are_there() -> None:
    found = list(commands())
    assert len(found) >= 12
    for page, words in found:
        if words[0] == "python":
            assert (ROOT / words[1]).is_file(), (page, words)
        elif "--help" not in words:
            errors = io.StringIO()
            with contextlib.redirect_stderr(errors), contextlib.suppress(SystemExit):
                _parser().parse_args(words[1:])
            assert not errors.getvalue(), (page, words, errors.getvalue())


@pytest.mark.skipif(not CPP.is_dir(), reason="the C++ sources are not beside the tests")
def test_cpp_is_quoted() -> None:
    """C++ on a page stands in the sources, line by line, so that it is what it was when it was compiled."""
    lines = {line.strip() for path in CPP.rglob("*") if path.is_file() for line in path.read_text("utf-8").splitlines()}
    quoted = [
        (page.name, line.strip())
        for page in pages()
        for block in blocks(page)
        if block.info == "cpp"
        for line in block.text.splitlines()
        if line.strip()
    ]
    assert quoted
    assert not [(page, line) for page, line in quoted if line not in lines]
