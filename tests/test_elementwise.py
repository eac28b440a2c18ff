"""Functions of elements between convolutions: beside NumPy in float64, on every instruction set."""

import math
from collections.abc import Callable
from typing import Any

import convx
import numpy as np
import pytest
from checks import Array, assert_equal_values, assert_same_bits
from convx import _elementwise as el
from layouts import LAYOUTS, Layout

erf = np.vectorize(math.erf, otypes=[float])
erfc = np.vectorize(math.erfc, otypes=[float])

FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[[Array], Array]]] = {
    "relu": (el.relu, lambda x: np.maximum(x, 0)),
    "clip": (lambda x, out=None: el.clip(x, -1.5, 2, out=out), lambda x: np.clip(x, -1.5, 2)),
    "leaky_relu": (el.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x)),
    "hard_sigmoid": (lambda x, out=None: el.hard_sigmoid(x, 0.25, out=out), lambda x: np.clip(0.25 * x + 0.5, 0, 1)),
    "hard_swish": (el.hard_swish, lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    "elu": (el.elu, lambda x: np.where(x > 0, x, np.expm1(x))),
    "selu": (lambda x, out=None: el.elu(x, 1.5, 1.25, out=out), lambda x: 1.25 * np.where(x > 0, x, 1.5 * np.expm1(x))),
    "exp": (el.exp, np.exp),
    "tanh": (el.tanh, np.tanh),
    "sigmoid": (el.sigmoid, lambda x: np.where(x < 0, np.exp(-abs(x)), 1) / (1 + np.exp(-abs(x)))),
    "silu": (el.silu, lambda x: x * np.where(x < 0, np.exp(-abs(x)), 1) / (1 + np.exp(-abs(x)))),
    "softplus": (el.softplus, lambda x: np.maximum(x, 0) + np.log1p(np.exp(-abs(x)))),
    "mish": (el.mish, lambda x: x * np.tanh(np.maximum(x, 0) + np.log1p(np.exp(-abs(x))))),
    "erf": (el.erf, erf),
    "gelu": (el.gelu, lambda x: 0.5 * x * erfc(-x / math.sqrt(2))),
}
KINDS = [pytest.param(*value, id=name) for name, value in FUNCTIONS.items()]
OPERATIONS = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
}
SHAPES = [
    ((2, 5, 7, 9), (2, 5, 7, 9)),
    ((2, 5, 7, 9), ()),
    ((), (3, 4)),
    ((2, 5, 7, 9), (5, 1, 1)),
    ((2, 5, 1, 1), (2, 5, 7, 9)),
    ((6, 33), (33,)),
    ((6, 33), (6, 1)),
    ((4, 1, 3), (1, 5, 1)),
    ((2, 1, 7, 1), (5, 1, 9)),
    ((1,), (1,)),
    ((0, 3), (3,)),
    ((40000,), (1,)),
    ((3, 20000), (20000,)),
]


@pytest.mark.parametrize(("function", "formula"), KINDS)
def test_errs_by_few_units(isa: str, function: Any, formula: Any) -> None:
    """Against NumPy in float64, over every size; below, as many units of the smallest number."""
    rng = np.random.default_rng(0)
    size = 10.0 ** rng.uniform(-20, 2.3, 20000)
    x = (size * rng.choice([-1, 1], size.shape)).astype("float32")
    with np.errstate(all="ignore"):
        exact = formula(x.astype("float64"))
        rounded = exact.astype("float32")
    actual = function(x)
    assert actual.dtype == np.float32
    finite = np.isfinite(rounded)
    assert_equal_values(actual[~finite], rounded[~finite])
    smallest = float(np.finfo("float32").smallest_subnormal)
    unit = np.maximum(np.abs(exact) * 2.0**-24, smallest * np.maximum(np.abs(x), 1))
    if function is el.hard_swish:  # the sum of x / 6 and 1 / 2 cancels
        unit = np.abs(x) * 2.0**-24
    assert (np.abs(actual - exact)[finite] / unit[finite]).max() <= 8


