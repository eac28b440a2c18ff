"""
AlexNet and GoogLeNet, layer by layer
=====================================

The convolutions and poolings of two networks that made history, run forward on a
photograph. What one learns: how many maps of what size each layer makes, where the
multiplications are and where the time goes.

:mod:`convx.networks` holds the layers as plain data, from the papers. The trained
weights are not part of convx (those of AlexNet's convolutions alone would be 9
megabytes), so the filters here are random. Sizes, counts and times are those of the
real networks, but the maps mean nothing beyond the first layers.

It needs matplotlib and scikit-image.
"""

import time
from dataclasses import replace
from functools import partial

import convx
import matplotlib.pyplot as plt
import numpy as np
from convx.networks import ALEXNET, GOOGLENET, Module
from skimage import data, transform

# %%
# From a description to a network
# -------------------------------
# Each convolution becomes a plan, :class:`convx.Conv2d`, which packs its weight once. A
# random weight has the variance 2 / (products in a sum), which keeps the size of the
# values from layer to layer when a ReLU follows (He et al., 2015).

random = np.random.default_rng(0)


def callable_layer(layer):
    """Return a function of one array for a layer of `convx.networks`."""
    if layer.kind == "conv":
        weight = random.standard_normal(layer.weight_shape, dtype=np.float32)
        weight *= np.sqrt(2 / layer.fan_in)
        how = {"stride": layer.stride, "padding": layer.padding, "groups": layer.groups}
        return convx.Conv2d(weight, activation="relu", **how)
    how = {"kernel_size": layer.kernel, "stride": layer.stride}
    how |= {"padding": layer.padding, "ceil_mode": layer.ceil_mode}
    return partial(convx.max_pool2d if layer.kind == "max" else convx.avg_pool2d, **how)


class Runner:
    """A network with random weights, which keeps the maps and times of its layers."""

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
            seconds = time.perf_counter() - start
            self.seconds[layer.name] = min(self.seconds[layer.name], seconds)
            self.maps[layer.name] = maps
        return maps

    def __call__(self, maps):
        """Run the network; branches read the same maps, their results are stacked."""
        for stage in self.network.stages:
            if isinstance(stage, Module):
                results = [self.chain(branch, maps) for branch in stage.branches]
                maps = np.concatenate(results, axis=1)
            else:
                maps = self.chain([stage], maps)
            assert maps.shape[1:] == stage.output_shape
        return maps


photograph = data.chelsea()[:, 75:375]


def picture(size):
    """Return the photograph (1, 3, size, size), each colour of mean 0, variance 1."""
    small = transform.resize(photograph, (size, size), anti_aliasing=True)
    maps = np.float32(small.transpose(2, 0, 1)[None])
    maps -= maps.mean(axis=(2, 3), keepdims=True)
    return maps / maps.std(axis=(2, 3), keepdims=True)


# %%
# AlexNet
# -------
# Five convolutions; the second, fourth and fifth in two groups, since the authors had
# two GPUs of 3 GB. Every filter spans all the maps of its group, and conv1 reads all
# three colours.

alexnet = Runner(ALEXNET)
for _ in range(10):
    alexnet(picture(227))

print("layer   maps           parameters   million MACs      ms")
for layer in ALEXNET.layers:
    shape = " x ".join(map(str, layer.output_shape))
    print(f"{layer.name:7} {shape:14} {layer.parameters:10,}", end="")
    print(f"{layer.macs / 1e6:15.1f} {1e3 * alexnet.seconds[layer.name]:7.2f}")
assert sum(layer.parameters for layer in ALEXNET.convolutions) == 2_334_080

# %%
# The maps become smaller and more. Of each convolution, after the ReLU, the six of
# which about half is 0, drawn black.

convolutions = [layer.name for layer in ALEXNET.convolutions]
bare = {"xticks": [], "yticks": []}
figure = plt.figure(figsize=(10, 7.4), layout="constrained")
rows = figure.subplots(5, 7, subplot_kw=bare)
for axes in rows[:, 0]:
    axes.set_axis_off()
rows[0, 0].imshow(photograph)
for row, name in zip(rows, convolutions, strict=True):
    maps = alexnet.maps[name][0]
    shape = " x ".join(map(str, maps.shape))
    row[1].set_title(f"{name}: {shape}", loc="left", fontsize=10)
    chosen = np.abs(np.mean(maps > 0, axis=(1, 2)) - 0.5).argsort()[:6]
    for axes, index in zip(row[1:], chosen, strict=True):
        axes.imshow(maps[index], cmap="gray", vmin=0)

# %%
# GoogLeNet
# ---------
# An inception module runs four branches on the same maps and stacks what they make. A
# filter of 1 x 1 sees one pixel of every map: it mixes maps, and where there are fewer
# filters than maps it makes the 3 x 3 and 5 x 5 filters behind it cheap.

googlenet = Runner(GOOGLENET)
for _ in range(10):
    result = googlenet(picture(224))
assert result.shape == (1, 1024, 1, 1)

module = next(stage for stage in GOOGLENET.stages if stage.name == "inception 3a")
*_, reduce, filters = module.branches[2]
alone = replace(filters, in_channels=reduce.in_channels)
both = reduce.macs + filters.macs
print(f"5 x 5 filters of inception 3a, after 1 x 1: {both / 1e6:.0f} million MACs")
print(f"                               without it: {alone.macs / 1e6:.0f} million")
assert alone.macs > 9 * both


# %%
# Where the multiplications are, and where the time goes
# ------------------------------------------------------
# Each stage's part of the network's multiply-accumulates (MACs) beside its part of the
# time, the fastest of ten runs. If every MAC took as long, the two bars of a stage
# would be equal; poolings have no MACs at all. Filters of 3 x 3 and 5 x 5 on large maps
# take less time than their part, since Winograd's algorithm does fewer multiplications
# than are counted. The first layer of both networks takes more, as three input maps and
# a stride leave little to be reused.


def stages(runner):
    """Return the names, MACs and seconds of the stages of a network."""
    names, macs, seconds = [], [], []
    for stage in runner.network.stages:
        branches = stage.branches if isinstance(stage, Module) else [[stage]]
        layers = [layer for branch in branches for layer in branch]
        names.append(stage.name.removeprefix("inception "))
        macs.append(sum(layer.macs for layer in layers))
        seconds.append(sum(runner.seconds[layer.name] for layer in layers))
    return names, np.array(macs), np.array(seconds)


figure, every_axes = plt.subplots(1, 2, figsize=(10, 5.4), layout="constrained")
for axes, runner in zip(every_axes, (alexnet, googlenet), strict=True):
    names, macs, seconds = stages(runner)
    places, title = np.arange(len(names)), runner.network.title
    for shift, numbers, label in ((-0.2, macs, "MACs"), (0.2, seconds, "time")):
        colour = "tab:gray" if label == "MACs" else "tab:orange"
        percent = 100 * numbers / numbers.sum()
        axes.barh(places + shift, percent, 0.4, color=colour, label=label)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlabel("part of the network (%)")
    axes.set_title(f"{title}: {1e3 * seconds.sum():.1f} ms an image")
    axes.legend(loc="lower right")
    print(f"{title}: {macs.sum() / 1e6:.0f} million MACs, {1e3 * seconds.sum():.1f} ms")

plt.show()
