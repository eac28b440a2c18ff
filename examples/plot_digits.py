"""
Handwritten digits: a network trained in plain NumPy
====================================================

A convolutional network learns to read the 1797 handwritten digits that come with
scikit-learn. Every step of the training is written out: the forward pass, the gradient
of each layer by a function of convx, and the optimiser in a few lines of NumPy. What
one sees: that back-propagation through a network is its layers once more, in reverse
order.

The trained network is part of convx, as :func:`convx.networks.digits`. This program
makes that file::

    python examples/plot_digits.py --write python/convx/networks/digits.npz

It needs matplotlib and scikit-learn.
"""

# sphinx_gallery_thumbnail_number = 3

import sys
import time

import convx
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

# %%
# The data
# --------
# The images have 8 x 8 pixels with values from 0 to 16. Each becomes an array of one
# channel with values from 0 to 1. A quarter of them, chosen by a fixed seed, is kept
# for the test: the network never sees it while it is trained. Both parts hold digits of
# the same writers, so the test says nothing about the hand of someone new.

data = load_digits()
order = np.random.default_rng(0).permutation(len(data.target))
images, labels = np.float32(data.images[order, None] / 16), data.target[order]
test_images, test_labels = images[:450], labels[:450]
train_images, train_labels = images[450:], labels[450:]

# %%
# The network
# -----------
# =================================  ==========  ==========
# layer                              output      parameters
# =================================  ==========  ==========
# image                              1 x 8 x 8            0
# 8 filters 3 x 3, padding 1, ReLU   8 x 8 x 8           80
# max pooling 2 x 2                  8 x 4 x 4            0
# 16 filters 3 x 3, padding 1, ReLU  16 x 4 x 4       1 168
# 10 filters 4 x 4                   10 x 1 x 1       2 570
# =================================  ==========  ==========
#
# The last layer is what other libraries call fully connected: its filters are as large
# as their input, so each gives one number, the score of its class. The weights start at
# random, with the variance 2 / (number of products in a sum) that keeps the size of the
# values from layer to layer (He et al., "Delving deep into rectifiers", 2015).


def initial_parameters(random):
    """Return weight, bias, weight, bias, weight, bias."""
    parameters = []
    for shape in ((8, 1, 3, 3), (16, 8, 3, 3), (10, 16, 4, 4)):
        deviation = np.float32(np.sqrt(2 / np.prod(shape[1:])))
        parameters.append(deviation * random.standard_normal(shape, dtype=np.float32))
        parameters.append(np.zeros(shape[0], np.float32))
    return parameters


def forward(parameters, images):
    """Return the scores, (N, 10, 1, 1), and what the way back needs of each layer."""
    w1, b1, w2, b2, w3, b3 = parameters
    maps1 = convx.conv2d(images, w1, b1, padding=1, activation="relu")
    pooled, winners = convx.max_pool2d(maps1, 2, return_indices=True)
    maps2 = convx.conv2d(pooled, w2, b2, padding=1, activation="relu")
    scores = convx.conv2d(maps2, w3, b3)
    return scores, (maps1, winners, pooled, maps2)


# %%
# The gradient
# ------------
# Softmax turns scores s into probabilities p = exp(s) / sum(exp(s)). The loss is the
# average of -log p of the right class, and its gradient with respect to the scores of
# one image is p - 1 for the right class and p for the others. From there back, each
# layer turns the gradient of its output into that of its parameters and that of its
# input. A ReLU passes it on where its output was positive, max pooling hands it to the
# element that had won.


def loss_and_gradients(parameters, images, labels):
    """Return the mean loss of a batch and its gradient for each parameter."""
    w1, _, w2, _, w3, _ = parameters
    scores, (maps1, winners, pooled, maps2) = forward(parameters, images)
    batch = np.arange(len(labels))
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    loss = -np.log(probabilities[batch, labels]).mean()

    grad3 = probabilities
    grad3[batch, labels] -= 1
    grad3 /= len(labels)
    grad2 = convx.conv2d_input(maps2.shape, w3, grad3) * (maps2 > 0)
    grad_pooled = convx.conv2d_input(pooled.shape, w2, grad2, padding=1)
    grad1 = convx.max_pool2d_backward(grad_pooled, winners, maps1.shape) * (maps1 > 0)
    return loss, [
        convx.conv2d_weight(images, w1.shape, grad1, padding=1),
        convx.conv2d_bias(grad1),
        convx.conv2d_weight(pooled, w2.shape, grad2, padding=1),
        convx.conv2d_bias(grad2),
        convx.conv2d_weight(maps2, w3.shape, grad3),
        convx.conv2d_bias(grad3),
    ]


# %%
# The training
# ------------
# Adam (Kingma and Ba, 2015) divides the running mean of each gradient by the root of
# the running mean of its square, so every parameter takes steps of about the size of
# the rate, which falls to 0 along a cosine. (At a rate of 0.01 the network reads as
# well, but one of its filters never gives more than 0 any more.) Half of the batches
# are shifted by up to a pixel, because a digit stays what it is when it moves.


class Adam:
    """Moves the parameters against their gradients."""

    def __init__(self, parameters):
        self.parameters = parameters
        self.means = [np.zeros_like(parameter) for parameter in parameters]
        self.squares = [np.zeros_like(parameter) for parameter in parameters]
        self.steps = 0

    def step(self, gradients, rate):
        """Take one step; the means start at 0, which the divisors make up for."""
        self.steps += 1
        divisor, square_divisor = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        arrays = zip(self.parameters, gradients, self.means, self.squares, strict=True)
        for parameter, gradient, mean, square in arrays:
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            size = np.sqrt(square / square_divisor) + 1e-8
            parameter -= rate * (mean / divisor) / size


