"""Leads links to files beside this folder to the pages that show them: they work on the site and in a checkout."""

import posixpath
import re
from pathlib import Path

from sphinx.application import Sphinx

PAGES = {
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "SECURITY.md": "project/security.md",
    "CODE_OF_CONDUCT.md": "project/conduct.md",
    "README.md": "index.md",
    "benchmarks/README.md": "explanation/benchmarks.md",
}


def led(text: str, folder: str) -> str:
    """Replace each link to a file that has a page, of a text that lies in a folder of the checkout."""

    def page(match: re.Match[str]) -> str:
        name = posixpath.normpath(posixpath.join(folder, match[1]))
        target = PAGES.get(name) or (name.removeprefix("docs/") if name.startswith("docs/") else "")
        return f"](/{target}{match[2] or ''})" if target else match[0]

    return re.sub(r"\]\(([\w./-]+\.md)(#[\w-]+)?\)", page, text)


def of_page(app: Sphinx, docname: str, source: list[str]) -> None:
    """A page of the site."""
    source[0] = led(source[0], posixpath.join("docs", posixpath.dirname(docname)))


def of_included(app: Sphinx, path: Path, docname: str, content: list[str]) -> None:
    """A file that a page includes; its path is told from the folder of the site."""
    content[0] = led(content[0], posixpath.dirname(posixpath.normpath(posixpath.join("docs", path.as_posix()))))


def setup(app: Sphinx) -> dict[str, bool]:
    """Rewrite the sources as they are read."""
    app.connect("source-read", of_page)
    app.connect("include-read", of_included)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
