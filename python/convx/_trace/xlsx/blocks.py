"""Maps as blocks of cells: where each of their values stands, and the padding around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from convx._trace.windows import AxisWindows, each
from convx._trace.xlsx import style

__all__ = ["Blocks", "Window"]

TOP = 4
"""The first row of the first block's name."""
Window = list[list[str]]
"""The cells under a window, row by row, as absolute references."""


@dataclass(frozen=True)
class Blocks:
    """Blocks of equal size on one sheet, numbered from 0, each with its name above it.

    Attributes
    ----------
    sheet : Worksheet
        Where they stand.
    rows, columns : AxisWindows
        What the layer that reads them wants: how much padding, and what it holds.
    across : int
        Blocks beside each other.
    fill : float or None
        What padding without a source holds; None for empty cells, which a largest value leaves out.
    """

    sheet: Any
    rows: AxisWindows
    columns: AxisWindows
    across: int
    fill: float | None = 0.0

    @classmethod
    def plain(cls, sheet: Any, height: int, width: int, across: int) -> Blocks:
        """Return blocks without padding."""
        return cls(sheet, each(height), each(width), across)

    def corner(self, block: int) -> tuple[int, int]:
        """Return row and column of the first cell of a block, its padding included."""
        high = self.rows.lo + self.rows.size + self.rows.hi + 2
        wide = self.columns.lo + self.columns.size + self.columns.hi + 1
        return TOP + 1 + block // self.across * high, 2 + block % self.across * wide

    def place(self, block: int, row: int, column: int) -> tuple[int, int]:
        """Return where a value stands; in the padding its row or column is below 0 or beyond the last."""
        top, left = self.corner(block)
        return top + self.rows.lo + row, left + self.columns.lo + column

    def reference(self, block: int, row: int, column: int) -> str:
        """Return the address of a value, for formulas on any sheet."""
        return f"'{self.sheet.title}'!{_address(*self.place(block, row, column))}"

    def area(self, block: int, rows: list[int], columns: list[int]) -> str:
        """Return the address of a rectangle."""
        last = _address(*self.place(block, rows[-1], columns[-1]))
        return f"{self.reference(block, rows[0], columns[0])}:{last}"

    def write(self, names: list[str], content: Callable[[int, int, int], Any], most: float) -> None:
        """Write a block for each name, its values by `content`, coloured up to `most`."""
        for block, name in enumerate(names):
            top, left = self.corner(block)
            self.sheet.cell(top - 1, left, name).font = style.BOLD
            for row in range(-self.rows.lo, self.rows.size + self.rows.hi):
                for column in range(-self.columns.lo, self.columns.size + self.columns.hi):
                    self._write_one(block, row, column, content)
            inner = self.place(block, 0, 0), self.place(block, self.rows.size - 1, self.columns.size - 1)
            style.colour_map(self.sheet, ":".join(_address(*at).replace("$", "") for at in inner), most)
        used = self.corner(self.across - 1)[1] + self.columns.lo + self.columns.size + self.columns.hi
        style.widths(self.sheet, {1: 2.5, **dict.fromkeys(range(2, used), 6.2)})
        self.sheet.sheet_format.defaultRowHeight, self.sheet.sheet_format.customHeight = 20, True
        self.sheet.freeze_panes = "B3"

    def _write_one(self, block: int, row: int, column: int, content: Callable[[int, int, int], Any]) -> None:
        cell = self.sheet.cell(*self.place(block, row, column))
        source = self.rows.source[row + self.rows.lo], self.columns.source[column + self.columns.lo]
        if source == (row, column) and min(source) >= 0:
            cell.value = content(block, row, column)
            style.as_map_cell(cell)
            return
        cell.value = self.fill if min(source) < 0 else f"={_address(*self.place(block, *source))}"
        style.as_padding(cell)


def _address(row: int, column: int) -> str:
    return f"${get_column_letter(column)}${row}"
