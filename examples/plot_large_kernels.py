"""
Large kernels: out of focus, and what Fourier transforms save
=============================================================

A lens out of focus spreads each point of light over a disc, the image of its aperture.
To imitate that takes a kernel as large as the disc, which is no product of a row and a
column. This example does it to galaxies, and measures how the time grows with the
kernel. What one learns: the definition costs a multiplication for each element of the
kernel, Fourier transforms cost nearly the same for any kernel, and
``algorithm="auto"`` goes from one to the other where that pays.

It needs matplotlib, scipy and scikit-image.
"""

# sphinx_gallery_thumbnail_number = 2

import time
from functools import partial

import convx
import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage, signal
from skimage import data

# %%
# Apertures
# ---------
# A disc, and a hexagon as the six blades of a diaphragm leave it open.

SIZE = 31
y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
blades = np.arange(6) * np.pi / 3
disc = x**2 + y**2 <= 1
hexagon = np.all([np.cos(a) * x + np.sin(a) * y < 0.87 for a in blades], axis=0)

# %%
# Out of focus
# ------------
# A pixel's value is about the root of the light that fell there, power 2.2, and it is
# light that adds up. So the picture is turned to light, spread, and turned back. Each
# colour is a group of its own. Spread over so many pixels light is dim, so the exposure
# is six times as long.

galaxies = data.hubble_deep_field()[150:450, 350:750]


def out_of_focus(picture, aperture):
    """Return a picture (H, W, 3) of uint8 as a lens with this aperture blurs it."""
    light = np.float32(picture / 255) ** 2.2
    kernel = np.tile(np.float32(aperture / aperture.sum()), (3, 1, 1, 1))
    how = {"padding": "same", "padding_mode": "symmetric"}
    how |= {"groups": 3, "data_format": "channels_last"}
    spread = convx.conv2d(light, kernel, **how)
    return (6 * spread).clip(0, 1) ** (1 / 2.2)


bare = {"xticks": [], "yticks": []}
figure, every_axes = plt.subplots(
    1, 3, figsize=(11, 2.9), layout="constrained", subplot_kw=bare
)
pictures = {
    "galaxies": galaxies,
    "through a disc": out_of_focus(galaxies, disc),
    "through a hexagon": out_of_focus(galaxies, hexagon),
}
for axes, (title, picture) in zip(every_axes, pictures.items(), strict=True):
    axes.imshow(picture)
    axes.set_title(title)
for axes, aperture in zip(every_axes[1:], (disc, hexagon), strict=True):
    inset = axes.inset_axes((0.88, 0.84, 0.12, 0.16), **bare)
    inset.imshow(aperture, cmap="gray")

# %%
# The time of a kernel
# --------------------
# One grey picture of 512 x 512 pixels in float32, kernels of random numbers from 3 x 3
# to 63 x 63. :func:`scipy.ndimage.correlate` goes by the definition, in float64, and so
# does ``algorithm="depthwise"``, in float32 with pixels in the lanes of vectors.
# :func:`scipy.signal.oaconvolve` transforms blocks of the picture, as
# ``algorithm="fft"`` does. The fifth is convx as it is called without an algorithm.
# Each time is the least of five calls, or of fewer where those are long.

random = np.random.default_rng(0)
picture = random.random((512, 512), dtype=np.float32)
sizes = (3, 5, 7, 9, 11, 15, 21, 31, 45, 63)


def fastest(function):
    """Return the result and the seconds of the fastest of up to five calls."""
    times = []
    while len(times) < 5 and sum(times) < 0.2:
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return result, min(times)


def by_convx(algorithm):
    """Return a function of a kernel."""

    def run(kernel):
        return convx.conv2d(picture[None], kernel[None, None], algorithm=algorithm)[0]

    return run


def by_ndimage(kernel):
    """Return what lies so far from the border that no pixel is missing."""
    radius = len(kernel) // 2
    inside = slice(radius, -radius)
    return ndimage.correlate(picture, kernel)[inside, inside]


def by_oaconvolve(kernel):
    """Return the same; it turns the kernel over, so it is given one turned over."""
    return signal.oaconvolve(picture, kernel[::-1, ::-1], mode="valid")


ways = {
    "scipy.ndimage.correlate": by_ndimage,
    "scipy.signal.oaconvolve": by_oaconvolve,
    "convx, depthwise": by_convx("depthwise"),
    "convx, fft": by_convx("fft"),
    "convx": by_convx("auto"),
}
kernels = [random.standard_normal((n, n), dtype=np.float32) / n for n in sizes]
milliseconds = {name: [] for name in ways}
for kernel in kernels:
    results = {}
    for name, way in ways.items():
        results[name], seconds = fastest(partial(way, kernel))
        milliseconds[name].append(1e3 * seconds)
    exact = results["scipy.ndimage.correlate"]
    assert all(np.allclose(exact, one, atol=1e-4) for one in results.values())

print("ms of a kernel".ljust(24) + "".join(f"{size:8}" for size in sizes))
for name, times in milliseconds.items():
    print(f"{name:24}" + "".join(f"{one:8.2f}" for one in times))
assert milliseconds["convx"][-1] < milliseconds["convx, depthwise"][-1]
assert milliseconds["convx"][0] < milliseconds["convx, fft"][0]

# %%
# By the definition the time grows with the square of the size, a straight line here. A
# transform's does not: larger kernels waste a larger border of each block, and that is
# all. A plan tells what it takes for a picture of some shape.

plans = [convx.Conv2d(kernel[None, None]) for kernel in kernels]
taken = [plan.algorithm_for(picture[None].shape) for plan in plans]
for size, algorithm in zip(sizes, taken, strict=True):
    print(f"{size:2} x {size:2}: {algorithm}")
assert taken[-1] == "fft"

styles = {
    "scipy.ndimage.correlate": {"color": "tab:gray", "linestyle": "-"},
    "scipy.signal.oaconvolve": {"color": "tab:gray", "linestyle": "--"},
    "convx, depthwise": {"color": "tab:blue", "linestyle": ":"},
    "convx, fft": {"color": "tab:green", "linestyle": ":"},
    "convx": {"color": "tab:orange", "linewidth": 2.5, "marker": "o"},
}
figure, axes = plt.subplots(figsize=(8, 4.4), layout="constrained")
for name, style in styles.items():
    axes.loglog(sizes, milliseconds[name], label=name, **style)
axes.set_xticks(sizes, sizes)
axes.minorticks_off()
axes.set(xlabel="width of the kernel (pixels)", ylabel="milliseconds")
axes.set_title("one kernel over 512 x 512 pixels")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)

plt.show()
