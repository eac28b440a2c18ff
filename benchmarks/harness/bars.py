"""The plot of peers.py: a bar for each layer, from 1 to its ratio, on a logarithmic axis."""

from __future__ import annotations

from math import log10
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from harness.colours import colour
from harness.results import LayerResult, Run, geometric_mean

__all__ = ["draw", "ratio_axis"]

WIDTH, ROW, FRAME = 9.0, 0.24, 1.75  # inches
TICKS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 30, 50, 100)
GREY = "0.45"


def draw(run: Run, path: Path) -> list[Path]:
    """Draw the ratios of every network; return the files, one for each network."""
    files = []
    for net in run.nets:
        layers = [layer for layer in run.of(net) if layer.ratio is not None]
        if layers:
            files.append(path if len(run.nets) == 1 else path.with_name(f"{path.stem}-{net}{path.suffix}"))
            _draw_net(run, net, layers, files[-1])
    return files


def _draw_net(run: Run, net: str, layers: list[LayerResult], path: Path) -> None:
    height = FRAME + ROW * len(layers)
    figure, axes = plt.subplots(figsize=(WIDTH, height))
    ratios = [layer.ratio or 1.0 for layer in layers]
    _bars(axes, layers, ratios)
    ratio_axis(axes, ratios)
    threads = f"{run.threads} thread{'s' if run.threads > 1 else ''}"
    mean = geometric_mean(ratios)
    figure.suptitle(f"{net}: convx against the fastest peer of each layer", x=0.02, y=1 - 0.1 / height, ha="left")
    peers = ", ".join(name for name in run.versions if name in layers[0].peers)
    figure.text(
        0.02,
        1 - 0.4 / height,
        f"batch {run.batch}, {threads}, float32, {run.processor}; peers: {peers}",
        color=GREY,
        fontsize=8,
        va="top",
    )
    axes.axvline(mean, color="black", linewidth=1, linestyle=":", zorder=1)
    families = dict.fromkeys(layer.family for layer in layers)
    handles: list[Patch | Line2D] = [Patch(color=colour(family), label=family) for family in families]
    handles.append(Line2D([], [], color="black", linewidth=1, linestyle=":", label=f"geometric mean {mean:.2f}"))
    figure.legend(
        handles=handles, loc="lower center", ncols=len(handles), fontsize=8, frameon=False, bbox_to_anchor=(0.5, 0)
    )
    figure.subplots_adjust(left=0.27, right=0.86, top=1 - 0.7 / height, bottom=0.8 / height)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _bars(axes: Axes, layers: list[LayerResult], ratios: list[float]) -> None:
    rows = range(len(layers))
    axes.barh(rows, [ratio - 1 for ratio in ratios], 0.72, 1, color=[colour(it.family) for it in layers], zorder=2)
    axes.axvline(1, color="black", linewidth=1.2, zorder=3)
    axes.set_yticks(rows, [f"{it.name} ({it.summary.removeprefix('conv ')})" for it in layers], fontsize=8)
    axes.set_ylim(len(layers) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.text(1.02, -0.85, "fastest peer", transform=axes.get_yaxis_transform(), fontsize=7, va="bottom")
    for row, (layer, ratio) in enumerate(zip(layers, ratios, strict=True)):
        side = 1 if ratio >= 1 else -1
        axes.annotate(
            f"{ratio:.2f}",
            (ratio, row),
            (4 * side, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=7.5,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )
        axes.text(1.02, row, layer.fastest, transform=axes.get_yaxis_transform(), color=GREY, fontsize=7, va="center")


def ratio_axis(axes: Axes, ratios: list[float]) -> None:
    """Make x a logarithmic axis of ratios that holds all of them, and leave no frame."""
    low, high = min(0.75, *ratios), max(1.4, *ratios)
    span = (high / low) ** 0.12  # room for the numbers at the ends of the bars
    low, high = low / span, high * span
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [tick for tick in TICKS if low <= tick <= high]
    if log10(high / low) > 1.3:
        ticks = [tick for tick in ticks if tick not in (0.3, 0.7, 1.5, 3, 7, 30)]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=8)
    axes.set_xticks([], minor=True)
    axes.grid(axis="x", color="0.88", zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel("time of the fastest peer / time of convx (logarithmic); right of 1: convx is faster", fontsize=8)
