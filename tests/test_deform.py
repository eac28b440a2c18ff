"""Deformable convolution against the NumPy reference and against what it must be where offsets are whole numbers."""

from typing import Any

import convx
import hypothesis.strategies as st
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_result, assert_same_bits, assert_within, use_isa
from convx import reference
from deform_cases import CASES, Case, reference_conv
from hypothesis import given, settings
from layouts import LAYOUTS, OUT_LAYOUTS
from random_cases import draw_axis, spell_ints, spell_padding


def deform(case: Case, module: Any = convx, **arguments: Any) -> Array:
    result: Array = getattr(module, f"deform_conv{case.rank}d")(**arguments, **case.parameters)
    return result


EACH = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@EACH
def test_matches_reference(isa: str, dtype: np.dtype, case: Case) -> None:
    arrays = case.arrays(dtype)
    expected = deform(case, reference, **{name: a.astype("float64") for name, a in arrays.items()})
    actual = deform(case, **arrays)
    assert_result(actual, expected.shape, dtype)
    assert_within(actual, expected, 4 * np.finfo(dtype).eps * (case.terms * 8 * 8 * 2 + 8))


@EACH
def test_whole_offsets_are_exact(isa: str, dtype: np.dtype, case: Case) -> None:
    """No interpolation: sums of integers."""
    arrays = case.arrays(dtype, whole=True)
    assert_equal_values(deform(case, **arrays), deform(case, reference, **arrays))


@EACH
def test_without_offsets_it_is_a_convolution(case: Case) -> None:
    arrays = case.arrays("float64")
    arrays.pop("mask", None)
    expected = reference_conv(case, arrays["input"], arrays["weight"])
    if case.bias:
        expected = expected + arrays["bias"].reshape(-1, *[1] * case.rank)
    arrays["offset"] = np.zeros_like(arrays["offset"])
    assert_equal_values(deform(case, **arrays), expected)


@EACH
def test_same_bits_for_any_number_of_threads_and_batch(dtype: np.dtype, case: Case, keep_threads: int) -> None:
    rng = np.random.default_rng(0)
    arrays = {name: a + rng.uniform(-1, 1, a.shape).astype(dtype) for name, a in case.arrays(dtype).items()}
    results = []
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        results.append(deform(case, **arrays))
    assert_same_bits(results[1], results[0])
    assert_same_bits(results[2], results[0])
    if case.batched:
        one = {name: a if name in ("weight", "bias") else a[-1:] for name, a in arrays.items()}
        assert_same_bits(deform(case, **one), results[0][-1:])


@st.composite
def configurations(draw: st.DrawFn) -> Case:
    def number(lo: int, hi: int) -> int:
        return draw(st.integers(lo, hi))

    rank = number(1, 3)
    axes = [draw_axis(number, rank, pool=False) for _ in range(rank)]
    groups, offset_groups = number(1, 3), number(1, 3)
    padding = spell_padding(number, axes)
    return Case(
        tuple(a["size"] for a in axes),
        tuple(a["kernel"] for a in axes),
        n=number(1, 2),
        c=groups * offset_groups * number(1, 3),
        k=groups * number(1, 4),
        groups=groups,
        offset_groups=offset_groups,
        stride=spell_ints(number, [a["stride"] for a in axes]),
        padding=padding,
        dilation=spell_ints(number, [a["dilation"] for a in axes]),
        bias=bool(number(0, 1)),
        mask=bool(number(0, 1)),
        batched=bool(number(0, 3)),
    )


@given(configurations(), st.integers(0, 2**31))
@settings(max_examples=100)
def test_any_parameters(isa_name: str, case: Case, seed: int) -> None:
    """Quarters of small integers: exact in float64."""
    arrays = case.arrays("float64", seed=seed)
    with use_isa(isa_name):
        actual = deform(case, **arrays)
    assert_equal_values(actual, deform(case, reference, **arrays))


