"""Maxout: the maximum over runs of adjacent channels, a pooling across maps."""

import re

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_result
from convx import reference

SHAPES = [
    ((2, 6, 5, 7), 2, 1),
    ((2, 6, 5, 7), 3, 1),
    ((2, 6, 5, 7), 6, 1),
    ((2, 6, 5, 7), 1, 1),
    ((1, 64, 9, 33), 4, 1),
    ((3, 34, 17), 2, 1),
    ((1, 12, 3, 4, 5), 4, 1),
    ((12, 7), 3, 0),
    ((12,), 4, 0),
    ((12,), 4, -1),
    ((5, 3, 40), 5, -1),
    ((5, 3, 40), 5, 2),
    ((6, 3, 40), 3, -3),
    ((2, 3, 4, 5), 2, -2),
    ((0, 4, 5), 2, 1),
]


def literal(x: Array, pool_size: int, axis: int) -> Array:
    """The definition, channel by channel."""
    moved = np.moveaxis(x, axis, 0)
    runs = [moved[j : j + pool_size] for j in range(0, len(moved), pool_size)]
    return np.moveaxis(np.stack([run.max(axis=0) for run in runs]), 0, axis)


@pytest.mark.parametrize(
    ("shape", "pool_size", "axis"), SHAPES, ids=["x".join(map(str, s)) + f"_by{p}_axis{a}" for s, p, a in SHAPES]
)
def test_maxout_matches_definition(
    isa: str, dtype: np.dtype, shape: tuple[int, ...], pool_size: int, axis: int
) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    expected = literal(x, pool_size, axis)
    actual = convx.maxout(x, pool_size, axis)
    assert_result(actual, expected.shape, dtype)
    assert_equal_values(actual, expected)
    assert_equal_values(reference.maxout(x, pool_size, axis), expected, "reference")


def test_maxout_axis_defaults_to_channels(isa: str) -> None:
    x = np.random.default_rng(0).standard_normal((2, 6, 4, 6))
    assert_equal_values(convx.maxout(x, 3), convx.maxout(x, 3, axis=1))
    assert convx.maxout(x, 3).shape == (2, 2, 4, 6)


def test_maxout_takes_adjacent_channels(isa: str) -> None:
    x = np.array([1, 9, 2, 3, 4, 8], "float32").reshape(1, 6, 1)
    assert convx.maxout(x, 2).ravel().tolist() == [9, 3, 8]
    assert convx.maxout(x, 3).ravel().tolist() == [9, 8]


def test_maxout_nan_at_every_position(isa: str, dtype: np.dtype) -> None:
    for width in (1, 5, 17, 33):
        for pool_size in (2, 3, 5):
            x = np.random.default_rng(width).standard_normal((1, 15 * 2, width)).astype(dtype)[:, : 6 * pool_size]
            for channel in range(6 * pool_size):
                bad = x.copy()
                bad[0, channel, channel % width] = np.nan
                label = f"width {width}, pool_size {pool_size}, channel {channel}"
                assert_equal_values(convx.maxout(bad, pool_size), literal(bad, pool_size, 1), label)


def test_maxout_of_minus_infinity(isa: str, dtype: np.dtype) -> None:
    x = np.full((1, 4, 19), -np.inf, dtype)
    assert_equal_values(convx.maxout(x, 2), np.full((1, 2, 19), -np.inf))


@pytest.mark.parametrize(
    "number", ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16"]
)
def test_maxout_of_every_dtype(isa: str, number: str) -> None:
    for shape, pool_size, axis in SHAPES:
        x = np.random.default_rng(0).integers(0, 100, shape).astype(number)
        actual = convx.maxout(x, pool_size, axis)
        assert_result(actual, literal(x, pool_size, axis).shape, number)
        assert_equal_values(actual, literal(x, pool_size, axis))
    limits = np.array([[np.iinfo("int64").min, -1, 0, np.iinfo("int64").max]])
    assert convx.maxout(limits, 2).tolist() == [[-1, np.iinfo("int64").max]]


def test_maxout_writes_to_out(isa: str, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).standard_normal((2, 6, 5, 7)).astype(dtype)
    whole = np.full((2, 3, 5, 14), 99, dtype)
    out = whole[..., 13::-2]
    assert convx.maxout(x, 2, out=out) is out
    assert_equal_values(out, literal(x, 2, 1))
    assert (whole[..., ::2] == 99).all()


def test_maxout_out_may_overlap_the_input(isa: str, dtype: np.dtype) -> None:
    for pick in (np.s_[:, :3], np.s_[:, 3:], np.s_[:, ::2], np.s_[:, ::-2]):
        x = np.random.default_rng(0).standard_normal((2, 6, 5, 7)).astype(dtype)
        expected = literal(x.copy(), 2, 1)
        out = x[pick]
        convx.maxout(x, 2, out=out)
        assert_equal_values(out, expected, str(pick))


@pytest.mark.parametrize(
    ("arguments", "error", "parts"),
    [
        ({"pool_size": 4}, ValueError, ("maxout: pool_size must divide the 6 ", "got 4")),
        ({"pool_size": 0}, ValueError, ("maxout: pool_size must be >= 1", "got 0")),
        ({"pool_size": -2}, ValueError, ("maxout: pool_size must be >= 1", "got -2")),
        ({"pool_size": 2**63}, ValueError, ("maxout: pool_size must", f"got {2**63}")),
        ({"pool_size": 2.0}, TypeError, ("maxout: pool_size must", "2.0")),
        ({"pool_size": "2"}, TypeError, ("maxout: pool_size must", "'2'")),
        ({"pool_size": True}, TypeError, ("maxout: pool_size must", "True")),
        ({"axis": 4}, ValueError, ("maxout: axis must", "got 4")),
        ({"axis": -5}, ValueError, ("maxout: axis must", "got -5")),
        ({"axis": 1.0}, TypeError, ("maxout: axis must", "1.0")),
        ({"axis": None}, TypeError, ("maxout: axis must", "None")),
        ({"input": np.ones((2, 6), "M8[s]")}, TypeError, ("maxout: input must", "float32", "float64", "datetime64")),
        ({"input": np.ones((2, 0, 3))}, ValueError, ("maxout: input must", "(2, 0, 3)")),
        ({"input": np.float64(3)}, ValueError, ("maxout: ",)),
        ({"out": [1.0]}, TypeError, ("maxout: out must", "ndarray", "got [1.0]")),
        ({"out": np.ones((2, 6, 4, 5))}, ValueError, ("maxout: out must", "(2, 3, 4, 5)", "(2, 6, 4, 5)")),
        ({"out": np.ones((2, 3, 4, 5), "float32")}, TypeError, ("maxout: out must", "float64", "float32")),
    ],
    ids=[
        "not_divisible",
        "pool_size_0",
        "pool_size_negative",
        "pool_size_2**63",
        "pool_size_float",
        "pool_size_str",
        "pool_size_bool",
        "axis_4",
        "axis_-5",
        "axis_float",
        "axis_None",
        "input_datetime",
        "input_no_channel",
        "input_0d",
        "out_list",
        "out_shape",
        "out_dtype",
    ],
)
def test_maxout_refuses(arguments: dict[str, object], error: type[Exception], parts: tuple[str, ...]) -> None:
    call = {"input": np.ones((2, 6, 4, 5)), "pool_size": 2, **arguments}
    with pytest.raises(error, match="^" + re.escape(parts[0])) as caught:
        convx.maxout(**call)  # type: ignore[arg-type]
    assert type(caught.value) is error
    for part in parts:
        assert part in str(caught.value)
