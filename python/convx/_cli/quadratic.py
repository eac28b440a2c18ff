"""Why cost grows with the square of the number of filters: counts and times of a layer whose maps grow with it."""

from __future__ import annotations

from functools import partial

import numpy as np

import convx
from convx._cli.progress import Progress
from convx._cli.table import Table, count, milliseconds
from convx._timing import measure

__all__ = ["print_quadratic"]

SCALES = (1, 2, 4)
SECONDS = 0.1  # spent on each time


def print_quadratic(size: tuple[int, int], k1: int, k2: int, kernel: int) -> None:
    """Print what the second layer costs with the filters of both layers, twice and four times as many.

    Parameters
    ----------
    size : (int, int)
        Height and width of its input maps.
    k1, k2 : int
        Filters of the first layer, whose maps go in, and of the second.
    kernel : int
        Side of the second layer's filters.
    """
    table = Table(
        ("filters", "<14"),
        ("weights", ">12"),
        ("MACs", ">15"),
        ("times", ">6"),
        ("ms", ">9"),
        ("times", ">6"),
        ("GFLOP/s", ">8"),
    )
    print("\nWhy the cost is quadratic: Type 2.2 with the filters of both layers doubled, and doubled again")
    print(table.head())
    random = np.random.default_rng(0)
    first: tuple[int, float] | None = None
    with Progress(len(SCALES)) as progress:
        for index, scale in enumerate(SCALES):
            progress.show(f"{scale * k1} and {scale * k2} filters", index)
            maps = random.standard_normal((1, scale * k1, *size), np.float32)
            plan = convx.Conv2d(random.standard_normal((scale * k2, scale * k1, kernel, kernel), np.float32))
            out = np.empty(plan.output_shape(maps.shape), np.float32)
            seconds = measure(partial(plan, maps, out=out), SECONDS).best
            macs = out[0].size * plan.weight[0].size
            first = first or (macs, seconds)
            progress.clear()
            counts = f"{scale * k1}, {scale * k2}", count(plan.weight.size), count(macs), f"{macs / first[0]:.0f}"
            speed = milliseconds(seconds), f"{seconds / first[1]:.1f}", f"{2 * macs / seconds / 1e9:.0f}"
            print(table.row(*counts, *speed))
    print(f"MACs = Hout * Wout * k2 * k1 * {kernel} * {kernel}: where k1 and k2 double, they become 4 times as many;")
    print("the time grows less while more filters keep the cores busier, and as the MACs do from there on")
