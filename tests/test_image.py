"""filter_image: bit for bit the twin in NumPy, on every instruction set, for every dtype, layout and way to cut it."""

import itertools
from typing import Any

import convx
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from cases import Array, ConvCase
from checks import use_isa
from convx import reference
from random_cases import conv_cases

PIXELS = ("int8", "uint8", "int16", "uint16")
RESULTS = (*PIXELS, "int32", "float32", "float64")
MODES = ("zeros", "reflect", "symmetric", "replicate", "circular")


def pixels(rng: np.random.Generator, dtype: str, shape: Any) -> Array:
    """Any pixels, with areas of one colour and the extremes often among them."""
    limits = np.iinfo(dtype)
    a = np.asarray(rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True))
    extreme = rng.random(a.shape) < 0.1
    a[extreme] = rng.choice([limits.min, limits.max], a.shape)[extreme]
    if rng.random() < 0.3 and a.size:
        a[...] = a.flat[0]
    return a


def weights(rng: np.random.Generator, kind: str, shape: tuple[int, ...]) -> Array:
    """Whole numbers, means whose sums lie on whole numbers, halves that lie between two, or anything."""
    terms = int(np.prod(shape[1:]))
    if kind == "mean":
        return np.full(shape, 1 / terms)
    if kind == "whole":
        return rng.integers(-9, 10, shape)
    if kind == "halves":
        return rng.integers(-9, 10, shape) / 2
    if kind == "bool":
        return rng.random(shape) < 0.5
    return (rng.normal(size=shape) / np.sqrt(terms)).astype("float32" if kind == "float32" else "float64")


def check(got: Array, wanted: Array, arguments: dict[str, Any]) -> None:
    """Integers are equal; floats differ by what a sum of their size may."""
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    if got.dtype.kind != "f":
        np.testing.assert_array_equal(got, wanted)
        return
    size = np.abs(arguments["weight"].astype(float)).reshape(len(arguments["weight"]), -1).sum(1).max()
    largest = max(abs(np.iinfo(arguments["input"].dtype).min), np.iinfo(arguments["input"].dtype).max)
    terms = arguments["weight"][0].size
    np.testing.assert_allclose(got, wanted, rtol=0, atol=np.finfo(got.dtype).eps * (terms + 2) * size * largest)


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(
    case=conv_cases(),
    types=st.tuples(st.sampled_from(PIXELS), st.sampled_from(RESULTS)),
    kind=st.sampled_from(("mean", "whole", "halves", "bool", "float32", "float64")),
    mode=st.sampled_from(MODES),
    last=st.booleans(),
    seed=st.integers(0, 2**20),
)
def test_all_parameters(
    isa_name: str, case: ConvCase, types: tuple[str, str], kind: str, mode: str, last: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    arguments = {
        "input": pixels(rng, types[0], case.input),
        "weight": weights(rng, kind, case.weight),
        "padding_mode": mode,
        "dtype": types[1],
        **case.parameters,
    }
    if last:
        arguments["input"] = np.ascontiguousarray(np.moveaxis(arguments["input"], -case.rank - 1, -1))
        arguments["data_format"] = "channels_last"
    wanted = reference.filter_image(**arguments)
    with use_isa(isa_name):
        check(convx.filter_image(**arguments), wanted, arguments)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 9, 15, 23])
@pytest.mark.parametrize("width", [8, 16, 63, 64, 65, 300, 2100])
def test_widths_and_kernels(isa_name: str, size: int, width: int) -> None:
    rng = np.random.default_rng(size * width)
    for x, y, kind in itertools.product(("uint8", "int16"), ("uint8", "int16", "float32"), ("mean", "whole")):
        arguments = {
            "input": pixels(rng, x, (1, 33, width)),
            "weight": weights(rng, kind, (1, 1, size, size)),
            "padding": "same",
            "padding_mode": "symmetric",
            "dtype": y,
        }
        with use_isa(isa_name):
            check(convx.filter_image(**arguments), reference.filter_image(**arguments), arguments)


