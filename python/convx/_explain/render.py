"""Facts and tables as aligned text and as HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

__all__ = ["Fact", "html", "html_table", "text", "text_table", "wrapped"]

WIDTH = 80
TABLE_WIDTH = 88

Line = str | tuple[str, ...]


class Fact(NamedTuple):
    """A label and what stands beside it: lines of text, or of cells that are aligned with those of their neighbours."""

    label: str
    lines: tuple[Line, ...]


def text(title: str, facts: Sequence[Fact]) -> str:
    """Return facts as lines of at most 80 characters."""
    indent = max(len(fact.label) for fact in facts) + 4
    rows = [title, ""]
    for fact in facts:
        label = f"  {fact.label}"
        for line in _aligned(fact.lines):
            rows += textwrap.wrap(
                line[1],
                WIDTH,
                initial_indent=f"{label:<{indent}}",
                subsequent_indent=" " * (indent + line[0]),
                break_on_hyphens=False,
                drop_whitespace=True,
            )
            label = ""
    return "\n".join(rows)


def _aligned(lines: Sequence[Line]) -> list[tuple[int, str]]:
    """Return each line with where its last cell begins."""
    columns = max((len(line) for line in lines if isinstance(line, tuple)), default=0)
    widths = [
        max(len(line[i]) for line in lines if isinstance(line, tuple) and i < len(line)) for i in range(columns - 1)
    ]
    found = []
    for line in lines:
        if isinstance(line, str):
            found.append((0, line))
        else:
            cells = [f"{cell:<{width}}" for cell, width in zip(line, [*widths, 0], strict=True)]
            found.append((sum(widths) + 2 * len(widths), "  ".join(cells).rstrip()))
    return found


def text_table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Return a table's lines, its first `left` columns aligned to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(
            f"{cell:<{width}}" if i < left else f"{cell:>{width}}"
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (heads, *rows)
    ]
    return [lines[0], "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]]


# The page's own colours, whether dark on light or light on dark, and lines of the text's colour, thinned. Notebooks
# stripe and centre tables by rules of their own, which are more specific than these: hence "important".
_STYLE = """<style>
.convx-explain { font-size: 13px; line-height: 1.45; margin: 0.5em 0; overflow-x: auto; }
.convx-explain table { border-collapse: collapse; margin: 0 !important; color: inherit; font-size: inherit;
  table-layout: auto; }
.convx-explain caption { text-align: left; font-weight: 600; color: inherit; padding: 0.2em 0; }
.convx-explain tr { background: transparent !important; }
.convx-explain td, .convx-explain th { text-align: left !important; vertical-align: top; border: 0;
  padding: 0.25em 1.4em 0.25em 0 !important; color: inherit; line-height: inherit; white-space: normal;
  font-variant-numeric: tabular-nums; }
.convx-explain th { font-weight: 600; white-space: nowrap; }
.convx-explain > table > * > tr { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
.convx-explain td.number, .convx-explain th.number { text-align: right !important; white-space: nowrap; }
.convx-explain td table td { padding: 0 1.4em 0 0 !important; }
.convx-explain p { margin: 0.4em 0 0; }
</style>"""


def html(title: str, facts: Sequence[Fact]) -> str:
    """Return facts as a table."""
    rows = "".join(f'<tr><th scope="row">{escape(fact.label)}</th><td>{_cell(fact.lines)}</td></tr>' for fact in facts)
    return _framed(f"<table><caption>{escape(title)}</caption><tbody>{rows}</tbody></table>")


def _cell(lines: Sequence[Line]) -> str:
    parts: list[str] = []
    rows: list[str] = []
    for line in (*lines, ""):
        if isinstance(line, tuple):
            rows.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line)}</tr>")
            continue
        if rows:
            parts.append(f"<table><tbody>{''.join(rows)}</tbody></table>")
            rows = []
        if line:
            parts.append(f"<div>{escape(line)}</div>")
    return "".join(parts)


def html_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], left: int, notes: Sequence[str]) -> str:
    """Return a table with notes below it."""

    def line(tag: str, cells: Sequence[str]) -> str:
        made = (f"<{tag}{'' if i < left else ' class=number'}>{escape(cell)}</{tag}>" for i, cell in enumerate(cells))
        return f"<tr>{''.join(made)}</tr>"

    body = "".join(line("td", row) for row in rows)
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    head = f"<thead>{line('th', heads)}</thead>"
    return _framed(f"<table><caption>{escape(title)}</caption>{head}<tbody>{body}</tbody></table>{below}")


def _framed(content: str) -> str:
    return f'{_STYLE}<div class="convx-explain">{content}</div>'


def wrapped(line: str) -> str:
    """Return a sentence as lines of at most 80 characters."""
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
