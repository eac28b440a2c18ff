"""The functions of convx in plain NumPy: the text to learn from, and the oracle of the tests.

A convolution or a pooling is three steps, one line of NumPy each:

1. pad the input (:func:`numpy.pad`);
2. look at it through a sliding window, without copying anything (``sliding_window_view``): each window of ``x`` is one
   output's view of the input;
3. reduce every window to one number: by ``einsum`` with the weights, by maximum, or by mean.

``geometry`` knows where the windows lie, ``arguments`` brings arguments into one form, ``conv`` and ``pooling`` do step
3.
All sums are taken in float64 and rounded once at the end. What the functions of :mod:`convx` refuse is refused here,
too, with the same kind of exception in fewer words.
"""

from convx.reference.columns import fold, unfold
from convx.reference.conv import conv1d, conv2d, conv3d
from convx.reference.conv_transpose import (
    conv1d_input,
    conv2d_input,
    conv3d_input,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from convx.reference.deform import deform_conv1d, deform_conv2d, deform_conv3d
from convx.reference.gradients import (
    conv1d_bias,
    conv1d_weight,
    conv2d_bias,
    conv2d_weight,
    conv3d_bias,
    conv3d_weight,
)
from convx.reference.integer import conv_integer, qlinear_conv
from convx.reference.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    avg_pool1d_backward,
    avg_pool2d,
    avg_pool2d_backward,
    avg_pool3d,
    avg_pool3d_backward,
    global_avg_pool,
    global_lp_pool,
    global_max_pool,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_pool1d,
    max_pool1d_backward,
    max_pool2d,
    max_pool2d_backward,
    max_pool3d,
    max_pool3d_backward,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
    maxout,
)

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "avg_pool1d",
    "avg_pool1d_backward",
    "avg_pool2d",
    "avg_pool2d_backward",
    "avg_pool3d",
    "avg_pool3d_backward",
    "conv1d",
    "conv1d_bias",
    "conv1d_input",
    "conv1d_weight",
    "conv2d",
    "conv2d_bias",
    "conv2d_input",
    "conv2d_weight",
    "conv3d",
    "conv3d_bias",
    "conv3d_input",
    "conv3d_weight",
    "conv_integer",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "deform_conv1d",
    "deform_conv2d",
    "deform_conv3d",
    "fold",
    "global_avg_pool",
    "global_lp_pool",
    "global_max_pool",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool3d",
    "max_pool3d_backward",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "maxout",
    "qlinear_conv",
    "unfold",
]
