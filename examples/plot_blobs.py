"""
Finding blobs in a volume
=========================

Round objects of unknown size in a volume, such as cell nuclei under a microscope, are
found by differences of Gaussians: each is a filter that answers most to a bright ball
of its own size. What one learns: how ``conv3d`` with three filters along one axis each
does the work of one large filter, and how ``max_pool3d`` finds local maxima.

The volume is made here, so that what is found can be compared with what is there. It
needs matplotlib and scipy.
"""

from itertools import pairwise

import convx
import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage, spatial

# %%
# A volume with known blobs
# -------------------------
# Sixty Gaussian balls of different sizes at random places, apart from each other, under
# noise whose standard deviation is half of their peak.

random = np.random.default_rng(7)
shape = (64, 128, 128)
placed = []
while len(placed) < 60:
    size = random.uniform(2, 4.5)
    centre = random.uniform(6, np.array(shape) - 6)
    gaps = (np.linalg.norm(centre - c) - 3 * (size + s) for c, s in placed)
    if all(gap > 0 for gap in gaps):
        placed.append((centre, size))
centres, sizes = map(np.array, zip(*placed, strict=True))

volume = 0.5 * random.standard_normal(shape, dtype=np.float32)
grid = np.indices(shape, dtype=np.float32)
for centre, size in zip(centres, sizes, strict=True):
    offset = grid - np.float32(centre)[:, None, None, None]
    volume += np.exp(-np.sum(offset**2, axis=0) / np.float32(2 * size**2))

# %%
# Gaussians along one axis after the other
# ----------------------------------------
# A Gaussian of three variables is the product of three of one, so three convolutions
# with n taps each do the work of one with n * n * n.
# :func:`scipy.ndimage.gaussian_filter` does the same, and gives the same numbers.


def gaussian(sigma):
    """Return a Gaussian out to four standard deviations, with the sum 1."""
    radius = int(4 * sigma + 0.5)
    weight = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return np.float32(weight / weight.sum())


def smooth(volume, sigma):
    """Convolve a volume (D, H, W) with a Gaussian, its border mirrored."""
    maps, weight = volume[None], gaussian(sigma)
    for kernel in ((-1, 1, 1), (1, -1, 1), (1, 1, -1)):
        one = weight.reshape(1, 1, *kernel)
        maps = convx.conv3d(maps, one, padding="same", padding_mode="symmetric")
    return maps[0]


expected = ndimage.gaussian_filter(volume, 3, mode="reflect")
difference = np.abs(smooth(volume, 3) - expected).max()
print(f"smoothing: largest difference from scipy.ndimage {difference:.1e}")
assert difference < 1e-5

# %%
# Differences of Gaussians
# ------------------------
# The difference of two Gaussians whose sizes have the ratio k is close to (k - 1) times
# the Laplacian of a Gaussian times its squared size (Lowe, "Distinctive image features
# from scale-invariant keypoints", 2004, section 3). For a Gaussian ball of size s in
# three dimensions the Laplacian of size t, times t squared, answers at its centre
# with ::
#
#     3 * t**2 * s**3 / (s**2 + t**2) ** 2.5
#
# which is most, 0.56, where t is sqrt(2/3) s.

ratio = 1.2
scales = 1.4 * ratio ** np.arange(8)
smoothed = [smooth(volume, sigma) for sigma in scales]
responses = np.stack([narrow - wide for narrow, wide in pairwise(smoothed)])
middles = np.sqrt(scales[:-1] * scales[1:])

# %%
# Local maxima
# ------------
# ``maxout`` takes the best answer of all seven scales at each voxel: a maximum across
# maps. ``max_pool3d`` with stride 1 takes the best of each voxel's neighbourhood. A
# voxel that equals it is a local maximum in place and in scale. Noise has such maxima
# too, so only those above a threshold count: 0.08, where a ball without noise gives
# about 0.1.

best = convx.maxout(responses, len(responses), axis=0)
neighbourhood = convx.max_pool3d(best, 7, stride=1, padding=3)
candidates = np.argwhere((best == neighbourhood)[0])
answers = best[0][tuple(candidates.T)]
threshold = 0.08
peaks = candidates[answers > threshold]
winners = responses[:, *peaks.T].argmax(axis=0)
found_sizes = middles[winners] * np.sqrt(3 / 2)

# %%
# What was found
# --------------
# A peak counts as right if it lies within three voxels of a centre. Recall is the part
# of the blobs that was found, precision the part of the peaks that are blobs. In the
# volume itself one hardly sees them.


def recall_and_precision(peaks):
    """Return both for the peaks, shape (number, 3)."""
    distances, nearest = spatial.cKDTree(centres).query(peaks)
    hit = len(np.unique(nearest[distances < 3]))
    return hit / len(centres), hit / len(peaks)


distances, nearest = spatial.cKDTree(centres).query(peaks)
right = distances < 3
recall, precision = recall_and_precision(peaks)
print(f"{len(centres)} blobs, {len(peaks)} peaks")
print(f"recall {recall:.1%}, precision {precision:.1%}")
print(f"mean distance from the true centre: {distances[right].mean():.2f} voxels")
assert recall > 0.95
assert precision > 0.95

figure, (left, middle) = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
left.imshow(volume.max(axis=0), cmap="gray")
left.set_title("the volume, its maximum along depth")
middle.imshow(best[0].max(axis=0), cmap="gray")
middle.set_title("the best answer; circles: found, crosses: true")
middle.autoscale(False)
for (_, y, x), size, is_right in zip(peaks, found_sizes, right, strict=True):
    colour = "tab:cyan" if is_right else "tab:red"
    middle.add_patch(plt.Circle((x, y), size, fill=False, color=colour))
middle.plot(centres[:, 2], centres[:, 1], "+", color="tab:orange", markersize=5)
for axes in (left, middle):
    axes.set(xticks=[], yticks=[])

# %%
# The size of a blob is told by the scale that answers most: the scales are a fifth
# apart, and so are the sizes found. The threshold trades one error for the other, and
# under this noise there is room between the two.

true, found = sizes[nearest[right]], found_sizes[right]
figure, (left, middle) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
left.plot([1.8, 4.8], [1.8, 4.8], color="tab:gray", linewidth=1, label="equal")
left.plot(true, found, "o", markersize=4, label="a blob")
left.set(xlabel="true size (voxels)", ylabel="size found (voxels)", title="Sizes")
left.set_aspect("equal")
left.legend()
error = np.abs(found / true - 1).mean()
print(f"mean error of the size: {error:.0%}")
assert error < 0.15

thresholds = np.linspace(0.04, 0.12, 41)
both = [recall_and_precision(candidates[answers > limit]) for limit in thresholds]
middle.plot(thresholds, both, label=["recall", "precision"])
middle.axvline(threshold, color="tab:gray", linewidth=1, label="the one taken")
middle.set(xlabel="threshold", ylim=(0, 1.05), title="Recall and precision")
middle.legend(loc="lower center")

plt.show()
