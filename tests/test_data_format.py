"""data_format="channels_last": what channels_first gives, with the axis of maps moved to the end."""

from typing import Any

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, CONV_CASES, ConvCase
from checks import Array, assert_equal_values, assert_integers, assert_result, assert_same_bits
from conftest import DTYPES
from convx import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import LAYOUTS, OUT_LAYOUTS, Layout
from pool_cases import POOL_CASES

LAST = {"data_format": "channels_last"}
NAMES = "3x3_c5_k7 1x1_c64_k27 7x7_stride2_pad3 depthwise_c17 groups2 3x3_unbatched 1d_causal_dil3 3d_asym 5x5_pad2"
SOME = [CONV_BY_NAME[name] for name in NAMES.split()]


def to_last(a: Array, rank: int) -> Array:
    """A contiguous copy with the maps last."""
    return np.ascontiguousarray(np.moveaxis(a, -rank - 1, -1))


@pytest.mark.parametrize("case", CONV_CASES, ids=lambda case: case.name)
def test_conv(algorithm: str, isa: str, case: ConvCase, keep_winograd: None) -> None:
    if algorithm == "auto":  # which may take Winograd for one format and what is exact for the other
        convx.set_winograd("off")
    x, w, b = case.data("float32", integers=True)
    function = getattr(convx, case.function)
    expected = to_last(function(x, w, b, **case.parameters, algorithm=algorithm), case.rank)
    actual = function(to_last(x, case.rank), w, b, **case.parameters, algorithm=algorithm, **LAST)
    assert_result(actual, expected.shape, "float32")
    assert_equal_values(actual, expected)


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_plan(algorithm: str, dtype: np.dtype, case: ConvCase, keep_winograd: None) -> None:
    if algorithm == "auto":  # as above
        convx.set_winograd("off")
    x, w, b = case.data(dtype, integers=True)
    plan = getattr(convx, case.plan)(w, b, **case.parameters, algorithm=algorithm, **LAST)
    first = getattr(convx, case.plan)(w, b, **case.parameters, algorithm=algorithm)
    last = to_last(x, case.rank)
    assert (plan.data_format, first.data_format) == ("channels_last", "channels_first")
    assert "data_format='channels_last'" in repr(plan)
    assert_equal_values(plan(last), to_last(first(x), case.rank))
    assert plan.output_shape(last.shape) == plan(last).shape
    if algorithm != "auto":  # which knows what an algorithm that writes channels first loses
        assert plan.algorithm_for(last.shape) == algorithm
        assert plan.workspace_bytes(last.shape) >= first.workspace_bytes(x.shape)


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("case", POOL_CASES, ids=lambda case: case.name)
def test_pool(isa: str, dtype: np.dtype, kind: str, case: Any) -> None:
    x = case.data(dtype, integers=True)
    name = f"{kind}_pool{case.rank}d"
    expected = to_last(getattr(convx, name)(x, **case.parameters), case.rank)
    actual = getattr(convx, name)(to_last(x, case.rank), **case.parameters, **LAST)
    assert_result(actual, expected.shape, dtype)
    assert_equal_values(actual, expected)


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_reference(case: ConvCase) -> None:
    x, w, b = case.data("float64", integers=True)
    function = getattr(reference, case.function)
    expected = to_last(function(x, w, b, **case.parameters), case.rank)
    actual = function(to_last(x, case.rank), w, b, **case.parameters, **LAST)
    assert_result(actual, expected.shape, "float64")
    assert_equal_values(actual, expected)
    for kind in ("max", "avg"):
        pool = getattr(reference, f"{kind}_pool{case.rank}d")
        assert_equal_values(pool(to_last(x, case.rank), 2, **LAST), to_last(pool(x, 2), case.rank))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_any_layout(any_algorithm: str, layout: Layout) -> None:
    x, w, b = CONV_BY_NAME["3x3_c17_k15"].data("float32", integers=True)
    last = layout(to_last(x, 2))
    plain = np.ascontiguousarray(last).astype("float32")
    arguments = {"padding": 1, "algorithm": any_algorithm, **LAST}
    assert_integers(convx.conv2d(last, w, b, **arguments), convx.conv2d(plain, w, b, **arguments), any_algorithm)
    assert_equal_values(convx.max_pool2d(last, 3, 2, **LAST), convx.max_pool2d(plain, 3, 2, **LAST))


@pytest.mark.parametrize("layout", OUT_LAYOUTS.values(), ids=OUT_LAYOUTS.keys())
def test_any_out(isa: str, dtype: np.dtype, layout: Layout) -> None:
    for shape in ((2, 17, 9, 15), (17, 8, 33), (1, 17, 1, 20)):
        x, w, b = ConvCase("out", shape, (16, 17, 3, 3)).data(dtype, integers=True)
        last = to_last(x, 2)
        expected = convx.conv2d(last, w, b, padding=1, **LAST)
        out = layout(np.full_like(expected, np.nan))
        assert convx.conv2d(last, w, b, padding=1, out=out, **LAST) is out
        assert_equal_values(out, expected)
        pooled = convx.avg_pool2d(last, 3, 1, 1, **LAST)
        out = layout(np.full_like(pooled, np.nan))
        assert convx.avg_pool2d(last, 3, 1, 1, out=out, **LAST) is out
        assert_equal_values(out, pooled)


