"""
An image larger than memory
===========================

The edges of a picture of 20,000 by 20,000 pixels, from one file into another, a piece
at a time. As float32 the picture takes 1.6 GB and its two derivatives 3.2 GB; the
memory in use is measured while they are computed.

:mod:`convx.dask` takes `Dask <https://docs.dask.org>`_ arrays: what is written down
first is only what shall be computed. When it is, every chunk is a task, and
neighbouring chunks exchange the few rows and columns that windows share.

It needs dask, zarr and matplotlib.
"""

import os
import tempfile
import threading
import time
from pathlib import Path

import convx.dask
import dask.array as da
import matplotlib.pyplot as plt
import numpy as np
import zarr

SIZE = int(os.environ.get("CONVX_EXAMPLE_SIZE", 20_000))  # pixels each way
CHUNK = min(1_000, SIZE // 4)

folder = tempfile.TemporaryDirectory()
picture_file, edges_file = (
    str(Path(folder.name) / name) for name in ("picture.zarr", "edges.zarr")
)

# %%
# The picture
# -----------
# Discs of many sizes, with noise over them, painted into a `zarr <https://zarr.dev>`_
# store, which keeps each chunk compressed in a file of its own. Numbers are 8-bit grey
# values.

random = np.random.default_rng(1)
DISCS = np.column_stack(
    [random.uniform(0, SIZE, (80, 2)), SIZE * random.uniform(0.01, 0.1, 80)]
)
GREYS = random.uniform(40, 220, 80).astype(np.float32)


def painted(block_info: dict) -> np.ndarray:
    """Paint one chunk of the picture."""
    (top, bottom), (left, right) = block_info[None]["array-location"]
    y, x = (
        np.arange(top, bottom, dtype=np.float32)[:, None],
        np.arange(left, right, dtype=np.float32),
    )
    grey = np.full((bottom - top, right - left), 128, np.float32)
    for (row, column, radius), shade in zip(DISCS, GREYS, strict=True):
        if (
            top < row + radius
            and row - radius < bottom
            and left < column + radius
            and column - radius < right
        ):
            grey[(y - row) ** 2 + (x - column) ** 2 < radius**2] = shade
    noise = np.random.default_rng([top, left]).standard_normal(grey.shape, np.float32)
    return np.clip(grey + 20 * noise, 0, 255).astype(np.uint8)


chunks = da.core.normalize_chunks(CHUNK, (SIZE, SIZE))
da.map_blocks(
    painted, chunks=chunks, dtype=np.uint8, meta=np.empty((0, 0), np.uint8)
).to_zarr(picture_file)
stored = zarr.open_array(picture_file, mode="r").nbytes_stored()
print(f"{SIZE**2 / 1e6:.0f} MB of pixels, {stored / 1e6:.0f} MB in the file")

# %%
# What shall be computed
# ----------------------
# The derivatives of a Gaussian, across and down, are two filters of 13 by 13 weights:
# noise averages out under them, edges do not. How steep the picture is at each pixel is
# the length of the vector of both. At the picture's border it is continued by its
# mirror image.

SIGMA, REACH = 2.0, 6
along = np.arange(-REACH, REACH + 1)
bell = np.exp(-(along**2) / (2 * SIGMA**2))
across = np.outer(bell, along * bell)
weight = np.stack([across, across.T])[:, None].astype(np.float32)
weight /= np.abs(across).sum() / 2

picture = da.from_zarr(picture_file)
derivatives = convx.dask.conv2d(
    picture[None].astype(np.float32),
    weight,
    padding="same",
    padding_mode="symmetric",
    algorithm="direct",
)
steepness = da.sqrt((derivatives**2).sum(axis=0)).clip(0, 255).astype(np.uint8)
print("picture:    ", picture.shape, "in chunks of", picture.chunksize)
print("derivatives:", derivatives.shape, "in chunks of", derivatives.chunksize)

# %%
# Nothing has been computed so far. The last line of this block does it, with one task
# for each core at a time; a thread beside it looks at the memory that the process has
# in use.


def resident() -> float:
    """Return the memory of this process, in MB, as Linux tells it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def watch(samples: list[tuple[float, float]], done: threading.Event) -> None:
    """Note time and memory twenty times a second."""
    while not done.wait(0.05):
        samples.append((time.perf_counter(), resident()))


samples, done = [(time.perf_counter(), resident())], threading.Event()
watcher = threading.Thread(target=watch, args=(samples, done))
watcher.start()
steepness.to_zarr(edges_file)
done.set()
watcher.join()

# %%
# What it took
# ------------
# Memory stays where it is, however large the picture: it holds the chunks in work, with
# their neighbours' borders.

seconds, memory = np.array(samples).T
seconds -= seconds[0]
whole = {
    "picture and derivatives as float32": 3 * 4 * SIZE**2 / 1e6,
    "picture as float32": 4 * SIZE**2 / 1e6,
}
print(f"{seconds[-1]:.1f} s, at most {memory.max():.0f} MB in use")
print(f"before: {memory[0]:.0f} MB")

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.fill_between(seconds, memory, color="tab:blue", alpha=0.3)
axes.plot(seconds, memory, color="tab:blue", label="memory in use")
for (name, size), colour in zip(whole.items(), ("tab:red", "tab:orange"), strict=True):
    axes.axhline(size, color=colour, linestyle="--", label=f"{name}: {size:,.0f} MB")
axes.axhline(
    memory.max(),
    color="black",
    linewidth=0.8,
    linestyle=":",
    label=f"most in use: {memory.max():,.0f} MB",
)
axes.set(
    xlabel="seconds",
    ylabel="MB",
    xlim=(0, seconds[-1]),
    ylim=(0, None),
    title=f"{SIZE:,} x {SIZE:,} pixels",
)
axes.legend(loc="center right")

# %%
# The result, seen from afar
# --------------------------
# Pooling makes it small enough for a screen: of each square the largest value, so that
# no edge is lost. One corner is shown at full size, with the picture that it was made
# of.

step = SIZE // 500
overview = convx.dask.max_pool2d(da.from_zarr(edges_file)[None], step)[0].compute()
row, column, radius = DISCS[np.argmin(np.abs(DISCS[:, 2] - SIZE * 0.02))]
half = SIZE // 100
top, left = (
    int(np.clip(place - half - radius * 0.7, 0, SIZE - 2 * half))
    for place in (row, column)
)
window = slice(top, top + 2 * half), slice(left, left + 2 * half)

figure, (far, before, after) = plt.subplots(
    1, 3, figsize=(12, 4.2), layout="constrained"
)
far.imshow(
    overview, cmap="gray_r", vmax=0.5 * overview.max(), extent=(0, SIZE, SIZE, 0)
)
far.add_patch(
    plt.Rectangle(
        (left, top), 2 * half, 2 * half, fill=False, color="tab:red", linewidth=1.5
    )
)
far.set(title="steepness, pooled", xticks=[], yticks=[])
for axes, store, title in (
    (before, picture_file, "picture, full size"),
    (after, edges_file, "steepness, full size"),
):
    shades = da.from_zarr(store)[window].compute()
    axes.imshow(shades, cmap="gray" if store == picture_file else "gray_r")
    axes.set(title=title, xticks=[], yticks=[])

# %%
# The bits are those of NumPy
# ---------------------------
# With ``algorithm="direct"`` cutting changes nothing at all: the same window out of the
# uncut picture, computed by :func:`convx.conv2d`, has the same bits.

piece = da.from_zarr(picture_file)[window].compute().astype(np.float32)
uncut = convx.conv2d(piece[None], weight, algorithm="direct")
lazy = derivatives[:, window[0], window[1]][:, REACH:-REACH, REACH:-REACH].compute()
assert np.array_equal(lazy, uncut)
print("equal to the last bit:", uncut.shape)

# %%
# Labelled arrays
# ---------------
# With `xarray <https://docs.xarray.dev>`_, ``apply_ufunc(..., dask="allowed")`` hands
# the whole Dask array to ``convx.dask``, which exchanges what windows share; names of
# axes and coordinates are xarray's part. Where images are in one chunk each,
# ``dask="parallelized"`` with the function of ``convx`` itself does as well.
#
# .. code-block:: python
#
#     xarray.apply_ufunc(
#         convx.dask.conv2d,
#         maps.chunk({"time": 1, "y": 1000, "x": 1000}),  # time, band, y, x
#         kwargs={"weight": weight, "padding": "same"},
#         input_core_dims=[["band", "y", "x"]],
#         output_core_dims=[["map", "y", "x"]],
#         exclude_dims={"y", "x"},
#         dask="allowed",
#     )

folder.cleanup()
plt.show()