def test_views_and_out() -> None:
    rng = np.random.default_rng(0)
    x = pixels(rng, "uint8", (40, 2, 50, 3)).transpose(1, 3, 0, 2)[:, ::-1, ::2, ::-1]
    w = weights(rng, "float64", (3, 1, 3, 3))
    wanted = reference.filter_image(x, w, padding=1, groups=3)
    np.testing.assert_array_equal(convx.filter_image(x, w, padding=1, groups=3), wanted)
    memory = np.zeros((3, 2, 50, 40), "uint8")
    out = memory.transpose(1, 0, 3, 2)[:, :, ::2]
    assert convx.filter_image(x, w, padding=1, groups=3, out=out) is out
    np.testing.assert_array_equal(out, wanted)
    assert not memory[..., 1::2].any()
    same = np.ascontiguousarray(x)
    convx.filter_image(same, w, padding=1, groups=3, out=same)
    np.testing.assert_array_equal(same, wanted)
    swapped = x.astype(">u2")
    np.testing.assert_array_equal(convx.filter_image(swapped, w, padding=1, groups=3, dtype="u1"), wanted)
    assert convx.filter_image(x, w, groups=3, out=np.empty((2, 3, 18, 48), "float32")).dtype == np.float32


def test_limits_and_ties() -> None:
    x = np.array([[0, 1, 2, 3, 255]], "uint8")
    half = np.array([[[0.5]]])
    np.testing.assert_array_equal(convx.filter_image(x, half), [[0, 0, 1, 2, 128]])
    np.testing.assert_array_equal(convx.filter_image(x, -half), [[0, 0, 0, 0, 0]])
    np.testing.assert_array_equal(convx.filter_image(x, 2 * half, dtype="int8"), [[0, 1, 2, 3, 127]])
    big = np.array([[[1e9]]])
    top = np.iinfo("int32").max
    np.testing.assert_array_equal(convx.filter_image(x, big, dtype="int32"), [[0, 10**9, 2 * 10**9, top, top]])
    np.testing.assert_array_equal(convx.filter_image(x, 1e200 * big, dtype="int16"), [[0, *[32767] * 4]])


@pytest.mark.parametrize("x", ["uint8", "uint16"])
@pytest.mark.parametrize("y", ["uint8", "int16", "float32", "float64"])
@pytest.mark.usefixtures("keep_threads")
def test_threads_and_batch_change_no_bit(x: str, y: str) -> None:
    rng = np.random.default_rng(1)
    images, w = pixels(rng, x, (3, 2, 90, 700)), weights(rng, "float64", (4, 1, 11, 9))
    alone = [convx.filter_image(image, w, groups=2, dtype=y) for image in images]
    for threads in (1, 2, 5):
        convx.set_num_threads(threads)
        np.testing.assert_array_equal(convx.filter_image(images, w, groups=2, dtype=y), np.stack(alone))


def test_empty_batch() -> None:
    assert convx.filter_image(np.zeros((0, 1, 5), "uint8"), np.ones((1, 1, 3))).shape == (0, 1, 3)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"input": np.ones((1, 9))}, TypeError, "input must be int8, uint8, int16 or uint16"),
        ({"input": np.ones((1, 9), "int32")}, TypeError, "got dtype int32"),
        ({"dtype": "int64"}, TypeError, "dtype must be int8, uint8, int16, uint16, int32, float32 or float64"),
        ({"dtype": "pixels"}, TypeError, "dtype must name a dtype of NumPy, got 'pixels'"),
        ({"out": np.zeros((1, 7), "float16")}, TypeError, "out must be int8"),
        ({"dtype": "int8", "out": np.zeros((1, 7), "uint8")}, TypeError, "out must have dtype int8"),
        ({"out": np.zeros((1, 8), "uint8")}, ValueError, r"out must have shape \(1, 7\)"),
        ({"weight": np.full((1, 1, 3), np.nan)}, ValueError, "weight must be finite"),
        ({"weight": np.ones(3)}, ValueError, "weight must have 3 to 5 axes"),
        ({"weight": np.ones((1, 1, 3), complex)}, TypeError, "weight must be"),
        ({"stride": 0}, ValueError, "stride must be >= 1"),
        ({"groups": 2}, ValueError, "groups"),
        ({"padding_mode": "mirror"}, ValueError, "padding_mode must be one of"),
        ({"data_format": "NHWC"}, ValueError, "data_format must be"),
        ({"weight": np.ones((1, 1, 10))}, ValueError, "kernel"),
    ],
)
def test_bad_arguments(changed: dict[str, Any], error: type[Exception], message: str) -> None:
    arguments = {"input": np.ones((1, 9), "uint8"), "weight": np.ones((1, 1, 3)), **changed}
    with pytest.raises(error, match=f"^filter_image: .*{message}"):
        convx.filter_image(**arguments)
    if "out" not in changed:
        with pytest.raises(error):
            reference.filter_image(**arguments)
