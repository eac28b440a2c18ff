"""Transposed convolution and the input's gradient refuse what is wrong, and say what."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array


def zeros(*shape: int, dtype: str = "float32") -> Array:
    """An array of any shape that takes no memory."""
    return np.broadcast_to(np.zeros((), dtype), shape)


HUGE = 2**55
VE, TE = ValueError, TypeError
TRANSPOSE: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("stride_0", {"stride": 0}, VE, "stride must be >= 1, got 0"),
    ("stride_axis", {"stride": (1, -1)}, VE, "stride must be >= 1, got (1, -1)"),
    ("stride_huge", {"stride": HUGE}, VE, f"stride must be < 2**31, got {HUGE}"),
    ("stride_float", {"stride": 2.5}, TE, "stride must be an int or a sequence of ints, got 2.5"),
    ("stride_bool", {"stride": True}, TE, "stride must be an int"),
    ("stride_three", {"stride": (1, 1, 1)}, VE, "stride must be one int or 2"),
    ("dilation_0", {"dilation": 0}, VE, "dilation must be >= 1, got 0"),
    ("padding_negative", {"padding": -1}, VE, "padding must be >= 0, got -1"),
    ("padding_name", {"padding": "full"}, VE, "padding must be an int"),
    (
        "padding_all",
        {"padding": 6},
        VE,
        "padding must leave an output, got padding (6, 6) of 11 on spatial axis 0: output",
    ),
    ("padding_empty", {"padding": []}, VE, "padding must be one int"),
    ("groups_0", {"groups": 0}, VE, "groups must be >= 1, got 0"),
    ("groups_3", {"groups": 3}, VE, "weight must have a number of in channels divisible by groups=3"),
    ("output_padding_negative", {"output_padding": -1}, VE, "output_padding must be >= 0, got -1"),
    ("output_padding_large", {"output_padding": 1}, VE, "output_padding must be < stride or < dilation, got 1"),
    ("output_padding_axis", {"output_padding": (0, 2), "stride": 2}, VE, "output_padding must be < stride"),
    (
        "output_padding_same",
        {"output_padding": 1, "stride": 2, "padding": "same"},
        VE,
        "output_padding must be 0 where padding",
    ),
    ("output_padding_str", {"output_padding": "1"}, TE, "output_padding must be an int"),
    ("output_padding_none", {"output_padding": None}, TE, "output_padding must be an int"),
    ("both", {"output_padding": 1, "stride": 2, "output_size": 20}, VE, "output_padding must be 0 where output_size"),
    ("output_size_small", {"output_size": 10}, VE, "output_size must be from 11 to 11 on spatial axis 0, got 10"),
    (
        "output_size_large",
        {"output_size": (19, 21), "stride": 2},
        VE,
        "output_size must be from 19 to 20 on spatial axis 1",
    ),
    ("output_size_negative", {"output_size": -1}, VE, "output_size must be from 11 to 11"),
    ("output_size_count", {"output_size": (1, 2, 3)}, VE, "output_size must be one int or 2"),
    ("output_size_same", {"output_size": 9, "padding": "same"}, VE, "output_size must be None where padding is a name"),
    ("output_size_float", {"output_size": 11.0}, TE, "output_size must be an int"),
    ("weight_rank", {"weight": zeros(4, 6, 3)}, VE, "weight must have 4 axes (in channels, out channels / groups"),
    ("weight_empty", {"weight": zeros(4, 0, 3, 3), "bias": None}, VE, "weight must have no empty axis"),
    ("weight_no_taps", {"weight": zeros(4, 6, 3, 0)}, VE, "weight must have no empty axis"),
    (
        "weight_ints",
        {"weight": np.ones((4, 6, 3, 3), int)},
        TE,
        "weight must be float16, bfloat16, float32 or float64 (pass weight.astype('float32')), got dtype int64",
    ),
    (
        "channels",
        {"input": zeros(2, 6, 9, 9)},
        VE,
        "input must have weight.shape[0] = 4 channels, got 6 channels in shape (2, 6, 9, 9)",
    ),
    (
        "channels_last",
        {"data_format": "channels_last"},
        VE,
        "input must have weight.shape[0] = 4 channels (leave data_format out where maps come first), got 9 channels in "
        "shape (2, 4, 9, 9)",
    ),
    ("input_rank", {"input": zeros(9, 9)}, VE, "input must have 4 axes"),
    ("input_empty", {"input": zeros(2, 4, 0, 9)}, VE, "input must have at least one channel and no empty spatial axis"),
    ("bias_in_channels", {"bias": zeros(4)}, VE, "bias must have shape (6,), got shape (4,)"),
    ("bias_2d", {"bias": zeros(1, 6)}, VE, "bias must have shape (6,)"),
    ("activation", {"activation": "gelu"}, VE, "activation must be one of"),
    ("algorithm", {"algorithm": "magic"}, VE, "algorithm must be one of"),
    ("winograd", {"algorithm": "winograd", "stride": 2}, VE, "algorithm must fit each phase"),
    ("data_format", {"data_format": "NHWC"}, VE, "data_format must be"),
    ("overflow", {"input": zeros(2, 4, 9, 2**30), "stride": (1, 2**30)}, VE, "output must be smaller than 2**63 bytes"),
    (
        "overflow_input",
        {"input": zeros(2, 4, 1, 2**50), "stride": 2**31 - 1},
        VE,
        "input and stride must give an output < 2**63",
    ),
    (
        "out_shape",
        {"out": np.zeros((2, 6, 9, 9), "f4")},
        VE,
        "out must have shape (2, 6, 11, 11), got shape (2, 6, 9, 9)",
    ),
    ("out_dtype", {"out": np.zeros((2, 6, 11, 11))}, TE, "out must have dtype float32"),
    ("out_list", {"out": []}, TE, "out must be a numpy.ndarray"),
]


@pytest.mark.parametrize("plan", [False, True], ids=["function", "plan"])
@pytest.mark.parametrize("row", TRANSPOSE, ids=[row[0] for row in TRANSPOSE])
def test_conv_transpose_refuses(row: tuple[str, dict[str, Any], type[Exception], str], plan: bool) -> None:
    _, changed, error, text = row
    arguments = {"weight": zeros(4, 6, 3, 3), "bias": zeros(6), **changed}
    x, out = arguments.pop("input", zeros(2, 4, 9, 9)), arguments.pop("out", None)

    def call() -> None:
        if plan:
            convx.ConvTranspose2d(**arguments)(x, out=out)
        else:
            convx.conv_transpose2d(x, **arguments, out=out)

    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert message.startswith(("ConvTranspose2d: " if plan else "conv_transpose2d: ") + text), message


INPUT: list[tuple[int, str, dict[str, Any], type[Exception], str]] = [
    (
        36,
        "gradient_size",
        {"grad_output": zeros(2, 6, 9, 7)},
        VE,
        "grad_output must have the shape of the convolution's output (2, 6, 7, 7), got shape (2, 6, 9, 7)",
    ),
    (36, "gradient_channels", {"grad_output": zeros(2, 4, 7, 7)}, VE, "grad_output must have the shape"),
    (36, "gradient_batch", {"grad_output": zeros(3, 6, 7, 7)}, VE, "grad_output must have the shape"),
    (36, "gradient_rank", {"grad_output": zeros(6, 7, 7)}, VE, "grad_output must have the shape"),
    (
        36,
        "unbatched",
        {"input_size": (4, 9, 9)},
        VE,
        "grad_output must have the shape of the convolution's output (6, 7, 7)",
    ),
    (
        36,
        "weight_channels",
        {"weight": zeros(6, 5, 3, 3)},
        VE,
        "input_size must have groups * weight.shape[1] = 1 * 5 channels",
    ),
    (36, "weight_groups", {"groups": 2}, VE, "input_size must have groups * weight.shape[1] = 2 * 4 channels"),
    (36, "weight_kernel", {"weight": zeros(6, 4, 3, 4)}, VE, "grad_output must have the shape"),
    (36, "kernel_too_large", {"weight": zeros(6, 4, 3, 10)}, VE, "kernel must fit the padded input"),
    (36, "weight_rank", {"weight": zeros(6, 4, 3)}, VE, "weight must have 4 axes"),
    (
        36,
        "last",
        {"data_format": "channels_last"},
        VE,
        "input_size must have groups * weight.shape[1] = 1 * 4 channels, got (2, 4, 9, 9)",
    ),
    (37, "no_gradient", {"grad_output": zeros(0)}, VE, "grad_output must have the shape"),
    (37, "no_images", {"grad_output": zeros(0, 6, 7, 7)}, VE, "grad_output must have the shape"),
    (37, "no_pixels", {"grad_output": zeros(2, 6, 0, 7)}, VE, "grad_output must have the shape"),
    (37, "no_numbers", {"grad_output": zeros()}, VE, "grad_output must have the shape"),
    (38, "negative_size", {"input_size": (2, 4, -9, 9)}, VE, "input_size must be >= 0, got (2, 4, -9, 9)"),
    (38, "negative_batch", {"input_size": (-2, 4, 9, 9)}, VE, "input_size must be >= 0"),
    (
        38,
        "zero_size",
        {"input_size": (2, 4, 0, 9)},
        VE,
        "input_size must have at least one channel and no empty spatial axis",
    ),
    (38, "zero_channels", {"input_size": (2, 0, 9, 9)}, VE, "input_size must have at least one channel"),
    (38, "few_entries", {"input_size": (9, 9)}, VE, "input_size must have 4 entries"),
    (38, "huge_entries", {"input_size": (2, 4, 2**62, 2**62)}, VE, ""),
    (38, "float", {"input_size": (2, 4, 9.0, 9)}, TE, "input_size must be an int"),
    (38, "none", {"input_size": None}, TE, "input_size must be an int"),
    (0, "stride", {"stride": 0}, VE, "stride must be >= 1"),
    (0, "ints", {"grad_output": np.ones((2, 6, 7, 7), int)}, TE, "grad_output must be float16, bfloat16"),
    (
        0,
        "winograd",
        {"algorithm": "winograd", "stride": 2, "grad_output": zeros(2, 6, 4, 4)},
        VE,
        "algorithm must fit each phase",
    ),
    (0, "out", {"out": np.zeros((2, 4, 9, 8), "f4")}, VE, "out must have shape (2, 4, 9, 9)"),
]


@pytest.mark.parametrize("row", INPUT, ids=[f"row{row[0]}-{row[1]}" for row in INPUT])
def test_conv_input_refuses(row: tuple[int, str, dict[str, Any], type[Exception], str]) -> None:
    _, _, changed, error, text = row
    good = {"input_size": (2, 4, 9, 9), "weight": zeros(6, 4, 3, 3), "grad_output": zeros(2, 6, 7, 7)}
    assert convx.conv2d_input(**good).shape == (2, 4, 9, 9)
    with pytest.raises(error) as raised:
        convx.conv2d_input(**{**good, **changed})
    assert str(raised.value).startswith(f"conv2d_input: {text}"), raised.value


def test_sizes_that_no_memory_holds_are_a_memory_error() -> None:
    with pytest.raises(MemoryError):
        convx.conv_transpose1d(zeros(1, 1, 2**31), zeros(1, 1, 1), stride=2**25)
