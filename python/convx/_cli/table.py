"""Plain-text tables, printed line by line, and the numbers in them."""

from __future__ import annotations

import textwrap

__all__ = ["Table", "count", "milliseconds", "paragraph", "shape"]

WIDTH = 100


class Table:
    """A table whose column widths are known before its rows, so that rows can be printed as they come.

    Parameters
    ----------
    *columns : (str, str)
        Heading and width of each column; the width with its alignment, such as ``"<12"`` or ``">8"``.
    """

    def __init__(self, *columns: tuple[str, str]) -> None:
        self._widths = [width for _, width in columns]
        self._titles = [title for title, _ in columns]

    def head(self) -> str:
        """Return the headings and the rule below them."""
        line = self.row(*self._titles)
        total = sum(int(width[1:]) for width in self._widths) + 2 * (len(self._widths) - 1)
        return f"{line}\n{'-' * total}"

    def row(self, *cells: str) -> str:
        """Return one row."""
        padded = (f"{cell:{width}}" for cell, width in zip(cells, self._widths, strict=True))
        return "  ".join(padded).rstrip()


def count(number: int) -> str:
    """Return a count with thousands set apart."""
    return f"{number:,}"


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds with about three significant digits."""
    ms = seconds * 1e3
    digits = 0 if ms >= 100 else 1 if ms >= 10 else 2 if ms >= 1 else 3
    return f"{ms:,.{digits}f}"


def shape(sizes: tuple[int, ...]) -> str:
    """Return a shape as ``8x127x127``."""
    return "x".join(map(str, sizes))


def paragraph(text: str, label: str = "") -> str:
    """Return `text` wrapped to the width of a table, behind a label."""
    return textwrap.fill(text, WIDTH, initial_indent=label, subsequent_indent=" " * len(label))
