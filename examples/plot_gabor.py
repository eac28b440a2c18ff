"""
A bank of Gabor filters
=======================

A Gabor filter is a wave under a Gaussian: it answers where the image has stripes of its
direction and width. A bank of them, one for each direction, is one call of ``conv2d``,
and tells at every pixel which way the texture runs. The first layer of a network
trained on photographs tends to learn such filters by itself (Krizhevsky et al., 2012,
figure 3).

It needs matplotlib and scikit-image.
"""

# sphinx_gallery_thumbnail_number = 3

import convx
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import hsv_to_rgb
from skimage import data

# %%
# The bank
# --------
# For each of 16 directions two filters, 29 x 29: an even one (cosine) and an odd one
# (sine). Where a stripe is bright or dark in the middle the even one answers, at its
# flanks the odd one; the root of the sum of their squares answers anywhere on the
# stripes. The mean of each filter is taken off, so that brightness alone gives 0.


def gabor_bank(directions, wavelength, sigma, radius=14):
    """Return the filters (2 * directions, 1, size, size): first the even ones."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    angles = np.pi * np.arange(directions) / directions
    # Angles count against the clock from the horizontal, rows downwards.
    along = x * np.cos(angles)[:, None, None] - y * np.sin(angles)[:, None, None]
    envelope = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    phase = 2 * np.pi * along / wavelength
    bank = np.concatenate([np.cos(phase), np.sin(phase)]) * envelope
    bank -= envelope * (bank.sum(axis=(1, 2), keepdims=True) / envelope.sum())
    return np.float32(bank / np.linalg.norm(bank, axis=(1, 2), keepdims=True))[:, None]


directions = 16
bank = gabor_bank(directions, wavelength=7, sigma=4)
bare = {"xticks": [], "yticks": []}
figure = plt.figure(figsize=(9, 2.7), layout="constrained")
rows = figure.subplots(2, 8, subplot_kw=bare)
for axes, one in zip(rows.flat, bank[::2, 0], strict=True):
    axes.imshow(one, cmap="RdBu_r", vmin=-0.2, vmax=0.2)
for axes, index in zip(rows[0], range(0, directions, 2), strict=True):
    axes.set_title(f"{180 * index / directions:.1f}°", fontsize=10)
rows[0, 0].set_ylabel("even")
rows[1, 0].set_ylabel("odd")
figure.suptitle("The direction in which the wave runs; its stripes are across")

# %%
# From answers to a direction
# ---------------------------
# The energies of all directions are averaged as arrows of doubled angle, for stripes
# that run at 0 and at 180 degrees are the same (Granlund, "In search of a general
# picture processing operator", 1978), and over 9 x 9 pixels by average pooling with
# stride 1. The length of the average says how sure the direction is.


def orientation(image, bank):
    """Return the angle, 0 to pi, and the length of the mean arrow, both (H, W)."""
    answers = convx.conv2d(image[None], bank, padding="same", padding_mode="reflect")
    even, odd = np.split(answers, 2)
    energy = even**2 + odd**2
    doubled = np.exp(2j * np.pi * np.arange(len(energy)) / len(energy))
    arrow = np.tensordot(doubled, energy, 1)
    parts = np.stack([arrow.real, arrow.imag])
    along, up = convx.avg_pool2d(parts, 9, stride=1, padding=4)
    return np.arctan2(up, along) / 2 % np.pi, np.hypot(along, up)


# %%
# Waves of known direction check it: the error is far below the 11 degrees from one
# filter to the next.

y, x = np.mgrid[:64, :64]
errors = []
for degrees in range(0, 180, 5):
    along = x * np.cos(np.radians(degrees)) - y * np.sin(np.radians(degrees))
    angle, _ = orientation(np.float32(np.cos(2 * np.pi * along / 7)), bank)
    error = (np.degrees(angle[20:-20, 20:-20]) - degrees + 90) % 180 - 90
    errors.append(np.abs(error).max())
print(f"waves from 0 to 175 degrees: largest error {max(errors):.3f} degrees")
assert max(errors) < 1

# %%
# A photograph
# ------------
# The hair of a cat has a direction at every point. Hue is the direction in which it
# runs, saturation and brightness how much there is of it.

photograph = data.chelsea()
grey = np.float32(photograph @ [0.299, 0.587, 0.114] / 255)
angle, strength = orientation(grey, bank)
runs = (angle + np.pi / 2) % np.pi
sure = (strength / np.quantile(strength, 0.99)).clip(0, 1) ** 0.3
colours = hsv_to_rgb(np.stack([runs / np.pi, sure, sure], axis=-1))

figure = plt.figure(figsize=(11, 3.3), layout="constrained")
left, middle, right = figure.subfigures(1, 3, width_ratios=(4, 4, 2.2))
for part, picture in ((left, photograph), (middle, colours)):
    part.subplots(subplot_kw=bare).imshow(picture)
left.suptitle("the photograph")
middle.suptitle("the direction of its stripes")
wheel = right.subplots(subplot_kw={"projection": "polar"})
around = np.linspace(0, 2 * np.pi, 361)
colour = around[None, :-1] % np.pi
wheel.pcolormesh(around, [0.55, 1], colour, cmap="hsv", vmin=0, vmax=np.pi)
wheel.set(xticks=np.radians(range(0, 360, 90)), yticks=[], ylim=(0, 1))
wheel.set_title("directions", pad=14)
wheel.grid(visible=False)
wheel.spines["polar"].set_visible(False)

# %%
# Textures
# --------
# Four directions of two textures, and the mean of each answer. Of a wall the joints
# answer, each in its own direction; grass has blades in all.

figure = plt.figure(figsize=(11, 4.6), layout="constrained")
rows = figure.subplots(2, 5, subplot_kw=bare)
for row, name in zip(rows, ("brick", "grass"), strict=True):
    texture = np.float32(getattr(data, name)()[:256, :256] / 255)
    answers = convx.conv2d(texture[None], bank, padding="same", padding_mode="reflect")
    magnitude = np.hypot(*np.split(answers, 2))
    brightest = np.quantile(magnitude, 0.995)
    row[0].imshow(texture, cmap="gray")
    row[0].set_ylabel(name)
    for axes, index in zip(row[1:], range(0, directions, 4), strict=True):
        axes.imshow(magnitude[index], cmap="magma", vmin=0, vmax=brightest)
        degrees, mean = 180 * index / directions, magnitude[index].mean()
        axes.set_title(f"{degrees:.0f}°: mean {mean:.2f}", fontsize=10)
    means = magnitude[::4].mean(axis=(1, 2))
    ratio = means.max() / means.min()
    print(f"{name}: the strongest direction answers {ratio:.1f} times the weakest")
    assert (ratio > 4) == (name == "brick")

plt.show()