@EACH
def test_channels_last(dtype: np.dtype, case: Case) -> None:
    """Input, offset, mask and result with their channels last, the weight as ever."""
    arrays = case.arrays(dtype)
    expected = deform(case, **arrays)
    last = {
        name: np.ascontiguousarray(np.moveaxis(a, -case.rank - 1, -1)) if name in ("input", "offset", "mask") else a
        for name, a in arrays.items()
    }
    actual = deform(case, **last, data_format="channels_last")
    assert actual.flags.c_contiguous
    assert_same_bits(np.ascontiguousarray(np.moveaxis(actual, -1, -case.rank - 1)), expected)
    oracle = deform(case, reference, **last, data_format="channels_last")
    assert_within(actual, oracle, 4 * np.finfo(dtype).eps * (case.terms * 8 * 8 * 2 + 8))


@EACH
def test_float16_is_float32_rounded_once(case: Case) -> None:
    arrays = {name: a.astype("float16") for name, a in case.arrays("float32").items()}
    expected = deform(case, **{name: a.astype("float32") for name, a in arrays.items()}).astype("float16")
    assert_same_bits(deform(case, **arrays), expected)


def test_by_hand() -> None:
    x = np.array([[[10.0, 20.0], [30.0, 60.0]]])
    one = np.ones((1, 1, 1, 1))

    def read(y: float, at: float) -> float:
        """The image read at (y, at), through output (0, 0)."""
        offset = np.zeros((2, 2, 2))
        offset[:, 0, 0] = y, at
        return float(convx.deform_conv2d(x, offset, one)[0, 0, 0])

    assert [read(0, 0), read(1, 1), read(0, 0.5), read(0.5, 0)] == [10, 60, 15, 20]
    assert read(0.5, 0.5) == 30
    assert [read(0, -0.25), read(0, 1.25), read(1.75, 0)] == [7.5, 15, 7.5]
    assert [read(0, -1), read(0, 2), read(-1, 0), read(1e300, 0), read(-np.inf, 0), read(0, np.inf)] == [0] * 6
    assert np.isnan(read(np.nan, 0))


def test_what_does_not_count_is_not_read() -> None:
    """An infinite element, or a NaN, whose share or mask is 0."""
    x = np.array([[[1.0, np.inf, 2.0, np.nan]]])
    offset = np.zeros((2, 1, 4))
    one = np.ones((1, 1, 1, 1))
    assert_equal_values(convx.deform_conv2d(x, offset, one), x)
    mask = np.array([[[1.0, 0.0, 1.0, 0.0]]])
    assert_equal_values(convx.deform_conv2d(x, offset, one, mask=mask), np.array([[[1.0, 0.0, 2.0, 0.0]]]))
    offset[1] = 0.5
    expected = np.array([[[np.inf, np.inf, np.nan, np.nan]]])
    assert_equal_values(convx.deform_conv2d(x, offset, one), expected)
    assert_equal_values(reference.deform_conv2d(x, offset, one), expected)


def test_empty_batch_and_promotion() -> None:
    x, w = np.zeros((0, 2, 5, 5), "float32"), np.zeros((3, 2, 3, 3), "float32")
    assert_result(convx.deform_conv2d(x, np.zeros((0, 18, 3, 3), "float32"), w), (0, 3, 3, 3), "float32")
    arrays = CASES["padding_stride"].arrays("float32")
    for name in arrays:
        wider = {**arrays, name: arrays[name].astype("float64")}
        assert deform(CASES["padding_stride"], **wider).dtype == np.float64, name


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_any_layout(isa: str, layout: Any) -> None:
    case = Case((6, 9), (3, 2), n=2, c=4, k=5, offset_groups=2, padding=1, bias=True, mask=True)
    arrays = {name: layout(a) for name, a in case.arrays("float32").items()}
    plain = {name: np.array(a, "float32", order="C") for name, a in arrays.items()}
    assert_same_bits(deform(case, **arrays), deform(case, **plain))


@pytest.mark.parametrize("layout", OUT_LAYOUTS.values(), ids=OUT_LAYOUTS.keys())
def test_out(layout: Any) -> None:
    case = CASES["padding_stride"]
    arrays = case.arrays("float32")
    expected = deform(case, **arrays)
    out = layout(np.zeros_like(expected))
    assert deform(case, **arrays, out=out) is out
    assert_same_bits(np.ascontiguousarray(out), expected)


