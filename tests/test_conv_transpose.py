"""Transposed convolution: against the reference, over all instruction sets, dtypes, algorithms and parameters."""

from typing import Any

import convx
import hypothesis.strategies as st
import numpy as np
import pytest
from checks import (
    Array,
    assert_equal_values,
    assert_integers,
    assert_result,
    assert_same_bits,
    assert_within,
    use_isa,
)
from convx import _core, reference
from hypothesis import given, settings
from layouts import LAYOUTS, OUT_LAYOUTS, Layout
from random_cases import ACTIVATIONS
from transpose_cases import BY_NAME, TRANSPOSE_CASES, TransposeCase, transpose_cases, transpose_expected

ALGORITHMS = _core.algorithms()
NAMES = "4x4s2p1 3x3s2p1op1 3x3s1p1 depthwise_k4s2 groups2 1d_k9s4_dil3 3d_mixed"
SOME = [BY_NAME[name] for name in NAMES.split()]
TAKEN = [pytest.param(name, case, id=f"{name}-{case.name}") for case in TRANSPOSE_CASES for name in ALGORITHMS]
TAKEN = [pair for pair in TAKEN if pair.values[1].takes(pair.values[0])]
DTYPE = st.sampled_from(["float32", "float64"])


def ids(case: TransposeCase) -> str:
    return case.name


@pytest.mark.parametrize(("name", "case"), TAKEN)
def test_integers_are_exact(isa: str, dtype: np.dtype, name: str, case: TransposeCase) -> None:
    x, w, b = case.data(dtype)
    expected = transpose_expected(case, dtype)
    actual = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=name)
    assert_result(actual, expected.shape, dtype)
    assert_integers(actual, expected, name, case.name)


@pytest.mark.parametrize("case", TRANSPOSE_CASES, ids=ids)
def test_plan_gives_the_bits_of_the_function(isa: str, case: TransposeCase) -> None:
    x, w, b = case.data("float32", integers=False)
    for name in ("direct", "im2col", "narrow"):
        plan = getattr(convx, case.plan)(w, b, **case.parameters, algorithm=name)
        expected = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=name)
        for _ in range(2):
            assert_same_bits(plan(x), expected, f"{case.name} {name}")
        assert plan.output_shape(x.shape) == expected.shape
        assert plan.algorithm_for(x.shape) == name
        assert plan.workspace_bytes(x.shape) >= 0


@settings(max_examples=100)
@given(case=transpose_cases(), dtype=DTYPE, activation=st.sampled_from(ACTIVATIONS), name=st.sampled_from(ALGORITHMS))
def test_any_parameters(isa_name: str, case: TransposeCase, dtype: str, activation: Any, name: str) -> None:
    name = name if case.takes(name) else "auto"
    x, w, b = case.data(dtype)
    arguments = {**case.parameters, "activation": activation}
    with use_isa(isa_name):
        actual = getattr(convx, case.function)(x, w, b, **arguments, algorithm=name)
    wide: list[Array | None] = [None if a is None else a.astype("float64") for a in (x, w, b)]
    expected = getattr(reference, case.function)(*wide, **arguments)
    assert_result(actual, expected.shape, dtype)
    assert_integers(actual, expected, name, case.name)


@settings(max_examples=60)
@given(case=transpose_cases(), dtype=DTYPE)
def test_error_stays_within_the_bound(isa_name: str, case: TransposeCase, dtype: str) -> None:
    x, w, b = case.data(dtype, integers=False)
    with use_isa(isa_name):
        actual = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm="direct")
    wide: list[Array | None] = [None if a is None else a.astype("float64") for a in (x, w, b)]
    expected = getattr(reference, case.function)(*wide, **case.parameters)
    largest = case.terms * float(np.abs(x).max(initial=0)) * float(np.abs(w).max()) + 1
    assert_within(actual, expected, 4 * float(np.finfo(dtype).eps) * largest)