def shifted(images, random):
    """Move a batch by -1, 0 or 1 pixels along each axis."""
    top, left = random.integers(0, 3, size=2)
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return padded[:, :, top : top + 8, left : left + 8]


def accuracy(parameters, images, labels):
    """Return the part of the images whose highest score is that of their label."""
    scores, _ = forward(parameters, images)
    return np.mean(scores[:, :, 0, 0].argmax(axis=1) == labels)


def train(epochs, seed=0, batch_size=32, rate=0.006):
    """Return the parameters; for each epoch the loss, accuracy in training and test."""
    random = np.random.default_rng(seed)
    parameters = initial_parameters(random)
    optimiser = Adam(parameters)
    curve = []
    for epoch in range(epochs):
        losses = []
        shuffled = random.permutation(len(train_labels))
        for start in range(0, len(shuffled), batch_size):
            chosen = shuffled[start : start + batch_size]
            batch, right = train_images[chosen], train_labels[chosen]
            if random.random() < 0.5:
                batch = shifted(batch, random)
            loss, gradients = loss_and_gradients(parameters, batch, right)
            optimiser.step(gradients, rate * (1 + np.cos(np.pi * epoch / epochs)) / 2)
            losses.append(loss)
        in_training = accuracy(parameters, train_images, train_labels)
        in_test = accuracy(parameters, test_images, test_labels)
        curve.append((np.mean(losses), in_training, in_test))
    return parameters, np.array(curve)


start = time.perf_counter()
parameters, curve = train(epochs=40)
seconds = time.perf_counter() - start
reached = curve[-1, 2]
count = sum(parameter.size for parameter in parameters)
print(f"{count} parameters, trained for {len(curve)} epochs in {seconds:.1f} s")
print(f"right: {curve[-1, 1]:.2%} of the {len(train_labels)} images trained on")
print(f"       {reached:.2%} of the other {len(test_labels)}")
assert reached > 0.97

# %%
# The learning curve
# ------------------
# The loss is still falling after the errors have levelled off: the network grows surer
# of what it reads rightly.

epochs = np.arange(1, len(curve) + 1)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
left.semilogy(epochs, curve[:, 0], color="tab:blue")
left.set(xlabel="epoch", ylabel="mean loss", title="Loss in training")
right.plot(epochs, 100 * (1 - curve[:, 1]), color="tab:blue", label="training")
right.plot(epochs, 100 * (1 - curve[:, 2]), color="tab:orange", label="test")
right.set(xlabel="epoch", ylabel="errors (%)", ylim=(0, 10))
right.set_title(f"Errors; {reached:.2%} of the test right at the end")
right.legend()
for axes in (left, right):
    axes.grid(alpha=0.3)

# %%
# What it finds hard
# ------------------
# The eight test images whose right class gets the least probability; in red those that
# are read as another digit.

scores, _ = forward(parameters, test_images)
scores = scores[:, :, 0, 0]
read = scores.argmax(axis=1)
probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
of_the_right_class = probabilities[np.arange(450), test_labels]
print(f"{np.sum(read != test_labels)} of the 450 test images are read wrongly")
figure, every_axes = plt.subplots(2, 4, figsize=(8, 5), layout="constrained")
for axes, index in zip(every_axes.flat, np.argsort(of_the_right_class), strict=False):
    label = test_labels[index]
    axes.imshow(test_images[index, 0], cmap="gray_r")
    if read[index] == label:
        axes.set_title(f"a {label} ({of_the_right_class[index]:.0%})")
    else:
        axes.set_title(f"a {label}, read as {read[index]}", color="tab:red")
    axes.set_axis_off()

# %%
# What it sees
# ------------
# The eight filters of the first layer, blue where they subtract and red where they add;
# and the maps that the layers make of one test image, dark where they are 0.


def show_maps(axes_of_row, maps, title, **how):
    """Draw one map on each axes, and say on the left what they are."""
    for axes, one in zip(axes_of_row, maps, strict=False):
        axes.imshow(one, **how)
    axes_of_row[0].set_ylabel(title, rotation=0, ha="right", va="center")


shown = np.flatnonzero((test_labels == 3) & (read == 3))[0]
_, (maps1, _, pooled, maps2) = forward(parameters, test_images[shown : shown + 1])
figure = plt.figure(figsize=(10, 5.2), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1, 4))
axes = left.subplots(subplot_kw={"xticks": [], "yticks": []})
axes.imshow(test_images[shown, 0], cmap="gray_r")
axes.set_title("the image")
rows = right.subplots(5, 8, subplot_kw={"xticks": [], "yticks": []})
filters = parameters[0][:, 0]
largest = np.abs(filters).max()
show_maps(rows[0], filters, "8 filters", cmap="RdBu_r", vmin=-largest, vmax=largest)
show_maps(rows[1], maps1[0], "layer 1", vmin=0, vmax=maps1.max())
show_maps(rows[2], pooled[0], "pooled", vmin=0, vmax=maps1.max())
show_maps(rows[3], maps2[0, :8], "layer 2", vmin=0, vmax=maps2.max())
show_maps(rows[4], maps2[0, 8:], "", vmin=0, vmax=maps2.max())

# %%
# The file
# --------
# The parameters and the first test image of each digit, as numbers from 0 to 16,
# whichever way it is read.

if sys.argv[1:2] == ["--write"]:
    samples = [np.flatnonzero(test_labels == digit)[0] for digit in range(10)]
    names = ("weight1", "bias1", "weight2", "bias2", "weight3", "bias3")
    np.savez(
        sys.argv[2],
        **dict(zip(names, parameters, strict=True)),
        images=np.uint8(16 * test_images[samples]),
        labels=np.uint8(test_labels[samples]),
    )
    print(f"wrote {sys.argv[2]}")

plt.show()
