"""Lets docstrings be written for help(): `(N, C, *spatial)` and `|x|` are no markup there, and need no backslashes."""

import re

from sphinx.application import Sphinx

# A star before a name, as in a shape, and a bar at a word; both mean something else to reStructuredText.
MARKS = re.compile(r"(?<![\w*])\*(?=[a-z])|\|(?=\w)|(?<=\w)\|")


def escape(app: Sphinx, what: str, name: str, found: object, options: object, lines: list[str]) -> None:
    """Escape such marks outside of ``literals``."""
    for number, line in enumerate(lines):
        parts = line.split("``")
        parts[::2] = [MARKS.sub(r"\\\g<0>", part) for part in parts[::2]]
        lines[number] = "``".join(parts)


def setup(app: Sphinx) -> dict[str, bool]:
    """Go before numpydoc, which makes sections of the lines."""
    app.connect("autodoc-process-docstring", escape, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
