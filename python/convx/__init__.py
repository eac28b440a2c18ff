"""Convolution and pooling of NumPy arrays, as fast as the inference engines, with NumPy as the only dependency.

Arrays are ``(N, C, W)``, ``(N, C, H, W)`` or ``(N, C, D, H, W)``, or with ``data_format="channels_last"`` have ``C`` as
their last axis; float16, bfloat16, float32, float64 or, for convolution, integers; without ``N`` the result has none
either. Names, argument order and defaults follow ``torch.nn.functional``; "convolution" is cross-correlation, as
everywhere in deep learning. :mod:`convx.onnx` holds the operators of ONNX, :mod:`convx.reference` the same functions in
plain NumPy.
"""

from importlib.metadata import version as _version

from convx import onnx, reference
from convx.columns import fold, unfold
from convx.conv import conv1d, conv2d, conv3d
from convx.conv_transpose import conv_transpose1d, conv_transpose2d, conv_transpose3d
from convx.deform import deform_conv1d, deform_conv2d, deform_conv3d
from convx.gradients import (
    conv1d_bias,
    conv1d_weight,
    conv2d_bias,
    conv2d_weight,
    conv3d_bias,
    conv3d_weight,
)
from convx.input_gradient import conv1d_input, conv2d_input, conv3d_input
from convx.integer import QLinearConv, conv_integer, qlinear_conv
from convx.plans import Conv1d, Conv2d, Conv3d
from convx.pooling import (
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
from convx.threads import get_num_threads, num_threads, set_num_threads
from convx.transpose_plans import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from convx.winograd import get_winograd, set_winograd

__version__ = _version("convx")

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "QLinearConv",
    "__version__",
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
    "get_num_threads",
    "get_winograd",
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
    "num_threads",
    "onnx",
    "qlinear_conv",
    "reference",
    "set_num_threads",
    "set_winograd",
    "unfold",
]
