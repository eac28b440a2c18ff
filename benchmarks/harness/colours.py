"""One colour for each family of layers, the same in every plot: safe for colour blindness (Okabe and Ito, Tol)."""

from __future__ import annotations

__all__ = ["colour"]

COLOURS = {
    "1x1": "#0072B2",
    "3x3": "#E69F00",
    "5x5": "#009E73",
    "7x7": "#CC79A7",
    "11x11": "#56B4E9",
    "depthwise": "#D55E00",
    "not square": "#F0E442",
    "1-d": "#882255",
    "3-d": "#332288",
    "max": "#0072B2",
    "avg": "#E69F00",
}


def colour(family: str) -> str:
    """Return the colour of a family."""
    return COLOURS.get(family, "0.5")
