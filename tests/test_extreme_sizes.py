"""Sizes that only zero strides can make, and numbers up to the ends of 64 bits and beyond: refused, or no memory.

Nothing here may take long: an output is refused, tiny, or larger than any memory. A build with
``-fsanitize=signed-integer-overflow`` shows what overflows on the way.
"""

import math
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest
from bad_calls import zeros
from convx import onnx, reference
from every_call import CALLS, ONNX_CALLS, Call, ones
from hypothesis import given, settings
from hypothesis import strategies as st

VAST = 2**48  # bytes and more: no address space has them
HUGE = [
    2**31,
    2**32,
    VAST,
    2**60,
    2**61,
    2**62,
    2**63 - 1,
    2**63,
    2**64,
    10**30,
    0,
    -1,
    -(2**63),
    -(2**63) - 1,
    -(2**64),
]
NUMBERS = st.sampled_from([*HUGE, 1, 2, 3, 2**29, 2**30, 2**31 - 1])
ODD = st.sampled_from([2.5, 1e300, "2", b"2", True, None, np.int64(-3), np.uint64(2**63), np.float32(2), (), [[1]]])
VALUES = NUMBERS | ODD | st.lists(NUMBERS, max_size=5)
BEYOND = st.sampled_from([VAST, *HUGE[3:]])  # a size of these is refused, or allocated in vain
LARGE = BEYOND | ODD | st.lists(st.integers(1, 3), max_size=3).flatmap(lambda few: BEYOND.map(lambda n: [*few, n]))
EVERY = pytest.mark.parametrize("call", CALLS + ONNX_CALLS, ids=lambda call: call.name)


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    """Whatever gets through is a MemoryError soon."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**31, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def is_array(value: object) -> bool:
    return isinstance(value, np.ndarray)


def sizes_output(call: Call, name: str) -> bool:
    """Whether a larger number may make a larger output, so that only numbers beyond all memory end soon."""
    if any(text in name for text in ("padding", "pads", "output", "input_size", "image_shape")):
        return True
    spreads = any(text in call.name for text in ("ranspose", "npool"))
    return spreads and any(text in name for text in ("stride", "dilation", "kernel"))


def raises(call: Call, changed: dict[str, Any]) -> Exception | None:
    """What the call raises, which must be one of three kinds."""
    try:
        with np.errstate(all="ignore"):
            call(**changed)
    except (MemoryError, ValueError, TypeError) as error:
        return error
    return None


@EVERY
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_number_for_any_argument(call: Call, data: st.DataObject) -> None:
    names = [name for name, value in call.arguments.items() if not is_array(value)]
    for name in data.draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []:
        raises(call, {name: data.draw(LARGE if sizes_output(call, name) else VALUES)})


@EVERY
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_vast_arrays(call: Call, data: st.DataObject) -> None:
    """N or C of an array is so large that the output is too, or another array does not fit."""
    name = data.draw(st.sampled_from([name for name, value in call.arguments.items() if is_array(value)]))
    value, axis = call.arguments[name], data.draw(st.integers(0, 1))
    axis = min(axis, value.ndim - 1) if not call.name.endswith("_bias") else 1  # a sum over N has a small output
    shape = list(value.shape)
    shape[axis] = data.draw(st.sampled_from([VAST, 2**52, 2**56, 2**60, 2**62]))
    if math.prod(shape) * value.itemsize >= 2**63:  # NumPy has no such array
        shape[axis] = VAST
    numbers = [n for n, v in call.arguments.items() if not is_array(v) and n not in ("out", "axis")]
    changed = (
        {n: data.draw(VALUES) for n in data.draw(st.lists(st.sampled_from(numbers), max_size=2))} if numbers else {}
    )
    assert raises(call, {**changed, name: zeros(*shape, dtype=value.dtype.name)})


@pytest.mark.parametrize("axes", [(2**59,), (2**60,), (2**20, 2**40), (2**30, 2**30), (2**20, 2**20, 2**20)])
@pytest.mark.parametrize("name", ["max_pool", "avg_pool", "lp_pool", "adaptive_avg_pool", "conv", "conv_transpose"])
def test_vast_spatial_axes(name: str, axes: tuple[int, ...]) -> None:
    call = next(call for call in CALLS if call.name == f"{name}{len(axes)}d")
    changed = {"output_size": None} if "adaptive" in name else {}
    with pytest.raises((ValueError, MemoryError)):
        call(input=zeros(1, 2, *axes, dtype="float16"), **changed)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("plan", ["Conv", "ConvTranspose"])
@pytest.mark.parametrize("kind", ["float32", "float64", "int8", "int32"])
def test_plans_asked_about_vast_shapes(rank: int, plan: str, kind: str) -> None:
    """No array stands behind these sizes."""
    if plan == "ConvTranspose" and kind.startswith("int"):
        pytest.skip("not of integers")
    made = getattr(convx, f"{plan}{rank}d")(ones(2, 2, *[1] * rank, dtype=kind), stride=2**31 - 1)
    for ask in (made.output_shape, made.workspace_bytes, made.algorithm_for):
        for size in (2**59, 2**62, 2**63 - 1):
            with pytest.raises(ValueError, match=r"(input|output) .*2\*\*63"):
                ask((1, 2, *[size] * rank) if size > 2**60 else (16, 2, *[1] * (rank - 1), size))


def test_size_with_a_stride_near_the_end() -> None:
    """int8 has arrays of 2**63 - 1 elements: rounding up overflowed."""
    for arguments in ({"stride": 8, "ceil_mode": True}, {"padding": "same"}, {"stride": 2**31 - 1}):
        with pytest.raises(ValueError, match=r"^max_pool1d: input must be smaller than 2\*\*63 bytes in float64"):
            convx.max_pool1d(zeros(1, 1, 2**63 - 1, dtype="int8"), 1, **arguments)  # type: ignore[call-overload]
    x, where = zeros(1, 1, 2**59, dtype="int8"), zeros(1, 1, 2**59, dtype="int64")
    with pytest.raises(ValueError, match=r"^max_unpool1d: input and stride must give an output < 2\*\*63, got 5764"):
        convx.max_unpool1d(x, where, 2, 2**31 - 1)


def test_one_vast_window() -> None:
    """Its elements are more than int64 counts; the average was -1.1e-19."""
    taps = 2**31 - 2
    x = np.ones((1, 1, 1, 1, 1), "float32")
    average = convx.avg_pool3d(x, taps, padding=taps // 2)
    np.testing.assert_allclose(average, 1 / float(taps) ** 3, rtol=1e-6)
    back = convx.avg_pool3d_backward(x, x.shape, taps, padding=taps // 2)
    np.testing.assert_allclose(back, average)


@pytest.mark.parametrize("kind", ["int8", "int32", "float16", "float32", ">f4", ">i4"])
def test_weights_that_no_memory_holds(kind: str) -> None:
    x, weight = np.ones((1, 3, 9, 9)).astype(kind), np.broadcast_to(np.zeros((), kind), (VAST, 3, 3, 3))
    with pytest.raises(MemoryError):
        convx.conv2d(x, weight)
    if kind == "int8":
        with pytest.raises(MemoryError):
            convx.conv_integer(x, weight)
        with pytest.raises(MemoryError):
            convx.qlinear_conv(x, 1.0, 0, weight, 1.0, 0, 1.0, np.int8(0))
    with pytest.raises(MemoryError):
        convx.Conv2d(weight)
    with pytest.raises(MemoryError):
        convx.maxout(np.broadcast_to(np.zeros((), kind), (4, VAST)), 2, axis=0)


@pytest.mark.parametrize("pool", ["max_pool", "avg_pool", "lp_pool", "max_unpool", "avg_pool backward"])
def test_an_empty_stride_is_refused(pool: str) -> None:
    """torch takes it for "that of the kernel"; here None says so."""
    name = pool.replace(" ", "2d_") if " " in pool else f"{pool}2d"
    call = next(call for call in CALLS if call.name == name)
    with pytest.raises(ValueError, match=rf"^{name}: stride must be .*, or None for that of kernel_size, got \(\)$"):
        call(stride=())
    if hasattr(reference, name):
        with pytest.raises(ValueError, match="stride must have"):
            getattr(reference, name)(**{k: v for k, v in call.arguments.items() if k != "out"} | {"stride": ()})


def test_attributes_beyond_64_bits() -> None:
    x, where = ones(1, 1, 2, 2), np.zeros((1, 1, 2, 2), "int64")
    for size in (2**63, 2**64, 10**30):
        with pytest.raises(
            ValueError, match=rf"^MaxUnpool: kernel_shape must be >= -2\*\*63 and < 2\*\*63, got {size}"
        ):
            onnx.MaxUnpool(x, where, kernel_shape=[size, 2])
    with pytest.raises(ValueError, match=r"^MaxUnpool: output must be smaller than 2\*\*63 bytes in float64"):
        onnx.MaxUnpool(x, where, kernel_shape=[2**62, 2**62])
    with pytest.raises(ValueError, match=r"^ConvTranspose: output must be smaller than 2\*\*63 bytes in float64"):
        onnx.ConvTranspose(x, ones(1, 1, 1, 1), output_shape=[2**62, 2])
    with pytest.raises(ValueError, match=r"^Conv: pads must be 0 with auto_pad VALID"):
        onnx.Conv(x, ones(1, 1, 1, 1), auto_pad="VALID", pads=np.array([1, 0, 0, 0]))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^Conv: auto_pad must be a str"):
        onnx.Conv(x, ones(1, 1, 1, 1), auto_pad=np.array(["VALID", "VALID"]))  # type: ignore[arg-type]
