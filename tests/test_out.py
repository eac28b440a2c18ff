"""out=: written in any layout, nothing beside it touched, overlap with the inputs harmless."""

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, ConvCase
from checks import Array, assert_equal_values, assert_integers
from layouts import OUT_LAYOUTS, Layout, contiguous

NAMES = "3x3_c5_k7 1x1_c64_k27 7x7_stride2_pad3 depthwise_c17 groups2 3x3_unbatched 1d_causal_dil3 3d_asym"
CASES = [CONV_BY_NAME[name] for name in NAMES.split()] + [
    ConvCase("full_tiles", (1, 32, 8, 32), (32, 32, 3, 3), padding=1),
    ConvCase("k_blocks", (1, 300, 6, 7), (17, 300, 3, 3)),
]
EACH = pytest.mark.parametrize("layout", OUT_LAYOUTS.values(), ids=OUT_LAYOUTS.keys())


@EACH
def test_conv_writes_to_any_out(filtered_algorithm: str, isa: str, dtype: np.dtype, layout: Layout) -> None:
    algorithm = filtered_algorithm
    for case in [case for case in CASES if case.takes(algorithm)]:
        x, w, b = case.data(dtype, integers=True)
        arguments = {**case.parameters, "activation": "relu", "algorithm": algorithm}
        expected = getattr(convx, case.function)(x, w, b, **arguments)
        out = layout(np.full_like(expected, np.nan))
        assert getattr(convx, case.function)(x, w, b, **arguments, out=out) is out
        assert_equal_values(out, expected, case.name)
        out[...] = np.nan
        assert getattr(convx, case.plan)(w, b, **arguments)(x, out=out) is out
        assert_integers(out, expected, algorithm, f"plan of {case.name}")


@EACH
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_writes_to_any_out(isa: str, dtype: np.dtype, kind: str, layout: Layout) -> None:
    x = np.random.default_rng(0).integers(-99, 100, (2, 5, 9, 35)).astype(dtype)
    for kernel, stride, padding in [(3, 1, 1), (2, 2, 0), ((9, 35), 1, 0)]:
        pool = getattr(convx, f"{kind}_pool2d")
        expected = pool(x, kernel, stride, padding)
        out = layout(np.full_like(expected, np.nan))
        assert pool(x, kernel, stride, padding, out=out) is out
        assert_equal_values(out, expected, f"kernel {kernel}")


def test_nothing_beside_out_is_written(filtered_algorithm: str, isa: str, dtype: np.dtype) -> None:
    algorithm = filtered_algorithm
    for case in [case for case in CASES if case.takes(algorithm)]:
        x, w, b = case.data(dtype, integers=True)
        expected = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm)
        for step in (1, 2, -2):
            whole = np.full([2 * n + 6 for n in expected.shape], 12345, dtype)
            inner = whole[tuple(slice(3, 3 + abs(step) * n) for n in expected.shape)]
            out = inner[tuple(slice(None, None, step) for _ in expected.shape)]
            getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm, out=out)
            assert_equal_values(out, expected, f"{case.name} step {step}")
            out[...] = 12345
            assert (whole == 12345).all(), f"{case.name} step {step}: written outside of out"


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_nothing_beside_pool_out_is_written(isa: str, dtype: np.dtype, kind: str) -> None:
    x = np.random.default_rng(0).integers(-99, 100, (2, 5, 9, 35)).astype(dtype)
    pool = getattr(convx, f"{kind}_pool2d")
    for kernel, stride, padding in [(3, 1, 1), (3, 2, 1), (2, 2, 0), (7, 1, 3)]:
        expected = pool(x, kernel, stride, padding)
        whole = np.full([n + 6 for n in expected.shape], 12345, dtype)
        out = whole[tuple(slice(3, n + 3) for n in expected.shape)]
        pool(x, kernel, stride, padding, out=out)
        assert_equal_values(out, expected)
        out[...] = 12345
        assert (whole == 12345).all(), f"kernel {kernel}: written outside of out"


