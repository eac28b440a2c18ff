"""unfold and fold: against the NumPy reference, as adjoints of each other, and as what convolution is made of."""

import math
from typing import Any

import convx
import hypothesis.strategies as st
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_result, assert_same_bits, use_isa
from convx import reference
from hypothesis import given, settings
from layouts import LAYOUTS, OUT_LAYOUTS
from random_cases import NAMES, draw_axis, spell_ints, spell_padding

Arguments = dict[str, Any]

CASES: dict[str, tuple[tuple[int, ...], Arguments]] = {
    "2d": ((2, 3, 6, 7), {"kernel_size": 3}),
    "2d_unbatched": ((3, 6, 7), {"kernel_size": (2, 3)}),
    "2d_stride_dilation": ((1, 5, 13, 35), {"kernel_size": 3, "stride": 2, "dilation": 2, "padding": 3}),
    "2d_per_axis": ((1, 2, 9, 19), {"kernel_size": (4, 2), "stride": (3, 1), "dilation": (1, 3), "padding": (2, 0)}),
    "2d_pairs": ((1, 2, 9, 10), {"kernel_size": 3, "stride": 3, "padding": ((0, 2), (4, 1))}),
    "2d_mostly_padding": ((1, 2, 2, 3), {"kernel_size": 2, "padding": 5, "stride": 2}),
    "2d_same": ((1, 2, 9, 10), {"kernel_size": (2, 5), "stride": 2, "padding": "same"}),
    "2d_same_lower": ((1, 2, 9, 10), {"kernel_size": (2, 4), "stride": 2, "padding": "same_lower"}),
    "2d_gaps": ((1, 3, 11, 16), {"kernel_size": 2, "stride": 5}),
    "2d_wide": ((1, 1, 3, 9001), {"kernel_size": 2, "padding": 1}),
    "2d_tall": ((1, 2, 700, 9), {"kernel_size": (3, 2), "stride": (1, 2)}),
    "1d": ((2, 3, 20), {"kernel_size": (4,)}),
    "1d_unbatched_causal": ((3, 20), {"kernel_size": (3,), "padding": "causal", "dilation": 2}),
    "1d_long": ((1, 2, 10_000), {"kernel_size": (5,), "stride": 3, "padding": 2}),
    "3d": ((2, 3, 4, 5, 6), {"kernel_size": 2}),
    "3d_unbatched": ((3, 4, 5, 6), {"kernel_size": (2, 1, 3), "stride": (2, 1, 1), "padding": (1, 0, 2)}),
    "3d_pairs": (
        (1, 2, 5, 6, 7),
        {"kernel_size": (2, 3, 2), "dilation": (2, 1, 3), "padding": ((1, 0), (0, 2), (3, 0))},
    ),
}
EACH = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def rank_of(shape: tuple[int, ...], arguments: Arguments) -> int:
    kernel = arguments["kernel_size"]
    return len(kernel) if isinstance(kernel, tuple) else len(shape) - 2


