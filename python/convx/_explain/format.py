"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

__all__ = ["amount", "by", "count", "each", "memory", "percent", "seconds"]


def count(number: int) -> str:
    """Return a count with thousands set apart."""
    return f"{number:,}"


def amount(number: float, unit: str = "") -> str:
    """Return a count in three digits, as ``118 M``, or with a unit as ``118 MFLOP``."""
    for size, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{_three(number / size)} {prefix}{unit}"
    return f"{number:g} {unit}".rstrip()


def memory(nbytes: int) -> str:
    """Return bytes in three digits, as ``1.15 MiB``."""
    for shift, name in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if nbytes >= 1 << shift:
            return f"{_three(nbytes / (1 << shift))} {name}"
    return f"{nbytes} bytes"


def seconds(time: float) -> str:
    """Return a time in three digits, as ``0.612 ms``."""
    for unit, name in ((1.0, "s"), (1e-3, "ms")):
        if time >= 0.1 * unit:
            return f"{_three(time / unit)} {name}"
    return f"{_three(time * 1e6)} us"


def percent(share: float) -> str:
    """Return a share of 1, never rounded to all or nothing."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"


def by(sizes: Sequence[Any]) -> str:
    """Return sizes as ``3x5``."""
    return "x".join(str(size) if not isinstance(size, Fraction) else _ratio(size) for size in sizes)


def each(sizes: Sequence[Any]) -> str:
    """Return one size where it holds for every axis, and others as ``3x5``."""
    return by(sizes[:1] if len(set(sizes)) == 1 else sizes)


def _ratio(number: Fraction) -> str:
    return str(number) if number.denominator < 100 else f"{float(number):.3g}"


def _three(number: float) -> str:
    digits = 0 if number >= 99.95 else 1 if number >= 9.995 else 2 if number >= 0.9995 else 3
    return f"{number:,.{digits}f}"
