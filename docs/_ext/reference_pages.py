"""Writes the pages of the reference: what there is, functions.md says, and a docstring is the text of each name.

Every section of functions.md becomes a page with its table; every name in the first cell of a row becomes a page below
it. The folder reference/api is made anew by each build.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import convx
from public_names import NAMES, full_name
from sphinx.application import Sphinx


def sections(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Title, text and names of each section: those in the first cell of a row, and what is ONNX's anywhere."""
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        cells = re.findall(r"^\| (`[^|]*`)", body, re.MULTILINE)
        names = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
        names += [name for name in re.findall(r"`(\w+)`", body) if name in convx.onnx.__all__]
        yield title, body.strip(), list(dict.fromkeys(names))


def page(full: str) -> str:
    """The page of one function or class."""
    module, _, name = full.rpartition(".")
    lines = ["```{eval-rst}", f".. currentmodule:: {module}", ""]
    if isinstance(NAMES[full], type):
        lines += [f".. autoclass:: {full}", "   :members:", "   :inherited-members:"]
    else:
        lines += [f".. autofunction:: {full}"]
    return "\n".join([f"# {name}", "", *lines, "```", ""])


def slug(title: str) -> str:
    """The name of the page of a section."""
    return title.lower().replace(" ", "_")


def toctree(pages: list[str]) -> str:
    """What puts pages below this one, in the navigation alone; nothing where there are none."""
    if not pages:
        return ""
    return "\n".join(["```{toctree}", ":hidden:", "", *pages, "```", ""])


def write(app: Sphinx) -> None:
    """Write what has changed, so that Sphinx reads only that again, and take away what is gone."""
    folder = Path(app.srcdir) / "reference" / "api"
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[str, str] = {}
    for title, body, names in sections((Path(app.srcdir) / "functions.md").read_text("utf-8")):
        full = [found for found in map(full_name, names) if found]
        body = re.sub(r"\]\((?=\w+/)", "](../../", body)  # links from docs/, led from reference/api/
        pages[f"{slug(title)}.md"] = f"# {title}\n\n{body}\n\n{toctree(full)}"
        pages |= {f"{name}.md": page(name) for name in full}
    for path in folder.iterdir():
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def adopt(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the pages of the sections below functions.md, which on its own must not know of them."""
    if docname == "functions":
        source[0] += "\n" + toctree([f"/reference/api/{slug(title)}" for title, _, _ in sections(source[0])])


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks for its sources, and tell of them."""
    app.connect("builder-inited", write)
    app.connect("source-read", adopt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
