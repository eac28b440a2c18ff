"""The sheets of a convolution: its filters, and the table of its sums, one row for each output."""

from __future__ import annotations

from typing import Any

import numpy as np
from openpyxl.utils import get_column_letter

from convx._trace.step import Step
from convx._trace.xlsx import formulas, style
from convx._trace.xlsx.blocks import Blocks

__all__ = ["PLACE", "RIGHT", "WRONG", "Sums", "write_kernels", "write_sums"]

PLACE = "activation_place"
"""The name of the cell that says where the activation is applied, and what it may say."""
RIGHT = "after the sum"
WRONG = "per input map"

FIRST = 4
"""The first row of the table."""


class Sums:
    """Where the columns of a table of sums stand."""

    def __init__(self, step: Step, sheet: Any) -> None:
        self.sheet, self.shape = sheet, step.output.shape
        self.last = FIRST + step.output.size - 1
        shares = len(step.reads[0])
        self.shares = [get_column_letter(4 + n) for n in range(shares)]
        names = ("sum", "bias", "total", "right", "wrong", "output", "convx")
        self.column = {name: get_column_letter(4 + shares + n) for n, name in enumerate(names)}

    def row(self, channel: int, i: int, j: int) -> int:
        """Return the row of an output."""
        return FIRST + int(np.ravel_multi_index((channel, i, j), self.shape))

    def reference(self, channel: int, i: int, j: int) -> str:
        """Return the address of an output, for the sheet of maps."""
        return f"'{self.sheet.title}'!${self.column['output']}${self.row(channel, i, j)}"

    def whole(self, name: str) -> str:
        """Return the address of a column."""
        letter = self.column[name]
        return f"'{self.sheet.title}'!${letter}${FIRST}:${letter}${self.last}"


def write_kernels(step: Step, sheet: Any) -> Blocks:
    """Write the filters, a block for each pair of output and input map; where taps lie apart, zeros between them."""
    assert step.weight is not None
    weight = step.weight
    layer = step.layer
    gap = (1, *layer.dilation)[-2:] if layer.kind == "conv" else (1, 1)
    height, width = ((size - 1) * d + 1 for size, d in zip(weight.shape[2:], gap, strict=True))
    maps = weight.shape[1]
    blocks = Blocks.plain(sheet, height, width, maps if 4 <= maps <= 16 else 8)
    pairs = [(k, c) for k in range(len(weight)) for c in range(maps)]

    def content(block: int, row: int, column: int) -> float:
        on_tap = row % gap[0] == 0 and column % gap[1] == 0
        return float(weight[*pairs[block], row // gap[0], column // gap[1]]) if on_tap else 0.0

    names = [f"{k} ← {step.reads[k][c]}" for k, c in pairs]
    blocks.write(names, content, float(np.abs(weight).max()))
    spread = ", zeros between the taps (dilation)" if max(gap) > 1 else ""
    _head(sheet, f"Filters of layer {{}}: “output map ← input map”{spread}")
    return blocks


def write_sums(step: Step, sheet: Any, maps: Blocks, kernels: Blocks) -> Sums:
    """Write a row for each output: its shares, their sum, bias, and the activation in the right and the wrong place."""
    sums = Sums(step, sheet)
    column = sums.column
    activated = step.layer.activation is not None
    of_group = "" if step.layer.groups == 1 else " of the group"
    heads = ["map", "row", "column", *(f"share of map {c}{of_group}" for c in range(len(sums.shares)))]
    heads += [
        "sum of the shares",
        "bias",
        "sum + bias",
        f"activation {RIGHT}",
        f"activation {WRONG}",
        "output",
        "convx",
    ]
    for number, head in enumerate(heads, 1):
        style.as_header(sheet.cell(FIRST - 1, number, head))
    for k, i, j in np.ndindex(*step.output.shape):
        row = sums.row(k, i, j)
        shares = f"{sums.shares[0]}{row}:{sums.shares[-1]}{row}"
        total, bias = f"{column['total']}{row}", f"{column['bias']}{row}"
        cells: list[Any] = [k, i, j]
        cells += [formulas.share(step, maps, kernels, k, c, i, j) for c in range(len(sums.shares))]
        cells += [f"=SUM({shares})", 0.0 if step.bias is None else float(step.bias[k])]
        cells += [f"={column['sum']}{row}+{bias}", f"={formulas.activation(step, total)}"]
        cells += [f"={formulas.activation_of_each(step, shares)}+{bias}"]
        right, wrong = (f"{column[name]}{row}" for name in ("right", "wrong"))
        cells += [f'=IF({PLACE}="{RIGHT}",{right},{wrong})' if activated else f"={total}", float(step.output[k, i, j])]
        for number, content in enumerate(cells, 1):
            cell = sheet.cell(row, number, content)
            if number > 3:
                cell.number_format = style.EXACT
        sheet[f"{column['output']}{row}"].font = style.BOLD
        sheet[f"{column['convx']}{row}"].font = style.SOFT
    style.colour_map(sheet, f"{sums.shares[0]}{FIRST}:{column['output']}{sums.last}", float(np.abs(step.output).max()))
    style.widths(sheet, {1: 6, 2: 6, 3: 8, **dict.fromkeys(range(4, len(heads) + 1), 13)})
    sheet.row_dimensions[FIRST - 1].height = 32
    sheet.freeze_panes = f"D{FIRST}"
    _head(sheet, "Sums of layer {}: one row for each output value; the last column is what convx computed")
    return sums


def _head(sheet: Any, text: str) -> None:
    sheet["A1"] = text.format(sheet.title.split()[1])
    sheet["A1"].font = style.HEADING
