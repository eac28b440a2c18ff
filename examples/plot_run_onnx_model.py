"""
A model of ONNX on a picture, and what becomes of its nodes
===========================================================

A small network whose weights one can write down: it finds the edges of a picture, tells
their direction, and sharpens the picture. It is an ONNX model as an exporter writes it,
with a batch normalization, paddings and activations as nodes of their own.
:class:`convx.onnx.InferenceSession` runs it. What one learns: how a model is loaded and
run, which of its nodes are left when the session is ready, and how to see where the
time goes.

It needs matplotlib, onnx and scikit-image.
"""

import convx
import matplotlib.pyplot as plt
import numpy as np
import onnx
from matplotlib.colors import hsv_to_rgb
from onnx.numpy_helper import from_array
from onnx.reference import ReferenceEvaluator
from skimage import data

# %%
# Filters
# -------
# The slope of a Gaussian along eight directions, 45 degrees apart: each answers where
# the picture becomes brighter in its own direction. And what a Gaussian takes away from
# a picture, its fine detail.

y, x = np.mgrid[-3:4, -3:4]
bell = np.exp(-(x**2 + y**2) / (2 * 1.5**2))
angles = np.arange(8) * np.pi / 4
slopes = np.stack([bell * (np.cos(a) * x + np.sin(a) * y) for a in angles])
slopes /= np.abs(slopes).sum(axis=(1, 2), keepdims=True) / 2

detail = -bell / bell.sum()
detail[3, 3] += 1

# %%
# The model
# ---------
# ONNX has a language for graphs, which its parser reads. The three colours become one
# brightness; the normalization brings that to the mean 0 and the variance 1 of a usual
# photograph. Two branches follow. Height, width and the number of pictures are open.

text = """
<ir_version: 8, opset_import: ["": 18]>
edges_and_details (float[N,3,H,W] picture)
    => (float[N,8,H,W] rising, float[N,1,H,W] edges, float[N,1,H,W] sharpened)
{
    brightness = Conv(picture, luma)
    grey = BatchNormalization(brightness, gamma, beta, mean, variance)

    wide = Pad<mode="reflect">(grey, three)
    slopes = Conv(wide, slope_filters)
    rising = Relu(slopes)
    edges = ReduceMax<keepdims=1>(rising, channels)

    wide_too = Pad<mode="reflect">(grey, three)
    details = Conv(wide_too, detail_filter)
    sum = Add(details, grey)
    sharpened = Clip(sum, darkest, brightest)
}
"""
constants = {
    "luma": np.array([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1),
    "gamma": np.ones(1),
    "beta": np.zeros(1),
    "mean": np.array([0.45]),
    "variance": np.array([0.05]),
    "slope_filters": slopes[:, None],
    "detail_filter": 2 * detail[None, None],
    "darkest": np.array(-2.0),
    "brightest": np.array(2.0),
}
whole_numbers = {"three": [0, 0, 3, 3, 0, 0, 3, 3], "channels": [1]}
model = onnx.parser.parse_model(text)
for name, array in constants.items():
    model.graph.initializer.append(from_array(np.float32(array), name))
for name, array in whole_numbers.items():
    model.graph.initializer.append(from_array(np.int64(array), name))
onnx.checker.check_model(model)

# %%
# A run
# -----
# The session takes the model, or a file with it, and arrays by the names of inputs.

photograph = data.coffee()
picture = np.float32(photograph.transpose(2, 0, 1)[None] / 255)
session = convx.onnx.InferenceSession(model)
for value in (*session.get_inputs(), *session.get_outputs()):
    print(f"{value.name:10} {value.type:14} {value.shape}")
rising, edges, sharpened = session.run(None, {"picture": picture})

# %%
# Of the eight maps, the largest tells the direction in which the picture becomes
# brighter, drawn as hue; the wheel is the key. How steeply it does is drawn as
# brightness.


def coloured(direction, strength):
    """Return an array (H, W, 3) of colours."""
    hue = direction / 8
    return hsv_to_rgb(np.stack([hue, np.ones_like(hue), strength.clip(0, 1)], axis=-1))


wheel_y, wheel_x = np.mgrid[-1:1:81j, -1:1:81j]
radius = np.hypot(wheel_x, wheel_y)
towards = np.rint(np.arctan2(wheel_y, wheel_x) * 4 / np.pi) % 8
wheel = coloured(towards, np.where((radius > 0.45) & (radius < 1), 1.0, 0.0))

figure, every_axes = plt.subplots(1, 3, figsize=(11, 2.9), layout="constrained")
left, middle, right = every_axes
left.imshow(photograph)
left.set_title("the picture")
strength = edges[0, 0] / np.quantile(edges, 0.99)
middle.imshow(coloured(rising[0].argmax(axis=0), strength))
middle.set_title("its edges and their direction")
middle.inset_axes((0.86, 0.74, 0.13, 0.25)).imshow(wheel)
right.imshow(sharpened[0, 0], cmap="gray", vmin=-2, vmax=2)
right.set_title("its brightness, sharpened")
for axes in (*every_axes, *middle.child_axes):
    axes.set(xticks=[], yticks=[])

# %%
# The same numbers
# ----------------
# ONNX's own evaluator runs node by node, in NumPy.

corner = picture[:, :, :150, :200]
expected = ReferenceEvaluator(model).run(None, {"picture": corner})
actual = session.run(None, {"picture": corner})
for value, theirs, ours in zip(session.get_outputs(), expected, actual, strict=True):
    difference = np.abs(theirs - ours).max()
    print(f"{value.name:9}: largest difference {difference:.1e}")
    assert difference < 1e-5

# %%
# What became of the nodes
# ------------------------
# ``explain`` measures each step and tells what was done to the model. The batch
# normalization went into the weight and bias of the convolution before it. The paddings
# and the ReLU are done by the convolutions beside them, and so are the addition and the
# limits: the last convolution adds ``grey`` to its sums while they are in registers.

report = session.explain({"picture": picture})
print(report)
assert [step.fused for step in report.steps] == [
    ("BatchNormalization",),
    ("Pad", "Relu"),
    (),
    ("Pad", "Add", "Clip"),
]

# %%
# Ten nodes have become four steps. On the left, how many each pass leaves; passes that
# find nothing to do in this model are left out. On the right, the time of each step.

(first, nodes), *passes = report.passes
names, left_over = [first], [nodes]
for name, nodes in passes:
    if nodes < left_over[-1]:
        names.append(name)
        left_over.append(nodes)
assert (left_over[0], left_over[-1]) == (10, 4)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 2.4), layout="constrained")
bars = left.barh(names, left_over, color="tab:gray")
left.bar_label(bars, padding=3)
left.set(title="nodes after each pass", xticks=[])
steps = [" + ".join([step.operator, *step.fused]) for step in report.steps]
bars = right.barh(range(4), [1e3 * s.seconds for s in report.steps], color="tab:orange")
right.bar_label(bars, [step.algorithm for step in report.steps], padding=3)
right.set_yticks(range(4), steps)
right.set(title=f"a run: {1e3 * report.seconds:.2f} ms", xlabel="milliseconds")
right.margins(x=0.15)
for axes in (left, right):
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)

plt.show()
