"""The reference refuses what convx refuses, with the same kind of exception."""

from typing import Any

import convx
import numpy as np
import pytest
from bad_calls import good_call, zeros
from bad_input import TABLE
from checks import Array
from convx import reference
from test_bad_transpose import INPUT, TRANSPOSE
from test_gradient_bad_input import AVERAGES, MAXES, WEIGHTS, good

ONLY_CONVX = {"out", "algorithm"}  # arguments that the reference has not


def refuses(function: str, error: type[Exception], **arguments: Any) -> None:
    for module in (convx, reference):
        with pytest.raises(error) as raised, np.errstate(all="ignore"):
            getattr(module, function)(**arguments)
        assert type(raised.value) is error, f"{module.__name__}: {raised.value!r}"


ROWS = [row for row in TABLE if hasattr(reference, row.function) and not ONLY_CONVX & {*row.arguments}]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_table(row: Any) -> None:
    refuses(row.function, row.error, **{**good_call(row.function), **row.arguments})


@pytest.mark.parametrize("row", [row for row in TRANSPOSE if not ONLY_CONVX & {*row[1]}], ids=lambda row: row[0])
def test_transposed(row: Any) -> None:
    call = {"input": zeros(2, 4, 9, 9), "weight": zeros(4, 6, 3, 3), "bias": zeros(6), **row[1]}
    refuses("conv_transpose2d", row[2], **call)


@pytest.mark.parametrize("row", [row for row in INPUT if not ONLY_CONVX & {*row[2]}], ids=lambda row: row[1])
def test_input_gradient(row: Any) -> None:
    call = {"input_size": (2, 4, 9, 9), "weight": zeros(6, 4, 3, 3), "grad_output": zeros(2, 6, 7, 7), **row[2]}
    refuses("conv2d_input", row[3], **call)


@pytest.mark.parametrize("function", WEIGHTS + AVERAGES + MAXES)
def test_gradients(function: str) -> None:
    size = "weight_size" if function in WEIGHTS else "input_size"
    given = good(function)[size]
    for wrong in ((*given[:-1], 0), (*given[:-1], -1), given[2:], (*given, 1)):
        refuses(function, ValueError, **{**good(function), size: wrong})
    for text in ((*given[:-1], 9.0), (*given[:-1], True), 9, None):
        refuses(function, TypeError, **{**good(function), size: text})
    if function in MAXES:
        return
    for name in ("stride", "dilation", "padding"):
        for bad, error in (
            (-1, ValueError),
            (2**55, ValueError),
            ([], ValueError),
            (2.5, TypeError),
            (True, TypeError),
        ):
            refuses(function, error, **{**good(function), name: bad})
    if function in AVERAGES:
        for changed in ({"padding": 2}, {"divisor_override": 0}, {"kernel_size": 10}):
            refuses(function, ValueError, **{**good(function), **changed})


X = np.ones((1, 4, 6, 6), "float32")
FEW: list[tuple[str, dict[str, Any], type[Exception]]] = [
    ("avg_pool2d", {"input": X, "kernel_size": 3, "padding": 2}, ValueError),
    ("lp_pool2d", {"input": X, "norm_type": 2, "kernel_size": 3, "padding": 2}, ValueError),
    ("lp_pool2d", {"input": X, "norm_type": 0, "kernel_size": 3}, ValueError),
    ("lp_pool2d", {"input": X, "norm_type": True, "kernel_size": 3}, TypeError),
    ("lp_pool2d", {"input": X, "norm_type": "2", "kernel_size": 3}, TypeError),
    ("global_lp_pool", {"input": X, "norm_type": -1.0}, ValueError),
    ("maxout", {"input": X, "pool_size": 3}, ValueError),
    ("maxout", {"input": X, "pool_size": 0}, ValueError),
    ("maxout", {"input": X, "pool_size": True}, TypeError),
    ("maxout", {"input": X, "pool_size": 2, "axis": 4}, ValueError),
    ("maxout", {"input": X, "pool_size": 2, "axis": 1.0}, TypeError),
    ("adaptive_avg_pool2d", {"input": X, "output_size": 0}, ValueError),
    ("adaptive_avg_pool2d", {"input": X, "output_size": (1, 2, 3)}, ValueError),
    ("adaptive_avg_pool2d", {"input": X, "output_size": 2**31}, ValueError),
    ("adaptive_max_pool2d", {"input": X, "output_size": True}, TypeError),
    ("adaptive_max_pool2d", {"input": X, "output_size": "2"}, TypeError),
    ("max_unpool2d", {"input": X, "indices": X.astype("int64"), "kernel_size": 2, "stride": ()}, ValueError),
    ("max_unpool2d", {"input": X, "indices": X.astype("int64"), "kernel_size": 2, "output_size": 20}, ValueError),
    ("max_unpool2d", {"input": X, "indices": X.astype("int64"), "kernel_size": 2, "padding": -1}, ValueError),
    ("max_unpool2d", {"input": X, "indices": X.astype("int32"), "kernel_size": 2}, TypeError),
    ("max_unpool2d", {"input": X, "indices": X.astype("int64"), "kernel_size": 1, "padding": 3}, ValueError),
    ("unfold", {"input": X, "kernel_size": 7}, ValueError),
    ("unfold", {"input": X, "kernel_size": 2, "padding": -1}, ValueError),
    ("unfold", {"input": X, "kernel_size": ()}, ValueError),
    ("unfold", {"input": X, "kernel_size": True}, TypeError),
    ("fold", {"input": np.ones((1, 4, 25), "f4"), "output_size": 5, "kernel_size": 2}, ValueError),
    ("fold", {"input": np.ones((1, 4, 25), "f4"), "output_size": 0, "kernel_size": 2}, ValueError),
    ("fold", {"input": np.ones((1, 4, 25), "f4"), "output_size": 6.0, "kernel_size": 2}, TypeError),
]