@pytest.mark.parametrize(("function", "formula"), KINDS)
def test_of_special_numbers(isa: str, dtype: np.dtype, function: Any, formula: Any) -> None:
    x = np.array([np.nan, np.inf, 0.0, 1.0, -1.0] * 5, dtype)
    with np.errstate(all="ignore"):
        expected = formula(x.astype("float64")).astype(dtype)
    np.testing.assert_allclose(function(x), expected, rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize(("function", "formula"), KINDS)
def test_layouts_and_out(dtype: np.dtype, function: Any, formula: Any) -> None:
    x = np.random.default_rng(0).standard_normal((3, 5, 7)).astype(dtype)
    expected = function(x)
    for layout in LAYOUTS.values():
        laid = layout(x)
        assert_equal_values(function(laid), function(np.array(laid, dtype)))
    out = np.zeros((3, 5, 14), dtype)[:, :, ::2]
    assert function(x, out=out) is out
    assert_same_bits(out.copy(), expected)
    assert function(x, out=x) is x
    assert_same_bits(x, expected)


@pytest.mark.parametrize("ones", [1, 2])
def test_two_slices_of_one_column(isa: str, dtype: np.dtype, ones: int) -> None:
    """Axes of one element, last or not, do not make neighbours of those before them."""
    a, b = (np.random.default_rng(i).standard_normal((2, 5, 7, 4)).astype(dtype) for i in (0, 1))
    column = (..., *[slice(1, 2)] * ones)
    for u, v in ((a[column], b[column]), (a[column], b[column].copy()), (a[column], np.ones(1, dtype))):
        assert_equal_values(el.multiply(u, v), np.asarray(u * v, dtype))
        assert_equal_values(el.multiply(v, u), np.asarray(u * v, dtype))
        assert_equal_values(el.multiply(u[0, 0], v[..., None]), np.asarray(u[0, 0] * v[..., None], dtype))


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_two_arrays(isa: str, dtype: np.dtype, name: str, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    rng = np.random.default_rng(0)
    a, b = (np.asarray(rng.standard_normal(shape)).astype(dtype) for shape in shapes)
    operation, function = OPERATIONS[name], getattr(el, name)
    expected = np.asarray(operation(a, b))
    actual = function(a, b)
    assert actual.shape == expected.shape
    assert_same_bits(actual, expected)
    assert_equal_values(function(a, b, activation="relu"), np.maximum(expected, 0))
    for operand in (a, b):
        if operand.shape == expected.shape and expected.ndim:
            out = operand.copy()
            function(*(out if other is operand else other for other in (a, b)), out=out)
            assert_same_bits(out, expected)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_two_arrays_of_any_strides(layout: Layout) -> None:
    a, b = (layout(np.random.default_rng(i).standard_normal((2, 5, 7)).astype("float32")) for i in (0, 1))
    assert_equal_values(el.add(a, b), np.asarray(a + b, "float32"))
    assert_equal_values(el.multiply(a, b[:, :, :1]), np.asarray(a * b[:, :, :1], "float32"))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_the_larger_is_nan_where_either_is(isa: str, dtype: np.dtype, name: str) -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0, 1], dtype)
    a, b = np.meshgrid(values, values)
    assert_equal_values(getattr(el, name)(a, b), OPERATIONS[name](a, b))


@pytest.mark.parametrize("shape", [(5,), (2, 3), (4, 1000), (2, 3, 5, 7), (1, 21, 33, 17), (3, 70, 2)], ids=str)
def test_softmax(isa: str, dtype: np.dtype, shape: tuple[int, ...]) -> None:
    x = (5 * np.random.default_rng(0).standard_normal(shape)).astype(dtype)
    for axis in range(-len(shape), len(shape)):
        wide = x.astype("longdouble")
        less = wide - wide.max(axis, keepdims=True)
        sums = np.exp(less).sum(axis, keepdims=True)
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(el.softmax(x, axis), (np.exp(less) / sums).astype(dtype), rtol=8 * eps + 40 * eps)
        np.testing.assert_allclose(el.log_softmax(x, axis), (less - np.log(sums)).astype(dtype), atol=40 * eps)
        out = x.copy()
        assert el.softmax(out, axis, out=out) is out
        assert_same_bits(out, el.softmax(x, axis))


def test_softmax_of_special_numbers(isa: str, dtype: np.dtype) -> None:
    x = np.array([[1, -np.inf, 1], [1e30, 0, 1e30], [np.nan, 0, 0], [np.inf, 0, 0]], dtype)
    expected = np.array([[0.5, 0, 0.5], [0.5, 0, 0.5], [np.nan] * 3, [np.nan] * 3], dtype)
    assert_equal_values(el.softmax(x), expected)
    assert_equal_values(el.softmax(np.ascontiguousarray(x.T), 0), expected.T)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_bits_do_not_depend_on_threads(threads: int, keep_threads: int) -> None:
    x = np.random.default_rng(0).standard_normal((40, 300, 70)).astype("float32")
    convx.set_num_threads(1)

    def results() -> list[Array]:
        return [el.gelu(x), el.add(x, x[:, :, :1]), el.softmax(x), el.softmax(x, 1)]

    expected = results()
    convx.set_num_threads(threads)
    for actual, wanted in zip(results(), expected, strict=True):
        assert_same_bits(actual, wanted)


def test_half_types_are_rounded_once() -> None:
    x = np.random.default_rng(0).standard_normal((3, 50)).astype("float16")
    assert_same_bits(el.tanh(x), el.tanh(x.astype("float32")).astype("float16"))
    assert_same_bits(el.add(x, x[:1]), (x.astype("float32") + x[:1]).astype("float16"))


def test_bad_arguments() -> None:
    x = np.ones((2, 3), "float32")
    with pytest.raises(TypeError, match="clip: input must be float16"):
        el.relu(np.ones(3, "int32"))
    with pytest.raises(
        ValueError, match=r"add: input and other must broadcast, input having shape \(2, 3\), got shape"
    ):
        el.add(x, np.ones(2, "float32"))
    with pytest.raises(ValueError, match="softmax: axis must be one of the 2 of input, got 2"):
        el.softmax(x, 2)
    with pytest.raises(ValueError, match="softmax: axis must"):
        el.softmax(np.float32(1))
    with pytest.raises(ValueError, match=r"gelu: out must have shape \(2, 3\)"):
        el.gelu(x, out=np.ones((3, 2), "float32"))
    with pytest.raises(ValueError, match=r"f: kind must be one of clip, .*, gelu, got 'sin'"):
        convx._core.unary("f", "sin", x, 0.0, 0.0, None)
