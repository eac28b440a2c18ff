"""Convolution of integer arrays: exact sums that wrap, on every instruction set and by every algorithm."""

import itertools
from typing import Any

import convx
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from cases import Array, ConvCase
from checks import assert_result, run_python, use_isa
from convx import _core, reference
from random_cases import conv_cases

BYTES = ("int8", "uint8")
DTYPES = (*BYTES, "int16", "uint16", "int32", "uint32", "int64")
ALGORITHMS = ("auto", "reference", "direct", "narrow")
MODES = ("zeros", "reflect", "replicate", "circular", "symmetric")
TYPES = sorted({*itertools.product(BYTES, BYTES), *zip(DTYPES, DTYPES[1:] + DTYPES[:1], strict=True)})


def draw(rng: np.random.Generator, dtype: str, shape: Any) -> Array:
    """Any numbers of the dtype, its extremes often among them."""
    limits = np.iinfo(dtype)
    a = rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)
    a[rng.random(a.shape) < 0.1] = limits.min
    a[rng.random(a.shape) < 0.1] = limits.max
    return a


def arrays(case: ConvCase, x: str, w: str, seed: int = 0) -> tuple[Array, Array, Array | None]:
    rng = np.random.default_rng(seed)
    bias = draw(rng, "int32", case.weight[0]) if case.bias else None
    return draw(rng, x, case.input), draw(rng, w, case.weight), bias


def sum_dtype(x: Array, w: Array) -> str:
    return "int32" if x.itemsize == w.itemsize == 1 else "int64"


@hypothesis.settings(max_examples=120, deadline=None)
@hypothesis.given(
    case=conv_cases(),
    types=st.one_of(st.tuples(st.sampled_from(BYTES), st.sampled_from(BYTES)), st.sampled_from(TYPES)),
    algorithm=st.sampled_from(ALGORITHMS),
    mode=st.sampled_from(MODES),
    last=st.booleans(),
    activation=st.sampled_from([None, "relu", "relu6", ("clamp", -1000, 2**20), ("clamp", 5.0, float("inf"))]),
)
def test_all_parameters(
    integer_isa_name: str,
    case: ConvCase,
    types: tuple[str, str],
    algorithm: str,
    mode: str,
    last: bool,
    activation: Any,
) -> None:
    x, w, b = arrays(case, *types)
    if last:
        x = np.ascontiguousarray(np.moveaxis(x, -case.rank - 1, -1))
    parameters = {**case.parameters, "activation": activation, "padding_mode": mode}
    parameters["data_format"] = ("channels_first", "channels_last")[last]
    if mode != "reflect" or min(x.shape[-case.rank - 1 - last :][::-1][: case.rank + 1]) > 1:
        parameters["padding_mode"] = mode
    expected = getattr(reference, case.function)(x, w, b, **parameters)
    with use_isa(integer_isa_name):
        actual = getattr(convx, case.function)(x, w, b, **parameters, algorithm=algorithm)
        plan = getattr(convx, case.plan)(w, b, **parameters, algorithm=algorithm)
        again = plan(x)
    assert_result(actual, expected.shape, sum_dtype(x, w))
    np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal(again, expected)


