"""Draws where the time of a network goes."""

from __future__ import annotations

from typing import Any

from convx._cli.figure import save_figure

__all__ = ["plot_profile"]

_BAR, _MOST = 0.17, 60  # inches; bars


def plot_profile(path: str, report: Any) -> None:
    """Draw a bar for each step of a network, in the order in which they run.

    Parameters
    ----------
    path : str
        The file to write; its ending says which format.
    report : Report
        Of the session. Of more than 60 steps the 60 longest are drawn.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    every = sum(step.seconds for step in report.steps)
    timed = [step for step in report.steps if step.algorithm != "none"]
    longest = sorted(timed, key=lambda step: -step.seconds)[:_MOST]
    shown = [step for step in timed if any(step is one for one in longest)]
    kinds = list(dict.fromkeys(_kind(step) for step in shown))
    figure = Figure(figsize=(9, 1.6 + _BAR * max(len(shown), 4)), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    for number, kind in enumerate(kinds):
        places = [place for place, step in enumerate(shown) if _kind(step) == kind]
        times = [shown[place].seconds * 1e3 for place in places]
        whole = sum(step.seconds for step in timed if _kind(step) == kind)
        label = f"{kind}: {whole / every:.0%}"
        axes.barh(places, times, height=0.9, color=colormaps["tab20"](number % 20), label=label)
    axes.set_yticks(range(len(shown)), labels=[_label(step) for step in shown], fontsize=7)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel("milliseconds")
    left_out = len(timed) - len(shown)
    more = f", {left_out} shorter ones left out" if left_out else ""
    axes.set_title(f"{report.name}: {report.seconds * 1e3:.2f} ms in {len(timed)} steps{more}", fontsize=11)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    save_figure(figure, path)


def _kind(step: Any) -> str:
    return f"{step.operator}, {step.algorithm}" if step.algorithm else str(step.operator)


def _label(step: Any) -> str:
    sizes = "x".join(map(str, step.shape or ()))
    return f"{' + '.join([step.operator, *step.fused])}  {sizes}"
