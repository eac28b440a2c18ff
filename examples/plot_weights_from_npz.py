"""
A trained network from a NumPy file, and how few bits its weights need
======================================================================

The weights of a network are a handful of arrays, and an ``.npz`` file is a place for
them that needs no other package than NumPy. This example loads one, makes layers of it
and lets them read handwritten digits; then it rounds the weights to ever fewer bits and
counts the errors. What one learns: how a file of arrays becomes a network, and that
float32 is far more than the weights of a trained network need.

It needs matplotlib and scikit-learn.
"""

# sphinx_gallery_thumbnail_number = 2

import io
from pathlib import Path

import convx
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

# %%
# What is in the file
# -------------------
# It is the one that comes with convx, made by ``examples/plot_digits.py``: weights as
# (output maps, input maps, rows, columns) and biases. Beside them lie ten images, which
# are not needed here.

path = Path(convx.networks.__file__).with_name("digits.npz")
with np.load(path) as file:
    parameters = {name: file[name] for name in file if name[:-1] in ("weight", "bias")}
for name, array in parameters.items():
    print(f"{name:8} {array.dtype}  {array.shape!s:14} {array.size:5} numbers")
total = sum(array.size for array in parameters.values())
print(f"{total} parameters")

# %%
# From arrays to layers
# ---------------------
# How the layers are put together is not in the file: one has to know that the first two
# convolutions pad by one pixel and end in a ReLU, and that a max pooling lies between
# them. The last one has a kernel as large as its maps, 4 x 4, and so makes one number
# for each class.


def network(parameters):
    """Return a function from images (N, 1, 8, 8) to scores (N, 10)."""
    weights = [parameters[f"weight{number}"] for number in (1, 2, 3)]
    biases = [parameters[f"bias{number}"] for number in (1, 2, 3)]
    first = convx.Conv2d(weights[0], biases[0], padding=1, activation="relu")
    second = convx.Conv2d(weights[1], biases[1], padding=1, activation="relu")
    last = convx.Conv2d(weights[2], biases[2])

    def scores(images):
        return last(second(convx.max_pool2d(first(images), 2)))[:, :, 0, 0]

    return scores


# %%
# Reading
# -------
# The images come with scikit-learn, with values from 0 to 16. The network was trained
# on 1347 of them; these are the other 450, found again by the seed of that program.

data = load_digits()
test = np.random.default_rng(0).permutation(len(data.target))[:450]
images, labels = np.float32(data.images[test, None] / 16), data.target[test]

scores = network(parameters)(images)
wrong = np.flatnonzero(scores.argmax(axis=1) != labels)
print(f"{len(labels) - len(wrong)} of {len(labels)} images are read right")
assert len(wrong) == 4

# %%
# Softmax makes probabilities of the scores. Beside each image stands how likely the
# network takes it for which digit: above, four that it reads right, and below the four
# that it does not, the right answer in red.

probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
probabilities /= probabilities.sum(axis=1, keepdims=True)
right = [np.flatnonzero(labels == digit)[0] for digit in (2, 5, 6, 7)]
figure = plt.figure(figsize=(10, 4.2), layout="constrained")
parts = figure.subfigures(2, 4, wspace=0.08)
for part, index in zip(parts.flat, [*right, *wrong], strict=True):
    left, bars = part.subplots(1, 2)
    left.imshow(images[index, 0], cmap="gray_r")
    left.set_axis_off()
    label, best = labels[index], scores[index].argmax()
    title = f"a {label}" if label == best else f"a {label}, read as {best}"
    left.set_title(title, fontsize=10)
    colours = [
        "tab:red" if label != best and n == label else "tab:gray" for n in range(10)
    ]
    bars.barh(range(10), probabilities[index], color=colours)
    bars.set(xlim=(0, 1), ylim=(9.6, -0.6), xticks=[], yticks=range(10))
    bars.tick_params(labelsize=7, length=0)
    bars.spines[["top", "right", "bottom"]].set_visible(False)

# %%
# Fewer bits
# ----------
# The weights of one filter are divided by a scale of its own, so that the largest
# becomes the largest whole number of so many bits, and rounded. With 8 bits these are
# -127 ... 127, with 2 bits -1, 0 and 1. The biases, of which there are few, stay as
# they are. The convolution then runs on what is left of the weights.


def rounded(weight, bits):
    """Return the nearest weights that `bits` bits and one scale a filter can say."""
    steps = 2 ** (bits - 1) - 1
    scale = np.abs(weight).max(axis=(1, 2, 3), keepdims=True) / steps
    return np.rint(weight / scale) * scale


def with_bits(bits):
    """Return the parameters, the weights rounded."""
    return {
        name: rounded(array, bits) if array.ndim == 4 else array
        for name, array in parameters.items()
    }


every = range(2, 11)
read = {bits: network(with_bits(bits))(images).argmax(axis=1) for bits in every}
errors = [np.sum(read[bits] != labels) for bits in every]
for bits, count in zip(every, errors, strict=True):
    print(f"{bits:2} bits: {count:3} of 450 wrong")
assert max(errors[every.index(6) :]) <= 6

first = parameters["weight1"]
shown, largest = (10, 4, 3, 2), np.abs(first).max()
figure = plt.figure(figsize=(10, 3.8), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1, 1.1))
axes = left.subplots()
bars = axes.bar(every, errors, color="tab:gray")
axes.bar_label(bars, fontsize=8)
axes.axhline(len(wrong), color="tab:orange", linewidth=1, label="float32")
axes.set(xticks=every, xlabel="bits of a weight", ylabel="wrong, of 450")
axes.spines[["top", "right"]].set_visible(False)
axes.legend()
rows = right.subplots(len(shown), 8, subplot_kw={"xticks": [], "yticks": []})
right.suptitle("the eight filters of the first layer", fontsize=10)
for row, bits in zip(rows, shown, strict=True):
    row[0].set_ylabel(f"{bits} bits", rotation=0, ha="right", va="center")
    for one, (kernel,) in zip(row, rounded(first, bits), strict=True):
        one.imshow(kernel, cmap="RdBu_r", vmin=-largest, vmax=largest)

# %%
# The file again
# --------------
# ``np.savez`` writes arrays by their names; here into memory, in place of a file. Whole
# numbers of 8 bits, one scale a filter and the biases as they are make it a fraction as
# long. What is not weights is the headers of the arrays, about 250 bytes each.


def length(**arrays):
    """Return how many bytes an .npz file with these arrays has."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.tell()


small = {}
for name, array in parameters.items():
    small[name] = array
    if array.ndim == 4:
        scale = np.abs(array).max(axis=(1, 2, 3), keepdims=True) / 127
        small |= {name: np.int8(np.rint(array / scale)), f"scale{name[-1]}": scale}

half = {name: np.float16(array) for name, array in parameters.items()}
for name, arrays in (("float32", parameters), ("float16", half), ("int8", small)):
    print(f"{name}: {length(**arrays):6} bytes")

as_float = {name: np.float32(array) for name, array in half.items()}
assert np.sum(network(as_float)(images).argmax(axis=1) != labels) == len(wrong)

again = dict(parameters)
for number in "123":
    again[f"weight{number}"] = small[f"weight{number}"] * small[f"scale{number}"]
assert np.array_equal(network(again)(images).argmax(axis=1), read[8])

plt.show()
