"""``convx tune``: measure the layers of networks and keep what was found."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

import convx
from convx import _core
from convx._cli.arguments import known, thread_limit
from convx._cli.errors import UserError
from convx._cli.progress import Progress
from convx._cli.table import Table, milliseconds
from convx._tuning import Tuning
from convx.networks import CONVOLUTIONS, NAMED_CONVOLUTIONS, Conv, unique

__all__ = ["run_tune"]


def run_tune(
    networks: Sequence[str] | None,
    layers: Sequence[str] | None,
    *,
    batch: int,
    threads: int | None,
    seconds: float,
    output: str | None,
) -> None:
    """Tune layers, print a line for each, and write what was found after each.

    Parameters
    ----------
    networks, layers : sequence of str or None
        Names of networks, or of layers that ``convx bench --list`` shows.
    batch : int
        How many images.
    threads : int or None
        Number of threads; None to leave it alone.
    seconds : float
        Time to spend on each layer.
    output : str or None
        The file of wisdom, which is added to where it is there; None to write none.
    """
    chosen = _layers(networks, layers)
    _begin(output)
    table = Table(
        ("layer", "<19"),
        ("kind", "<18"),
        ("model", "<10"),
        ("ms", ">8"),
        ("tuned", "<10"),
        ("ms", ">8"),
        ("gain", ">6"),
    )
    before = after = 0.0
    with thread_limit(threads), Progress(len(chosen)) as progress:
        count = convx.get_num_threads()
        print(
            f"float32, batch {batch}, instruction set {_core.get_isa()}, threads: {count}\n\n{table.head()}", flush=True
        )
        for index, layer in enumerate(chosen):
            progress.show(layer.name, index)
            found = _tuned(layer, batch, seconds)
            if output is not None:
                _save(output)
            progress.clear()
            print(table.row(*_row(layer, found)), flush=True)
            before += layer.count * found.seconds[found.model]
            after += layer.count * found.seconds[found.algorithm]
    times = f"{milliseconds(before)} ms by the model, {milliseconds(after)} ms tuned"
    print(f"\n{sum(layer.count for layer in chosen)} layers: {times} ({before / after:.3f} times as fast)")
    print(
        f"written to {output}; CONVX_WISDOM={output} loads it" if output else "nothing is kept: no --output was given"
    )


def _layers(networks: Sequence[str] | None, layers: Sequence[str] | None) -> tuple[Conv, ...]:
    of_networks = [
        layer for name in known("network", networks or (), tuple(CONVOLUTIONS)) for layer in CONVOLUTIONS[name]
    ]
    named = [NAMED_CONVOLUTIONS[name] for name in known("layer", layers or (), tuple(NAMED_CONVOLUTIONS))]
    return unique([*of_networks, *named])


def _begin(output: str | None) -> None:
    """Load what is to be added to, and find out before anything is measured whether the file can be written."""
    if output is None:
        return
    try:
        if os.path.exists(output):
            convx.load_wisdom(output)
    except (OSError, ValueError) as error:
        raise UserError(f"--output: {error}") from None
    _save(output)


def _save(output: str) -> None:
    try:
        convx.save_wisdom(output)
    except (OSError, ValueError) as error:
        raise UserError(f"--output: {error}") from None


def _tuned(layer: Conv, batch: int, seconds: float) -> Tuning:
    weight = np.ones(layer.weight_shape, np.float32)
    bias = np.ones(layer.out_channels, np.float32)
    plan = convx.Conv2d(weight, bias, layer.stride, layer.padding, groups=layer.groups)
    try:
        return plan.tune((batch, *layer.input_shape), seconds=seconds)
    except ValueError as error:
        raise UserError(f"--batch: {error}") from None


def _row(layer: Conv, found: Tuning) -> tuple[str, ...]:
    before, after = found.seconds[found.model], found.seconds[found.algorithm]
    tuned = (found.algorithm, milliseconds(after), f"{before / after:.2f}") if found.overruled else ("", "", "")
    return layer.name, layer.summary, found.model, milliseconds(before), *tuned
