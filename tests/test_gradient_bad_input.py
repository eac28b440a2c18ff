"""Bad input to the gradients: rows 36 to 38 of the table, and what they share with the other functions."""

from typing import Any

import convx
import numpy as np
import pytest
from bad_calls import zeros

WEIGHTS = ("conv1d_weight", "conv2d_weight", "conv3d_weight")
BIASES = ("conv1d_bias", "conv2d_bias", "conv3d_bias")
MAXES = ("max_pool1d_backward", "max_pool2d_backward", "max_pool3d_backward")
AVERAGES = ("avg_pool1d_backward", "avg_pool2d_backward", "avg_pool3d_backward")
EVERY = WEIGHTS + BIASES + MAXES + AVERAGES


def rank_of(function: str) -> int:
    return int(next(c for c in function if c.isdigit()))


def good(function: str) -> dict[str, Any]:
    """Arguments that work: 4 channels, 9 elements along each axis, kernel 3."""
    rank = rank_of(function)
    grad = np.ones((2, 6 if function in WEIGHTS + BIASES else 4, *[7] * rank), "float32")
    if function in WEIGHTS:
        size = (6, 4, *[3] * rank)
        return {"input": np.ones((2, 4, *[9] * rank), "float32"), "weight_size": size, "grad_output": grad}
    if function in BIASES:
        return {"grad_output": grad}
    size = (2, 4, *[9] * rank)
    if function in MAXES:
        return {"grad_output": grad, "indices": np.zeros(grad.shape, "int64"), "input_size": size}
    return {"grad_output": grad, "input_size": size, "kernel_size": 3, "stride": 1}


def refuses(function: str, error: type[Exception], *parts: str, **arguments: Any) -> None:
    out = arguments.get("out")
    before = out.copy() if isinstance(out, np.ndarray) else None
    with pytest.raises(error) as raised:
        getattr(convx, function)(**{**good(function), **arguments})
    message = str(raised.value)
    assert type(raised.value) is error, message
    assert message.startswith(f"{function}: "), message
    missing = [part for part in parts if part not in message]
    assert not missing, f"{missing} not in: {message}"
    if before is not None:
        np.testing.assert_array_equal(out, before)


def with_axis(shape: tuple[int, ...], axis: int, value: int) -> tuple[int, ...]:
    changed = list(shape)
    changed[axis] = value
    return tuple(changed)


@pytest.mark.parametrize("function", EVERY)
def test_good_call_is_good(function: str) -> None:
    getattr(convx, function)(**good(function))


@pytest.mark.parametrize("function", WEIGHTS + AVERAGES)
def test_row36_gradient_of_another_shape(function: str) -> None:
    shape = good(function)["grad_output"].shape
    for axis in range(len(shape)):
        for value in (shape[axis] - 1, shape[axis] + 1):
            wrong = with_axis(shape, axis, value)
            parts = ("grad_output must have shape", f"got shape {wrong}", str(shape))
            if axis < 2 and function in AVERAGES:
                parts = ("must",)
            refuses(function, ValueError, *parts, grad_output=zeros(*wrong))
    for wrong in (shape[1:], shape[:-1], (1, *shape), ()):
        refuses(function, ValueError, "grad_output must", str(wrong), grad_output=zeros(*wrong))


@pytest.mark.parametrize("function", MAXES)
def test_row36_indices_and_sizes_disagree(function: str) -> None:
    rank = rank_of(function)
    shape = good(function)["grad_output"].shape
    for axis in range(len(shape)):
        wrong = with_axis(shape, axis, shape[axis] + 1)
        text = ("indices must have the shape of grad_output", str(shape), f"got shape {wrong}")
        refuses(function, ValueError, *text, indices=np.zeros(wrong, "int64"))
    size = good(function)["input_size"]
    for axis in (0, 1):
        wrong = with_axis(size, axis, 5)
        refuses(function, ValueError, "input_size must have the N and C", str(wrong), input_size=wrong)
    refuses(function, ValueError, "input_size must", input_size=size[1:])
    for wrong in (size[2:], (*size, 1), ()):
        refuses(function, ValueError, f"input_size must have {rank + 2} entries", str(wrong), input_size=wrong)
    plane = 9**rank
    for bad in (plane, -1, 2**62, -(2**63)):
        indices = np.zeros(shape, "int64")
        indices[1, 2, ..., 3] = bad
        text = (f"indices must be in [0, {plane})", f"got {bad}")
        refuses(function, ValueError, *text, indices=indices)
        refuses(function, ValueError, *text, indices=indices, out=np.full(size, 3, "float32"))
    for dtype in ("int32", "uint64", "float64", "bool"):
        refuses(function, TypeError, "indices must have dtype int64", dtype, indices=np.zeros(shape, dtype))


@pytest.mark.parametrize("function", EVERY)
def test_row37_empty_gradient(function: str) -> None:
    shape = good(function)["grad_output"].shape
    for axis in range(1, len(shape)):
        wrong = with_axis(shape, axis, 0)
        refuses(function, ValueError, "grad_output must", str(wrong), grad_output=zeros(*wrong))
    if function in WEIGHTS:
        empty = (0, *shape[1:])
        refuses(function, ValueError, "grad_output must have shape", str(empty), grad_output=zeros(*empty))


