"""float16 and bfloat16: arithmetic in float32, one rounding at the end."""

from typing import Any

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, ConvCase
from checks import Array, assert_equal_values, assert_result, assert_same_bits, run_python
from convx import reference
from layouts import LAYOUTS, OUT_LAYOUTS, Layout
from pool_cases import PoolCase

try:
    import ml_dtypes
except ImportError:
    HALVES = [np.dtype("float16")]
else:
    HALVES = [np.dtype("float16"), np.dtype(ml_dtypes.bfloat16)]

half_types = pytest.mark.parametrize("half", HALVES, ids=str)
NAMES = "3x3_c17_k15 1x1_c64_k27 7x7_stride2_pad3 depthwise_c17 groups2 3x3_unbatched 1d_causal_dil3 3d_asym 5x5_pad2"
CASES = [CONV_BY_NAME[name] for name in NAMES.split()]
POOLS = [
    PoolCase("3x3_stride1", (2, 5, 9, 35), 3, 1, 1),
    PoolCase("2x2", (1, 17, 8, 34), 2),
    PoolCase("global", (2, 5, 7, 7), 7),
    PoolCase("line", (2, 3, 40), 5, 2, 2, rank=1),
    PoolCase("volume", (1, 3, 4, 5, 20), 2, 1, 1, rank=3),
]


def conv_arrays(case: ConvCase, half: np.dtype[Any]) -> list[Array | None]:
    """Values that the half type holds exactly, not integers, whose sums float32 holds exactly too."""
    return [None if a is None else (a / 4).astype(half) for a in case.data("float32", integers=True)]


@half_types
def test_conv_is_float32_rounded_once(filtered_algorithm: str, isa: str, half: np.dtype[Any]) -> None:
    for case in [case for case in CASES if case.takes(filtered_algorithm)]:
        arrays = conv_arrays(case, half)
        function = getattr(convx, case.function)
        actual = function(*arrays, **case.parameters, algorithm=filtered_algorithm)
        wide = [None if a is None else a.astype("float32") for a in arrays]
        expected = function(*wide, **case.parameters, algorithm=filtered_algorithm).astype(half)
        assert_result(actual, expected.shape, half)
        assert_same_bits(actual, expected, case.name)
        if filtered_algorithm not in ("auto", "winograd", "fft"):
            oracle = getattr(reference, case.function)(*arrays, **case.parameters)
            assert oracle.dtype == half
            assert_equal_values(actual.astype("float32"), oracle.astype("float32"), case.name)
        plan = getattr(convx, case.plan)(*arrays[1:], **case.parameters, algorithm=filtered_algorithm)
        assert plan.dtype == half
        assert_same_bits(plan(arrays[0]), plan(wide[0]).astype(half), f"plan of {case.name}")


@half_types
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_is_float32_rounded_once(isa: str, half: np.dtype[Any], kind: str) -> None:
    for case in POOLS:
        x = case.data("float32").astype(half)
        name = f"{kind}_pool{case.rank}d"
        actual = getattr(convx, name)(x, **case.parameters)
        expected = getattr(convx, name)(x.astype("float32"), **case.parameters).astype(half)
        assert_result(actual, expected.shape, half)
        assert_same_bits(actual, expected, case.name)
        oracle = getattr(reference, name)(x, **case.parameters)
        assert oracle.dtype == half
        if kind == "max":
            assert_equal_values(actual.astype("float32"), oracle.astype("float32"), case.name)


@half_types
def test_maxout_keeps_the_dtype(isa: str, half: np.dtype[Any]) -> None:
    x = np.random.default_rng(0).standard_normal((2, 6, 5, 7)).astype(half)
    actual = convx.maxout(x, 3)
    assert_result(actual, (2, 2, 5, 7), half)
    assert_equal_values(actual.astype("float32"), x.astype("float32").reshape(2, 2, 3, 5, 7).max(axis=2))


@half_types
@pytest.mark.parametrize("wide", ["float32", "float64"])
@pytest.mark.parametrize("place", range(3))
def test_conv_promotes_as_numpy_does(half: np.dtype[Any], wide: str, place: int) -> None:
    arrays = conv_arrays(CONV_BY_NAME["3x3_c5_k7"], half)
    arrays[place] = arrays[place].astype(wide)  # type: ignore[union-attr]
    expected = convx.conv2d(*[a.astype(wide) for a in arrays])  # type: ignore[arg-type, union-attr]
    actual = convx.conv2d(*arrays)  # type: ignore[arg-type]
    assert_same_bits(actual, expected)
    plan = convx.Conv2d(*arrays[1:])  # type: ignore[arg-type]
    assert plan.dtype == np.dtype(wide if place else half)
    assert_same_bits(plan(arrays[0]), expected)  # type: ignore[arg-type]
    oracle = reference.conv2d(*arrays)  # type: ignore[arg-type]
    assert_same_bits(actual, oracle)


