"""``convx demo --net``: every convolution and pooling layer of a well-known network, run on a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

import convx
from convx import _core
from convx._cli.arguments import thread_limit
from convx._cli.errors import CheckError
from convx._cli.picture import load_picture
from convx._cli.progress import Progress
from convx._cli.table import Table, count, milliseconds, shape
from convx._timing import measure
from convx.networks import ALEXNET, GOOGLENET, Conv, Layer, Module, Network

__all__ = ["NETWORKS", "run_network"]

Array = NDArray[np.float32]

NETWORKS = {"alexnet": ALEXNET, "googlenet": GOOGLENET}
SECONDS = 0.03  # spent on each time
SEED = 0


def run_network(name: str, image: str | None, *, batch: int, threads: int | None) -> None:
    """Run the layers one after the other, each on what the one before it returned, and print a line for each.

    Parameters
    ----------
    name : str
        A key of `NETWORKS`.
    image : str or None
        Path of a picture; None for the embedded one.
    batch : int
        How many copies of the picture to run at once.
    threads : int or None
        Number of threads; None to leave it alone.
    """
    network = NETWORKS[name]
    channels, size, _ = network.input_shape
    picture = load_picture(image, size, square=True)
    centred = picture - picture.mean()
    maps = np.repeat(np.broadcast_to(centred, (1, channels, size, size)), batch, axis=0)
    with thread_limit(threads), Progress() as progress:
        print(f"{network.title} on {image or 'the embedded picture'}; random weights (seed {SEED}, He scaling)")
        print(f"float32, instruction set {_core.get_isa()}, threads: {convx.get_num_threads()}, batch: {batch}")
        if batch > 1:
            print(f"shapes and MACs are those of one image, times those of the batch of {batch}")
        run = _Run(network, progress)
        output = run.stages(maps)
        run.print_totals(batch)
    print("left out, being neither convolution nor pooling: normalisation and the fully connected layers")
    print(f"output of each image: {shape(output.shape[1:])}, from {output.min():.4g} to {output.max():.4g}")
    if not np.isfinite(output).all():
        raise CheckError("the output is not finite")


class _Run:
    """A run through a network: the table being printed, and the sums below it."""

    def __init__(self, network: Network, progress: Progress) -> None:
        self._network = network
        self._progress = progress
        self._random = np.random.default_rng(SEED)
        self._seconds: dict[str, float] = {"conv": 0.0, "pool": 0.0}
        self._done = 0
        layers = network.layers
        self._table = Table(
            ("layer", f"<{_widest(layer.name for layer in layers)}"),
            ("kind", f"<{_widest(layer.summary for layer in layers)}"),
            ("input", f">{_widest(shape(layer.input_shape) for layer in layers)}"),
            ("output", f">{_widest(shape(layer.output_shape) for layer in layers)}"),
            ("parameters", ">10"),
            ("MACs", ">13"),
            ("ms", ">7"),
        )

    def stages(self, maps: Array) -> Array:
        """Run everything and return the last output."""
        print(f"\n{self._table.head()}")
        for stage in self._network.stages:
            maps = self._module(stage, maps) if isinstance(stage, Module) else self._layer(stage, maps)
        return maps

    def _module(self, module: Module, maps: Array) -> Array:
        joined = np.empty((len(maps), *module.output_shape), np.float32)
        first = 0
        for branch in module.branches:
            # The branch's last layer writes straight into its channels: nothing is left to concatenate.
            part = joined[:, first : first + branch[-1].output_shape[0]]
            first += part.shape[1]
            between = maps
            for layer in branch:
                between = self._layer(layer, between, part if layer is branch[-1] else None)
        return joined

    def _layer(self, layer: Layer, maps: Array, out: Array | None = None) -> Array:
        self._done += 1
        self._progress.show(f"{self._done}/{len(self._network.layers)} {layer.name}")
        if out is None:
            out = np.empty((len(maps), *layer.output_shape), np.float32)
        seconds = measure(partial(self._call(layer), maps, out=out), SECONDS).best
        self._seconds["conv" if isinstance(layer, Conv) else "pool"] += seconds
        counts = (count(layer.parameters), count(layer.macs)) if isinstance(layer, Conv) else ("-", "-")
        sizes = shape(layer.input_shape), shape(layer.output_shape)
        self._progress.clear()
        print(self._table.row(layer.name, layer.summary, *sizes, *counts, milliseconds(seconds)), flush=True)
        return out

    def _call(self, layer: Layer) -> Callable[..., object]:
        if isinstance(layer, Conv):
            # He et al.: with this variance ReLU neither blows the activations up nor lets them vanish.
            scale = np.sqrt(2 / layer.fan_in)
            weight = self._random.standard_normal(layer.weight_shape, np.float32) * np.float32(scale)
            bias = self._random.uniform(-0.01, 0.01, layer.out_channels).astype(np.float32)
            return convx.Conv2d(weight, bias, layer.stride, layer.padding, groups=layer.groups, activation="relu")
        function = convx.max_pool2d if layer.kind == "max" else convx.avg_pool2d
        return partial(
            function,
            kernel_size=layer.kernel,
            stride=layer.stride,
            padding=layer.padding,
            ceil_mode=layer.ceil_mode,
        )

    def print_totals(self, batch: int) -> None:
        """Print the sums of the columns, and the speed."""
        layers = self._network.layers
        macs = sum(layer.macs for layer in layers)
        seconds = sum(self._seconds.values())
        total = count(sum(layer.parameters for layer in layers)), count(macs), milliseconds(seconds)
        print(self._table.row("total", "", "", "", *total))
        conv, pool = self._network.convolutions, self._network.pools
        speed = 2 * macs * batch / self._seconds["conv"] / 1e9
        print(
            f"\n{len(conv)} convolutions: {milliseconds(self._seconds['conv'])} ms, {speed:.1f} GFLOP/s; "
            f"{len(pool)} pooling layers: {milliseconds(self._seconds['pool'])} ms (best call of each layer)"
        )


def _widest(texts: Iterable[str]) -> int:
    return max(map(len, texts))
