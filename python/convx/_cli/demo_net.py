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
from convx._cli.savings import print_savings
from convx._cli.table import Table, count, milliseconds, paragraph, shape
from convx._timing import measure
from convx._types import Activation
from convx.networks import ALEXNET, GOOGLENET, MOBILENET_V2, VGG16, Conv, Layer, Module, Network

__all__ = ["NETWORKS", "run_network"]

Array = NDArray[np.float32]

NETWORKS = {
    "alexnet": ALEXNET,
    "googlenet": GOOGLENET,
    "mobilenet_v2": Network("MobileNet-V2", (3, 224, 224), MOBILENET_V2),
    "vgg16": VGG16,
}
"""Those whose layers read what one layer before them returned; ResNet-50's need sums, which are no layers here."""

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
    with thread_limit(threads), Progress(len(network.layers)) as progress:
        print(f"{network.title} on {image or 'the embedded picture'}; random weights (seed {SEED}, He scaling)")
        print(f"float32, instruction set {_core.get_isa()}, threads: {convx.get_num_threads()}, batch: {batch}")
        if batch > 1:
            print(f"shapes and MACs are those of one image, times those of the batch of {batch}")
        run = _Run(network, progress)
        output = run.stages(maps)
        run.print_totals(batch)
        print_savings(network.title, network.layers, run.seconds, batch)
    print()
    sums = ", the sums that skip blocks" if name == "mobilenet_v2" else ""
    print(paragraph(f"left out, as neither convolution nor pooling: normalisation{sums}, fully connected layers"))
    print(f"output of each image: {shape(output.shape[1:])}, from {output.min():.4g} to {output.max():.4g}")
    if not np.isfinite(output).all():
        raise CheckError("the output is not finite")


class _Run:
    """A run through a network: the table being printed, and the sums below it."""

    def __init__(self, network: Network, progress: Progress) -> None:
        self._network = network
        self._progress = progress
        self._random = np.random.default_rng(SEED)
        self.seconds: dict[str, float] = {}
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
        self._progress.show(layer.name, len(self.seconds))
        if out is None:
            out = np.empty((len(maps), *layer.output_shape), np.float32)
        seconds = measure(partial(self._call(layer), maps, out=out), SECONDS).best
        self.seconds[layer.name] = seconds
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
            activation = _activation(layer)
            return convx.Conv2d(weight, bias, layer.stride, layer.padding, groups=layer.groups, activation=activation)
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
        conv, pool = (
            sum(self.seconds[layer.name] for layer in some)
            for some in (self._network.convolutions, self._network.pools)
        )
        total = count(sum(layer.parameters for layer in layers)), count(macs), milliseconds(conv + pool)
        print(self._table.row("total", "", "", "", *total))
        print(
            f"\n{len(self._network.convolutions)} convolutions: {milliseconds(conv)} ms, "
            f"{2 * macs * batch / conv / 1e9:.1f} GFLOP/s; "
            f"{len(self._network.pools)} pooling layers: {milliseconds(pool)} ms (best call of each layer)"
        )


def _widest(texts: Iterable[str]) -> int:
    return max(map(len, texts))


def _activation(layer: Conv) -> Activation:
    """ReLU; MobileNet-V2's blocks end without one, as Sandler et al. found best."""
    return None if layer.name.endswith("/project") else "relu"
