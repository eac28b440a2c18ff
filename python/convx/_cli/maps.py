"""Draws the feature maps of the demo with matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convx._cli.figure import save_figure
from convx._cli.two_layers import FIRST_FILTERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["save_maps"]

Array = NDArray[np.float32]

# Inches.
_WIDTH, _MARGIN, _TITLE, _LABELS = 15.0, 0.3, 0.5, 1.0
_PICTURE, _MAP = 4.4, 1.95  # widths of the picture and of a map of the first layer


def save_maps(path: str, picture: Array, first: Array, second: Mapping[str, Array]) -> None:
    """Draw the picture, the first filters with their maps, and the maps of each type of second layer.

    Parameters
    ----------
    path : str
        The file to write; its ending says which format.
    picture : ndarray
        The picture, height x width.
    first : ndarray
        Maps of the first layer, (1, K1, height, width).
    second : mapping of str to ndarray
        Maps of the second layer by its name: "Type 1" of K1*K2 channels, "Type 2.1" and "Type 2.2" of K2.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    from matplotlib.figure import Figure

    k1, k2 = first.shape[1], second["Type 2.2"].shape[1]
    tall = picture.shape[0] / picture.shape[1]
    tile = _WIDTH - 2 * _MARGIN - _LABELS, (_WIDTH - 3 * _MARGIN) / 2  # widths of the mosaics
    mosaics = {name: _mosaic(maps[0], k2 if name == "Type 1" else 4) for name, maps in second.items()}
    wide = mosaics["Type 1"].shape[0] / mosaics["Type 1"].shape[1] * tile[0]
    half = mosaics["Type 2.1"].shape[0] / mosaics["Type 2.1"].shape[1] * tile[1]
    first_height = max(_PICTURE * tall, 2 * _MAP * tall + _TITLE)
    # Everything has its place in inches from the top, so that nothing overlaps. Figure without pyplot: no global state.
    figure = Figure(figsize=(_WIDTH, first_height + wide + half + 3 * _TITLE + 2 * _MARGIN), dpi=110)
    _draw_first(figure, picture, first[0], _TITLE)
    top = first_height + 2 * _TITLE + _MARGIN / 2
    _draw_mosaic(figure, (_MARGIN + _LABELS, top, tile[0], wide), mosaics["Type 1"], _title("Type 1", k1, k2))
    for row, (name, _, _) in enumerate(FIRST_FILTERS[:k1]):
        y = top + (row + 0.5) / k1 * wide
        _text(figure, _MARGIN + _LABELS - 0.1, y, name, ha="right", va="center", fontsize=10)
    top += wide + _TITLE
    for left, name in ((_MARGIN, "Type 2.1"), (2 * _MARGIN + tile[1], "Type 2.2")):
        _draw_mosaic(figure, (left, top, tile[1], half), mosaics[name], _title(name, k1, k2))
    note = "second layer: each map by its own scale; blue is negative, white zero, red positive"
    _text(figure, _WIDTH / 2, top + half + _MARGIN / 2, note, ha="center", va="top", fontsize=10)
    save_figure(figure, path)


def _title(name: str, k1: int, k2: int) -> str:
    return {
        "Type 1": f"Type 1: each of {k2} filters applied to each of {k1} maps, {k1 * k2} maps",
        "Type 2.1": f"Type 2.1: one matrix shared by all maps, summed, {k2} maps",
        "Type 2.2": f"Type 2.2: a matrix for each map, summed, {k2} maps",
    }[name]


def _axes(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Add axes without ticks; the box is (left, top, width, height) in inches from the upper left corner."""
    left, top, width, height = box
    full_width, full_height = figure.get_size_inches()
    place = (left / full_width, 1 - (top + height) / full_height, width / full_width, height / full_height)
    return figure.add_axes(place, xticks=[], yticks=[])


def _text(figure: Figure, left: float, top: float, text: str, **style: Any) -> None:
    full_width, full_height = figure.get_size_inches()
    figure.text(left / full_width, 1 - top / full_height, text, **style)


def _draw_first(figure: Figure, picture: Array, maps: Array, top: float) -> None:
    tall = picture.shape[0] / picture.shape[1]
    axes = _axes(figure, (_MARGIN, top, _PICTURE, _PICTURE * tall))
    axes.imshow(picture, cmap="gray", vmin=0, vmax=1, aspect="auto")
    axes.set_title(f"picture, {picture.shape[0]}x{picture.shape[1]}")
    step = (_WIDTH - 2 * _MARGIN - _PICTURE) / 4
    side = 0.62 * (step - _MAP)
    second_row = max(_PICTURE * tall - _MAP * tall, _MAP * tall + _TITLE)
    for index, (values, (name, matrix, _)) in enumerate(zip(maps, FIRST_FILTERS[: len(maps)], strict=True)):
        right = _MARGIN + _PICTURE + (index % 4 + 1) * step
        down = top + index // 4 * second_row
        axes = _axes(figure, (right - _MAP, down, _MAP, _MAP * tall))
        axes.imshow(values, cmap="gray", vmin=0, vmax=np.percentile(values, 99.5) or 1.0, aspect="auto")
        axes.set_title(name, fontsize=11)
        axes = _axes(figure, (right - _MAP - 1.2 * side, down, side, side))
        largest = np.abs(matrix).max()
        axes.imshow(matrix, cmap="RdBu_r", vmin=-largest, vmax=largest)


def _mosaic(maps: Array, columns: int) -> Array:
    """Return maps as tiles of one picture, each scaled by its own largest absolute value, with NaN between them."""
    _, height, width = maps.shape
    gap = max(1, width // 24)
    rows = -(-len(maps) // columns)
    tiles = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan, np.float32)
    for index, values in enumerate(maps):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        # Not the very largest: a few bright pixels would leave the rest pale.
        tiles[top : top + height, left : left + width] = values / (np.percentile(np.abs(values), 99.5) or 1.0)
    return tiles


def _draw_mosaic(figure: Figure, box: tuple[float, float, float, float], tiles: Array, title: str) -> None:
    axes = _axes(figure, box)
    axes.imshow(tiles, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    axes.spines[:].set_visible(False)
    axes.set_title(title)
