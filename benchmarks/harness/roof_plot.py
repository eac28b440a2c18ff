"""The plot of roofline.py: ceilings, a point for each convolution, names only for those furthest below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from harness.colours import colour
from harness.roof import Point, Roof

__all__ = ["draw"]

MARKERS = {"alexnet": "s", "googlenet": "^", "vgg16": "D", "resnet50": "o", "mobilenet_v2": "v"}
NAMED = 6
APART = (0.10, 0.035)  # of the axes: two names closer than this would overlap
GREY = "0.4"


def draw(points: Sequence[Point], roof: Roof, subtitle: str, path: Path) -> None:
    """Draw the roofline of the convolutions; pooling has no FLOPs to draw."""
    layers = [point for point in points if point.problem.flops]
    figure, axes = plt.subplots(figsize=(11, 6))
    intensities = [point.intensity for point in layers] or [1.0, 100.0]
    ridge = roof.gflops / roof.memory
    low, high = min(*intensities, ridge) / 1.6, max(*intensities, ridge) * 1.6
    lowest = min([point.gflops for point in layers] or [1.0])
    axes.set(xscale="log", yscale="log", xlim=(low, high))
    axes.set_ylim(lowest / 1.6, max([roof.gflops, *(point.gflops for point in layers)]) * 1.6)
    _ceilings(axes, roof, low, high)
    for point in layers:
        axes.plot(
            point.intensity,
            point.gflops,
            MARKERS.get(point.problem.net, "o"),
            color=colour(point.problem.family),
            markersize=6,
            markeredgecolor="white",
            markeredgewidth=0.6,
            zorder=3,
        )
    _names(axes, layers, roof)
    axes.set_xlabel("FLOPs of the definition for each byte of input, weights and output")
    axes.set_ylabel("GFLOP/s")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.grid(color="0.92", zorder=0)
    axes.spines[["top", "right"]].set_visible(False)
    _legend(axes, layers)
    axes.set_title(f"convx below its ceilings\n{subtitle}", loc="left", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _ceilings(axes: Axes, roof: Roof, low: float, high: float) -> None:
    for rate, name, style in ((roof.memory, "memory", "solid"), (roof.cache, "last cache", "dashed")):
        corners = np.array([min(low, roof.gflops / rate), roof.gflops / rate, high])
        speeds = np.minimum(corners * rate, roof.gflops)
        label = f"FMA peak {roof.gflops:.0f} GFLOP/s, {name} {rate:.0f} GB/s"
        axes.plot(corners, speeds, color="black", linewidth=1.2, linestyle=style, zorder=2, label=label)


def _names(axes: Axes, layers: Sequence[Point], roof: Roof) -> None:
    """Name the layers with the smallest share of their roof, unless the name would cover another."""
    taken: list[np.ndarray] = []
    for point in sorted(layers, key=lambda point: point.share(roof)):
        where = axes.transAxes.inverted().transform(axes.transData.transform((point.intensity, point.gflops)))
        if len(taken) == NAMED or any((np.abs(where - other) < APART).all() for other in taken):
            continue
        taken.append(where)
        right = where[0] > 0.8
        axes.annotate(
            f"{point.problem.label} {point.share(roof):.0%}",
            (point.intensity, point.gflops),
            (-6 if right else 6, -3),
            textcoords="offset points",
            ha="right" if right else "left",
            va="top",
            fontsize=7,
            color=GREY,
            zorder=4,
        )


def _legend(axes: Axes, layers: Sequence[Point]) -> None:
    handles, _ = axes.get_legend_handles_labels()
    families = dict.fromkeys(point.problem.family for point in layers)
    handles += [Line2D([], [], marker="o", linestyle="", color=colour(it), label=it) for it in families]
    nets = dict.fromkeys(point.problem.net for point in layers)
    handles += [Line2D([], [], marker=MARKERS[it], linestyle="", color="0.5", label=it) for it in nets]
    axes.legend(handles=handles, fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
