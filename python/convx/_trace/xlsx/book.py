"""The workbook: a sheet that explains, one for the image, and for each layer its filters, sums and maps."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np

from convx._trace.page import facts_of
from convx._trace.step import Step
from convx._trace.windows import AxisWindows, each

__all__ = ["save_workbook"]

MOST_CELLS = 200_000
"""Formulas and numbers; LibreOffice reads and computes that many in some ten seconds."""


def save_workbook(path: str | PathLike[str], title: str, steps: Sequence[Step], classes: Sequence[str] | None) -> None:
    """Write the workbook of a network that has run."""
    try:
        import openpyxl
    except ImportError:
        raise ImportError("save_xlsx: a workbook needs openpyxl: pip install openpyxl") from None
    _check(steps)
    from convx._trace.xlsx.start import write_start
    from convx._trace.xlsx.style import fit_to_page

    book = openpyxl.Workbook()
    start = book.active
    start.title = "Start"
    blocks = _image(book, steps)
    tables = []
    for number, step in enumerate(steps):
        following = steps[number + 1] if number + 1 < len(steps) else None
        blocks, sums = _layer(book, number, step, blocks, following)
        tables.append(sums)
    write_start(book, start, title, steps, tables, blocks, classes)
    for sheet in book:
        fit_to_page(sheet)
    book.calculation.fullCalcOnLoad = True
    book.save(path)


def _check(steps: Sequence[Step]) -> None:
    cells = steps[0].input.size
    for step in steps:
        cells += step.output.size * (len(step.reads[0]) + 10 if step.weight is not None else 1)
        cells += 0 if step.weight is None else step.weight.size
        if not np.isfinite(step.output).all():
            raise ValueError(f"save_xlsx: values must be finite, which those of {step.layer.name} are not")
    if cells > MOST_CELLS:
        raise ValueError(
            f"save_xlsx: a workbook must hold at most {MOST_CELLS} cells, got {cells}: trace fewer layers, as "
            "layers[:2], or a smaller image"
        )


def _padded(step: Step | None, shape: tuple[int, ...]) -> tuple[AxisWindows, AxisWindows, int, float | None]:
    """Return the axes of maps with the padding that the layer after them wants, how many to a row, and the padding."""
    across = 4 if shape[2] > 3 else 8 if shape[2] > 1 else 16
    if step is None:
        return each(shape[1]), each(shape[2]), across, 0.0
    return step.rows, step.columns, across, None if step.rule == "max" else 0.0


def _image(book: Any, steps: Sequence[Step]) -> Any:
    from convx._trace.xlsx import style
    from convx._trace.xlsx.blocks import Blocks

    image = steps[0].input
    blocks = Blocks(book.create_sheet("Image"), *_padded(steps[0], image.shape))
    blocks.write([f"map {c}" for c in range(len(image))], lambda c, i, j: float(image[c, i, j]), _largest(image))
    blocks.sheet["A1"] = "The image" + _hatched(blocks)
    blocks.sheet["A1"].font = style.HEADING
    return blocks


def _layer(book: Any, number: int, step: Step, before: Any, following: Step | None) -> tuple[Any, Any]:
    """Write the sheets of a layer; return the blocks of its maps, and of a convolution its table of sums."""
    from convx._trace.xlsx import formulas, style, sums
    from convx._trace.xlsx.blocks import Blocks

    table = None
    if step.weight is not None:
        kernels = sums.write_kernels(step, book.create_sheet(f"Layer {number} filters"))
        table = sums.write_sums(step, book.create_sheet(f"Layer {number} sums"), before, kernels)
    blocks = Blocks(book.create_sheet(f"Layer {number} maps"), *_padded(following, step.output.shape))

    def content(channel: int, i: int, j: int) -> str:
        return f"={table.reference(channel, i, j)}" if table else formulas.pool(step, before, channel, i, j)

    blocks.write([f"map {k}" for k in range(len(step.output))], content, _largest(step.output))
    facts = ", ".join(facts_of(step))
    blocks.sheet["A1"] = f"Maps of layer {number}, {step.layer.name}{': ' if facts else ''}{facts}{_hatched(blocks)}"
    blocks.sheet["A1"].font = style.HEADING
    return blocks, table


def _hatched(blocks: Any) -> str:
    padded = blocks.rows.lo + blocks.rows.hi + blocks.columns.lo + blocks.columns.hi
    return ". Hatched: the padding of the layer after it" if padded else ""


def _largest(array: Any) -> float:
    return float(np.abs(array).max())