def overlapping(a: Array, shape: tuple[int, ...], shift: int) -> tuple[Array, Array]:
    """A copy of a, and an array of the given shape, in one buffer, the second shift elements behind the first."""
    size = int(np.prod(shape))
    start, first = max(0, -shift), max(0, shift)
    buffer = np.full(max(start + a.size, first + size), np.nan, a.dtype)
    copy = buffer[start : start + a.size].reshape(a.shape)
    copy[...] = a
    return copy, buffer[first : first + size].reshape(shape)


OVERLAPS = [
    ConvCase("1x1", (2, 16, 6, 9), (16, 16, 1, 1)),
    ConvCase("3x3", (2, 17, 6, 9), (17, 17, 3, 3), padding=1),
    ConvCase("depthwise", (1, 16, 7, 18), (16, 1, 3, 3), padding=1, groups=16),
    ConvCase("line", (2, 5, 40), (5, 5, 3), padding=1),
]


@pytest.mark.parametrize("case", OVERLAPS, ids=lambda case: case.name)
def test_conv_out_may_overlap_the_input(algorithm: str, isa: str, dtype: np.dtype, case: ConvCase) -> None:
    x, w, b = case.data(dtype, integers=True)
    function = getattr(convx, case.function)
    expected = function(x, w, b, **case.parameters, algorithm=algorithm)
    plan = getattr(convx, case.plan)(w, b, **case.parameters, algorithm=algorithm)
    for shift in (0, 1, -1, 7, -7, x[0].size // 2):
        shared, out = overlapping(x, expected.shape, shift)
        function(shared, w, b, **case.parameters, algorithm=algorithm, out=out)
        assert_equal_values(out, expected, f"shift {shift}")
        shared, out = overlapping(x, expected.shape, shift)
        plan(shared, out=out)
        assert_integers(out, expected, algorithm, f"plan, shift {shift}")
    shared = contiguous(x)
    backwards = shared[..., ::-1]
    function(shared, w, b, **case.parameters, algorithm=algorithm, out=backwards)
    assert_equal_values(backwards, expected, "reversed view of the input")


def test_conv_out_may_overlap_weight_and_bias(any_algorithm: str, isa: str, dtype: np.dtype) -> None:
    case, algorithm = CONV_BY_NAME["3x3_c17_k15"], any_algorithm
    x, w, b = case.data(dtype, integers=True)
    assert b is not None
    expected = convx.conv2d(x, w, b, padding=1, algorithm=algorithm)
    for shift in (0, 3, -3, 500):
        shared, out = overlapping(w, expected.shape, shift)
        convx.conv2d(x, shared, b, padding=1, algorithm=algorithm, out=out)
        assert_equal_values(out, expected, f"weight, shift {shift}")
        shared, out = overlapping(b, expected.shape, shift)
        convx.conv2d(x, w, shared, padding=1, algorithm=algorithm, out=out)
        assert_equal_values(out, expected, f"bias, shift {shift}")


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_out_may_overlap_the_input(isa: str, dtype: np.dtype, kind: str) -> None:
    x = np.random.default_rng(0).integers(-99, 100, (2, 17, 8, 19)).astype(dtype)
    pool = getattr(convx, f"{kind}_pool2d")
    for kernel, stride, padding in [(3, 1, 1), (2, 2, 0), (5, 1, 2)]:
        expected = pool(x, kernel, stride, padding)
        for shift in (0, 1, -1, 19, -19, 100):
            shared, out = overlapping(x, expected.shape, shift)
            pool(shared, kernel, stride, padding, out=out)
            assert_equal_values(out, expected, f"kernel {kernel}, shift {shift}")


def test_out_in_the_gaps_of_the_input_is_no_overlap(any_algorithm: str, isa: str) -> None:
    """Interleaved without a common byte: both must stay correct."""
    case, algorithm = CONV_BY_NAME["3x3_c17_k15"], any_algorithm
    x, w, b = case.data("float32", integers=True)
    expected = convx.conv2d(x, w, b, padding=1, algorithm=algorithm)
    pairs = np.full((1, 17, 9, 15, 2), np.nan, "float32")
    pairs[..., 0] = x
    out = pairs[:, :15, :, :, 1]
    convx.conv2d(pairs[..., 0], w, b, padding=1, algorithm=algorithm, out=out)
    assert_equal_values(out, expected)
    assert_equal_values(pairs[..., 0], x, "the input was changed")