def test_reference_is_exact() -> None:
    """The oracle itself against Python's integers."""
    case = ConvCase("small", (2, 4, 5, 6), (6, 2, 3, 2), (2, 1), ((1, 2), (0, 1)), 1, 2)
    for types in TYPES:
        x, w, b = arrays(case, *types)
        assert b is not None
        actual = reference.conv2d(x, w, b, **case.parameters)
        padded = np.pad(x, [(0, 0), (0, 0), (1, 2), (0, 1)])
        modulus = 2 ** (8 * actual.itemsize)
        for n, k, p, q in np.ndindex(*actual.shape):
            window = padded[n, k // 3 * 2 : k // 3 * 2 + 2, 2 * p : 2 * p + 3, q : q + 2]
            exact = sum(int(u) * int(v) for u, v in zip(window.ravel(), w[k].ravel(), strict=True)) + int(b[k])
            assert (int(actual[n, k, p, q]) - exact) % modulus == 0, types


@pytest.mark.parametrize("types", list(itertools.product(BYTES, BYTES)), ids="-".join)
@pytest.mark.parametrize("way", ALGORITHMS)
def test_extremes(integer_isa: str, types: tuple[str, str], way: str) -> None:
    """Where an instruction would saturate: -128 * -128, 255 * -128, 255 * 255 and so on, everywhere at once."""
    for value, factor in itertools.product(*[(np.iinfo(t).min, np.iinfo(t).max) for t in types]):
        for channels, outputs in ((1, 1), (2, 3), (3, 16), (4, 17), (5, 33), (7, 8), (65, 6)):
            x = np.full((1, channels, 5, 19), value, types[0])
            w = np.full((outputs, channels, 3, 3), factor, types[1])
            actual = convx.conv2d(x, w, algorithm=way)
            assert (actual == 9 * channels * int(value) * int(factor)).all(), (value, factor, channels, outputs)


@pytest.mark.parametrize("way", ALGORITHMS[1:])
def test_sums_wrap(integer_isa: str, way: str) -> None:
    """33025 products of 255 * 255 fit int32, 33026 do not; the bias wraps alike."""
    for channels in (33025, 33026, 140001):
        x, w = np.full((channels, 2), 255, "uint8"), np.full((3, channels, 1), 255, "uint8")
        actual = convx.conv1d(x, w, algorithm=way)
        exact = channels * 255 * 255
        assert actual.dtype == np.int32
        assert ((exact - actual.astype(np.int64)) % 2**32 == 0).all()
        assert (actual[0, 0] == exact) == (channels < 33026)
    top = np.array([2**31 - 1, -(2**31)])
    one = np.array([[[1]], [[-1]]], "int8")
    found = convx.conv1d(np.ones((1, 3), "int8"), one, top, algorithm=way)
    np.testing.assert_array_equal(found, [[-(2**31)] * 3, [2**31 - 1] * 3])
    wide = convx.conv1d(np.full((2, 20), 2**62), np.full((1, 2, 1), 3), algorithm=way)
    assert (wide == (6 * 2**62 + 2**63) % 2**64 - 2**63).all()


@pytest.mark.parametrize("way", ALGORITHMS)
def test_deep_sums(integer_isa: str, way: str) -> None:
    """More channels than a cache holds, over every kind of word."""
    rng = np.random.default_rng(1)
    for types in (*itertools.product(BYTES, BYTES), ("int16", "int16")):
        x, w = draw(rng, types[0], (1, 3001, 3, 17)), draw(rng, types[1], (5, 3001, 3, 3))
        np.testing.assert_array_equal(convx.conv2d(x, w, padding=1, algorithm=way), reference.conv2d(x, w, padding=1))


@pytest.mark.parametrize("types", TYPES, ids="-".join)
def test_layouts(integer_isa: str, types: tuple[str, str]) -> None:
    """Any strides, alignment and byte order give what the contiguous array gives."""
    rng = np.random.default_rng(2)
    x, w = draw(rng, types[0], (2, 6, 9, 40)), draw(rng, types[1], (5, 6, 3, 3))
    expected = reference.conv2d(x, w, padding=1)
    room = np.zeros((4, 12, 18, 80), types[0])
    room[::2, ::2, ::2, ::2] = x
    shifted = np.zeros(x.nbytes + 1, "uint8")[1:].view(types[0]).reshape(x.shape)
    shifted[...] = x
    swapped = x.astype(x.dtype.newbyteorder())
    views = {
        "strided": room[::2, ::2, ::2, ::2],
        "reversed": np.ascontiguousarray(x[::-1, ::-1, ::-1, ::-1])[::-1, ::-1, ::-1, ::-1],
        "fortran": np.asfortranarray(x),
        "channels behind": np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
        "misaligned": shifted,
        "swapped": swapped,
    }
    for name, view in views.items():
        for algorithm in ALGORITHMS[1:]:
            actual = convx.conv2d(view, np.asfortranarray(w), padding=1, algorithm=algorithm)
            np.testing.assert_array_equal(actual, expected, name)
    row = np.broadcast_to(x[:, :, :1], x.shape)
    np.testing.assert_array_equal(convx.conv2d(row, w), reference.conv2d(row, w))
    locked = x.copy()
    locked.flags.writeable = False
    np.testing.assert_array_equal(convx.conv2d(locked, w.tolist() if types[1] == "int64" else w, padding=1), expected)


def test_threads_give_the_same_bits(integer_isa: str, keep_threads: int) -> None:
    case = ConvCase("shared", (3, 64, 30, 30), (70, 64, 3, 3), 1, 1)
    x, w, b = arrays(case, "uint8", "int8")
    expected = reference.conv2d(x, w, b, **case.parameters)
    for n, algorithm in itertools.product((1, 2, 3), ALGORITHMS):
        if algorithm == "reference" and n != 2:
            continue
        convx.set_num_threads(n)
        np.testing.assert_array_equal(convx.conv2d(x, w, b, **case.parameters, algorithm=algorithm), expected)


def test_results_and_out() -> None:
    x, w = np.ones((2, 3, 8, 9), "uint8"), np.ones((4, 3, 3, 3), "int8")
    y = convx.conv2d(x, w)
    assert_result(convx.conv2d(x[0], w), (4, 6, 7), "int32")
    assert_result(convx.conv2d(x[:0], w), (0, 4, 6, 7), "int32")
    out = np.zeros((2, 4, 6, 14), "int32")[..., ::2]
    assert convx.conv2d(x, w, out=out) is out
    np.testing.assert_array_equal(out, y)
    plan = convx.Conv2d(w)
    buffer = np.zeros(5000, "uint8")
    shared = buffer[: x.size].reshape(x.shape)
    shared[...] = x
    inside = buffer[: y.nbytes].view("int32").reshape(y.shape)
    np.testing.assert_array_equal(plan(shared, out=inside), y)


def test_plans_of_integers() -> None:
    w = np.ones((4, 3, 3, 3), "int8")
    plan = convx.Conv2d(w, [1, 2, 3, 4], 2, "same", data_format="channels_last", padding_mode="reflect")
    w[...] = 9
    assert plan.dtype == np.dtype("int32")
    assert (plan.stride, plan.padding, plan.groups, plan.weight_shape) == ((2, 2), "same", 1, (4, 3, 3, 3))
    assert (plan.padding_mode, plan.data_format, plan.dilation) == ("reflect", "channels_last", (1, 1))
    assert plan.output_shape((2, 8, 8, 3)) == (2, 4, 4, 4)
    assert plan.algorithm_for((2, 8, 8, 3)) in ("direct", "narrow")
    assert plan.workspace_bytes((2, 8, 8, 3)) > 0
    assert repr(plan)
    for dtype, sums in (("int8", "int32"), ("uint8", "int32"), ("int16", "int64"), ("int64", "int64")):
        y = plan(np.ones((1, 8, 8, 3), dtype))
        assert y.dtype == np.dtype(sums)
        assert (y == np.array([28, 29, 30, 31])).all()
    assert convx.Conv1d(np.ones((1, 1, 1), "uint16")).dtype == np.dtype("int64")


def test_scratch_is_bounded() -> None:
    """A few hundred kilobytes a thread, or a tile's window where that is more."""
    for dtype in ("int8", "int32"):
        plan = convx.Conv2d(np.broadcast_to(np.ones((), dtype), (64, 256, 3, 3)), padding=1)
        with convx.num_threads(2):
            assert plan.workspace_bytes((1, 256, 1000, 1000)) < 2 * 2**21


def test_activation_bounds_are_exact(integer_isa: str) -> None:
    """Also where a double could not hold them."""
    x = np.array([[2**62 + 3, -(2**62) - 3, 5]])
    w = np.ones((1, 1, 1), "int64")
    for lo, hi in ((-(2**62) - 1, 2**62 + 1), (2**53 + 1, 2**60 + 1), (-(10**30), 10**30)):
        for algorithm in ALGORITHMS:
            y = convx.conv1d(x, w, activation=("clamp", lo, hi), algorithm=algorithm)
            np.testing.assert_array_equal(y, np.clip(x, max(lo, -(2**63)), min(hi, 2**63 - 1)))
    y = convx.conv1d(x, w, activation=("clamp", np.int8(-3), np.float32(7)))
    np.testing.assert_array_equal(y, np.clip(x, -3, 7))
    assert convx.conv1d(x, w, activation="relu6").tolist() == [[6, 0, 5]]
    assert convx.conv1d(x.astype("int8"), w.astype("int8"), activation=("clamp", -(2**40), 4)).tolist() == [[3, -3, 4]]


BAD = {
    "float input": ({"input": np.ones((1, 3, 9, 9))}, TypeError, "input must be int8, uint8, int16"),
    "bool input": ({"input": np.ones((1, 3, 9, 9), bool)}, TypeError, "input must be int8.*got dtype bool"),
    "uint64 input": ({"input": np.ones((1, 3, 9, 9), "uint64")}, TypeError, "input must be int8.*got dtype uint64"),
    "uint64 weight": ({"weight": np.ones((2, 3, 3, 3), "uint64")}, TypeError, "weight must be int8.*uint64"),
    "bool weight": ({"weight": np.ones((2, 3, 3, 3), bool)}, TypeError, "weight must be.*got dtype bool"),
    "float weight": ({"weight": np.ones((2, 3, 3, 3))}, TypeError, "input must be float16.*got dtype int8"),
    "float bias": ({"bias": np.ones(2)}, TypeError, "bias must be int8.*float64"),
    "wide bias": ({"bias": np.array([0, 2**31])}, ValueError, "bias must fit the int32 sums.*2147483648"),
    "low bias": ({"bias": np.array([0, -(2**31) - 1])}, ValueError, "bias must fit the int32 sums.*-2147483649"),
    "bias shape": ({"bias": np.array([0])}, ValueError, r"bias must have shape \(2,\)"),
    "leaky": ({"activation": ("leaky_relu", 0.5)}, ValueError, "activation must be None.*'leaky_relu'"),
    "fraction": ({"activation": ("clamp", 0, 2.5)}, ValueError, "activation must have whole bounds.*2.5"),
    "order": ({"activation": ("clamp", 2**60 + 1, 2**60)}, ValueError, "activation must have.*lo <= hi"),
    "nan": ({"activation": ("clamp", 0, float("nan"))}, ValueError, "activation must have lo <= hi"),
    "out of reach": ({"activation": ("clamp", 2**31, 2**40)}, ValueError, "activation must have bounds that int32"),
    "below": ({"activation": ("clamp", -(10**30), -(10**29))}, ValueError, "activation must have bounds"),
    "im2col": ({"algorithm": "im2col"}, ValueError, "algorithm must be one of.*'narrow' for integer arrays.*'im2col'"),
    "winograd": ({"algorithm": "winograd"}, ValueError, "algorithm must be one of.*'winograd'"),
    "unknown": ({"algorithm": "fast"}, ValueError, "algorithm must be one of.*'fast'"),
    "channels": ({"input": np.ones((1, 4, 9, 9), "int8")}, ValueError, r"input must have groups \* weight.shape\[1\]"),
    "out dtype": ({"out": np.zeros((1, 2, 7, 7), "int64")}, TypeError, "out must have dtype int32, got dtype int64"),
    "out shape": ({"out": np.zeros((1, 2, 7, 8), "int32")}, ValueError, "out must have shape"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str) -> None:
    wrong, error, text = BAD[name]
    call: dict[str, Any] = {"input": np.ones((1, 3, 9, 9), "int8"), "weight": np.ones((2, 3, 3, 3), "int8"), **wrong}
    with pytest.raises(error, match=f"^conv2d: {text}"):
        convx.conv2d(**call)
    x, out = call.pop("input"), call.pop("out", None)
    with pytest.raises(error, match=f"^Conv2d: {text}"):
        convx.Conv2d(**call)(x, out=out)


def test_many_threads_call_one_plan() -> None:
    """The first calls pack the weight, for signed and for unsigned input, while others do the same."""
    code = (
        "import threading, numpy as np, convx\n"
        "x = np.arange(2 * 8 * 9 * 9).reshape(2, 8, 9, 9); w = (np.arange(40 * 8 * 9) % 251 - 125).astype('int8')\n"
        "w = w.reshape(40, 8, 3, 3)\n"
        "for _ in range(20):\n"
        "    plan = convx.Conv2d(w); bad = []\n"
        "    wanted = {t: convx.reference.conv2d(x.astype(t), w) for t in ('int8', 'uint8', 'int16')}\n"
        "    def work(t):\n"
        "        bad.extend(0 for _ in range(20) if not (plan(x.astype(t)) == wanted[t]).all())\n"
        "    team = [threading.Thread(target=work, args=(t,)) for t in [*wanted] * 3]\n"
        "    [t.start() for t in team]; [t.join() for t in team]; assert not bad\n"
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_vnni_differs_only_in_speed() -> None:
    if "avx512vnni" not in _core.isas():
        pytest.skip("this CPU has no avx512vnni")
    case = ConvCase("floats", (1, 9, 12, 13), (7, 9, 3, 3), bias=False)
    x, w = (a.astype("float32") for a in arrays(case, "int16", "int16")[:2])
    found = []
    for name in ("avx512", "avx512vnni"):
        with use_isa(name):
            found.append(convx.conv2d(x, w))
    np.testing.assert_array_equal(*found)