@pytest.mark.parametrize(("function", "arguments", "error"), FEW, ids=lambda v: v if isinstance(v, str) else "")
def test_the_others(function: str, arguments: dict[str, Any], error: type[Exception]) -> None:
    refuses(function, error, **arguments)


def deform(**changed: Any) -> dict[str, Any]:
    call: dict[str, Array] = {"input": X, "offset": zeros(1, 18, 4, 4), "weight": zeros(6, 4, 3, 3), "bias": zeros(6)}
    return {**call, **changed}


@pytest.mark.parametrize(
    "changed",
    [
        {"offset": zeros(1, 17, 4, 4)},
        {"offset": zeros(1, 18, 4, 5)},
        {"offset": zeros(2, 18, 4, 4)},
        {"offset": zeros(1, 54, 4, 4)},
        {"mask": zeros(1, 8, 4, 4)},
        {"mask": zeros(1, 18, 4, 4)},
        {"bias": zeros(5)},
        {"bias": zeros(1)},
        {"weight": zeros(6, 3, 3, 3)},
        {"weight": zeros(6, 4, 3)},
        {"stride": 0},
        {"padding": -1},
    ],
    ids=lambda changed: "-".join(changed),
)
def test_deformable(changed: dict[str, Any]) -> None:
    refuses("deform_conv2d", ValueError, **deform(**changed))


BYTES, FILTERS = np.ones((1, 4, 6, 6), "int8"), np.ones((6, 4, 3, 3), "int8")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"groups": 0}, ValueError),
        ({"groups": 2}, ValueError),
        ({"stride": 0}, ValueError),
        ({"padding": 2**40}, ValueError),
        ({"weight": FILTERS[:0]}, ValueError),
        ({"weight": FILTERS[0]}, ValueError),
        ({"bias": np.ones(5, "int32")}, ValueError),
        ({"bias": np.ones(6, "float32")}, TypeError),
        ({"weight": FILTERS.astype("uint64")}, TypeError),
        ({"input": BYTES.astype("float32")}, TypeError),
        ({"activation": ("leaky_relu", 0.5)}, ValueError),
        ({"activation": ("clamp", 2, 1)}, ValueError),
        ({"activation": 3}, TypeError),
    ],
)
def test_integers(changed: dict[str, Any], error: type[Exception]) -> None:
    refuses("conv2d", error, **{"input": BYTES, "weight": FILTERS, **changed})


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"x_zero_point": 300}, ValueError),
        ({"x_zero_point": 1.5}, TypeError),
        ({"x_zero_point": [1, 2]}, ValueError),
        ({"w_zero_point": [0] * 5}, ValueError),
        ({"w": FILTERS.astype("int16")}, TypeError),
        ({"x": BYTES.astype("int32")}, TypeError),
        ({"w": FILTERS[0, 0]}, ValueError),
        ({"groups": 0}, ValueError),
    ],
)
def test_quantized(changed: dict[str, Any], error: type[Exception]) -> None:
    refuses("conv_integer", error, **{"x": BYTES, "w": FILTERS, **changed})
    scales = {"x_scale": 1.0, "w_scale": 1.0, "y_scale": 1.0, "y_zero_point": np.int8(0)}
    zeros_ = {"x_zero_point": 0, "w_zero_point": 0}
    refuses("qlinear_conv", error, **{"x": BYTES, "w": FILTERS, **zeros_, **scales, **changed})


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"x_scale": 0.0}, ValueError),
        ({"y_scale": -1.0}, ValueError),
        ({"w_scale": np.inf}, ValueError),
        ({"w_scale": [1.0] * 5}, ValueError),
        ({"x_scale": "1"}, TypeError),
        ({"y_zero_point": 0}, TypeError),
        ({"y_zero_point": np.int16(0)}, TypeError),
        ({"bias": np.ones(5, "int32")}, ValueError),
        ({"bias": np.full(6, 2**40)}, ValueError),
    ],
)
def test_scales(changed: dict[str, Any], error: type[Exception]) -> None:
    good = {"x": BYTES, "x_scale": 1.0, "x_zero_point": 0, "w": FILTERS, "w_scale": 1.0, "w_zero_point": 0}
    refuses("qlinear_conv", error, **{**good, "y_scale": 1.0, "y_zero_point": np.int8(0), **changed})
