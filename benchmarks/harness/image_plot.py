"""The plot of images.py: a bar for each case, from 1 to its ratio, and a mark where SciPy stands."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt

from harness.bars import GREY, ratio_axis

__all__ = ["ImageResult", "draw_images"]


class ImageResult(NamedTuple):
    """Seconds of the fastest call by system, and how far convx is off, over the largest value."""

    family: str
    name: str
    seconds: dict[str, float]
    error: float

    @property
    def fastest(self) -> str:
        """Return the fastest system beside convx."""
        others = {name: time for name, time in self.seconds.items() if name != "convx"}
        return min(others, key=others.__getitem__)

    @property
    def ratio(self) -> float:
        """Return the time of the fastest peer over that of convx."""
        return self.seconds[self.fastest] / self.seconds["convx"]

    @property
    def to_scipy(self) -> float | None:
        """Return the time of scipy.ndimage over that of convx."""
        return self.seconds["scipy"] / self.seconds["convx"] if "scipy" in self.seconds else None


def draw_images(results: list[ImageResult], title: str, path: Path) -> None:
    """Draw the ratios by family."""
    rows: list[ImageResult | str] = []
    for family, group in groupby(results, lambda result: result.family):
        rows += [family, *group]
    figure, axes = plt.subplots(figsize=(9, 1.2 + 0.22 * len(rows)), layout="constrained")
    for place, row in enumerate(rows):
        if isinstance(row, str):
            axes.text(-0.01, place, row, transform=axes.get_yaxis_transform(), ha="right", va="center", weight="bold")
            continue
        colour = "tab:blue" if row.ratio >= 1 else "tab:orange"
        axes.barh(place, row.ratio - 1, 0.7, 1, color=colour, zorder=2)
        axes.text(-0.01, place, row.name, transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=8)
        words = f"{row.ratio:.2f}  {row.fastest}"
        axes.text(1.01, place, words, transform=axes.get_yaxis_transform(), va="center", color=GREY, fontsize=8)
        if row.to_scipy is not None:
            axes.plot(row.to_scipy, place, "|", color="black", markersize=7, zorder=3)
    axes.axvline(1, color="black", linewidth=1.2, zorder=3)
    axes.plot([], [], "|", color="black", label="scipy.ndimage")
    axes.legend(loc="upper right", frameon=False, fontsize=8)
    ratio_axis(axes, [ratio for result in results for ratio in (result.ratio, result.to_scipy) if ratio is not None])
    axes.set_yticks([])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(
        "time of a peer / time of convx (logarithmic); bars: the fastest peer, named at the right", fontsize=8
    )
    figure.suptitle(title, fontsize=10)
    figure.savefig(path, dpi=130)
    plt.close(figure)
