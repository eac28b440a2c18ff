"""
Deconvolution by gradient descent
=================================

A photograph that was blurred by a known movement of the camera is restored: one looks
for the image that, blurred in the same way, gives what was recorded. What one learns:
that the gradient of a convolution with respect to its input, ``conv2d_input``, is its
adjoint, and that this is all that is needed to solve for the input; and why one must
stop before the end when the recording has noise.

It needs matplotlib and scikit-image.
"""

import convx
import matplotlib.pyplot as plt
import numpy as np
from skimage import data, transform

# %%
# A blurred photograph
# --------------------
# The camera moves along a bow while the shutter is open. No border mode is needed: a
# recorded pixel is a sum over pixels of the scene, some of which lie outside of the
# recorded frame, so the recording is smaller than the scene. Noise of 0.5 % of full
# scale is added.


def movement(size=21, steps=400):
    """Return how long the camera looks where, (1, 1, size, size), with the sum 1."""
    time = np.linspace(0, 1, steps)
    row = size // 2 + 5 * np.sin(2.2 * time - 0.4)
    column = 2 + (size - 5) * time
    weight = np.zeros((size, size))
    np.add.at(weight, (row.round().astype(int), column.round().astype(int)), 1)
    return np.float32(weight / weight.sum())[None, None]


random = np.random.default_rng(0)
scene = np.float32(transform.resize(data.camera(), (300, 300), anti_aliasing=True))
scene = scene[None]
weight = movement()
sharp = convx.conv2d(scene, weight)
recorded = sharp + 0.005 * random.standard_normal(sharp.shape, dtype=np.float32)

# %%
# The adjoint
# -----------
# Blurring is linear: y = K x. Half the squared error, ``|K x - y|**2 / 2``, has the
# gradient ``K^T (K x - y)`` with respect to x, where ``K^T`` is the adjoint:
# ``<K x, y> = <x, K^T y>`` for every x and y. ``conv2d_input`` computes it.


def blur(image):
    """Return K x."""
    return convx.conv2d(image, weight)


def adjoint(error):
    """Return K^T y."""
    return convx.conv2d_input(scene.shape, weight, error)


x = random.standard_normal(scene.shape, dtype=np.float32)
y = random.standard_normal(recorded.shape, dtype=np.float32)
left, right = np.vdot(np.float64(blur(x)), y), np.vdot(np.float64(x), adjoint(y))
print(f"<K x, y> = {left:.6f}, <x, K^T y> = {right:.6f}")
assert abs(left - right) < 1e-5 * np.linalg.norm(x) * np.linalg.norm(y)

# %%
# Descent
# -------
# The weights are not negative and have the sum 1, so no frequency is amplified and a
# step of length 1 cannot overshoot. Each step starts from a point a little further
# along the last one (Nesterov, 1983), and what no photograph has, brightness below 0
# and above 1, is cut off.


def deconvolve(recorded, steps):
    """Return the image after each step, and the error that was left before it."""
    radius = weight.shape[-1] // 2
    margin = (radius, radius)
    image = ahead = np.pad(recorded, ((0, 0), margin, margin), mode="edge")
    images, losses, momentum = [], [], 1.0
    for _ in range(steps):
        error = blur(ahead) - recorded
        losses.append(0.5 * np.mean(error**2))
        following = np.clip(ahead - adjoint(error), 0, 1)
        momentum, last = (1 + np.sqrt(1 + 4 * momentum**2)) / 2, momentum
        ahead = following + np.float32((last - 1) / momentum) * (following - image)
        image = following
        images.append(image)
    return images, losses


inside = (slice(None), slice(10, -10), slice(10, -10))


def quality(image):
    """Return the peak signal-to-noise ratio in decibels, of the recorded frame."""
    return -10 * np.log10(np.mean((image[inside] - scene[inside]) ** 2))


images, losses = deconvolve(recorded, 200)
noiseless_images, noiseless_losses = deconvolve(sharp, 200)
qualities = np.array([quality(image) for image in images])
noiseless_qualities = np.array([quality(image) for image in noiseless_images])
best = int(qualities.argmax())
before = -10 * np.log10(np.mean((recorded - scene[inside]) ** 2))
print(f"peak signal-to-noise ratio of the recording: {before:.1f} dB")
print(f"restored: {qualities[best]:.1f} dB after {best + 1} steps")
print(f"without noise: {noiseless_qualities[-1]:.1f} dB after {len(losses)} steps")
assert qualities[best] > before + 5
assert noiseless_qualities[-1] > qualities[best]

# %%
# Before and after
# ----------------

figure = plt.figure(figsize=(12, 3.4), layout="constrained")
every_axes = figure.subplots(1, 4, width_ratios=(1, 1, 1, 0.5))
pictures = {
    "the scene": scene[inside],
    f"recorded: {before:.1f} dB": recorded,
    f"restored, {best + 1} steps: {qualities[best]:.1f} dB": images[best][inside],
    "the movement": weight[0],
}
for axes, (title, picture) in zip(every_axes, pictures.items(), strict=True):
    axes.imshow(picture[0], cmap="gray" if len(picture[0]) > 30 else "gray_r", vmin=0)
    axes.set(title=title, xticks=[], yticks=[])

# %%
# When to stop
# ------------
# The error against the recording falls and falls. The distance from the scene does not:
# what the blur left of the fine detail is weaker than the noise, and late steps fit the
# noise. Stopping early is the simplest regularisation. The best step can be told only
# here, where the scene is known; a rule that needs no scene stops when the loss is down
# to that of the noise alone (Morozov, 1966), which is early, but safe.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
steps = np.arange(1, len(losses) + 1)
of_the_noise = 0.5 * 0.005**2
rule = int(np.argmax(np.array(losses) < of_the_noise))
print(f"by Morozov's rule: {qualities[rule]:.1f} dB after {rule + 1} steps")
left.loglog(steps, noiseless_losses, label="without noise")
left.loglog(steps, losses, label="with noise")
left.axhline(of_the_noise, color="tab:gray", linewidth=1, label="the noise alone")
left.set(xlabel="step", ylabel="half the mean squared error")
left.set_title("Loss: blurred again, against the recording")
right.semilogx(steps, noiseless_qualities, label="without noise")
right.semilogx(steps, qualities, label="with noise")
right.plot(best + 1, qualities[best], "o", color="tab:orange", label="the best step")
right.plot(rule + 1, qualities[rule], "o", color="tab:gray", label="Morozov's rule")
right.set(xlabel="step", ylabel="peak signal-to-noise ratio (dB)")
right.set_title("Quality: against the scene")
for axes in (left, right):
    axes.grid(alpha=0.3)
    axes.legend()

# %%
# The same part of the frame: too early, at the best step, too late.

figure, every_axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
for axes, step in zip(every_axes, (5, best + 1, len(images)), strict=True):
    part = images[step - 1][inside][0, 20:140, 70:190]
    axes.imshow(part, cmap="gray", vmin=0, vmax=1)
    axes.set(title=f"step {step}: {qualities[step - 1]:.1f} dB", xticks=[], yticks=[])

plt.show()
