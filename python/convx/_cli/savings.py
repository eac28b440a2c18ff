"""What a network spares by its 1x1 convolutions: the multiplications and times of layers with and without them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from convx._cli.progress import Progress
from convx._cli.table import Table, count, milliseconds
from convx._cli.timed import timed
from convx.networks import Conv, Layer

__all__ = ["Saving", "print_savings", "savings"]

SECONDS = 0.03  # spent on each time


class Saving(NamedTuple):
    """Layers, and the one convolution that would do without them.

    Attributes
    ----------
    name : str
        What the layers are called.
    layers : tuple of Conv
        The layers as they are in the network.
    instead : Conv
        A convolution from the input of the first to the output of the last.
    """

    name: str
    layers: tuple[Conv, ...]
    instead: Conv


def savings(layers: Sequence[Layer]) -> list[Saving]:
    """Return the pairs of layers that are cheaper than one convolution.

    A 1x1 that reduces the maps before a larger filter ("reduce"), and a depthwise filter before a 1x1 that mixes its
    maps ("project").
    """
    found = []
    for first, second in itertools.pairwise(layers):
        if not (isinstance(first, Conv) and isinstance(second, Conv)):
            continue
        if first.name.endswith(" reduce") and first.out_channels < first.in_channels:
            instead = replace(second, in_channels=first.in_channels)
            found.append(Saving(second.name, (first, second), instead))
        elif first.name.endswith("/depthwise"):
            instead = replace(first, out_channels=second.out_channels, groups=1)
            found.append(Saving(first.name.removesuffix("/depthwise"), (first, second), instead))
    return found


def print_savings(title: str, layers: Sequence[Layer], seconds: Mapping[str, float], batch: int) -> None:
    """Print what the pairs of `layers` cost, and what one convolution in the place of each would.

    Parameters
    ----------
    title : str
        The network's name.
    layers : sequence of Conv or Pool
        Its layers, in order.
    seconds : mapping
        The time of each layer, by its name.
    batch : int
        How many images that was.
    """
    found = savings(layers)
    if not found:
        return
    table = Table(
        ("layers", "<16"),
        ("MACs", ">13"),
        ("without 1x1", ">15"),
        ("times", ">6"),
        ("ms", ">8"),
        ("without", ">9"),
        ("times", ">6"),
    )
    print(f"\nWhat 1x1 convolutions save in {title}: these layers, and one convolution in their place")
    print(table.head())
    rows: list[tuple[int, int, float, float]] = []
    with Progress(len(found)) as progress:
        for index, saving in enumerate(found):
            progress.show(f"{saving.name} without 1x1", index)
            numbers = (
                sum(layer.macs for layer in saving.layers),
                saving.instead.macs,
                sum(seconds[layer.name] for layer in saving.layers),
                timed(saving.instead, SECONDS, batch=batch, activation="relu").best,
            )
            rows.append(numbers)
            progress.clear()
            print(_row(table, saving.name, *numbers), flush=True)
    print(_row(table, "total", *map(sum, zip(*rows, strict=True))))


def _row(table: Table, name: str, macs: int, other_macs: int, seconds: float, other_seconds: float) -> str:
    counts = count(macs), count(other_macs), f"{other_macs / macs:.1f}"
    return table.row(
        name, *counts, milliseconds(seconds), milliseconds(other_seconds), f"{other_seconds / seconds:.1f}"
    )
