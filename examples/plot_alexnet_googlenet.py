"""
AlexNet and GoogLeNet, layer by layer
=====================================

The convolutions and poolings of two networks that made history, run forward on a photograph. What one learns: how many
maps of what size each layer makes, where the multiplications are and where the time goes.

:mod:`convx.networks` holds the layers as plain data, from the papers. The trained weights are not part of convx (those
of AlexNet's convolutions alone would be 9 megabytes), so the filters here are random. Sizes, counts and times are those
of the real networks, but the maps mean nothing beyond the first layers.

It needs matplotlib and scikit-image.
"""

import time

import convx
import matplotlib.pyplot as plt
import numpy as np
from convx.networks import ALEXNET, GOOGLENET, Module
from skimage import data, transform

# %%
# From a description to a network
# -------------------------------
# Each convolution becomes a plan, :class:`convx.Conv2d`, which packs its weight once. A random weight has the variance
# 2 / (products in a sum), which keeps the size of the values from layer to layer when a ReLU follows (He et al., 2015).

random = np.random.default_rng(0)


def callable_layer(layer):
    """Return a function of one array for a layer of `convx.networks`."""
    if layer.kind == "conv":
        weight = random.standard_normal(layer.weight_shape, dtype=np.float32) * np.float32(np.sqrt(2 / layer.fan_in))
        bias = np.zeros(layer.out_channels, np.float32)
        return convx.Conv2d(weight, bias, layer.stride, layer.padding, groups=layer.groups, activation="relu")
    pool = {"max": convx.max_pool2d, "avg": convx.avg_pool2d}[layer.kind]
    return lambda maps: pool(maps, layer.kernel, layer.stride, layer.padding, ceil_mode=layer.ceil_mode)


class Runner:
    """A network with random weights, that remembers what each layer made and how long it took."""

    def __init__(self, network):
        self.network = network
        self.functions = {layer.name: callable_layer(layer) for layer in network.layers}
        self.maps = {}
        self.seconds = {layer.name: np.inf for layer in network.layers}

    def chain(self, layers, maps):
        """Run layers one after the other."""
        for layer in layers:
            start = time.perf_counter()
            maps = self.functions[layer.name](maps)
            self.seconds[layer.name] = min(self.seconds[layer.name], time.perf_counter() - start)
            self.maps[layer.name] = maps
        return maps

    def __call__(self, maps):
        """Run the network; the branches of a module read the same maps, their results are stacked."""
        for stage in self.network.stages:
            if isinstance(stage, Module):
                maps = np.concatenate([self.chain(branch, maps) for branch in stage.branches], axis=1)
            else:
                maps = self.chain([stage], maps)
            assert maps.shape[1:] == stage.output_shape
        return maps


def picture(size):
    """Return the photograph as a network reads it: shape (1, 3, size, size), each colour of mean 0 and variance 1."""
    small = transform.resize(data.chelsea()[:, 75:375], (size, size), anti_aliasing=True)
    maps = np.float32(small.transpose(2, 0, 1)[None])
    return (maps - maps.mean(axis=(2, 3), keepdims=True)) / maps.std(axis=(2, 3), keepdims=True)


# %%
# AlexNet
# -------
# Five convolutions; the second, fourth and fifth in two groups, since the authors had two GPUs of 3 GB. Every filter
# spans all the maps of its group, and conv1 reads all three colours.

alexnet = Runner(ALEXNET)
for _ in range(10):
    alexnet(picture(227))

print("layer   maps           parameters   million MACs      ms")
for layer in ALEXNET.layers:
    seconds, shape = alexnet.seconds[layer.name], " x ".join(map(str, layer.output_shape))
    print(f"{layer.name:7} {shape:14} {layer.parameters:10,} {layer.macs / 1e6:14.1f} {1e3 * seconds:7.2f}")
assert sum(layer.parameters for layer in ALEXNET.convolutions) == 2_334_080

# %%
# The maps become smaller and more. Of each convolution, after the ReLU, the six of which about half is 0, drawn black.

convolutions = [layer.name for layer in ALEXNET.convolutions]
figure, rows = plt.subplots(5, 7, figsize=(10, 7.4), layout="constrained", subplot_kw={"xticks": [], "yticks": []})
for axes in rows[:, 0]:
    axes.set_axis_off()
rows[0, 0].imshow(data.chelsea()[:, 75:375])
for row, name in zip(rows, convolutions, strict=True):
    maps = alexnet.maps[name][0]
    row[1].set_title(f"{name}: {' x '.join(map(str, maps.shape))}", loc="left", fontsize=10)
    chosen = np.abs(np.mean(maps > 0, axis=(1, 2)) - 0.5).argsort()[:6]
    for axes, index in zip(row[1:], chosen, strict=True):
        axes.imshow(maps[index], cmap="gray", vmin=0)

# %%
# GoogLeNet
# ---------
# An inception module runs four branches on the same maps and stacks what they make. A 1 x 1 filter sees one pixel of
# every map: it mixes maps, and with fewer filters than maps it makes the 3 x 3 and 5 x 5 filters behind it cheap.

googlenet = Runner(GOOGLENET)
for _ in range(10):
    result = googlenet(picture(224))
assert result.shape == (1, 1024, 1, 1)

module = next(stage for stage in GOOGLENET.stages if stage.name == "inception 3a")
*_, reduce, filters = module.branches[2]
without = filters.out_channels * reduce.in_channels * filters.kernel**2 * filters.size**2
print(f"the 5 x 5 branch of inception 3a: {(reduce.macs + filters.macs) / 1e6:.0f} million MACs")
print(f"the same 5 x 5 filters without the 1 x 1 before them: {without / 1e6:.0f} million")


# %%
# Where the multiplications are, and where the time goes
# ------------------------------------------------------
# Each stage's part of the network's multiply-accumulates (MACs) beside its part of the time, the fastest of twenty
# runs. If every MAC took as long, the two bars of a stage would be equal; poolings have no MACs at all. Filters of 3
# x 3 and 5 x 5 on large maps take less time than their part, since Winograd's algorithm does fewer multiplications
# than are counted. The first layer of both networks takes more, as three input maps and a stride leave little to be
# reused.


def parts(runner):
    """Return the names of the stages, their part of the MACs and of the time."""
    layers = [
        (stage.name, [layer for branch in stage.branches for layer in branch] if isinstance(stage, Module) else [stage])
        for stage in runner.network.stages
    ]
    macs = np.array([sum(layer.macs for layer in group) for _, group in layers])
    seconds = np.array([sum(runner.seconds[layer.name] for layer in group) for _, group in layers])
    names = [name.removeprefix("inception ") for name, _ in layers]
    return names, macs / macs.sum(), seconds / seconds.sum(), seconds.sum()


figure, every_axes = plt.subplots(1, 2, figsize=(10, 5.4), layout="constrained")
for axes, runner in zip(every_axes, (alexnet, googlenet), strict=True):
    names, macs, seconds, whole = parts(runner)
    places = np.arange(len(names))
    axes.barh(places - 0.2, 100 * macs, 0.4, color="tab:gray", label="MACs")
    axes.barh(places + 0.2, 100 * seconds, 0.4, color="tab:orange", label="time")
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set(xlabel="part of the network (%)", title=f"{runner.network.title}: {1e3 * whole:.1f} ms an image")
    axes.legend(loc="lower right")
    macs_of_all = sum(layer.macs for layer in runner.network.layers)
    print(f"{runner.network.title}: {macs_of_all / 1e6:.0f} million MACs, {1e3 * whole:.1f} ms")

plt.show()
