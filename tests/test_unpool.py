"""Max unpooling against the reference, and as the way back from max pooling."""

from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_result, assert_same_bits
from convx import reference
from layouts import LAYOUTS, OUT_LAYOUTS, Layout

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
CASES: list[tuple[int, tuple[int, ...], dict[str, Any]]] = [
    (1, (2, 3, 7), {"kernel_size": 2}),
    (1, (3, 7), {"kernel_size": 3, "stride": 2, "padding": 1}),
    (2, (2, 5, 4, 6), {"kernel_size": 2}),
    (2, (2, 5, 4, 6), {"kernel_size": 2, "output_size": (9, 13)}),
    (2, (2, 5, 4, 6), {"kernel_size": 2, "output_size": (2, 5, 7, 12)}),
    (2, (2, 5, 4, 6), {"kernel_size": 3, "stride": (2, 3), "padding": (1, 0)}),
    (2, (5, 4, 6), {"kernel_size": 3, "stride": 2, "padding": ((0, 1), (1, 1))}),
    (3, (2, 3, 2, 3, 4), {"kernel_size": 2}),
    (3, (3, 2, 3, 4), {"kernel_size": (1, 2, 3), "output_size": (2, 6, 13)}),
]
EACH = pytest.mark.parametrize(("rank", "shape", "parameters"), CASES, ids=str)


