"""``convx demo``: a two-layer network on a picture, its second layer in three ways."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import convx
from convx import _core
from convx._cli.arguments import thread_limit
from convx._cli.errors import UserError
from convx._cli.figure import check_target
from convx._cli.picture import load_picture
from convx._cli.progress import Progress
from convx._cli.quadratic import print_quadratic
from convx._cli.step import NUMPY, Step, convolve, largest_difference, pool
from convx._cli.table import Table, count, milliseconds, paragraph, shape
from convx._cli.two_layers import K1, K2, KERNEL, SecondLayer, first_layer, second_layers

__all__ = ["run_demo"]

MOST_MAPS = 1024
SMALLEST, LARGEST = 16, 2048  # sides of the picture; above, the NumPy reference needs gigabytes


def run_demo(
    image: str | None,
    *,
    size: int | None,
    save: str | None,
    threads: int | None,
    filters: Sequence[int] | None,
    kernel: int | None,
) -> None:
    """Run the two-layer network and print what it computed and how long it took.

    Parameters
    ----------
    image : str or None
        Path of a picture; None for the embedded one.
    size : int or None
        Longer side of the picture; None for 256.
    save : str or None
        File into which to draw the feature maps.
    threads : int or None
        Number of threads; None to leave it alone.
    filters : (int, int) or None
        Filters of the first and of the second layer; None for 8 and 16.
    kernel : int or None
        Side of the second layer's filters; None for 5.
    """
    k1, k2 = (K1, K2) if filters is None else filters
    kernel = KERNEL if kernel is None else kernel
    if k1 * k2 > MOST_MAPS:
        raise UserError(f"--filters: K1 * K2 must be at most {MOST_MAPS}, the maps of Type 1, got {k1} * {k2}")
    if save is not None:
        check_target(save)
        if k1 > K1:
            raise UserError(f"--save draws the maps of at most {K1} filters of the first layer, got {k1}")
    picture = _picture(image, 256 if size is None else size, kernel)
    types = second_layers(k1, k2, kernel)
    with thread_limit(threads):
        network = f"{k1} filters 3x3, ReLU, 2x2 max pooling, {k2} filters {kernel}x{kernel}"
        print(paragraph(f"{image or 'the embedded picture'}, {shape(picture.shape)} pixels -> {network}"))
        print(f"float32, instruction set {_core.get_isa()}, threads: {convx.get_num_threads()}\n")
        with Progress() as progress:
            conv, pooled, *seconds = steps = _run(picture, k1, types, progress)
        _print_counts(steps)
        _print_times(steps)
        for layer in types:
            print(paragraph(layer.meaning, f"{layer.name + ':':<10}"))
        print(f"\nType 1's maps summed over the {k1} inputs are Type 2.1's: ", end="")
        print(f"largest difference {_sum_rule(seconds[0], seconds[1], types[0], k1):.1e}")
        height, width = pooled.output.shape[2:]
        print_quadratic((height, width), k1, k2, kernel)
    if save is not None:
        from convx._cli.maps import save_maps

        save_maps(save, picture, conv.output, {step.name: step.output for step in seconds})
        print(f"feature maps drawn into {save}")
    for step in steps:
        step.check()


def _picture(image: str | None, size: int, kernel: int) -> NDArray[np.float32]:
    if not SMALLEST <= size <= LARGEST:
        raise UserError(f"--size must be from {SMALLEST} to {LARGEST}, got {size}")
    picture = load_picture(image, size)
    if min(picture.shape) < SMALLEST or max(picture.shape) > 4 * min(picture.shape):
        raise UserError(
            f"the picture, scaled to {shape(picture.shape)}, is too narrow: it needs {SMALLEST} pixels each way, "
            "and sides that differ by a factor of 4 at most"
        )
    room = (min(picture.shape) - 2) // 2  # what is left of it after a 3x3 filter and 2x2 pooling
    if kernel > room:
        raise UserError(f"--kernel must be at most {room}, the smaller side of the pooled maps, got {kernel}")
    return picture


def _run(picture: NDArray[np.float32], k1: int, types: Sequence[SecondLayer], progress: Progress) -> list[Step]:
    weight, bias = first_layer(k1)
    conv = convolve(
        "conv 3x3", picture[None, None], weight, bias, activation="relu", weights=weight.size, progress=progress
    )
    pooled = pool("max 2x2", conv.output, progress)
    seconds = [
        convolve(
            layer.name,
            pooled.output,
            layer.weight,
            layer.bias,
            groups=layer.groups,
            weights=layer.weights,
            progress=progress,
        )
        for layer in types
    ]
    return [conv, pooled, *seconds]


def _print_counts(steps: Sequence[Step]) -> None:
    table = Table(
        ("layer", "<14"),
        ("maps out", ">12"),
        ("weights", ">9"),
        ("MACs", ">13"),
        ("difference", ">10"),
        ("allowed", ">8"),
    )
    print(table.head())
    for step in steps:
        counts = (count(step.weights), count(step.macs)) if step.weights else ("-", "-")
        sizes = shape(step.output.shape[1:])
        print(table.row(step.name, sizes, *counts, f"{step.difference:.1e}", f"{step.allowed:.1e}"))
    print("difference: the largest from the NumPy reference (float64), over all algorithms\n")


def _print_times(steps: Sequence[Step]) -> None:
    # One row per algorithm: the table does not grow wider with their number.
    table = Table(("ms, best call", "<14"), *((step.name, ">10") for step in steps))
    print(table.head())
    for name in (NUMPY, *_core.algorithms()):
        cells = (milliseconds(step.seconds[name]) if name in step.seconds else "-" for step in steps)
        print(table.row(name, *cells))
    print()


def _sum_rule(type1: Step, type21: Step, layer: SecondLayer, k1: int) -> float:
    """Distance of Type 2.1 from Type 1 summed over the input maps."""
    maps = type1.output[0] - layer.bias[:, None, None]
    k2 = len(maps) // k1
    summed = maps.reshape(k1, k2, *maps.shape[1:]).sum(axis=0) + layer.bias[:k2, None, None]
    return largest_difference(type21.output[0], summed)
