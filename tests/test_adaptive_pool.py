"""Adaptive and global pooling against the reference."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_result, assert_same_bits, assert_within, use_isa
from convx import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import LAYOUTS, Layout

CASES: list[tuple[tuple[int, ...], Any]] = [
    ((2, 3, 20), 7),
    ((2, 3, 20), 5),
    ((3, 20), 1),
    ((1, 1, 7), 20),
    ((2, 3, 20), None),
    ((2, 17, 13, 13), 6),
    ((2, 17, 14, 14), 7),
    ((1, 5, 7, 7), 1),
    ((1, 5, 9, 35), (3, None)),
    ((1, 5, 9, 35), (None, 16)),
    ((1, 5, 9, 35), [4, 70]),
    ((5, 9, 35), (10, 3)),
    ((1, 2, 3, 700), (2, 300)),
    ((1, 2, 40, 1), (7, 3)),
    ((1, 2, 4, 6, 8), 2),
    ((2, 3, 5, 6, 7), (3, None, 4)),
    ((3, 5, 6, 7), (7, 1, 2)),
]
EACH = pytest.mark.parametrize(("shape", "size"), CASES, ids=str)
NUMBERS = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
]


def rank_of(shape: tuple[int, ...], batched: bool = True) -> int:
    return len(shape) - 2 if batched else len(shape) - 1


def ranked(shape: tuple[int, ...], size: Any) -> int:
    """The number of spatial axes: that of a tuple of sizes, else of the shape with N where it has one."""
    if isinstance(size, (tuple, list)):
        return len(size)
    return {2: 1, 3: 1, 4: 2, 5: 3}[len(shape)]


def call(module: Any, kind: str, x: Array, size: Any, rank: int, **more: Any) -> Any:
    return getattr(module, f"adaptive_{kind}_pool{rank}d")(x, size, **more)


def average_bound(x: Array) -> float:
    return 4 * float(np.finfo(x.dtype).eps) * max(1, x.size) ** 0.5 * 40 * float(np.abs(x).max())


@EACH
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_adaptive_avg_pool_matches_reference(
    isa: str, dtype: np.dtype, data_format: str, shape: tuple[int, ...], size: Any
) -> None:
    rank = ranked(shape, size)
    x = np.random.default_rng(0).uniform(-1, 1, shape).astype(dtype)
    x = x if data_format == "channels_first" else np.ascontiguousarray(np.moveaxis(x, -rank - 1, -1))
    expected = call(reference, "avg", x.astype("float64"), size, rank, data_format=data_format)
    actual = call(convx, "avg", x, size, rank, data_format=data_format)
    assert_result(actual, expected.shape, dtype)
    assert_within(actual, expected, average_bound(x))


@EACH
@pytest.mark.parametrize("number", NUMBERS)
def test_adaptive_max_pool_matches_reference(isa: str, number: str, shape: tuple[int, ...], size: Any) -> None:
    rank = ranked(shape, size)
    x = np.random.default_rng(0).integers(0, 5, shape).astype(number)
    for data_format in ("channels_first", "channels_last"):
        given = x if data_format == "channels_first" else np.ascontiguousarray(np.moveaxis(x, -rank - 1, -1))
        expected, where = call(reference, "max", given, size, rank, return_indices=True, data_format=data_format)
        alone = call(convx, "max", given, size, rank, data_format=data_format)
        values, indices = call(convx, "max", given, size, rank, return_indices=True, data_format=data_format)
        assert_result(values, expected.shape, number)
        assert_equal_values(values, expected)
        assert_equal_values(indices, where)
        assert_equal_values(alone, expected)


def test_adaptive_pool_divides_as_the_formula_says() -> None:
    """Sums of ones are the sizes of the windows; of positions, their places."""
    for size in range(1, 14):
        for outputs in range(1, 20):
            row = np.arange(size, dtype="float64").reshape(1, size)
            expected = [np.arange(i * size // outputs, -(-(i + 1) * size // outputs)).mean() for i in range(outputs)]
            assert np.allclose(convx.adaptive_avg_pool1d(row, outputs)[0], expected), (size, outputs)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
def test_adaptive_pool_nonfinite(isa: str, dtype: np.dtype, value: float) -> None:
    for size in ((5, 7), (3, 3), (9, 11), (1, 1)):
        x = np.random.default_rng(0).integers(-9, 10, (99, 3, 9, 11)).astype(dtype)
        image = np.arange(99)
        x.reshape(99, 3, 99)[image, image % 3, image] = value
        with np.errstate(invalid="ignore"):
            expected = reference.adaptive_avg_pool2d(x, size)
        actual = convx.adaptive_avg_pool2d(x, size)
        assert_equal_values(np.isnan(actual), np.isnan(expected), f"{size}")
        assert_within(
            np.nan_to_num(actual), np.nan_to_num(expected), average_bound(np.nan_to_num(x, posinf=9, neginf=9))
        )
        values, indices = convx.adaptive_max_pool2d(x, size, return_indices=True)
        expected, where = reference.adaptive_max_pool2d(x, size, return_indices=True)
        assert_equal_values(values, expected)
        assert_equal_values(indices, where)
        assert_equal_values(convx.adaptive_max_pool2d(x, size), expected)


@settings(max_examples=200)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=3),
    outputs=st.lists(st.none() | st.integers(1, 14), min_size=3, max_size=3),
    channels=st.integers(1, 20),
    batch=st.sampled_from([(), (0,), (2,)]),
    number=st.sampled_from(NUMBERS),
    seed=st.integers(0, 99),
)
def test_random_adaptive_pools(
    isa_name: str,
    sizes: list[int],
    outputs: list[int | None],
    channels: int,
    batch: tuple[int, ...],
    number: str,
    seed: int,
) -> None:
    rank = len(sizes)
    x = np.random.default_rng(seed).integers(0, 9, (*batch, channels, *sizes)).astype(number)
    with use_isa(isa_name):
        values, indices = call(convx, "max", x, outputs[:rank], rank, return_indices=True)
        expected, where = call(reference, "max", x, outputs[:rank], rank, return_indices=True)
        assert_equal_values(values, expected)
        assert_equal_values(indices, where)
        assert_equal_values(call(convx, "max", x, outputs[:rank], rank), expected)
        if np.dtype(number).kind == "f":
            averages = call(reference, "avg", x, outputs[:rank], rank)
            bound = 1e-2 if number == "float16" else 1e-4
            assert_within(call(convx, "avg", x, outputs[:rank], rank), averages, bound)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_adaptive_pool_takes_any_layout(isa: str, dtype: np.dtype, layout: Layout) -> None:
    x = layout(np.random.default_rng(0).integers(-9, 10, (2, 5, 9, 35)).astype(dtype))
    plain = np.ascontiguousarray(x).astype(dtype)
    for size in ((3, 7), (4, 9), 1, None):
        for kind in ("max", "avg"):
            assert_equal_values(call(convx, kind, x, size, 2), call(convx, kind, plain, size, 2), f"{kind} {size}")
        values, indices = convx.adaptive_max_pool2d(x, size, return_indices=True)
        expected, where = reference.adaptive_max_pool2d(plain, size, return_indices=True)
        assert_equal_values(values, expected)
        assert_equal_values(indices, where)


def test_adaptive_pool_same_bits_for_any_threads(isa: str, dtype: np.dtype, keep_threads: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 30, 45, 47)).astype(dtype)
    for size in (7, 5, 1, (45, 10)):
        results = []
        for threads in (1, 2, 3):
            convx.set_num_threads(threads)
            results.append(convx.adaptive_avg_pool2d(x, size))
        for result in results[1:]:
            assert_same_bits(result, results[0])


def test_adaptive_pool_writes_to_out(isa: str, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 9, 9)).astype(dtype)
    for size in (3, 4):
        expected = convx.adaptive_avg_pool2d(x, size)
        out = np.zeros((2, 3, size, 2 * size), dtype)[..., ::-2]
        assert convx.adaptive_avg_pool2d(x, size, out=out) is out
        assert_equal_values(out, expected)
    expected = convx.adaptive_max_pool2d(x, 9)
    assert convx.adaptive_max_pool2d(x, 9, out=x) is x
    assert_equal_values(x, expected)


SHAPES = [(2, 3, 20), (1, 17, 7, 7), (2, 5, 13, 17), (1, 3, 4, 5, 6), (1, 2, 300, 301)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_global_pools_match_reference(
    isa: str, dtype: np.dtype, data_format: str, keepdims: bool, shape: tuple[int, ...]
) -> None:
    x = np.random.default_rng(0).uniform(-1, 1, shape).astype(dtype)
    x = x if data_format == "channels_first" else np.ascontiguousarray(np.moveaxis(x, 1, -1))
    more: dict[str, Any] = {"keepdims": keepdims, "data_format": data_format}
    expected = reference.global_avg_pool(x, **more)
    actual = convx.global_avg_pool(x, **more)
    assert_result(actual, expected.shape, dtype)
    assert_within(actual, expected, 8 * float(np.finfo(dtype).eps) * x[0].size ** 0.5)
    assert_equal_values(convx.global_max_pool(x, **more), reference.global_max_pool(x, **more))
    for p in (1, 2, 3.5, np.inf):
        norms = reference.global_lp_pool(x.astype("float64"), p, **more)
        assert_within(
            convx.global_lp_pool(x, p, **more) / norms, np.ones_like(norms), 4e-6 * x[0].size ** 0.5, f"p = {p}"
        )


@pytest.mark.parametrize("number", NUMBERS)
def test_global_max_pool_of_every_dtype(isa: str, number: str) -> None:
    x = np.random.default_rng(0).integers(0, 100, (2, 19, 7, 9)).astype(number)
    for keepdims in (True, False):
        actual = convx.global_max_pool(x, keepdims=keepdims)
        assert_result(actual, (2, 19, 1, 1) if keepdims else (2, 19), number)
        assert_equal_values(actual, reference.global_max_pool(x, keepdims=keepdims))


def test_global_pools_write_to_out() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    for keepdims, shape in ((True, (2, 3, 1, 1)), (False, (2, 3))):
        out = np.zeros(shape)
        assert convx.global_avg_pool(x, keepdims=keepdims, out=out) is out
        assert_equal_values(out, convx.global_avg_pool(x, keepdims=keepdims))
    with pytest.raises(ValueError, match=r"global_avg_pool: out must have shape \(2, 3\), got shape \(2, 3, 1, 1\)"):
        convx.global_avg_pool(x, keepdims=False, out=np.zeros((2, 3, 1, 1)))


BAD: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("adaptive_avg_pool2d", {"output_size": 0}, ValueError, "output_size must be >= 1, got 0"),
    ("adaptive_avg_pool2d", {"output_size": (3, -2)}, ValueError, "output_size must be >= 1, got -2"),
    ("adaptive_avg_pool2d", {"output_size": 2**31}, ValueError, f"output_size must be < 2[*][*]31, got {2**31}"),
    ("adaptive_avg_pool2d", {"output_size": 2**63}, ValueError, f"output_size must be < 2[*][*]31, got {2**63}"),
    ("adaptive_avg_pool2d", {"output_size": (2**31 - 1, 2**31 - 1)}, ValueError, "output must be smaller than 2"),
    ("adaptive_avg_pool2d", {"output_size": (1, 2, 3)}, ValueError, r"output_size must be one int or None, or 2"),
    ("adaptive_avg_pool2d", {"output_size": ()}, ValueError, r"output_size must be one int or None, or 2"),
    ("adaptive_avg_pool2d", {"output_size": 2.0}, TypeError, "output_size must be an int, got 2.0"),
    ("adaptive_avg_pool2d", {"output_size": "3"}, TypeError, "output_size must be an int, got '3'"),
    ("adaptive_avg_pool2d", {"output_size": True}, TypeError, "output_size must be an int, got True"),
    ("adaptive_avg_pool2d", {"output_size": (1, "3")}, TypeError, "output_size must be an int, got '3'"),
    ("adaptive_avg_pool2d", {"input": np.ones((4, 4))}, ValueError, "input must have 4 axes"),
    ("adaptive_avg_pool2d", {"input": np.ones((1, 0, 4, 4))}, ValueError, "input must have at least one channel"),
    ("adaptive_avg_pool2d", {"input": np.ones((1, 4, 0, 4))}, ValueError, "input must have at least one channel"),
    ("adaptive_avg_pool2d", {"input": np.ones((1, 1, 4, 4), int)}, TypeError, "input must be float16"),
    ("adaptive_avg_pool2d", {"data_format": "NHWC"}, ValueError, "data_format must be 'channels_first'"),
    ("adaptive_avg_pool2d", {"out": np.ones((1, 1, 2, 2), "f4")}, TypeError, "out must have dtype float64"),
    ("adaptive_avg_pool2d", {"out": np.ones((1, 1, 2, 3))}, ValueError, "out must have shape"),
    ("adaptive_max_pool2d", {"input": np.ones((1, 1, 4, 4), complex)}, TypeError, "input must be float16.*complex128"),
    ("adaptive_max_pool2d", {"return_indices": 1}, TypeError, "return_indices must be a bool, got 1"),
    ("adaptive_max_pool2d", {"return_indices": True, "out": np.ones((1, 1, 2, 2))}, TypeError, "out must be a tuple"),
    ("global_avg_pool", {"input": np.ones((4, 4))}, ValueError, "input must have 3, 4 or 5 axes.*got shape"),
    ("global_avg_pool", {"input": np.ones((1,) * 6)}, ValueError, "input must have 3, 4 or 5 axes"),
    ("global_avg_pool", {"input": np.ones((1, 0, 4))}, ValueError, "input must have at least one channel"),
    ("global_avg_pool", {"input": np.ones((1, 1, 4), "int32")}, TypeError, "input must be float16"),
    ("global_avg_pool", {"keepdims": 1}, TypeError, "keepdims must be a bool, got 1"),
    ("global_max_pool", {"input": np.ones((1, 1, 4), object)}, TypeError, "input must be float16"),
    ("global_lp_pool", {"norm_type": 0}, ValueError, "norm_type must be > 0, got 0"),
    ("global_lp_pool", {"norm_type": np.nan}, ValueError, "norm_type must be > 0, got nan"),
    ("global_lp_pool", {"norm_type": "2"}, TypeError, "norm_type must be a real number, got '2'"),
]


@pytest.mark.parametrize(("function", "arguments", "error", "message"), BAD, ids=lambda value: str(value)[:40])
def test_adaptive_and_global_pools_refuse(
    function: str, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    good: dict[str, Any] = {"input": np.ones((1, 1, 4, 4))}
    if function.startswith("adaptive"):
        good["output_size"] = 2
    with pytest.raises(error, match=f"^{function}: {message}"):
        getattr(convx, function)(**{**good, **arguments})
