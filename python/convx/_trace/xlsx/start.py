"""The first sheet: what this is, the switch, the prediction, and what the switch changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.formatting.rule import DataBarRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from convx._trace.step import Step, activation_parts
from convx._trace.xlsx import style
from convx._trace.xlsx.blocks import Blocks
from convx._trace.xlsx.sums import PLACE, RIGHT, WRONG, Sums

__all__ = ["CHOICE", "write_start"]

CHOICE = "B6"
"""The cell of the switch."""

_TEXT = (
    "This workbook computes a small convolutional network from the image to the last layer, by formulas that you can "
    "follow with a click. Each layer has its maps; a convolution also has its filters and a table of its sums: for "
    "each output value the share of each input map, SUMPRODUCT(window, filter slice), then their sum, the bias and the "
    "activation. Layers, maps, rows and columns count from 0. Change a pixel, a weight or the switch below: all that "
    "depends on it changes.",
    "The activation belongs after the sum over all input maps and the bias, once for each output value. The switch "
    "puts it in the wrong place instead, on the share of each input map before they are added.",
)


def write_start(
    book: Any,
    sheet: Any,
    title: str,
    steps: Sequence[Step],
    tables: Sequence[Sums | None],
    last: Blocks,
    classes: Sequence[str] | None,
) -> None:
    """Write the first sheet, whose formulas read the others."""
    sheet.sheet_view.showGridLines = False
    style.widths(sheet, {1: 28, 2: 18, 3: 18, 4: 18, 5: 22, 6: 22})
    sheet["A1"] = title
    sheet["A1"].font = style.TITLE
    for row, text in zip((3, 4), _TEXT, strict=True):
        sheet.merge_cells(f"A{row}:F{row}")
        sheet[f"A{row}"] = text
        style.wrapped(sheet[f"A{row}"])
    sheet.row_dimensions[3].height, sheet.row_dimensions[4].height = 82, 36
    _switch(book, sheet)
    row = _prediction(sheet, 8, steps[-1], last, classes)
    _differences(sheet, row, steps, tables)


def _switch(book: Any, sheet: Any) -> None:
    sheet["A6"] = "activation is applied"
    sheet["A6"].font = style.BOLD
    sheet[CHOICE] = RIGHT
    style.as_choice(sheet[CHOICE])
    sheet["C6"] = f"← choose “{RIGHT}” (right) or “{WRONG}” (wrong)"
    sheet["C6"].font = style.SOFT
    sheet.row_dimensions[6].height = 22
    choices = DataValidation(type="list", formula1=f'"{RIGHT},{WRONG}"', allow_blank=False, showErrorMessage=True)
    sheet.add_data_validation(choices)
    choices.add(CHOICE)
    book.defined_names[PLACE] = DefinedName(PLACE, attr_text="'Start'!$B$6")


def _prediction(sheet: Any, row: int, step: Step, last: Blocks, classes: Sequence[str] | None) -> int:
    """Write scores, softmax and the class of the largest score; return the next free row."""
    count = len(step.output)
    if step.output.shape[1:] != (1, 1) or count < 2:
        return row
    first, end = row + 4, row + 3 + count
    sheet[f"A{row}"] = "predicted class"
    sheet[f"A{row}"].font = style.BOLD
    sheet[f"B{row}"] = f"=INDEX($A${first}:$A${end},MATCH(MAX($B${first}:$B${end}),$B${first}:$B${end},0))"
    sheet[f"B{row}"].font = style.TITLE
    sheet.row_dimensions[row].height = 26
    sheet[f"C{row}"] = "the class of the largest score"
    sheet[f"C{row}"].font = style.SOFT
    for column, head in enumerate(("class", "score", "softmax", "score by convx"), 1):
        style.as_header(sheet.cell(first - 1, column, head))
    for k in range(count):
        at = first + k
        sheet.cell(at, 1, classes[k] if classes else k).alignment = style.CENTRED
        sheet.cell(at, 2, f"={last.reference(k, 0, 0)}").number_format = style.EXACT
        largest, scores = f"MAX($B${first}:$B${end})", f"$B${first}:$B${end}"
        sheet.cell(at, 3, f"=EXP(B{at}-{largest})/SUMPRODUCT(EXP({scores}-{largest}))").number_format = "0.0%"
        sheet.cell(at, 4, float(step.output[k, 0, 0])).number_format = style.EXACT
        sheet.cell(at, 4).font = style.SOFT
    bars = DataBarRule(start_type="num", start_value=0, end_type="num", end_value=1, color="FFB78BE0")
    sheet.conditional_formatting.add(f"C{first}:C{end}", bars)
    return end + 2


def _differences(sheet: Any, row: int, steps: Sequence[Step], tables: Sequence[Sums | None]) -> None:
    """Write for each convolution what the place of the activation changes, and how far convx's values are."""
    heads = ("layer", "activation", "values", "changed by the place", "largest change", "largest difference from convx")
    for column, head in enumerate(heads, 1):
        style.as_header(sheet.cell(row, column, head))
    sheet.row_dimensions[row].height = 32
    for number, (step, table) in enumerate(zip(steps, tables, strict=True)):
        if table is None:
            continue
        row += 1
        right, wrong, output, convx = (table.whole(name) for name in ("right", "wrong", "output", "convx"))
        activation = step.layer.activation
        name, _ = activation_parts(activation)
        changed: list[Any] = ["-", "-"]
        if activation is not None:
            changed = [f"=SUMPRODUCT((ABS({right}-{wrong})>0.000001)*1)", f"=SUMPRODUCT(MAX(ABS({right}-{wrong})))"]
        cells = [f"Layer {number}, {step.layer.name}", name or "none", step.output.size, *changed]
        cells.append(f"=SUMPRODUCT(MAX(ABS({output}-{convx})))")
        for column, content in enumerate(cells, 1):
            cell = sheet.cell(row, column, content)
            if column > 1:
                cell.alignment = style.CENTRED
        sheet.cell(row, 5).number_format = style.EXACT
        sheet.cell(row, 6).number_format = "0.0E+00"