def test_out_may_be_the_input() -> None:
    case = Case((6, 7), (1, 1), c=3, k=3)
    arrays = case.arrays("float32")
    expected = deform(case, **arrays)
    assert_same_bits(deform(case, **arrays, out=arrays["input"]), expected)


GOOD: dict[str, Any] = {
    "input": np.ones((2, 4, 7, 8), "float32"),
    "offset": np.ones((2, 36, 5, 6), "float32"),
    "weight": np.ones((6, 2, 3, 3), "float32"),
    "bias": np.ones(6, "float32"),
    "mask": np.ones((2, 18, 5, 6), "float32"),
}
BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "stride_0": ({"stride": 0}, ValueError, "stride must be >= 1, got 0"),
    "stride_bool": ({"stride": True}, TypeError, "stride must be an int"),
    "dilation_0": ({"dilation": 0}, ValueError, "dilation must be >= 1, got 0"),
    "padding_name": ({"padding": "full"}, ValueError, "padding must"),
    "kernel_too_large": ({"dilation": 4}, ValueError, "kernel must fit"),
    "format": ({"data_format": "NCHW"}, ValueError, "data_format must be .*, got 'NCHW'"),
    "offset_taps": ({"offset": GOOD["mask"][:, :17]}, ValueError, r"offset must have .*groups \* 9 \* 2 channels"),
    "offset_none": ({"offset": GOOD["offset"][:, :0]}, ValueError, "offset must have"),
    "offset_groups": ({"offset": np.ones((2, 54, 5, 6))}, ValueError, "offset must have .*dividing the 4 channels"),
    "offset_size": ({"offset": GOOD["offset"][..., :5]}, ValueError, r"offset must have shape \(2, 36, 5, 6\)"),
    "offset_batch": ({"offset": GOOD["offset"][:1]}, ValueError, r"offset must have shape \(2, 36, 5, 6\)"),
    "offset_0d": ({"offset": np.float32(1)}, ValueError, r"offset must have .*, got shape \(\)"),
    "offset_dtype": ({"offset": np.ones((2, 36, 5, 6), int)}, TypeError, "offset must be float16"),
    "mask_size": ({"mask": GOOD["mask"][:, :9]}, ValueError, r"mask must have shape \(2, 18, 5, 6\), got shape"),
    "mask_dtype": ({"mask": np.ones((2, 18, 5, 6), bool)}, TypeError, "mask must be float16"),
    "channels": ({"input": np.ones((2, 5, 7, 8), "float32")}, ValueError, "input must have a multiple of weight"),
    "no_channels": ({"input": np.ones((2, 0, 7, 8), "float32")}, ValueError, "input must"),
    "input_rank": ({"input": np.ones((7, 8), "float32")}, ValueError, "input must have 4 axes"),
    "weight_empty": ({"weight": np.ones((6, 0, 3, 3), "float32")}, ValueError, "weight must have no empty axis"),
    "weight_rank": ({"weight": np.ones((6, 2, 3), "float32")}, ValueError, "weight must have 4 axes"),
    "weight_groups": ({"weight": np.ones((5, 2, 3, 3), "float32")}, ValueError, "weight must have .*divisible"),
    "bias": ({"bias": np.ones(5, "float32")}, ValueError, r"bias must have shape \(6,\)"),
    "out_shape": ({"out": np.ones((2, 6, 5, 5), "float32")}, ValueError, r"out must have shape \(2, 6, 5, 6\)"),
    "out_dtype": ({"out": np.ones((2, 6, 5, 6))}, TypeError, "out must have dtype float32"),
}


def test_the_good_call_is_good() -> None:
    assert convx.deform_conv2d(**GOOD).shape == (2, 6, 5, 6)


@pytest.mark.parametrize("row", BAD.values(), ids=BAD.keys())
def test_refuses(row: tuple[dict[str, Any], type[Exception], str]) -> None:
    arguments, error, message = row
    with pytest.raises(error, match=f"^deform_conv2d: {message}"):
        convx.deform_conv2d(**{**GOOD, **arguments})
