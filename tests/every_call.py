"""One good call of every function that takes arrays, by keyword, for tests of what they all must do."""

from collections.abc import Callable
from typing import Any, NamedTuple

import convx
import numpy as np
from convx import onnx


class Call(NamedTuple):
    """A function and arguments that it takes."""

    name: str
    function: Callable[..., Any]
    arguments: dict[str, Any]

    def __call__(self, **changed: Any) -> Any:
        """Call it with some arguments changed."""
        return self.function(**{**self.arguments, **changed})


def ones(*shape: int, dtype: str = "float32") -> Any:
    """An array that works almost everywhere."""
    return np.ones(shape, dtype)


def planned(name: str, input_name: str) -> Callable[..., Any]:
    """A plan's constructor and call in one."""

    def call(**arguments: Any) -> Any:
        x, of_call = arguments.pop(input_name), ("out", "residual")
        given = {key: arguments.pop(key) for key in of_call if key in arguments}
        return getattr(convx, name)(**arguments)(x, **given)

    return call


WINDOW = {"stride": 1, "padding": 0, "dilation": 1}
FORMAT = {"data_format": "channels_first", "out": None}
CONV = {**WINDOW, "groups": 1, "padding_mode": "zeros", "activation": None, "algorithm": "auto", **FORMAT}
BYTES = {"x": ones(1, 2, 5, dtype="uint8"), "w": ones(2, 2, 3, dtype="int8"), "x_zero_point": 0, "w_zero_point": 0}
SCALES = {"x_scale": 1.0, "w_scale": 1.0, "y_scale": 1.0, "y_zero_point": np.uint8(0), "bias": None}


def of_rank(r: int) -> dict[str, dict[str, Any]]:
    """The functions of `r` spatial axes."""
    x, w, b, y = ones(1, 2, *[5] * r), ones(2, 2, *[3] * r), ones(2), ones(1, 2, *[3] * r)
    index, pooled = np.zeros(y.shape, "int64"), {**WINDOW, "kernel_size": 3, "ceil_mode": False, **FORMAT}
    conv = {"input": x, "weight": w, "bias": b, **CONV, "residual": y}
    transposed = {k: v for k, v in conv.items() if k not in ("padding_mode", "residual")}
    transposed |= {"output_padding": 0, "output_size": None}
    integers = {"input": x.astype("int8"), "weight": w.astype("int8"), "bias": b.astype("int32"), **CONV}
    integers["residual"] = None
    integers["activation"] = ("clamp", 0, 100)
    average = {**pooled, "count_include_pad": True, "divisor_override": None}
    largest = {"input": x, **pooled, "return_indices": False}
    unpooled = {"kernel_size": 3, "stride": 1, "padding": 0, "output_size": None, **FORMAT}
    gradient = {"grad_output": y, **WINDOW, "groups": 1, "algorithm": "auto", **FORMAT}
    offset = np.zeros((1, 3**r * r, *[3] * r), "float32")
    deformed = {"offset": offset, "mask": ones(1, 3**r, *[3] * r), **WINDOW, **FORMAT}
    return {
        f"conv{r}d": conv,
        f"Conv{r}d": conv,
        f"conv{r}d integers": integers,
        f"Conv{r}d integers": integers,
        f"conv_transpose{r}d": transposed,
        f"ConvTranspose{r}d": transposed,
        f"conv{r}d_input": {"input_size": x.shape, "weight": w, **gradient},
        f"conv{r}d_weight": {"input": x, "weight_size": w.shape, **gradient},
        f"conv{r}d_bias": {"grad_output": y, **FORMAT},
        f"deform_conv{r}d": {"input": x, "weight": w, "bias": b, **deformed},
        f"max_pool{r}d": largest,
        f"max_pool{r}d indices": {**largest, "return_indices": True},
        f"avg_pool{r}d": {"input": x, **average},
        f"lp_pool{r}d": {"input": x, "norm_type": 2.0, **pooled},
        f"max_unpool{r}d": {"input": y, "indices": index, **unpooled},
        f"max_pool{r}d_backward": {"grad_output": y, "indices": index, "input_size": x.shape, **FORMAT},
        f"avg_pool{r}d_backward": {"grad_output": y, "input_size": x.shape, **average},
        f"adaptive_avg_pool{r}d": {"input": x, "output_size": 2, **FORMAT},
        f"adaptive_max_pool{r}d": {"input": x, "output_size": 2, "return_indices": False, **FORMAT},
    }


