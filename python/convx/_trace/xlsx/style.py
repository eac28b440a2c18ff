"""How cells look: figures, colours of maps, padding, widths."""

from __future__ import annotations

from typing import Any

from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

__all__ = [
    "BOLD",
    "CENTRED",
    "EXACT",
    "HEADING",
    "SOFT",
    "TITLE",
    "as_choice",
    "as_header",
    "as_map_cell",
    "as_padding",
    "colour_map",
    "fit_to_page",
    "widths",
    "wrapped",
]

_FACE = "Calibri"
"""That of cells without a font; a font without a name is drawn in another."""

TITLE = Font(_FACE, 18, bold=True)
HEADING = Font(_FACE, 12, bold=True)
BOLD = Font(_FACE, bold=True)
SOFT = Font(_FACE, color="FF59626E")
CENTRED = Alignment(horizontal="center", vertical="center")
EXACT = "0.0000;-0.0000;0"
"""Four decimals, and a plain 0."""

_SHORT = "0.00;-0.00;0"
_THIN = Side(style="thin", color="FFD8DCE3")
_HEADER = PatternFill("solid", fgColor="FFF0F1F4")
_HATCHED = PatternFill("lightUp", fgColor="FFC3C9D2", bgColor="FFFFFFFF")
_CHOICE = PatternFill("solid", fgColor="FFFFF2CC")


def as_map_cell(cell: Any) -> None:
    """Make it a value of a map or of a kernel."""
    cell.number_format, cell.alignment = _SHORT, CENTRED


def as_padding(cell: Any) -> None:
    """Make it an element of the padding."""
    as_map_cell(cell)
    cell.fill, cell.font = _HATCHED, SOFT


def as_header(cell: Any) -> None:
    """Make it the head of a column."""
    cell.font, cell.fill = BOLD, _HEADER
    cell.border = Border(bottom=_THIN)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def as_choice(cell: Any) -> None:
    """Make it the cell that the reader is to change."""
    cell.fill, cell.font, cell.alignment = _CHOICE, BOLD, CENTRED
    cell.border = Border(*[Side(style="medium", color="FFBF9000")] * 4)


def wrapped(cell: Any) -> None:
    """Let its text run over several lines."""
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def colour_map(sheet: Any, area: str, most: float) -> None:
    """Colour numbers from blue at ``-most`` over white at 0 to orange at `most`."""
    ends = {"start_type": "num", "mid_type": "num", "end_type": "num"}
    colours = {"start_color": "FF6A9FD4", "mid_color": "FFFFFFFF", "end_color": "FFE39A52"}
    most = most or 1.0
    rule = ColorScaleRule(**ends, **colours, start_value=-most, mid_value=0, end_value=most)
    sheet.conditional_formatting.add(area, rule)


def fit_to_page(sheet: Any) -> None:
    """Print it across one page, lying."""
    sheet.page_setup.orientation = "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0


def widths(sheet: Any, columns: dict[int, float]) -> None:
    """Set the width of columns, counted from 1, in letters."""
    for column, width in columns.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
