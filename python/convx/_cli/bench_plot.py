"""Draws the speeds of ``convx bench``."""

from __future__ import annotations

from collections.abc import Sequence

from convx._cli.bench import Line
from convx._cli.figure import save_figure

__all__ = ["plot_speeds"]

_BAR = 0.16  # inches


def plot_speeds(path: str, lines: Sequence[Line], peak: float, machine: str) -> None:
    """Draw a bar for each layer and algorithm, and the FMA peak as a line.

    Parameters
    ----------
    path : str
        The file to write; its ending says which format.
    lines : sequence of Line
        What was measured.
    peak : float
        GFLOP/s of nothing but FMA, all threads together.
    machine : str
        What it was measured with.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    layers = list(dict.fromkeys(line.layer.name for line in lines))
    algorithms = list(dict.fromkeys(line.algorithm for line in lines))
    colours = {name: colormaps["tab10"](index) for index, name in enumerate(algorithms)}
    places, middles, top = [], {}, 0.0
    for layer in layers:  # from the top; bars of a layer touch, and a layer takes the room of its own bars alone
        own = [line for line in lines if line.layer.name == layer]
        places += [(top + index, line) for index, line in enumerate(own)]
        middles[layer] = top + (len(own) - 1) / 2
        top += len(own) + 1
    figure = Figure(figsize=(9, 1.6 + _BAR * top), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    for name in algorithms:
        mine = [(place, line) for place, line in places if line.algorithm == name]
        ys, speeds = [place for place, _ in mine], [line.speed for _, line in mine]
        axes.barh(ys, speeds, height=0.9, color=colours[name], label=name)
    axes.axvline(peak, color="black", linestyle="--", linewidth=1, label=f"FMA peak, {peak:.0f}")
    axes.set_yticks(list(middles.values()), labels=layers)
    axes.set_ylim(top - 0.5, -1)
    axes.set_xlabel("GFLOP/s of the definition's operations, best call (Winograd does fewer, and so may pass the peak)")
    axes.set_title(f"Speed of convolution layers by algorithm\n{machine}", fontsize=11)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(loc="outside right upper", frameon=False)
    save_figure(figure, path)