@pytest.mark.parametrize("function", WEIGHTS + MAXES + AVERAGES)
def test_row38_sizes_below_one(function: str) -> None:
    name = "weight_size" if function in WEIGHTS else "input_size"
    size = good(function)[name]
    for axis in range(len(size)):
        for value in (-1, -(2**40)) if axis == 0 and function not in WEIGHTS else (0, -1, -(2**40)):
            wrong = with_axis(size, axis, value)
            refuses(function, ValueError, f"{name} must be >= 1", f"got {wrong}", **{name: wrong})
        refuses(function, TypeError, f"{name} must", **{name: (*size[:axis], 2.0, *size[axis + 1 :])})
        refuses(function, ValueError, f"{name} must", str(2**63), **{name: with_axis(size, axis, 2**63)})
    for value in (9, None, "9", 2.5):
        refuses(function, TypeError, f"{name} must", **{name: value})


@pytest.mark.parametrize("function", WEIGHTS)
def test_weight_size_that_does_not_fit(function: str) -> None:
    rank = rank_of(function)
    k = (3,) * rank
    refuses(function, ValueError, "weight_size must have", "divisible by groups=4", weight_size=(6, 1, *k), groups=4)
    refuses(function, ValueError, "groups * weight.shape[1]", "1 * 5", weight_size=(6, 5, *k))
    refuses(function, ValueError, f"weight_size must have {rank + 2} entries", weight_size=(6, 4, *k, 1))
    refuses(function, ValueError, "groups must be >= 1", groups=0)
    refuses(function, ValueError, "kernel must fit the padded input", weight_size=(6, 4, *k[1:], 12))
    refuses(function, ValueError, "smaller than 2**63", weight_size=(6, 4, *k[1:], 2**61))
    refuses(function, ValueError, "smaller than 2**63", weight_size=(2**40, 2**20, *k))


@pytest.mark.parametrize("function", WEIGHTS)
def test_algorithm_names(function: str) -> None:
    for value in ("direct", "", "AUTO"):
        refuses(function, ValueError, "algorithm must be one of 'auto'", "'narrow'", f"'{value}'", algorithm=value)
    for other in (None, 3, b"im2col"):
        refuses(function, TypeError, "algorithm must be a str", repr(other), algorithm=other)


def test_winograd_refuses_other_shapes() -> None:
    x = np.ones((1, 2, 9, 9), "float32")
    for kernel, arguments in [((5, 5), {}), ((3, 3), {"stride": 2}), ((3, 3), {"dilation": 2}), ((1, 3), {})]:
        gy = convx.conv2d(x, np.ones((3, 2, *kernel), "float32"), **arguments)
        with pytest.raises(ValueError, match=r"^conv2d_weight: algorithm must fit .*'winograd' needs"):
            convx.conv2d_weight(x, (3, 2, *kernel), gy, **arguments, algorithm="winograd")


@pytest.mark.parametrize("function", EVERY)
def test_arrays_and_out(function: str) -> None:
    result = getattr(convx, function)(**good(function))
    names = [name for name in ("input", "grad_output") if name in good(function)]
    for name in names:
        for dtype in ("int32", "complex64", "bool", "object", "<U3"):
            refuses(function, TypeError, f"{name} must", **{name: good(function)[name].astype(dtype)})
    shape = result.shape
    for wrong in ((*shape, 1), shape[:-1], with_axis(shape, -1, shape[-1] + 1)):
        refuses(function, ValueError, "out must have shape", str(shape), out=np.full(wrong, 7, "float32"))
    refuses(function, TypeError, "out must have dtype float32", out=np.full(shape, 7, "float64"))
    refuses(function, TypeError, "out must be a numpy.ndarray", out=[1.0])
    refuses(function, ValueError, "out must be writeable", out=zeros(*shape))
    for value in ("NHWC", "", "last"):
        refuses(function, ValueError, "data_format must", value, data_format=value)
    refuses(function, TypeError, "data_format must", data_format=None)


@pytest.mark.parametrize("function", WEIGHTS + AVERAGES)
def test_numbers(function: str) -> None:
    for name in ("stride", "dilation", "padding"):
        low = 0 if name == "padding" else 1
        refuses(function, ValueError, f"{name} must be >= {low}", **{name: low - 1})
        refuses(function, ValueError, f"{name} must be < 2**31", **{name: 2**55})
        refuses(function, ValueError, f"{name} must", **{name: []})
        refuses(function, TypeError, f"{name} must", **{name: 2.5})
        refuses(function, TypeError, f"{name} must", **{name: True})
    if function in AVERAGES:
        refuses(function, ValueError, "divisor_override must not be 0", divisor_override=0)
        refuses(function, ValueError, "padding must be <= half", padding=2)
        refuses(function, ValueError, "kernel must fit the padded input", kernel_size=10)
        refuses(function, TypeError, "ceil_mode must be a bool", ceil_mode=1)