def data(rank: int, shape: tuple[int, ...], parameters: dict[str, Any], number: str) -> tuple[Array, Array]:
    """Values and indices, some of which come more than once."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 99, shape).astype(number)
    sizes = getattr(reference, f"max_unpool{rank}d")(x, np.zeros(shape, "int64"), **parameters).shape[-rank:]
    return x, rng.integers(0, np.prod(sizes), shape)


@EACH
@pytest.mark.parametrize("number", NUMBERS)
def test_unpool_matches_reference(number: str, rank: int, shape: tuple[int, ...], parameters: dict[str, Any]) -> None:
    x, indices = data(rank, shape, parameters, number)
    name = f"max_unpool{rank}d"
    expected = getattr(reference, name)(x, indices, **parameters)
    actual = getattr(convx, name)(x, indices, **parameters)
    assert_result(actual, expected.shape, number)
    assert_equal_values(actual, expected)
    last = [np.ascontiguousarray(np.moveaxis(a, -rank - 1, -1)) for a in (x, indices)]
    if len(parameters.get("output_size", ())) <= rank:
        actual = getattr(convx, name)(*last, **parameters, data_format="channels_last")
        assert_equal_values(actual, np.ascontiguousarray(np.moveaxis(expected, -rank - 1, -1)))


@pytest.mark.parametrize("number", ["float32", "float64", "int8", "uint64", "bool", "float16"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unpool_undoes_the_pooling(isa: str, number: str, rank: int) -> None:
    """Every maximum is back at its place, and nothing else is there."""
    x = np.random.default_rng(0).integers(0, 120, (2, 3, *(9, 8, 11)[:rank])).astype(number)
    for kernel, stride, padding in ((2, None, 0), (3, 3, 1), (2, 3, 0)):
        pooled, indices = getattr(convx, f"max_pool{rank}d")(x, kernel, stride, padding, return_indices=True)
        sizes = x.shape[2:]
        try:
            back = getattr(convx, f"max_unpool{rank}d")(pooled, indices, kernel, stride, padding, sizes)
        except ValueError as e:
            assert "output_size" in str(e)  # noqa: PT017 - not every size can be asked for
            continue
        flat, places = back.reshape(2, 3, -1), indices.reshape(2, 3, -1)
        assert_equal_values(np.take_along_axis(flat, places, -1), pooled.reshape(2, 3, -1))
        assert_equal_values(np.take_along_axis(x.reshape(2, 3, -1), places, -1), pooled.reshape(2, 3, -1))
        np.put_along_axis(flat, places, 0, -1)
        assert not flat.any()


def test_unpool_last_of_the_same_index_wins(keep_threads: int) -> None:
    x = np.random.default_rng(0).standard_normal((4, 50, 30, 30))
    indices = np.random.default_rng(1).integers(0, 100, x.shape)
    expected = reference.max_unpool2d(x, indices, 2)
    for threads in (1, 2, 3):
        convx.set_num_threads(threads)
        assert_same_bits(convx.max_unpool2d(x, indices, 2), expected)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_unpool_takes_any_layout(layout: Layout) -> None:
    rng = np.random.default_rng(0)
    plain, places = rng.integers(-9, 10, (2, 5, 4, 6)).astype("float32"), rng.integers(0, 96, (2, 5, 4, 6))
    x, indices = layout(plain), layout(places.astype("float64")).astype("int64")
    assert_equal_values(
        convx.max_unpool2d(x, indices, 2), convx.max_unpool2d(np.array(x, "float32"), np.array(indices), 2)
    )


@pytest.mark.parametrize("layout", OUT_LAYOUTS.values(), ids=OUT_LAYOUTS.keys())
def test_unpool_writes_to_any_out(layout: Layout) -> None:
    rng = np.random.default_rng(0)
    x, indices = rng.integers(-9, 10, (2, 5, 4, 6)).astype("float32"), rng.integers(0, 96, (2, 5, 4, 6))
    expected = convx.max_unpool2d(x, indices, 2)
    out = layout(np.full_like(expected, 7))
    assert convx.max_unpool2d(x, indices, 2, out=out) is out
    assert_equal_values(out, expected)


def test_unpool_of_an_empty_batch() -> None:
    assert convx.max_unpool2d(np.empty((0, 3, 2, 2)), np.empty((0, 3, 2, 2), "int64"), 2).shape == (0, 3, 4, 4)


GOOD = {"input": np.ones((1, 2, 2, 2)), "indices": np.zeros((1, 2, 2, 2), "int64"), "kernel_size": 2}


def wrong_index(value: int) -> Array:
    indices = np.zeros((1, 2, 2, 2), "int64")
    indices[0, 1, 0, 1] = value
    indices[0, 1, 1, 1] = -7
    return indices


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"indices": wrong_index(16)}, ValueError, r"indices must be >= 0 and < 16, got 16 in indices\[0, 1, 0, 1\]"),
        ({"indices": wrong_index(-1)}, ValueError, r"indices must be >= 0 and < 16, got -1 in indices\[0, 1, 0, 1\]"),
        ({"indices": wrong_index(-(2**63))}, ValueError, r"indices must be >= 0 and < 16, got -9223372036854775808"),
        (
            {
                "indices": np.moveaxis(wrong_index(16), 1, -1),
                "input": np.ones((1, 2, 2, 2)),
                "data_format": "channels_last",
            },
            ValueError,
            r"indices must be >= 0 and < 16, got 16 in indices\[0, 0, 1, 1\]",
        ),
        ({"indices": np.zeros((1, 2, 2, 2), "int32")}, TypeError, "indices must have dtype int64, got dtype int32"),
        ({"indices": np.zeros((1, 2, 2, 2))}, TypeError, "indices must have dtype int64, got dtype float64"),
        ({"indices": np.zeros((1, 2, 2, 3), "int64")}, ValueError, "indices must have the shape of input"),
        ({"indices": np.zeros((2, 2, 2), "int64")}, ValueError, "indices must have the shape of input"),
        ({"output_size": 6}, ValueError, "output_size must be > 2 and < 6 on spatial axis 0, got"),
        ({"output_size": (4, 2)}, ValueError, "output_size must be > 2 and < 6 on spatial axis 1, got"),
        ({"output_size": (4, 4, 4)}, ValueError, "output_size must be one int, 2"),
        ({"output_size": ()}, ValueError, "output_size must be one int, 2"),
        ({"output_size": 4.0}, TypeError, "output_size must be an int"),
        ({"padding": "same"}, ValueError, "padding must be an int, ints or"),
        ({"padding": -1}, ValueError, "padding must be >= 0, got -1"),
        ({"padding": 3}, ValueError, "output size must be >= 1 on spatial axis 0, got -2"),
        ({"stride": 0}, ValueError, "stride must be >= 1, got 0"),
        ({"kernel_size": 2**31}, ValueError, "kernel_size must be < 2"),
        ({"kernel_size": 2**31 - 1, "stride": 2**31 - 1}, ValueError, "output must be smaller than 2"),
        ({"input": np.ones((2, 2))}, ValueError, "input must have 4 axes"),
        ({"input": np.ones((1, 2, 2, 2), complex)}, TypeError, "input must be float16"),
        ({"out": np.ones((1, 2, 4, 4), "float32")}, TypeError, "out must have dtype float64"),
        ({"out": np.ones((1, 2, 4, 5))}, ValueError, "out must have shape"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_unpool_refuses(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^max_unpool2d: {message}"):
        convx.max_unpool2d(**{**GOOD, **arguments})  # type: ignore[arg-type]


def test_unpool_leaves_out_alone_where_an_index_is_wrong() -> None:
    out = np.full((1, 2, 4, 4), 7.0)
    with pytest.raises(ValueError, match="indices must be"):
        convx.max_unpool2d(np.ones((1, 2, 2, 2)), wrong_index(99), 2, out=out)
    assert (out == 7).all()