def test_winograd_computes_phases_of_three_by_three(isa: str) -> None:
    """Kernel 6 with stride 2: four phases of 3x3."""
    rng = np.random.default_rng(0)
    x, w = rng.integers(-4, 5, (2, 19, 11, 12)).astype("f4"), rng.integers(-4, 5, (19, 34, 6, 6)).astype("f4")
    expected = reference.conv_transpose2d(x, w, stride=2, padding=2)
    assert_integers(convx.conv_transpose2d(x, w, stride=2, padding=2, algorithm="winograd"), expected, "winograd")
    with pytest.raises(ValueError, match=r"^conv_transpose2d: algorithm must fit each phase.*'winograd' needs"):
        convx.conv_transpose2d(x, w, stride=4, algorithm="winograd")
    with pytest.raises(ValueError, match=r"^ConvTranspose2d: algorithm must fit each phase.*'depthwise' needs"):
        convx.ConvTranspose2d(w, algorithm="depthwise")


def test_bits_do_not_depend_on_threads(isa: str, keep_threads: int) -> None:
    for case in TRANSPOSE_CASES:
        x, w, b = case.data("float32", integers=False)
        x = np.concatenate([x] * 3) if x.ndim == case.rank + 2 else x
        results = []
        for threads in (1, 2, 3):
            convx.set_num_threads(threads)
            results.append(getattr(convx, case.function)(x, w, b, **case.parameters))
        for result in results[1:]:
            assert_same_bits(result, results[0], case.name)


