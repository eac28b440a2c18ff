"""Maxima with their indices, and the way back."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_result, use_isa
from convx import _core, reference
from hypothesis import given, settings
from layouts import LAYOUTS, OUT_LAYOUTS, Layout
from pool_cases import POOL_CASES, PoolCase, any_padding
from random_cases import RandomPool, pool_cases

EACH = pytest.mark.parametrize("case", POOL_CASES, ids=lambda case: case.name)
NUMBERS = [np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)]
NUMBERS += [np.dtype("bool"), np.dtype("float16")]


def both(x: Array, rank: int, parameters: dict[str, Any], label: str = "") -> tuple[Array, Array]:
    """Values and indices, compared with the reference."""
    name = f"max_pool{rank}d"
    values, indices = getattr(convx, name)(x, **parameters, return_indices=True)
    expected, where = getattr(reference, name)(x, **parameters, return_indices=True)
    assert_result(values, expected.shape, x.dtype)
    assert_result(indices, where.shape, np.int64)
    assert_equal_values(values, expected, f"{label} values")
    assert_equal_values(indices, where, f"{label} indices")
    return values, indices


@EACH
def test_indices_match_reference(isa: str, dtype: np.dtype, case: PoolCase) -> None:
    """Few different numbers, so that most windows have several maxima."""
    for data in (case.data(dtype), np.round(2 * case.data(dtype))):
        values, _ = both(data, case.rank, case.parameters, case.name)
        assert_equal_values(values, getattr(convx, f"max_pool{case.rank}d")(data, **case.parameters))


@pytest.mark.parametrize("number", ["int8", "uint16", "float32", "uint64"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_indices_where_all_windows_lie_in_the_padding(number: str, axis: int) -> None:
    """No row is laid out; scratch for fewer than none must not be taken off the rest of it."""
    x = np.full((1, 2, *(1 if i == axis else 40 for i in range(3))), 7, number)
    one = np.eye(3, dtype=int)[axis]
    for half in (1, 3, 6, 20):
        parameters = {
            "kernel_size": 1 + one,
            "dilation": 1 + (2 * half - 1) * one,
            "padding": [(half * i, half * i) for i in one],
        }
        parameters = {name: tuple(value) for name, value in parameters.items()}
        _, indices = both(x, 3, parameters)
        assert (indices == -1).all()


SOME = pytest.mark.parametrize("case", POOL_CASES[::4], ids=lambda case: case.name)


@SOME
@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_indices_of_every_dtype(isa: str, number: np.dtype, case: PoolCase) -> None:
    rng = np.random.default_rng(0)
    both(draw_numbers(rng, case.input, number), case.rank, case.parameters, case.name)


def draw_numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Of the whole range of an integer type, with its ends among them."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        x = rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
        return np.where(rng.random(shape) < 0.4, rng.choice(np.array([limits.min, limits.max], dtype), shape), x)
    return (rng.random(shape) < 0.3).astype(dtype)


@SOME
@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_max_pool_of_every_dtype(isa: str, number: np.dtype, case: PoolCase) -> None:
    x = draw_numbers(np.random.default_rng(0), case.input, number)
    name = f"max_pool{case.rank}d"
    actual = getattr(convx, name)(x, **case.parameters)
    expected = getattr(reference, name)(x, **case.parameters)
    assert_result(actual, expected.shape, number)
    assert_equal_values(actual, expected)


WINDOWS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "2x2_stride2": ((4, 6), {"kernel_size": 2}),
    "3x3_stride1": ((5, 7), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "3x3_stride2": ((7, 9), {"kernel_size": 3, "stride": 2}),
    "3x3_dilation2": ((7, 8), {"kernel_size": 3, "stride": 1, "padding": 2, "dilation": 2}),
    "3x3_row_of_19": ((3, 19), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "global_6x6": ((6, 6), {"kernel_size": 6}),
    "volume": ((3, 4, 5), {"kernel_size": 2, "stride": 1, "padding": 1}),
}


@pytest.mark.parametrize(("plane", "parameters"), WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("channels", range(1, 18))
def test_indices_nan_at_every_position(
    isa: str, dtype: np.dtype, channels: int, plane: tuple[int, ...], parameters: dict[str, Any]
) -> None:
    positions = int(np.prod(plane))
    x = np.random.default_rng(channels).integers(-9, 10, (positions, channels, positions)).astype(dtype)
    image = np.arange(positions)
    x[image, image % channels, image] = np.nan
    x[image, image % channels, (image * 5 + 3) % positions] = np.nan
    _, indices = both(x.reshape(positions, channels, *plane), len(plane), parameters)
    assert indices.min() >= 0


def test_last_nan_and_first_of_equals(isa: str, dtype: np.dtype) -> None:
    row = np.array([[1, np.nan, 5, np.nan, 7, 7, 7, 2]], dtype)
    values, indices = convx.max_pool1d(row, 4, return_indices=True)
    assert_equal_values(values, np.array([[np.nan, 7]]))
    assert indices.tolist() == [[3, 4]]


def test_minus_infinity_beside_padding_is_found(isa: str, dtype: np.dtype) -> None:
    x = np.full((1, 3, 5, 19), -np.inf, dtype)
    for parameters in ({"kernel_size": 3, "stride": 1, "padding": 1}, {"kernel_size": 2}, {"kernel_size": 5}):
        _, indices = both(x, 2, parameters)
        assert indices.min() == 0
    both(np.full((1, 3, 5, 19), np.iinfo("int8").min, "int8"), 2, {"kernel_size": 3, "stride": 1, "padding": 1})


def test_window_without_an_element_has_index_minus_1(isa: str, dtype: np.dtype) -> None:
    values, indices = convx.max_pool1d(np.array([[7, 8]], dtype), 2, 1, 2, 3, return_indices=True)
    assert_equal_values(values, np.array([[8, -np.inf, 7]]))
    assert indices.tolist() == [[1, -1, 0]]
    values, indices = convx.max_pool1d(np.array([[7, 8]], "int16"), 2, 1, 2, 3, return_indices=True)
    assert values.tolist() == [[8, -32768, 7]]
    assert indices.tolist() == [[1, -1, 0]]


@pytest.mark.parametrize("number", ["float32", "float64", "uint8", "int32"])
def test_indices_at_every_width(isa: str, number: str) -> None:
    rng = np.random.default_rng(0)
    for parameters in (
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": 1, "padding": 1},
        {"kernel_size": (1, 1), "stride": 1},
        {"kernel_size": (2, 3), "stride": (1, 4), "padding": (0, 1), "dilation": (2, 1)},
        {"kernel_size": (4, 3), "stride": 1, "ceil_mode": True},
    ):
        for width in [*range(3, 20), 31, 32, 33, 64, 65, 66]:
            both(rng.integers(0, 9, (2, 2, 9, width)).astype(number), 2, parameters, f"{width}")


def test_indices_of_taps_far_apart(isa: str, dtype: np.dtype) -> None:
    """Rows of unit stride without padding that are laid out tap by tap all the same."""
    for dilation in (2, 3, 7):
        for outputs in (1, 2, 5):
            x = np.random.default_rng(0).integers(-9, 10, (2, 3, 2 * dilation + outputs)).astype(dtype)
            both(x, 1, {"kernel_size": 3, "stride": 1, "dilation": dilation}, f"{dilation} {outputs}")


def test_indices_of_long_rows_and_large_windows(isa: str, dtype: np.dtype) -> None:
    """Rows in pieces; windows of more rows than are laid out at a time."""
    rng = np.random.default_rng(0)
    for shape, parameters in (
        ((1, 2, 3001), {"kernel_size": 3, "stride": 1, "padding": 1}),
        ((1, 2, 5003), {"kernel_size": 3, "stride": 2, "dilation": 7}),
        ((1, 2, 4000), {"kernel_size": 4000}),
        ((1, 1, 300, 301), {"kernel_size": (299, 40), "stride": (1, 9)}),
        ((1, 1, 40, 900), {"kernel_size": (40, 900)}),
        ((1, 1, 9, 10, 700), {"kernel_size": (9, 4, 3), "stride": 1}),
    ):
        x = rng.integers(-9, 10, shape).astype(dtype)
        both(x, len(shape) - 2, parameters, f"{shape}")
        x.flat[::101] = np.nan
        both(x, len(shape) - 2, parameters, f"{shape} with NaN")


@settings(max_examples=200)
@given(case=pool_cases())
def test_indices_of_random_poolings(isa_name: str, case: RandomPool) -> None:
    with use_isa(isa_name):
        for number in ("float32", "float64", "int8"):
            x = case.data(number)
            both(x, case.rank, case.parameters, number)
            for data_format in ("channels_last",):
                last = np.ascontiguousarray(np.moveaxis(x, -case.rank - 1, -1))
                both(last, case.rank, {**case.parameters, "data_format": data_format}, f"{number} {data_format}")


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_indices_take_any_layout(isa: str, dtype: np.dtype, layout: Layout) -> None:
    for number in (dtype, np.dtype("uint16")):
        x = (
            layout(np.random.default_rng(0).integers(0, 99, (2, 5, 9, 35)).astype(number))
            if number == dtype
            else (np.random.default_rng(0).integers(0, 99, (2, 5, 9, 70)).astype(number)[..., ::-2])
        )
        for parameters in ({"kernel_size": 2}, {"kernel_size": 3, "stride": 1, "padding": 1}):
            values, indices = convx.max_pool2d(x, **parameters, return_indices=True)
            plain = np.ascontiguousarray(x).astype(x.dtype.newbyteorder("="))
            expected, where = reference.max_pool2d(plain, **parameters, return_indices=True)
            assert_equal_values(values, expected)
            assert_equal_values(indices, where)


@pytest.mark.parametrize("layout", OUT_LAYOUTS.values(), ids=OUT_LAYOUTS.keys())
def test_indices_write_to_any_out(isa: str, dtype: np.dtype, layout: Layout) -> None:
    x = np.random.default_rng(0).integers(-9, 10, (2, 5, 9, 35)).astype(dtype)
    expected, where = convx.max_pool2d(x, 3, 2, 1, return_indices=True)
    out = layout(np.zeros_like(expected)), layout(np.zeros_like(where).astype(float)).astype("int64")
    values, indices = convx.max_pool2d(x, 3, 2, 1, return_indices=True, out=out)
    assert values is out[0]
    assert indices is out[1]
    assert_equal_values(values, expected)
    assert_equal_values(indices, where)


def test_indices_out_may_overlap(isa: str) -> None:
    x = np.random.default_rng(0).standard_normal((2, 4, 8, 8))
    expected, where = convx.max_pool2d(x, 3, 1, 1, return_indices=True)
    values, indices = convx.max_pool2d(x, 3, 1, 1, return_indices=True, out=(x, where.copy()))
    assert_equal_values(values, expected)
    assert_equal_values(indices, where)
    buffer = np.zeros(2 * 4 * 64 + 5, "int64")
    shared = buffer[:512].reshape(2, 4, 8, 8), buffer[5:].reshape(2, 4, 8, 8)
    small = np.random.default_rng(1).integers(-9, 9, (2, 4, 8, 8))
    expected, where = convx.max_pool2d(small, 3, 1, 1, return_indices=True)
    _, indices = convx.max_pool2d(small, 3, 1, 1, return_indices=True, out=shared)
    assert_equal_values(indices, where)


@pytest.mark.parametrize("out", [[1], (1, 2), (np.zeros(1),), np.zeros((1, 1, 2, 2))], ids=str)
def test_indices_refuse_out_that_is_no_pair(out: Any) -> None:
    with pytest.raises(TypeError, match="max_pool2d: out must be a tuple of two arrays"):
        convx.max_pool2d(np.ones((1, 1, 4, 4)), 2, return_indices=True, out=out)


def test_indices_refuse_a_wrong_pair() -> None:
    x, good = np.ones((1, 1, 4, 4)), np.zeros((1, 1, 2, 2))
    with pytest.raises(TypeError, match="max_pool2d: out must have dtype int64, got dtype float64"):
        convx.max_pool2d(x, 2, return_indices=True, out=(good, good))
    with pytest.raises(ValueError, match=r"max_pool2d: out must have shape \(1, 1, 2, 2\)"):
        convx.max_pool2d(x, 2, return_indices=True, out=(good, np.zeros((1, 2, 2), "int64")))
    with pytest.raises(TypeError, match=r"max_pool2d: return_indices must be a bool, got 1"):
        convx.max_pool2d(x, 2, return_indices=1)  # type: ignore[call-overload]


def test_indices_same_for_any_threads(isa: str, dtype: np.dtype, keep_threads: int) -> None:
    x = np.random.default_rng(0).integers(0, 5, (3, 20, 60, 61)).astype(dtype)
    results = []
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        results.append(convx.max_pool2d(x, 3, 2, 1, return_indices=True))
    for values, indices in results[1:]:
        assert values.tobytes() == results[0][0].tobytes()
        assert indices.tobytes() == results[0][1].tobytes()


def test_indices_of_an_empty_batch() -> None:
    values, indices = convx.max_pool2d(np.empty((0, 3, 4, 4), "int8"), 2, return_indices=True)
    assert_result(values, (0, 3, 2, 2), "int8")
    assert_result(indices, (0, 3, 2, 2), "int64")


def test_indices_beyond_2_to_the_31() -> None:
    """A map of zeros that takes no memory; its windows are few and far apart, or reach from end to end."""
    x = np.broadcast_to(np.zeros((), "int8"), (1, 1, 50000, 50001))
    values, indices = convx.max_pool2d(x, (2, 3), (49998, 49998), return_indices=True)
    assert values.shape == (1, 1, 2, 2)
    assert indices.ravel().tolist() == [0, 49998, 49998 * 50001, 49998 * 50001 + 49998]
    _, indices = convx.max_pool2d(x, (2, 2), 50000, dilation=(49999, 1), return_indices=True)
    assert indices.ravel().tolist() == [0, 50000][:1]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_half_types_of_ml_dtypes(rank: int) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.random.default_rng(0).integers(-9, 10, (2, 3, *[8] * rank)).astype(ml_dtypes.bfloat16)
    values, indices = getattr(convx, f"max_pool{rank}d")(x, 2, return_indices=True)
    expected, where = getattr(reference, f"max_pool{rank}d")(x.astype("float32"), 2, return_indices=True)
    assert values.dtype == x.dtype
    assert_equal_values(values.astype("float32"), expected)
    assert_equal_values(indices, where)


def test_core_lifts_the_half_kernel_rule(isa: str, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).integers(-9, 10, (1, 2, 9, 19)).astype(dtype)
    padding = ((4, 5), (20, 6))
    values, indices = _core.max_pool("f", 2, x, 3, 2, padding, 1, False, True, None, "channels_first", True)
    with any_padding():
        expected, where = reference.max_pool2d(x, 3, 2, padding, return_indices=True)
    assert_equal_values(values, expected)
    assert_equal_values(indices, where)
    assert (indices == -1).any()
