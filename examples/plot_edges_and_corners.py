"""
Edges and corners of a photograph, fine and coarse
==================================================

What is an edge depends on how closely one looks. This example looks at a photograph
through Gaussians of four sizes, finds edges where the slope is steepest and where the
Laplacian changes its sign, and corners where the slope turns. What one learns: that
:mod:`convx.ndimage` is used as :mod:`scipy.ndimage` is, with the same results, and
which of its filters do which part of the work.

It needs matplotlib, scipy and scikit-image.
"""

import time

import convx.ndimage as ndi
import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage
from skimage import data

# %%
# The slope, at four scales
# -------------------------
# The slope of a photograph is taken of its Gaussian blur, in one step: by the
# derivatives of the Gaussian, one along each axis. ``gaussian_gradient_magnitude`` is
# the length of the slope. It falls as the blur grows, so each is drawn up to its own
# largest values. The narrow Gaussian sees the grass, the wide one nothing but the
# man and his camera.

photograph = np.float32(data.camera() / 255)
sigmas = (1, 2, 4, 8)
slopes = {sigma: ndi.gaussian_gradient_magnitude(photograph, sigma) for sigma in sigmas}

bare = {"xticks": [], "yticks": []}
figure, every_axes = plt.subplots(
    1, 5, figsize=(11, 2.5), layout="constrained", subplot_kw=bare
)
every_axes[0].imshow(photograph, cmap="gray")
every_axes[0].set_title("the photograph")
for axes, (sigma, slope) in zip(every_axes[1:], slopes.items(), strict=True):
    axes.imshow(slope, cmap="gray_r", vmax=np.quantile(slope, 0.99))
    axes.set_title(f"sigma = {sigma}")

# %%
# Lines of one pixel
# ------------------
# The edge itself is where the slope is steepest, and there the second derivative passes
# through zero (Marr and Hildreth, "Theory of edge detection", 1980). A pixel lies on
# such a passage if the Laplacian of the Gaussian is positive there and negative at a
# neighbour, which the minimum over 3 x 3 pixels tells. Noise has such passages
# everywhere, so only those count where the slope is among the steepest tenth.


def edges(photograph, sigma):
    """Return where the edges are, an array of bool."""
    curvature = ndi.gaussian_laplace(photograph, sigma)
    passes = (curvature > 0) & (ndi.minimum_filter(curvature, 3) < 0)
    return passes & (slopes[sigma] > np.quantile(slopes[sigma], 0.9))


lines = {sigma: edges(photograph, sigma) for sigma in sigmas}
for sigma, line in lines.items():
    print(f"sigma = {sigma}: {line.sum():5} pixels are edges")
counts = [line.sum() for line in lines.values()]
assert counts == sorted(counts, reverse=True)

figure, every_axes = plt.subplots(
    1, 4, figsize=(11, 3), layout="constrained", subplot_kw=bare
)
for axes, (sigma, line) in zip(every_axes, lines.items(), strict=True):
    axes.imshow(line, cmap="gray_r", interpolation="antialiased")
    axes.set_title(f"edges, sigma = {sigma}")

# %%
# Corners
# -------
# At an edge the slope has one direction; at a corner it has several. Averages of its
# products tell (Harris and Stephens, "A combined corner and edge detector", 1988):
# ``sobel`` for the slope, ``gaussian_filter`` for the averages, and ``maximum_filter``
# to keep one pixel of each neighbourhood.

down, right = ndi.sobel(photograph, axis=0), ndi.sobel(photograph, axis=1)
dd, dr, rr = (ndi.gaussian_filter(a, 2) for a in (down**2, down * right, right**2))
answer = dd * rr - dr**2 - 0.05 * (dd + rr) ** 2
peaks = (answer == ndi.maximum_filter(answer, 11)) & (answer > 0.02 * answer.max())
corners = np.argwhere(peaks)
print(f"{len(corners)} corners")
assert 50 < len(corners) < 300

figure, (left, right_axes) = plt.subplots(
    1, 2, figsize=(10, 4.8), layout="constrained", subplot_kw=bare
)
left.imshow(photograph, cmap="gray")
left.plot(corners[:, 1], corners[:, 0], "o", color="tab:orange", markersize=3)
left.set_title("corners")
limit = np.quantile(np.abs(answer), 0.99)
image = right_axes.imshow(answer, cmap="RdBu_r", vmin=-limit, vmax=limit)
right_axes.set_title("the answer: corners red, edges blue")

# %%
# The same from SciPy, and the time
# ---------------------------------
# Only the name of the module differs. Sums of float32 are rounded in another order, so
# the last digits differ too.

how = {
    "gaussian_filter": {"sigma": 4},
    "gaussian_gradient_magnitude": {"sigma": 4},
    "gaussian_laplace": {"sigma": 4},
    "sobel": {},
    "maximum_filter": {"size": 11},
}


def fastest(module, name):
    """Return the result and the milliseconds of the fastest of five calls."""
    function, times = getattr(module, name), []
    for _ in range(5):
        start = time.perf_counter()
        result = function(photograph, **how[name])
        times.append(1e3 * (time.perf_counter() - start))
    return result, min(times)


for name in how:
    theirs, scipy_time = fastest(ndimage, name)
    ours, convx_time = fastest(ndi, name)
    difference = np.abs(theirs - ours).max()
    print(f"{name:27}: scipy {scipy_time:6.2f} ms, convx {convx_time:5.2f} ms", end="")
    print(f", largest difference {difference:.0e}")
    assert difference < 1e-5

plt.show()