LARGE = {
    "images": ((9, 24, 40, 41), (24, 40, 4, 4), {"stride": 2, "padding": 1}),
    "rows": ((1, 16, 90, 300), (16, 33, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    "row": ((1, 8, 40000), (8, 33, 4), {"stride": 3, "padding": 2}),
    "planes": ((1, 6, 12, 33, 65), (6, 20, 2, 3, 3), {"stride": (2, 2, 1), "dilation": (1, 3, 1)}),
    "merged": ((2, 5, 130, 250), (5, 5, 4, 4), {"stride": 4, "padding": 1}),
    "gaps": ((1, 5, 200, 151), (5, 33, 1, 2), {"stride": 3, "output_padding": 2}),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_calls_are_cut_into_blocks(keep_threads: int, name: str) -> None:
    """What is held at a time is bounded, whatever the output takes, and its blocks fit together."""
    shape, weight, arguments = LARGE[name]
    rng = np.random.default_rng(0)
    x, w = rng.integers(-4, 5, shape).astype("float32"), rng.integers(-4, 5, weight).astype("float32")
    b = rng.integers(-4, 5, weight[1]).astype("float32")
    rank = x.ndim - 2
    expected = getattr(reference, f"conv_transpose{rank}d")(x, w, b, **arguments)
    results = []
    for threads in (1, 2):
        convx.set_num_threads(threads)
        plan = getattr(convx, f"ConvTranspose{rank}d")(w, b, **arguments)
        assert plan.workspace_bytes(shape) <= threads * 2**22
        assert expected.nbytes > 2**22
        results.append(plan(x))
    assert_integers(results[0], expected, "auto")
    assert_same_bits(results[1], results[0])


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_any_layout(dtype: np.dtype, layout: Layout) -> None:
    for case in SOME:
        x, w, b = case.data(dtype)
        function = getattr(convx, case.function)
        arrays = [layout(x), layout(w), None if b is None else layout(b)]
        plain = [None if a is None else np.ascontiguousarray(a).astype(dtype) for a in arrays]
        assert_equal_values(
            function(*arrays, **case.parameters, algorithm="direct"),
            function(*plain, **case.parameters, algorithm="direct"),
            case.name,
        )


@pytest.mark.parametrize("layout", OUT_LAYOUTS.values(), ids=OUT_LAYOUTS.keys())
def test_any_out(dtype: np.dtype, layout: Layout, keep_winograd: None) -> None:
    convx.set_winograd("off")  # which a plan may take, and a call that packs the weight for itself may not
    for case in SOME:
        x, w, b = case.data(dtype)
        expected = getattr(convx, case.function)(x, w, b, **case.parameters)
        out = layout(np.full_like(expected, np.nan))
        assert getattr(convx, case.function)(x, w, b, **case.parameters, out=out) is out
        assert_equal_values(out, expected, case.name)
        out[...] = np.nan
        assert getattr(convx, case.plan)(w, b, **case.parameters)(x, out=out) is out
        assert_equal_values(out, expected, case.name)


def test_out_may_overlap_the_input() -> None:
    x, w, b = BY_NAME["3x3s1p1"].data("float32")
    w, b = w[:, :17], b[:17]  # type: ignore[index]
    expected = convx.conv_transpose2d(x, w, b, padding=1)
    shared = x.copy()
    assert convx.conv_transpose2d(shared, w, b, padding=1, out=shared) is shared
    assert_equal_values(shared, expected)


@pytest.mark.parametrize("case", SOME, ids=ids)
def test_channels_last(case: TransposeCase, keep_winograd: None) -> None:
    convx.set_winograd("off")  # as above
    x, w, b = case.data("float32", integers=False)
    expected = getattr(convx, case.function)(x, w, b, **case.parameters)
    last = np.ascontiguousarray(np.moveaxis(x, -case.rank - 1, -1))
    actual = getattr(convx, case.function)(last, w, b, **case.parameters, data_format="channels_last")
    assert_same_bits(actual, np.ascontiguousarray(np.moveaxis(expected, -case.rank - 1, -1)))
    plan = getattr(convx, case.plan)(w, b, **case.parameters, data_format="channels_last")
    assert plan.data_format == "channels_last"
    assert plan.output_shape(last.shape) == actual.shape
    assert_same_bits(plan(last), actual)
    twin = getattr(reference, case.function)(last, w, b, **case.parameters, data_format="channels_last")
    assert_within(actual, twin, 1e-3)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_half_types_are_computed_in_float32(name: str) -> None:
    dtype = np.dtype(pytest.importorskip("ml_dtypes").bfloat16 if name == "bfloat16" else name)
    for case in SOME:
        x, w, b = (None if a is None else a.astype(dtype) for a in case.data("float32", integers=False))
        wide = [None if a is None else a.astype("float32") for a in (x, w, b)]
        expected = getattr(convx, case.function)(*wide, **case.parameters).astype(dtype)
        actual = getattr(convx, case.function)(x, w, b, **case.parameters)
        assert actual.dtype == dtype
        np.testing.assert_array_equal(actual.view("u2"), expected.view("u2"))
        mixed = getattr(convx, case.function)(wide[0], w, b, **case.parameters)
        assert mixed.dtype == np.float32


def test_promotion() -> None:
    x, w, b = BY_NAME["4x4s2p1"].data("float32")
    assert convx.conv_transpose2d(x, w.astype("float64"), b).dtype == np.float64
    assert convx.ConvTranspose2d(w, b).dtype == np.float32
    assert convx.ConvTranspose2d(w, b)(x.astype("float64")).dtype == np.float64


@pytest.mark.parametrize("case", SOME, ids=ids)
def test_empty_batch(case: TransposeCase) -> None:
    x, w, b = case.data("float32")
    expected = getattr(convx, case.function)(x, w, b, **case.parameters).shape
    plan = getattr(convx, case.plan)(w, b, **case.parameters)
    assert plan(x[:0]).shape == (0, *expected[1:])
    assert plan.workspace_bytes((0, *x.shape[1:])) >= 0
    assert plan.algorithm_for((0, *x.shape[1:])) in ALGORITHMS


def test_plan_keeps_its_own_weight() -> None:
    x, w, b = BY_NAME["4x4s2p1"].data("float32")
    plan = convx.ConvTranspose2d(w, b, 2, 1)
    expected = plan(x)
    w[...], b[...] = 0, 0  # type: ignore[index]
    assert_same_bits(plan(x), expected)


def test_plan_attributes() -> None:
    w = np.ones((4, 3, 3, 5))
    plan = convx.ConvTranspose2d(w, None, (2, 1), ((0, 1), (2, 3)), (1, 0), 2, 3, activation="relu", algorithm="direct")
    expected = {
        "weight_shape": w.shape,
        "stride": (2, 1),
        "padding": ((0, 1), (2, 3)),
        "output_padding": (1, 0),
        "output_size": None,
        "groups": 2,
        "dilation": (3, 3),
        "data_format": "channels_first",
        "activation": "relu",
        "algorithm": "direct",
        "dtype": np.dtype("float64"),
    }
    text = repr(plan)
    assert text.startswith("ConvTranspose2d(")
    for name, value in expected.items():
        assert getattr(plan, name) == value, name
        assert f"{name}={value!r}" in text or name == "dtype"
        with pytest.raises(AttributeError):
            setattr(plan, name, value)
    assert convx.ConvTranspose2d(w, padding="same").padding == "same"
    assert convx.ConvTranspose2d(w, stride=2, output_size=8).output_size == (8, 8)


def test_padding_names_give_stride_times_the_input() -> None:
    for name in ("same", "same_lower", "causal"):
        for kernel, stride, dilation, size in np.ndindex(6, 5, 3, 4):
            k, s, d, n = kernel + 1, stride + 1, dilation + 1, size + 1
            y = convx.conv_transpose1d(np.ones((1, n)), np.ones((1, 1, k)), stride=s, padding=name, dilation=d)
            assert y.shape == (1, n * s)


def test_causal_sees_no_later_input() -> None:
    x, w = np.zeros((1, 9)), np.ones((1, 1, 7))
    x[0, 4] = 1
    y = convx.conv_transpose1d(x, w, stride=3, padding="causal")
    assert np.flatnonzero(y[0]).tolist() == list(range(12, 19))


def test_same_is_the_transpose_of_a_same_convolution() -> None:
    rng = np.random.default_rng(0)
    for name in ("same", "same_lower"):
        for k, s, d in ((3, 2, 1), (4, 2, 1), (5, 3, 2), (2, 3, 1), (1, 1, 1)):
            w, g = rng.integers(-4, 5, (6, 5, k)).astype("f4"), rng.integers(-4, 5, (2, 6, 7)).astype("f4")
            expected = convx.conv1d_input((2, 5, 7 * s), w, g, s, name, d)
            assert_equal_values(convx.conv_transpose1d(g, w, stride=s, padding=name, dilation=d), expected)


def test_output_size_says_what_output_padding_would() -> None:
    x, w = np.ones((2, 5, 6)), np.ones((2, 3, 3, 3))
    for extra in range(4):
        expected = convx.conv_transpose2d(x, w, stride=(4, 1), padding=1, output_padding=(extra, 0))
        actual = convx.conv_transpose2d(x, w, stride=(4, 1), padding=1, output_size=expected.shape[1:])
        assert_same_bits(actual, expected)


def test_outputs_without_a_tap_are_the_activated_bias(isa: str, dtype: np.dtype) -> None:
    b = np.array([-2.0, 3.0, 9.0], dtype)
    x, w = np.zeros((4, 5, 6), dtype), np.ones((4, 3, 1, 1), dtype)
    for activation, values in ((None, b), ("relu6", [0, 3, 6]), (("leaky_relu", 0.5), [-1, 3, 9])):
        y = convx.conv_transpose2d(x, w, b, stride=3, output_padding=2, activation=activation)
        assert_equal_values(y, np.broadcast_to(np.array(values, dtype)[:, None, None], y.shape))


def test_nan_and_infinity_stay_where_taps_carry_them(isa: str, dtype: np.dtype) -> None:
    x, w = np.ones((3, 5, 6), dtype), np.ones((3, 4, 4, 4), dtype)
    x[0, 1, 2], x[1, 3, 5] = np.inf, np.nan
    for name in ("auto", "direct", "im2col", "narrow", "reference"):
        for stride in (1, 2, 3):
            actual = convx.conv_transpose2d(x, w, stride=stride, padding=1, algorithm=name)
            assert_equal_values(actual, reference.conv_transpose2d(x, w, stride=stride, padding=1), name)


def test_infinite_weights_meet_the_zeros_beyond_the_input(isa: str) -> None:
    """One rule for all algorithms: the input goes on with zeros, and these are multiplied."""
    for case in (BY_NAME[name] for name in ("4x4s2p1", "3x3s2p1op1", "1d_crop_beyond_taps", "3x3s1_dil2")):
        x, w, b = case.data("float32")
        w[0, 1], w[2, 3] = np.inf, np.nan
        expected = getattr(reference, case.function)(x, w, b, **case.parameters)
        for name in ("auto", "direct", "im2col", "narrow", "reference"):
            actual = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=name)
            assert_equal_values(actual, expected, f"{case.name} {name}")


def test_more_channels_out_than_in_with_bias(isa: str, dtype: np.dtype) -> None:
    """Row 39: the bias has as many entries as there are outputs, not inputs."""
    rng = np.random.default_rng(0)
    for channels, outputs in ((2, 7), (7, 2)):
        x, w = rng.integers(-4, 5, (2, channels, 5, 6)).astype(dtype), np.ones((channels, outputs, 3, 3), dtype)
        b = 100 * np.arange(outputs).astype(dtype)
        expected = reference.conv_transpose2d(x, w, stride=2) + b[:, None, None]
        assert_equal_values(convx.conv_transpose2d(x, w, b, stride=2), expected)
