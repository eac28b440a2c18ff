"""
Blur and edges of a photograph, and what happens at its border
==============================================================

Filters for photographs are convolutions with known weights. This example blurs a colour
photograph and finds its edges, shows what each ``padding_mode`` makes of the border,
and compares every number with :mod:`scipy.ndimage`. What one learns: which border mode
of convx has which name there, and that a wide filter makes the choice visible.

It needs matplotlib, scipy and scikit-image.
"""

import time

import convx
import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage
from skimage import data

# %%
# Blur
# ----
# The photograph is an array of height, width and colour, which
# ``data_format="channels_last"`` takes as it is. Three groups of one channel each, with
# the same filter in all of them, blur red, green and blue without mixing them. A
# Gaussian filter is the product of a column and a row, so two passes of 33 numbers do
# the work of 33 x 33.


def gaussian(sigma):
    """Return a Gaussian out to four standard deviations, with the sum 1."""
    radius = int(4 * sigma + 0.5)
    weight = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return weight / weight.sum()


def blur(photograph, sigma, padding_mode):
    """Blur an array (H, W, C), each colour by itself."""
    weight = gaussian(sigma)
    how = {"padding": "same", "padding_mode": padding_mode}
    how |= {"groups": 3, "data_format": "channels_last"}
    column = np.tile(weight.reshape(1, 1, -1, 1), (3, 1, 1, 1))
    row = np.tile(weight.reshape(1, 1, 1, -1), (3, 1, 1, 1))
    return convx.conv2d(convx.conv2d(photograph, column, **how), row, **how)


photograph = data.chelsea() / 255
blurred = blur(photograph, 4, "symmetric")
expected = ndimage.gaussian_filter(photograph, 4, mode="reflect", axes=(0, 1))
difference = np.abs(blurred - expected).max()
print(f"blur: largest difference from scipy.ndimage {difference:.1e}")
assert difference < 1e-12

# %%
# Edges
# -----
# Sobel's two filters estimate the slope of the brightness along each axis. They are one
# bank of two filters: one image goes in, two maps come out, and the length of the slope
# is the strength of the edge.

brightness = photograph @ [0.299, 0.587, 0.114]
smooth, slope = np.array([1.0, 2.0, 1.0]), np.array([-1.0, 0.0, 1.0])
bank = np.stack([np.outer(slope, smooth), np.outer(smooth, slope)])[:, None]
down, right = convx.conv2d(brightness[None], bank, padding=1, padding_mode="symmetric")
assert np.allclose(down, ndimage.sobel(brightness, axis=0), rtol=0, atol=1e-12)
assert np.allclose(right, ndimage.sobel(brightness, axis=1), rtol=0, atol=1e-12)

figure, every_axes = plt.subplots(1, 3, figsize=(11, 2.7), layout="constrained")
pictures = {
    "the photograph": photograph,
    "blurred, sigma = 4": blurred.clip(0, 1),
    "edges by Sobel": np.hypot(down, right),
}
for axes, (title, picture) in zip(every_axes, pictures.items(), strict=True):
    axes.imshow(picture, cmap="gray_r", vmax=1)
    axes.set(title=title, xticks=[], yticks=[])

# %%
# The border
# ----------
# Near the border a filter asks for pixels that are not there. Five answers are usual,
# and each has two names:
#
# ==================  ==================  =====================================
# convx               scipy.ndimage       beyond the last pixel d of a b c d
# ==================  ==================  =====================================
# ``"zeros"``         ``"constant"``      0 0 0
# ``"replicate"``     ``"nearest"``       d d d
# ``"symmetric"``     ``"reflect"``       d c b, mirrored at the edge
# ``"reflect"``       ``"mirror"``        c b a, mirrored at the last pixel
# ``"circular"``      ``"wrap"``          a b c, from the other side
# ==================  ==================  =====================================
#
# The word ``"reflect"`` means one mode here, as in torch and :func:`numpy.pad`, and
# another there. Below, the upper left corner after a blur with sigma = 12, and its
# difference from ``"replicate"``. Zeros darken the border, the circular mode lets the
# opposite side shine through, and the two mirrors are hard to tell apart.

names = {
    "zeros": "constant",
    "replicate": "nearest",
    "symmetric": "reflect",
    "reflect": "mirror",
    "circular": "wrap",
}
results = {mode: blur(photograph, 12, mode) for mode in names}
for mode, name in names.items():
    expected = ndimage.gaussian_filter(photograph, 12, mode=name, axes=(0, 1))
    difference = np.abs(results[mode] - expected).max()
    print(f"{mode:>10} = {name:8}: largest difference {difference:.1e}")
    assert difference < 1e-12

bare = {"xticks": [], "yticks": []}
figure = plt.figure(figsize=(11, 4.4), layout="constrained")
rows = figure.subplots(2, 5, subplot_kw=bare)
for column, (mode, result) in enumerate(results.items()):
    rows[0, column].imshow(result[:100, :100].clip(0, 1))
    rows[0, column].set_title(mode)
    difference = (result - results["replicate"]).mean(axis=2)[:100, :100]
    image = rows[1, column].imshow(difference, cmap="RdBu_r", vmin=-0.1, vmax=0.1)
rows[0, 0].set_ylabel("corner, 100 x 100")
rows[1, 0].set_ylabel("less 'replicate'")
figure.colorbar(image, ax=rows[1], label="difference", shrink=0.95)

# %%
# Away from the border all modes agree: within the radius of the filter, 48 pixels, they
# differ, and nowhere else. Elsewhere there are roundings, since ``algorithm="auto"``
# takes Fourier transforms for a filter as long as this one, and in those every pixel of
# a tile has a part in every result.

inside = (slice(48, -48), slice(48, -48))
for result in results.values():
    assert np.allclose(result[inside], results["zeros"][inside], rtol=0, atol=1e-14)

# %%
# How long it takes
# -----------------
# A filter that is no product of a column and a row, 15 x 15, over the brightness as
# float32.

weight = np.random.default_rng(0).standard_normal((15, 15)).astype(np.float32)
grey = brightness.astype(np.float32)


def by_scipy():
    """Return the filtered brightness."""
    return ndimage.correlate(grey, weight, mode="reflect")


def by_convx():
    """Return the filtered brightness."""
    how = {"padding": "same", "padding_mode": "symmetric"}
    return convx.conv2d(grey[None], weight[None, None], **how)[0]


for name, function in (("scipy.ndimage", by_scipy), ("convx", by_convx)):
    times = []
    for _ in range(5):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    print(f"{name:13}: {1000 * min(times):6.2f} ms, the fastest of 5 calls")
assert np.allclose(by_scipy(), by_convx(), rtol=0, atol=1e-4)

plt.show()