@pytest.mark.skipif(len(HALVES) < 2, reason="ml_dtypes is not installed")
def test_types_without_a_common_one_are_refused_by_name() -> None:
    x, w, b = conv_arrays(CONV_BY_NAME["3x3_c5_k7"], HALVES[0])
    other = w.astype(HALVES[1])  # type: ignore[union-attr]
    with pytest.raises(
        TypeError, match=r"^conv2d: input must have a dtype that NumPy promotes with bfloat16, got .*16"
    ):
        convx.conv2d(x, other)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^Conv2d: bias must have a dtype that NumPy promotes with bfloat16, got .*16"):
        convx.Conv2d(other, b)


@half_types
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_any_layout(half: np.dtype[Any], layout: Layout) -> None:
    if half.kind != "f" and layout is LAYOUTS["big_endian"]:
        pytest.skip("bfloat16 has one byte order")
    case = CONV_BY_NAME["3x3_c5_k7"]
    odd = [layout(a) for a in conv_arrays(case, half) if a is not None]
    plain = [np.ascontiguousarray(a).astype(half) for a in odd]
    assert_same_bits(convx.conv2d(*odd), convx.conv2d(*plain))  # type: ignore[arg-type]
    assert_same_bits(convx.max_pool2d(odd[0], 3, 2), convx.max_pool2d(plain[0], 3, 2))


@half_types
@pytest.mark.parametrize("layout", OUT_LAYOUTS.values(), ids=OUT_LAYOUTS.keys())
def test_out_is_written_in_its_dtype(half: np.dtype[Any], layout: Layout) -> None:
    x, w, b = conv_arrays(CONV_BY_NAME["3x3_c5_k7"], half)
    expected = convx.conv2d(x, w, b)  # type: ignore[arg-type]
    out = layout(np.zeros_like(expected))
    assert convx.conv2d(x, w, b, out=out) is out  # type: ignore[arg-type]
    assert_same_bits(np.ascontiguousarray(out), expected)
    with pytest.raises(TypeError, match=f"^conv2d: out must have dtype {half}, got dtype float32"):
        convx.conv2d(x, w, b, out=out.astype("float32"))  # type: ignore[arg-type]


@half_types
def test_out_may_overlap_the_input(half: np.dtype[Any]) -> None:
    case = ConvCase("square", (1, 16, 9, 9), (16, 16, 3, 3), padding=1)
    x, w, b = conv_arrays(case, half)
    expected = convx.conv2d(x, w, b, padding=1)  # type: ignore[arg-type]
    assert_same_bits(convx.conv2d(x, w, b, padding=1, out=x), expected)  # type: ignore[arg-type]


@half_types
def test_sums_do_not_round_on_the_way(isa: str, half: np.dtype[Any]) -> None:
    """4096 ones: adding them one by one in the half type would stop at 2048 or at 256."""
    x = np.ones((1, 4096, 1, 1), half)
    assert float(convx.conv2d(x, np.ones((1, 4096, 1, 1), half)).item()) == 4096
    assert float(convx.avg_pool1d(np.ones((1, 1, 4096), half), 4096, divisor_override=1).item()) == 4096


def test_a_sum_beyond_float16_is_infinite() -> None:
    """And no warning, which this suite would raise."""
    y = convx.conv1d(np.full((1, 4, 2), 30000, "float16"), np.ones((1, 4, 1), "float16"))
    assert y.tolist() == [[[np.inf, np.inf]]]


@half_types
def test_nan_and_infinity_stay(isa: str, half: np.dtype[Any]) -> None:
    x = np.array([[[1, np.nan, 2, np.inf, -np.inf, 3]]], half)
    pooled = convx.max_pool1d(x, 1).astype("float32")
    assert_equal_values(pooled, x.astype("float32"))


def test_ml_dtypes_is_not_imported() -> None:
    code = (
        "import sys, numpy as np, convx; convx.max_pool1d(np.ones((1, 4), 'e'), 2); print('ml_dtypes' in sys.modules)"
    )
    assert run_python(code).stdout.strip() == "False"
