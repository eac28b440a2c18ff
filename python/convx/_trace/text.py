"""One value in words and figures: what the terminal shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convx._trace.step import activation_parts

if TYPE_CHECKING:
    from convx._trace.value import Value, _Floats

__all__ = ["figure", "text_of"]

MOST_MAPS = 16
"""Windows that are printed; of the others their shares."""
WIDEST = 8
"""Columns of a window that is printed."""


def figure(number: float) -> str:
    """Return a number to four significant figures, without exponents where they do not help."""
    if number == 0 or not math.isfinite(number):
        return str(number) if number else "0"
    return f"{number:.4g}" if 1e-3 <= abs(number) < 1e5 else f"{number:.2e}"


def text_of(value: Value) -> str:
    """Return the receptive field, each map's share of the sum, bias, activation, and convx's own value."""
    lines = [_head(value), *_field(value), ""]
    lines += _convolution(value) if value.shares is not None else _pool(value)
    lines.append(_line("convx computed", value.output, _judged(value)))
    return "\n".join(line.rstrip() for line in lines)


def _head(value: Value) -> str:
    i, j = value.position
    return f"layer {value.layer}, {value.name}: map {value.channel}, row {i}, column {j}   (all counted from 0)"


def _field(value: Value) -> list[str]:
    maps = f"map {value.reads[0]}" if len(value.reads) == 1 else f"maps {_range(value.reads)}"
    source = "the image" if value.layer == 0 else f"layer {value.layer - 1}"
    window = f"window           rows {_range(value.rows)}, columns {_range(value.columns)} of {maps} of {source}"
    top, bottom, left, right = value.receptive_field
    if value.layer == 0 or bottom < top:
        return [window]
    return [window, f"receptive field  rows {_span(top, bottom)}, columns {_span(left, right)} of the image"]


def _range(numbers: list[int]) -> str:
    """Return ``1 to 5``, or the numbers themselves where some between are left out."""
    if not numbers:
        return "none"
    if len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return _span(numbers[0], numbers[-1])
    return ", ".join(map(str, numbers))


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _convolution(value: Value) -> list[str]:
    assert value.weight is not None
    assert value.products is not None
    assert value.shares is not None
    lines = []
    shown = len(value.reads) if value.window[0].size and value.window.shape[2] <= WIDEST else 0
    for c, number in enumerate(value.reads[: min(shown, MOST_MAPS)]):
        lines += _side_by_side(
            (f"map {number}", value.window[c]), ("x weight", value.weight[c]), ("= products", value.products[c])
        )
        lines += [_line(f"share of map {number}", float(value.shares[c])), ""]
    for c, number in enumerate(value.reads):
        if c >= min(shown, MOST_MAPS):
            lines.append(_line(f"share of map {number}", float(value.shares[c])))
    if len(value.reads) > 1:
        lines.append(_line("sum of the shares", float(value.shares.sum()), f"over {len(value.reads)} maps"))
    lines.append(_line("bias", value.bias, "added once"))
    lines.append(_line("sum + bias", value.total))
    if value.activation is not None:
        lines.append(_line(_activation(value), value.computed, "applied once, to the whole sum"))
    return lines


def _activation(value: Value) -> str:
    name, numbers = activation_parts(value.activation)
    return f"{name}({', '.join(map(figure, numbers))})" if numbers else name


def _pool(value: Value) -> list[str]:
    lines = []
    for c, number in enumerate(value.reads[:MOST_MAPS]):
        if value.window.shape[2] <= WIDEST:
            lines += [*_side_by_side((f"map {number}", value.window[c])), ""]
    kind = value.name.replace("adaptive_", "").replace("global_", "")
    what = "mean" if kind.startswith("avg") else "norm" if kind.startswith("lp") else "largest"
    return [*lines, _line(what, value.total, _where(value) if what == "largest" else "")]


def _where(value: Value) -> str:
    """Return where the largest lies."""
    if not (value.window == value.total).any():
        return ""
    c, i, j = (int(n) for n in np.argwhere(value.window == value.total)[0])
    of_map = f"map {value.reads[c]}, " if len(value.reads) > 1 else ""
    return f"at {of_map}row {value.rows[i]}, column {value.columns[j]}"


def _side_by_side(*blocks: tuple[str, _Floats]) -> list[str]:
    """Return matrices beside each other, each below its name."""
    columns = []
    for name, block in blocks:
        cells = [["-" if math.isnan(x) else figure(float(x)) for x in row] for row in block]
        width = max(len(cell) for row in cells for cell in row)
        rows = ["  ".join(cell.rjust(width) for cell in row) for row in cells]
        wide = max(len(name), len(rows[0]))
        columns.append([name.ljust(wide), *(row.ljust(wide) for row in rows)])
    return ["  " + "    ".join(parts) for parts in zip(*columns, strict=True)]


def _line(name: str, number: float, comment: str = "") -> str:
    return f"{name:<20}{figure(number):>12}   {comment}"


def _judged(value: Value) -> str:
    if value.agrees:
        return "the same but for rounding" if value.computed != value.output else "the same"
    return f"which differs from {value.computed!r} by more than rounding"
