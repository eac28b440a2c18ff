"""What a layer computes, in the language of spreadsheets."""

from __future__ import annotations

import math

from convx._trace.step import Step
from convx._trace.xlsx.blocks import Blocks

__all__ = ["activation", "activation_of_each", "pool", "share"]


def share(step: Step, maps: Blocks, kernels: Blocks, channel: int, slice_: int, i: int, j: int) -> str:
    """Return what one input map adds to one output: the sum of its window times its slice of the filter."""
    rows, columns = step.rows.positions[i], step.columns.positions[j]
    block = step.reads[channel][slice_]
    kernel = channel * len(step.reads[channel]) + slice_
    if step.layer.kind == "conv":
        taps = [0, kernels.rows.size - 1], [0, kernels.columns.size - 1]
        return f"=SUMPRODUCT({maps.area(block, rows, columns)},{kernels.area(kernel, *taps)})"
    terms = [
        f"{maps.reference(block, row, column)}*{kernels.reference(kernel, r, s)}"
        for row, r in zip(rows, step.rows.taps[i], strict=True)
        for column, s in zip(columns, step.columns.taps[j], strict=True)
    ]
    return f"={'+'.join(terms) or '0'}"


def pool(step: Step, maps: Blocks, channel: int, i: int, j: int) -> str:
    """Return the largest, the mean or the norm of one window."""
    rows, columns = step.rows.positions[i], step.columns.positions[j]
    parts = [part for block in step.reads[channel] for part in _parts(maps, block, rows, columns)]
    if step.rule == "max":
        return f"=MAX({','.join(parts)})"
    if step.divisor is not None:
        return f"=SUM({','.join(parts)})/{step.divisor[i, j]}"
    if math.isinf(step.norm):
        return "=MAX({})".format(",".join(f"SUMPRODUCT(MAX(ABS({part})))" for part in parts))
    powers = "+".join(f"SUMPRODUCT(ABS({part})^{step.norm!r})" for part in parts)
    return f"=({powers})^(1/{step.norm!r})"


def _parts(maps: Blocks, block: int, rows: list[int], columns: list[int]) -> list[str]:
    """Return the window as one rectangle, or where its taps lie apart as single cells."""
    if rows[-1] - rows[0] < len(rows) and columns[-1] - columns[0] < len(columns):
        return [maps.area(block, rows, columns)]
    return [maps.reference(block, row, column) for row in rows for column in columns]


def activation(step: Step, cell: str) -> str:
    """Return the activation of one cell."""
    if step.slope != 1.0:
        return f"IF({cell}>0,{cell},{cell}*{step.slope!r})"
    low, high = step.limits
    inner = cell if math.isinf(low) else f"MAX({low!r},{cell})"
    return inner if math.isinf(high) else f"MIN({high!r},{inner})"


def activation_of_each(step: Step, cells: str) -> str:
    """Return the sum of the activations of each of a row of cells."""
    if step.slope != 1.0:
        return f"SUMPRODUCT(({cells}>0)*{cells}+({cells}<=0)*{cells}*{step.slope!r})"
    low, high = step.limits
    inside = [f"({cells}>={low!r})"] * math.isfinite(low) + [f"({cells}<={high!r})"] * math.isfinite(high)
    parts = ["*".join([*inside, cells])]
    parts += [f"({cells}<{low!r})*{low!r}"] * (math.isfinite(low) and low != 0)
    parts += [f"({cells}>{high!r})*{high!r}"] * math.isfinite(high)
    return f"SUMPRODUCT({'+'.join(parts)})"