def test_out_may_overlap_the_input(isa: str) -> None:
    x, w, b = ConvCase("square", (2, 17, 9, 15), (17, 17, 3, 3)).data("float32", integers=True)
    last = to_last(x, 2)
    expected = convx.conv2d(last, w, b, padding=1, **LAST)
    pooled = convx.max_pool2d(last, 3, 1, 1, **LAST)
    shared = last.copy()
    assert_equal_values(convx.conv2d(shared, w, b, padding=1, out=shared, **LAST), expected)
    shared = last.copy()
    assert_equal_values(convx.max_pool2d(shared, 3, 1, 1, out=shared, **LAST), pooled)


def test_bits_do_not_depend_on_threads(any_algorithm: str, keep_threads: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 30, 31, 33)).astype("float32")
    w = rng.standard_normal((37, 33, 3, 3)).astype("float32")
    results = []
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        y = convx.conv2d(x, w, padding=1, algorithm=any_algorithm, **LAST)
        results.append((y, convx.avg_pool2d(x, 3, 2, 1, **LAST), convx.max_pool2d(x, 3, 2, 1, **LAST)))
    for other in results[1:]:
        for mine, theirs in zip(results[0], other, strict=True):
            assert_same_bits(mine, theirs)


def test_empty_batch() -> None:
    assert convx.conv2d(np.ones((0, 5, 6, 3)), np.ones((4, 3, 2, 2)), **LAST).shape == (0, 4, 5, 4)
    assert convx.max_pool2d(np.ones((0, 5, 6, 3)), 2, **LAST).shape == (0, 2, 3, 3)


@settings(max_examples=300)
@given(st.data())
def test_parameter_combinations(data: st.DataObject) -> None:
    draw = data.draw
    rank, groups = draw(st.integers(1, 3)), draw(st.sampled_from([1, 1, 2, 3]))
    each, outs = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    stride = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    dilation = tuple(draw(st.integers(1, 2)) for _ in range(rank))
    padding = tuple((draw(st.integers(0, 1)), draw(st.integers(0, 1))) for _ in range(rank))
    size = tuple(draw(st.integers(d * (k - 1) + 1, 11)) for k, d in zip(kernel, dilation, strict=True))
    dtype = draw(st.sampled_from([*DTYPES, "float16"]))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    x = rng.integers(-4, 5, (draw(st.integers(1, 2)), groups * each, *size)).astype(dtype)
    w = rng.integers(-4, 5, (groups * outs, each, *kernel)).astype(dtype)
    if draw(st.booleans()):
        x = x[0]
    arguments = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    expected = getattr(reference, f"conv{rank}d")(x, w, **arguments)
    actual = getattr(convx, f"conv{rank}d")(to_last(x, rank), w, **arguments, **LAST)
    assert_result(actual, to_last(expected, rank).shape, dtype)
    assert_integers(actual, to_last(expected, rank), "auto")
    pooling = {"stride": stride, "padding": tuple(min(k // 2, 1) for k in kernel), "ceil_mode": draw(st.booleans())}
    for kind in ("max", "avg"):
        name = f"{kind}_pool{rank}d"
        expected = to_last(getattr(reference, name)(x, kernel, **pooling), rank)
        actual = getattr(convx, name)(to_last(x, rank), kernel, **pooling, **LAST)
        np.testing.assert_allclose(actual, expected, rtol=4e-6 if dtype != "float16" else 2e-3)


@pytest.mark.parametrize(
    ("value", "error", "got"),
    [("NHWC", ValueError, "'NHWC'"), ("", ValueError, "''"), (None, TypeError, "None"), (1, TypeError, "1")],
)
def test_an_unknown_format_is_refused(value: Any, error: type[Exception], got: str) -> None:
    x, w = np.ones((2, 5, 6, 3)), np.ones((4, 3, 2, 2))
    calls = {
        "conv2d": lambda: convx.conv2d(x, w, data_format=value),
        "Conv2d": lambda: convx.Conv2d(w, data_format=value),
        "max_pool2d": lambda: convx.max_pool2d(x, 2, data_format=value),
        "avg_pool2d": lambda: convx.avg_pool2d(x, 2, data_format=value),
    }
    for name, call in calls.items():
        with pytest.raises(error, match=f"^{name}: data_format must .*got {got}$"):
            call()


def test_messages_show_the_shapes_as_given() -> None:
    w = np.ones((4, 3, 2, 2))
    with pytest.raises(ValueError, match=r"groups \* weight.*got 7 channels in shape \(2, 5, 6, 7\)"):
        convx.conv2d(np.ones((2, 5, 6, 7)), w, **LAST)
    with pytest.raises(
        ValueError, match=r"4 axes \(N, 2 spatial and C\) or 3 without N \(pass .*\), got shape \(5, 6\)"
    ):
        convx.conv2d(np.ones((5, 6)), w, **LAST)
    with pytest.raises(ValueError, match=r"got shape \(2, 0, 6, 3\)"):
        convx.max_pool2d(np.ones((2, 0, 6, 3)), 2, **LAST)
    with pytest.raises(ValueError, match=r"out must have shape \(2, 4, 5, 4\), got shape \(2, 4, 4, 5\)"):
        convx.conv2d(np.ones((2, 5, 6, 3)), w, out=np.ones((2, 4, 4, 5)), **LAST)
    with pytest.raises(ValueError, match=r"input must have 4 axes.*got shape \(1, 2, 3, 4, 5\)"):
        convx.Conv2d(w, **LAST).output_shape((1, 2, 3, 4, 5))
