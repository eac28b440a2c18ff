"""The numbered rows of unusual input that must be accepted, and give the right result."""

import convx
import numpy as np
import pytest
from bad_calls import CONVS, EVERY, POOLS, call, good_call, rank_of
from checks import Array, assert_equal_values
from layouts import LAYOUTS, misaligned, read_only


class Index:
    """Anything with __index__ serves as an int."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


INTS = {
    "int8": np.int8,
    "int64": np.int64,
    "uint64": np.uint64,
    "0d_array": lambda value: np.array(value),
    "index": Index,
}


@pytest.mark.parametrize("function", EVERY)
@pytest.mark.parametrize("make", INTS.values(), ids=INTS.keys())
def test_row19_integers_of_any_kind(function: str, make: type) -> None:
    rank = rank_of(function)
    plain = {"stride": 2, "padding": 1, "dilation": 2, **({"groups": 1} if function in CONVS else {"kernel_size": 3})}
    expected = call(function, **plain)
    assert_equal_values(call(function, **{name: make(value) for name, value in plain.items()}), expected)
    lists = {name: [make(value)] * rank for name, value in plain.items() if name != "groups"}
    assert_equal_values(call(function, **lists), expected, "lists")
    arrays = {name: np.array([value] * rank) for name, value in plain.items() if name != "groups"}
    assert_equal_values(call(function, **arrays), expected, "arrays")
    pairs = {**plain, "padding": np.array([[1, 1]] * rank)}
    assert_equal_values(call(function, **pairs), expected, "array of pairs")


def test_row19_index_that_raises_is_heard() -> None:
    class Broken:
        def __index__(self) -> int:
            raise RuntimeError("from __index__")

    for function in ("conv2d", "Conv2d", "max_pool2d", "avg_pool2d"):
        with pytest.raises(RuntimeError, match="from __index__"):
            call(function, stride=Broken())


def data(function: str, size: int = 9) -> tuple[dict[str, Array], dict[str, object]]:
    """Integer data for a good call, and its other arguments."""
    rng = np.random.default_rng(0)
    rank = rank_of(function)
    if function in CONVS:
        shapes = {"input": (2, 4, *[size] * rank), "weight": (6, 4, *[3] * rank), "bias": (6,)}
        return {name: rng.integers(-4, 5, shape).astype("float32") for name, shape in shapes.items()}, {}
    return {"input": rng.integers(-9, 10, (2, 4, *[size] * rank)).astype("float32")}, {"kernel_size": 3}


@pytest.mark.parametrize("function", EVERY)
@pytest.mark.parametrize("size", [8, 9, 10])
@pytest.mark.parametrize("name", ["same", "same_lower"])
def test_row20_same_with_stride_2(function: str, size: int, name: str) -> None:
    """total = max((ceil(in/s) - 1)*s + k - in, 0), the odd element at the end, or at the beginning."""
    arrays, rest = data(function, size)
    total = max((-(-size // 2) - 1) * 2 + 3 - size, 0)
    small, large = total // 2, total - total // 2
    pair = (small, large) if name == "same" else (large, small)
    explicit = call(function, **arrays, **rest, stride=2, padding=(pair,) * rank_of(function))
    assert explicit.shape[2:] == (-(-size // 2),) * rank_of(function)
    assert_equal_values(call(function, **arrays, **rest, stride=2, padding=name), explicit)


@pytest.mark.parametrize("function", EVERY)
def test_row28_batch_of_zero(function: str) -> None:
    full = call(function)
    x = good_call(function)["input"][:0]
    result = call(function, input=x)
    assert result.shape == (0, *full.shape[1:])
    assert result.dtype == full.dtype
    out = np.empty_like(result)
    assert call(function, input=x, out=out) is out


@pytest.mark.parametrize("function", EVERY)
@pytest.mark.parametrize("offset", [1, 2, 3])
def test_row43_misaligned(function: str, offset: int) -> None:
    arrays, rest = data(function)
    expected = call(function, **arrays, **rest)
    out = misaligned(offset)(np.zeros_like(expected))
    odd = {name: misaligned(offset)(a) for name, a in arrays.items()}
    assert not out.flags.aligned
    assert call(function, **odd, **rest, out=out) is out
    assert_equal_values(out, expected)


@pytest.mark.parametrize("function", EVERY)
@pytest.mark.parametrize("name", ["reversed", "broadcast_last", "fortran"])
def test_row44_strides(function: str, name: str) -> None:
    arrays, rest = data(function)
    odd = {key: LAYOUTS[name](a) for key, a in arrays.items()}
    expected = call(function, **{key: a.copy("C") for key, a in odd.items()}, **rest)
    assert_equal_values(call(function, **odd, **rest), expected)


@pytest.mark.parametrize("function", EVERY)
def test_row45_big_endian(function: str) -> None:
    arrays, rest = data(function)
    expected = call(function, **arrays, **rest)
    for name, a in arrays.items():
        swapped = {**arrays, name: a.astype(">f4")}
        result = call(function, **swapped, **rest)
        assert result.dtype == np.dtype("float32")
        assert result.dtype.isnative
        assert_equal_values(result, expected, name)


@pytest.mark.parametrize("function", EVERY)
def test_row47_read_only(function: str) -> None:
    arrays, rest = data(function)
    frozen = {name: read_only(a) for name, a in arrays.items()}
    assert_equal_values(call(function, **frozen, **rest), call(function, **arrays, **rest))


@pytest.mark.parametrize("function", EVERY)
def test_row49_out_overlapping_the_input(function: str) -> None:
    arrays, rest = data(function)
    if function in CONVS:
        arrays["weight"], arrays["bias"] = arrays["weight"][:4], arrays["bias"][:4]
    else:
        rest["stride"] = 1
    expected = call(function, **arrays, **rest, padding=1)
    x = arrays["input"]
    assert call(function, **arrays, **rest, padding=1, out=x) is x
    assert_equal_values(x, expected)


@pytest.mark.parametrize("function", POOLS)
def test_pool_flags_take_any_truth_value(function: str) -> None:
    """As in torch, ceil_mode=1 is no number but a truth value; NumPy's bool counts too."""
    assert_equal_values(call(function, stride=2, ceil_mode=np.bool_(True)), call(function, stride=2, ceil_mode=True))


def test_functions_hold_the_signatures_of_torch() -> None:
    """Positional order is part of the interface."""
    x, w, b = np.ones((1, 2, 9, 9)), np.ones((4, 1, 3, 3)), np.zeros(4)
    assert convx.conv2d(x, w, b, 2, 1, 2, 2).shape == (1, 4, 4, 4)
    assert convx.Conv2d(w, b, 2, 1, 2, 2)(x).shape == (1, 4, 4, 4)
    assert convx.max_pool2d(x, 2, 2, 1, 2, True).shape == (1, 2, 5, 5)
    assert convx.avg_pool2d(x, 2, 2, 1, True, False, 3).shape == (1, 2, 5, 5)
    for keyword in ({"activation": None}, {"algorithm": "auto"}, {"out": None}):
        with pytest.raises(TypeError, match="positional"):
            convx.conv2d(x, w, b, 2, 1, 2, 2, *keyword.values())  # type: ignore[misc]