X = ones(1, 2, 5)
OTHERS: dict[str, dict[str, Any]] = {
    "global_avg_pool": {"input": X, "keepdims": True, **FORMAT},
    "global_max_pool": {"input": X, "keepdims": True, **FORMAT},
    "global_lp_pool": {"input": X, "norm_type": 2.0, "keepdims": True, **FORMAT},
    "maxout": {"input": X, "pool_size": 2, "axis": 1, "out": None},
    "unfold": {"input": X, "kernel_size": (3,), **WINDOW, **FORMAT},
    "fold": {"input": ones(1, 6, 3), "output_size": (5,), "kernel_size": (3,), **WINDOW, **FORMAT},
    "conv_integer": {**BYTES, **WINDOW, "groups": 1, **FORMAT},
    "qlinear_conv": {**BYTES, **SCALES, **WINDOW, "groups": 1, **FORMAT},
    "QLinearConv": {**BYTES, **SCALES, **WINDOW, "groups": 1, **FORMAT},
    "filter_image": {
        "input": X.astype("uint8"),
        "weight": ones(2, 1, 3),
        **WINDOW,
        "groups": 2,
        "padding_mode": "zeros",
        "dtype": "uint8",
        **FORMAT,
    },
}


def made(name: str, arguments: dict[str, Any]) -> Call:
    """The call of a public name, or of a plan of that name."""
    function = name.split()[0]
    if function[0].isupper():
        return Call(name, planned(function, "x" if function == "QLinearConv" else "input"), arguments)
    return Call(name, getattr(convx, function), arguments)


CALLS = [made(name, a) for r in (1, 2, 3) for name, a in of_rank(r).items()] + [made(*item) for item in OTHERS.items()]

SHARED = {"dilations": [1], "pads": [0, 0], "strides": [1]}
FILTERS = {**SHARED, "auto_pad": "NOTSET", "group": 1, "kernel_shape": [3]}
POOLING = {"X": X, **SHARED, "auto_pad": "NOTSET", "ceil_mode": 0, "kernel_shape": [3]}
W, Y = ones(2, 2, 3), ones(1, 2, 3)
OPERATORS: dict[str, dict[str, Any]] = {
    "AveragePool": {**POOLING, "count_include_pad": 0},
    "CausalConvWithState": {
        "input": X,
        "weight": ones(2, 1, 3),
        "bias": ones(2),
        "past_state": ones(1, 2, 2),
        "activation": "none",
    },
    "Col2Im": {"input": ones(1, 6, 3), "image_shape": [5], "block_shape": [3], **SHARED},
    "Conv": {"X": X, "W": W, "B": ones(2), **FILTERS},
    "ConvInteger": {**BYTES, **FILTERS},
    "ConvTranspose": {"X": X, "W": W, "B": ones(2), **FILTERS, "output_padding": [0], "output_shape": None},
    "DeformConv": {
        "X": X,
        "W": W,
        "offset": np.zeros((1, 3, 3), "float32"),
        "B": ones(2),
        "mask": ones(1, 3, 3),
        **{k: v for k, v in FILTERS.items() if k != "auto_pad"},
        "offset_group": 1,
    },
    "GlobalAveragePool": {"X": X},
    "GlobalLpPool": {"X": X, "p": 2},
    "GlobalMaxPool": {"X": X},
    "LpPool": {**POOLING, "p": 2},
    "MaxPool": {**POOLING, "storage_order": 0, "return_indices": False},
    "MaxUnpool": {
        "X": Y,
        "I": np.array([[[0, 1, 2], [5, 6, 7]]]),
        "output_shape": [1, 2, 6],
        "kernel_shape": [3],
        "pads": [0, 0],
        "strides": [1],
    },
    "QLinearConv": {**BYTES, "B": None, **{k: v for k, v in SCALES.items() if k != "bias"}, **FILTERS},
}
ONNX_CALLS = [Call(f"onnx.{name}", getattr(onnx, name), arguments) for name, arguments in OPERATORS.items()]
