"""
What a convolution layer does with several maps
===============================================

The first layer of a network turns an image into k1 maps. What does the second layer do
with them? Three answers are natural, and only one is what networks do. What one learns:
how each is written with ``conv2d``, how many maps and weights it has, that the sum over
the maps comes before the activation, and when activation and pooling may change places.

It needs matplotlib and scikit-image.
"""

import convx
import matplotlib.pyplot as plt
import numpy as np
from skimage import data

# %%
# The first layer
# ---------------
# One image, k1 = 3 filters of 3 x 3: three maps. Two slopes and a spot, each followed
# by a ReLU. Every layer below reads these maps.

image = np.float32(data.camera()[60:220, 170:330] / 255)[None]
smooth, slope = np.array([1, 2, 1]), np.array([-1, 0, 1])
spot = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
first = np.float32([np.outer(slope, smooth), np.outer(smooth, slope), spot]) / 4
first = first[:, None]
how = {"padding": 1, "padding_mode": "replicate", "activation": "relu"}
maps = convx.conv2d(image, first, **how)
k1, k2 = len(maps), 2

# %%
# Type 1: each filter on each map by itself
# -----------------------------------------
# Two filters of 5 x 5 applied to each of the three maps give 3 * 2 = 6 maps. It is a
# grouped convolution, one group for each map, with the same filters in every group.

ring = np.hypot(*np.mgrid[-2:3, -2:3]) > 1.5
filters = np.float32([np.full((5, 5), 1 / 25), np.where(ring, -1 / 16, 1 / 9)])
filters = filters[:, None]
weight1 = np.tile(filters, (k1, 1, 1, 1))
type1 = convx.conv2d(maps, weight1, padding=2, groups=k1)
assert type1.shape == (k1 * k2, 160, 160)

# %%
# Type 2.1: one filter for all maps, the results added
# ----------------------------------------------------
# Two filters give two maps. Since convolution is linear, this is the convolution of the
# sum of the maps: the maps lose their identity.

weight21 = np.broadcast_to(filters, (k2, k1, 5, 5))
type21 = convx.conv2d(maps, weight21, padding=2)
of_the_sum = convx.conv2d(maps.sum(axis=0, keepdims=True), filters, padding=2)
assert np.allclose(type21, of_the_sum, atol=1e-5)
assert np.allclose(type21, type1.reshape(k1, k2, 160, 160).sum(axis=0), atol=1e-5)

# %%
# Type 2.2: a filter with weights of its own for each map, the results added
# --------------------------------------------------------------------------
# This is the convolution layer of the textbooks and of every framework (Goodfellow,
# Bengio and Courville, "Deep Learning", 2016, equation 9.7), that of AlexNet (three of
# its layers in two groups) and of GoogLeNet: a filter spans all the maps. Here one adds
# the slopes and takes away the spots, the other compares the two slopes.

signs = np.float32([[1, 1, -1], [1, -1, 0]])
weight22 = signs[:, :, None, None] * filters
type22 = convx.conv2d(maps, weight22, padding=2)
parts = [(maps[c : c + 1], weight22[:, c : c + 1]) for c in range(k1)]
shares = [convx.conv2d(one, weight, padding=2) for one, weight in parts]
assert np.allclose(type22, sum(shares), atol=1e-5)

print(f"Type 1:   {len(type1)} maps, {filters.size:3} weights")
print(f"Type 2.1: {len(type21)} maps, {filters.size:3} weights")
print(f"Type 2.2: {len(type22)} maps, {weight22.size:3} weights")


def draw(part, maps, title, **how):
    """Draw maps side by side under a title."""
    part.suptitle(title)
    every_axes = part.subplots(1, len(maps), squeeze=False).flat
    for axes, one in zip(every_axes, maps, strict=True):
        axes.imshow(one, **how)
        axes.set(xticks=[], yticks=[])


signed = {"cmap": "RdBu_r", "vmin": -0.3, "vmax": 0.3}
figure = plt.figure(figsize=(11, 6.8), layout="constrained")
upper, middle, lower = figure.subfigures(3, 1)
left, right = upper.subfigures(1, 2, width_ratios=(1, 3))
draw(left, image, "the image", cmap="gray")
draw(right, maps, "the first layer: 3 maps", cmap="gray", vmax=0.5)
draw(middle, type1, "Type 1: 6 maps, red positive, blue negative", **signed)
left, right = lower.subfigures(1, 2)
draw(left, type21, "Type 2.1: 2 maps", **signed)
draw(right, type22, "Type 2.2: 2 maps", **signed)

# %%
# The activation comes once, after the sum
# ----------------------------------------
# ``activation="relu"`` is applied to the sum over all maps and the bias. Applied to the
# share of each map before the sum it would be another function: negative shares could
# no longer cancel positive ones.

once = np.maximum(type22, 0)
assert np.array_equal(once, convx.conv2d(maps, weight22, padding=2, activation="relu"))
each = sum(np.maximum(share, 0) for share in shares)
differ = np.mean(np.abs(once - each) > 1e-3)
print(f"ReLU after the sum, or on each share: {differ:.0%} of the values differ")
assert differ > 0.1

# %%
# A ReLU and max pooling may change places, a ReLU and average pooling may not
# ----------------------------------------------------------------------------
# A ReLU never turns the order of two numbers round, so the largest stays the largest:
# both orders give the same bits, and after the pooling there are fewer numbers to do it
# for. The average is another matter: negative numbers take part in it only if the ReLU
# comes after.

relu_first = convx.max_pool2d(np.maximum(type22, 0), 2)
pool_first = np.maximum(convx.max_pool2d(type22, 2), 0)
assert relu_first.tobytes() == pool_first.tobytes()
average_relu_first = convx.avg_pool2d(np.maximum(type22, 0), 4)
average_pool_first = np.maximum(convx.avg_pool2d(type22, 4), 0)
print(f"max pooling: {np.mean(relu_first != pool_first):.0%} of the values differ")
differ = np.mean(average_relu_first != average_pool_first)
print(f"average pooling: {differ:.0%} of the values differ")

figure = plt.figure(figsize=(11, 6.2), layout="constrained")
upper, lower = (row.subfigures(1, 2) for row in figure.subfigures(2, 1))
same_scale = {"cmap": "viridis", "vmin": 0, "vmax": 0.3}
draw(upper[0], once, "ReLU once, after the sum over the maps", **same_scale)
draw(upper[1], each, "ReLU on the share of each map: another layer", **same_scale)
draw(lower[0], average_relu_first, "ReLU, then average pooling", **same_scale)
draw(lower[1], average_pool_first, "average pooling, then ReLU", **same_scale)

plt.show()
