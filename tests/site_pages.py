"""The pages of the documentation, and the code on them."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from checks import ROOT

DOCS = ROOT / "docs"
MADE = ("_build", "gallery", "api")  # by the build of the site: not pages that somebody wrote

_FENCE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE
)
_OPTIONS = re.compile(r"\A(?::[^\n]*\n)+\n?")


@dataclass(frozen=True)
class Block:
    """What stands between two fences: its language or directive, its text, and the line where that begins."""

    info: str
    text: str
    line: int

    @property
    def is_python(self) -> bool:
        return self.info in ("python", "{code-cell} python")

    @property
    def is_cell(self) -> bool:
        """Whether it runs while the site is built."""
        return self.info.startswith("{code-cell}")

    @property
    def code(self) -> str:
        """The text without the options of a cell, on the lines where it stands on the page."""
        options = _OPTIONS.match(self.text) if self.is_cell else None
        skipped = options.group().count("\n") if options else 0
        return "\n" * (self.line - 1 + skipped) + self.text[options.end() if options else 0 :]


def pages() -> list[Path]:
    """Every page of the site, and those beside it that are shown on it or on their own."""
    written = [path for path in sorted(DOCS.rglob("*.md")) if not set(MADE) & set(path.relative_to(DOCS).parts)]
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "benchmarks").glob("*.md")), *written]


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in their order; those within an outer fence too."""
    return list(_blocks(page.read_text("utf-8"), 1))


def _blocks(text: str, line: int) -> list[Block]:
    found = []
    text = re.sub(r"(?m)^ +(?=```)", "", text)  # those of a list
    for match in _FENCE.finditer(text):
        start = line + text.count("\n", 0, match.start("body"))
        found.append(Block(match["info"].strip(), match["body"], start))
        if len(match["fence"]) > 3 or match["fence"].startswith(":"):
            found += _blocks(match["body"], start)
    return found


def tables(page: Path) -> list[tuple[str, str]]:
    """Two pieces of code from each row of the tables that say what to write with convx instead of something else."""
    rows, within = [], False
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|"):
            within = False
        elif cells[1:2] == ["convx"]:
            within = True
        elif within and cells[0].startswith("`"):
            rows.append((cells[0].strip("`"), cells[1].strip("`")))
    return rows


def packages(code: str) -> list[str]:
    """The packages that a piece of code imports, beside NumPy, convx and the standard library."""
    imported = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported.append(node.module or "")
    own = {*sys.stdlib_module_names, "numpy", "convx"}
    return sorted({name.partition(".")[0] for name in imported} - own)