def integers(shape: tuple[int, ...], dtype: Any = "float64", seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(-50, 50, shape).astype(dtype)


def fold_arguments(shape: tuple[int, ...], arguments: Arguments) -> Arguments:
    return {"output_size": shape[-rank_of(shape, arguments) :], **arguments}


@EACH
def test_unfold_matches_reference(isa: str, dtype: np.dtype, case: tuple[tuple[int, ...], Arguments]) -> None:
    shape, arguments = case
    x = integers(shape, dtype)
    expected = reference.unfold(x, **arguments)
    actual = convx.unfold(x, **arguments)
    assert_result(actual, expected.shape, dtype)
    assert_same_bits(actual, expected)


@EACH
def test_fold_matches_reference(isa: str, dtype: np.dtype, case: tuple[tuple[int, ...], Arguments]) -> None:
    shape, arguments = case
    columns = integers(reference.unfold(np.zeros(shape), **arguments).shape, dtype)
    expected = reference.fold(columns, **fold_arguments(shape, arguments))
    assert expected.shape == shape
    actual = convx.fold(columns, **fold_arguments(shape, arguments))
    assert_result(actual, shape, dtype)
    assert_equal_values(actual, expected)


@EACH
def test_fold_is_the_adjoint(case: tuple[tuple[int, ...], Arguments]) -> None:
    """On integers both inner products are exact."""
    shape, arguments = case
    x = integers(shape)
    columns = convx.unfold(x, **arguments)
    y = integers(columns.shape, seed=1)
    assert (columns * y).sum() == (x * convx.fold(y, **fold_arguments(shape, arguments))).sum()


@EACH
def test_fold_gives_the_same_bits_for_any_number_of_threads(
    dtype: np.dtype, case: tuple[tuple[int, ...], Arguments], keep_threads: int
) -> None:
    shape, arguments = case
    columns = np.random.default_rng(0).standard_normal(convx.unfold(np.zeros(shape), **arguments).shape).astype(dtype)
    results = []
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        results.append(convx.fold(columns, **fold_arguments(shape, arguments)))
    assert_same_bits(results[1], results[0])
    assert_same_bits(results[2], results[0])


@st.composite
def configurations(draw: st.DrawFn) -> tuple[tuple[int, ...], Arguments]:
    def number(lo: int, hi: int) -> int:
        return draw(st.integers(lo, hi))

    rank = number(1, 3)
    axes = [draw_axis(number, rank, pool=False) for _ in range(rank)]
    arguments = {
        "padding": spell_padding(number, axes),
        "kernel_size": tuple(a["kernel"] for a in axes),
        "stride": spell_ints(number, [a["stride"] for a in axes]),
        "dilation": spell_ints(number, [a["dilation"] for a in axes]),
    }
    batch = () if number(0, 3) == 0 else (number(1, 2),)
    return (*batch, number(1, 4), *(a["size"] for a in axes)), arguments


@given(configurations())
@settings(max_examples=200)
def test_any_parameters(isa_name: str, case: tuple[tuple[int, ...], Arguments]) -> None:
    shape, arguments = case
    x = integers(shape, "float32")
    with use_isa(isa_name):
        columns = convx.unfold(x, **arguments)
        images = convx.fold(columns, **fold_arguments(shape, arguments))
    assert_same_bits(columns, reference.unfold(x, **arguments))
    assert_equal_values(images, reference.fold(columns, **fold_arguments(shape, arguments)))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_weights_times_columns_is_convolution(rank: int) -> None:
    x = integers((2, 3, *(7, 8, 9)[:rank]))
    w = integers((4, 3, *(2, 3, 2)[:rank]), seed=1)
    columns = convx.unfold(x, w.shape[2:], padding=1, stride=2)
    y = getattr(convx, f"conv{rank}d")(x, w, padding=1, stride=2)
    assert_equal_values((w.reshape(4, -1) @ columns).reshape(y.shape), y)


def test_a_lone_int_means_what_torch_means() -> None:
    assert convx.unfold(np.zeros((3, 5, 6)), 2).shape == (12, 20)
    assert convx.unfold(np.zeros((1, 3, 5, 6)), 2).shape == (1, 12, 20)
    assert convx.unfold(np.zeros((1, 3, 4, 5, 6)), 2).shape == (1, 24, 60)
    assert convx.fold(np.zeros((12, 9)), 4, 2).shape == (3, 4, 4)
    assert convx.fold(np.zeros((12, 4)), 4, (1, 1, 2), stride=(4, 4, 1), padding=((0, 0), (0, 0), (0, 1))).ndim == 4
    with pytest.raises(ValueError, match=r"^unfold: input must have 3 axes"):
        convx.unfold(np.zeros((1, 3, 5, 6)), (2,))


def test_empty_batch() -> None:
    assert convx.unfold(np.zeros((0, 3, 5, 6)), 2).shape == (0, 12, 20)
    assert convx.fold(np.zeros((0, 12, 20)), (5, 6), 2).shape == (0, 3, 5, 6)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_any_layout_of_the_input(isa: str, layout: Any) -> None:
    x = layout(integers((2, 5, 9, 19), "float32"))
    assert_same_bits(convx.unfold(x, 3, 2, 2, 2), reference.unfold(x, 3, 2, 2, 2))
    columns = layout(integers((2, 12, 48), "float32"))
    assert_equal_values(convx.fold(columns, (7, 9), 2), reference.fold(columns, (7, 9), 2))


@pytest.mark.parametrize("layout", OUT_LAYOUTS.values(), ids=OUT_LAYOUTS.keys())
def test_out_of_any_layout(layout: Any) -> None:
    x = integers((2, 3, 5, 6), "float32")
    out = layout(np.zeros((2, 12, 20), "float32"))
    assert convx.unfold(x, 2, out=out) is out
    assert_same_bits(np.ascontiguousarray(out), reference.unfold(x, 2))
    image = layout(np.zeros((2, 3, 5, 6), "float32"))
    assert convx.fold(out, (5, 6), 2, out=image) is image
    assert_equal_values(np.ascontiguousarray(image), reference.fold(out, (5, 6), 2))


def test_out_may_overlap_the_input() -> None:
    memory = integers((300,), "float32")
    x, out = memory[:60].reshape(2, 5, 6), memory[3:163].reshape(8, 20)
    expected = reference.unfold(x, 2)
    assert_same_bits(convx.unfold(x, 2, out=out), expected)
    expected = reference.fold(out, (5, 6), 2)
    assert_equal_values(convx.fold(out, (5, 6), 2, out=x), expected)


def test_nan_stays_where_it_is() -> None:
    """A NaN reaches the patches that hold it, and no other."""
    x = np.zeros((1, 4, 5))
    x[0, 2, 2] = np.nan
    columns = convx.unfold(x, 2)
    assert np.isnan(columns).sum() == 4
    assert (np.isnan(convx.fold(columns, (4, 5), 2)) == np.isnan(x)).all()


UNFOLD_X = np.ones((2, 4, 9, 9), "float32")
FOLD_X = np.ones((2, 36, 49), "float32")
HUGE = np.broadcast_to(np.zeros((), "float32"), (1, 1, 2**40, 2**20))
BAD: dict[str, tuple[Arguments, type[Exception], str]] = {
    "kernel_0": ({"kernel_size": 0}, ValueError, "kernel_size must be >= 1, got 0"),
    "kernel_bool": ({"kernel_size": True}, TypeError, "kernel_size must"),
    "kernel_empty": ({"kernel_size": ()}, ValueError, r"kernel_size must .*, got \(\)"),
    "stride_0": ({"stride": 0}, ValueError, "stride must be >= 1, got 0"),
    "stride_float": ({"stride": 1.5}, TypeError, "stride must"),
    "stride_long": ({"stride": (1, 1, 1)}, ValueError, r"stride must .*, got \(1, 1, 1\)"),
    "dilation_negative": ({"dilation": (1, -1)}, ValueError, r"dilation must be >= 1, got \(1, -1\)"),
    "dilation_huge": ({"dilation": 2**31}, ValueError, "dilation must be < 2"),
    "padding_negative": ({"padding": -1}, ValueError, "padding must be >= 0, got -1"),
    "padding_name": ({"padding": "full"}, ValueError, "padding must .*'causal' .*kernel size - 1.*, got 'full'"),
    "extent": ({"kernel_size": 2**29, "dilation": 2**29}, ValueError, "dilation .* must be < 2"),
    "format": ({"data_format": "NCHW"}, ValueError, "data_format must be .*, got 'NCHW'"),
    "format_type": ({"data_format": None}, TypeError, "data_format must be a str"),
    "integers": ({"input": np.ones((2, 36, 49), "int64")}, TypeError, "input must be float16"),
    "out_list": ({"out": [1]}, TypeError, "out must be a numpy.ndarray"),
    "out_dtype": ({"out": np.ones((2, 36, 49))}, TypeError, "out must have dtype float32"),
    "out_shape": ({"out": np.ones((1, 2), "float32")}, ValueError, "out must have shape"),
}
BAD_UNFOLD: dict[str, tuple[Arguments, type[Exception], str]] = {
    "kernel_too_large": ({"kernel_size": 10}, ValueError, "kernel must fit .*: output size would be 0"),
    "rank_low": ({"input": UNFOLD_X[0, 0]}, ValueError, "input must have 4 axes"),
    "rank_high": ({"kernel_size": (1, 1, 1, 1)}, ValueError, "kernel_size must be one int or 1 to 3"),
    "no_channels": ({"input": UNFOLD_X[:, :0]}, ValueError, "input must have at least one channel"),
    "overflow": (
        {"input": HUGE[:, :, ::2], "kernel_size": 2, "padding": 2**30},
        ValueError,
        "output must be smaller than 2",
    ),
    "vast": ({"input": HUGE, "kernel_size": 2}, ValueError, "input must be smaller than 2"),
}
BAD_FOLD: dict[str, tuple[Arguments, type[Exception], str]] = {
    "kernel_too_large": ({"output_size": (9, 2)}, ValueError, "kernel must fit .*: output size would be 0"),
    "size_0": ({"output_size": (9, 0)}, ValueError, r"output_size must be >= 1, got \(9, 0\)"),
    "size_negative": ({"output_size": -9}, ValueError, "output_size must be >= 1, got -9"),
    "size_huge": ({"output_size": 2**31}, ValueError, "output_size must be < 2"),
    "size_float": ({"output_size": 9.0}, TypeError, "output_size must"),
    "size_rank": ({"output_size": (9, 9, 9, 9)}, ValueError, "output_size must be one int or 1 to 3"),
    "rank_low": ({"input": FOLD_X[0, 0]}, ValueError, "input must have 3 axes"),
    "rank_high": ({"input": FOLD_X[None]}, ValueError, "input must have 3 axes"),
    "rows": ({"input": FOLD_X[:, :35]}, ValueError, r"input must have C \* 9 rows.*, got shape \(2, 35, 49\)"),
    "no_rows": ({"input": FOLD_X[:, :0]}, ValueError, r"input must have C \* 9 rows"),
    "positions": (
        {"input": FOLD_X[:, :, :48]},
        ValueError,
        r"input must have L = 49 columns.*, got shape \(2, 36, 48\)",
    ),
    "other_rank": ({"output_size": (9, 9), "kernel_size": (3, 3, 3)}, ValueError, "kernel_size must be one int or 2"),
}


@pytest.mark.parametrize("row", {**BAD, **BAD_UNFOLD}.values(), ids={**BAD, **BAD_UNFOLD}.keys())
def test_unfold_refuses(row: tuple[Arguments, type[Exception], str]) -> None:
    arguments, error, message = row
    with pytest.raises(error, match=f"^unfold: {message}"):
        convx.unfold(**{"input": UNFOLD_X, "kernel_size": 3, **arguments})


@pytest.mark.parametrize("row", {**BAD, **BAD_FOLD}.values(), ids={**BAD, **BAD_FOLD}.keys())
def test_fold_refuses(row: tuple[Arguments, type[Exception], str]) -> None:
    arguments, error, message = row
    with pytest.raises(error, match=f"^fold: {message}"):
        convx.fold(**{"input": FOLD_X, "output_size": 9, "kernel_size": 3, **arguments})


def test_matches_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    rng = np.random.default_rng(0)
    for _ in range(50):
        kernel, stride, dilation = (tuple(int(v) for v in rng.integers(1, 4, 2)) for _ in range(3))
        padding = tuple(int(v) for v in rng.integers(0, 4, 2))
        shape = tuple(int(v) for v in (2, rng.integers(1, 5), *rng.integers(7, 15, 2)))[rng.integers(0, 2) :]
        x = rng.standard_normal(shape).astype("float32")
        columns = torch.nn.functional.unfold(torch.from_numpy(x), kernel, dilation, padding, stride)
        assert_same_bits(convx.unfold(x, kernel, dilation, padding, stride), columns.numpy())
        y = rng.standard_normal(columns.shape).astype("float32")
        image = torch.nn.functional.fold(torch.from_numpy(y), shape[-2:], kernel, dilation, padding, stride).numpy()
        actual = convx.fold(y, shape[-2:], kernel, dilation, padding, stride)
        np.testing.assert_allclose(actual, image, rtol=0, atol=math.prod(kernel) * 2e-6)


@EACH
@pytest.mark.parametrize("dtype_name", ["float16", "float32", "float64"])
def test_channels_last(dtype_name: str, case: tuple[tuple[int, ...], Arguments]) -> None:
    """The same with the maps last, and columns (N, L, C * kernel elements)."""
    shape, arguments = case
    rank, last = rank_of(*case), {"data_format": "channels_last"}
    x = integers(shape, dtype_name)
    columns = convx.unfold(np.ascontiguousarray(np.moveaxis(x, -rank - 1, -1)), **arguments, **last)
    assert columns.flags.c_contiguous
    assert_same_bits(np.ascontiguousarray(np.swapaxes(columns, -1, -2)), reference.unfold(x, **arguments))
    image = convx.fold(columns, **fold_arguments(shape, arguments), **last)
    assert image.flags.c_contiguous
    assert_equal_values(image, reference.fold(columns, **fold_arguments(shape, arguments), **last))
    expected = convx.fold(np.swapaxes(columns, -1, -2), **fold_arguments(shape, arguments))
    assert_same_bits(np.ascontiguousarray(np.moveaxis(image, -1, -rank - 1)), expected)


def test_bfloat16_and_dlpack() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    x = integers((1, 3, 5, 6), ml_dtypes.bfloat16)
    columns = convx.unfold(x, 3)
    assert columns.dtype == x.dtype
    assert_equal_values(columns.astype("float32"), convx.unfold(x.astype("float32"), 3))
    assert convx.fold(columns, (5, 6), 3).dtype == x.dtype


def test_names_of_padding_in_fold() -> None:
    """The same pads as unfold takes for an image of that size."""
    for name in NAMES:
        x = integers((1, 2, 9, 10))
        columns = convx.unfold(x, (2, 3), 2, name, 1)
        ones = convx.unfold(np.ones_like(x), (2, 3), 2, name, 1)
        counts = convx.fold(ones, (9, 10), (2, 3), 2, name, 1)
        assert_equal_values(convx.fold(columns, (9, 10), (2, 3), 2, name, 1), x * counts)
