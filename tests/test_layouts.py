"""Any array layout gives what the contiguous array gives. Integer data, so that equality is exact."""

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, ConvCase
from checks import Array, assert_equal_values, assert_integers
from layouts import LAYOUTS, Layout, contiguous
from pool_cases import PoolCase

NAMES = "3x3_c5_k7 1x1_c64_k27 7x7_stride2_pad3 depthwise_c17 3x3_stride4x2_dil2x1 groups2 1d_causal_dil3 3d_asym"
CASES = [CONV_BY_NAME[name] for name in NAMES.split()] + [
    ConvCase("full_tiles", (1, 32, 8, 32), (32, 32, 3, 3), padding=1),
    ConvCase("one_image_1x1", (1, 32, 8, 16), (32, 32, 1, 1)),
]
POOLS = [
    PoolCase("3x3_stride1", (2, 5, 9, 35), 3, 1, 1),
    PoolCase("2x2", (1, 17, 8, 34), 2),
    PoolCase("global", (2, 5, 7, 7), 7),
    PoolCase("line", (2, 3, 40), 5, 2, 2, rank=1),
    PoolCase("volume", (1, 3, 4, 5, 20), 2, 1, 1, rank=3),
]
EACH = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())


@EACH
@pytest.mark.parametrize("argument", ["input", "weight", "bias"])
def test_conv_takes_any_layout(
    filtered_algorithm: str, isa: str, dtype: np.dtype, argument: str, layout: Layout
) -> None:
    algorithm = filtered_algorithm
    for case in [case for case in CASES if case.takes(algorithm)]:
        arrays = dict(zip(("input", "weight", "bias"), case.data(dtype, integers=True), strict=True))
        arrays[argument] = layout(arrays[argument])  # type: ignore[arg-type]
        plain = {name: contiguous(a).astype(dtype) for name, a in arrays.items() if a is not None}
        before = plain[argument].copy()
        function = getattr(convx, case.function)
        expected = function(**plain, **case.parameters, algorithm=algorithm)
        actual = function(**arrays, **case.parameters, algorithm=algorithm)
        assert actual.dtype == dtype
        assert_equal_values(actual, expected, case.name)
        assert_equal_values(arrays[argument], before, f"{case.name}: {argument} was changed")  # type: ignore[arg-type]


@EACH
def test_plan_takes_any_layout(filtered_algorithm: str, isa: str, layout: Layout) -> None:
    algorithm = filtered_algorithm
    for case in [case for case in CASES if case.takes(algorithm)]:
        x, w, b = case.data("float32", integers=True)
        plan_class = getattr(convx, case.plan)
        odd = [layout(a) for a in (x, w, b)]  # type: ignore[arg-type]
        plain = [contiguous(a).astype("float32") for a in odd]
        expected = plan_class(*plain[1:], **case.parameters, algorithm=algorithm)(plain[0])
        actual = plan_class(*odd[1:], **case.parameters, algorithm=algorithm)(odd[0])
        assert_equal_values(actual, expected, case.name)


@EACH
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pool_takes_any_layout(isa: str, dtype: np.dtype, kind: str, layout: Layout) -> None:
    for case in POOLS:
        x = layout(case.data(dtype, integers=True))
        pool = getattr(convx, f"{kind}_pool{case.rank}d")
        expected = pool(contiguous(x).astype(dtype), **case.parameters)
        assert_equal_values(pool(x, **case.parameters), expected, case.name)


@EACH
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_maxout_takes_any_layout(isa: str, dtype: np.dtype, axis: int, layout: Layout) -> None:
    x = layout(np.random.default_rng(0).integers(-99, 100, (4, 6, 5, 34)).astype(dtype))
    expected = convx.maxout(contiguous(x).astype(dtype), 2, axis)
    assert_equal_values(convx.maxout(x, 2, axis), expected)


def test_all_arrays_in_odd_layouts_at_once(algorithm: str, isa: str, dtype: np.dtype) -> None:
    case = CONV_BY_NAME["3x3_pad_asym_stride2_dil2"]
    x, w, b = case.data(dtype, integers=True)
    expected = convx.conv2d(x, w, b, **case.parameters, algorithm=algorithm)
    names = ["reversed", "misaligned_3", "fortran", "record_field", "big_endian", "strided"]
    for first, second, third in zip(names, names[1:] + names[:1], names[2:] + names[:2], strict=True):
        arrays = LAYOUTS[first](x), LAYOUTS[second](w), LAYOUTS[third](b)  # type: ignore[arg-type]
        actual = convx.conv2d(*arrays, **case.parameters, algorithm=algorithm)
        assert_equal_values(actual, expected, f"{first}, {second}, {third}")


class Wrapped:
    """An object that NumPy converts through __array__."""

    def __init__(self, a: Array) -> None:
        self.a = a

    def __array__(self, dtype: object = None, copy: object = None) -> Array:
        return self.a


def test_array_likes_are_taken_as_numpy_takes_them(algorithm: str, dtype: np.dtype) -> None:
    case = CONV_BY_NAME["3x3_c5_k7"]
    x, w, b = case.data(dtype, integers=True)
    expected = convx.conv2d(x, w, b, algorithm=algorithm)
    wrapped = [Wrapped(a) for a in (x, w, b)]  # type: ignore[arg-type]
    assert_equal_values(convx.conv2d(*wrapped, algorithm=algorithm), expected, "__array__")  # type: ignore[arg-type]
    views = [memoryview(contiguous(a)) for a in (x, w, b)]  # type: ignore[arg-type]
    assert_equal_values(convx.conv2d(*views, algorithm=algorithm), expected, "memoryview")
    lists = [a.tolist() for a in (x, w, b)]  # type: ignore[union-attr]
    from_lists = convx.conv2d(*lists, algorithm=algorithm)
    assert from_lists.dtype == np.float64
    assert_integers(from_lists, expected, algorithm, "lists")
    assert_equal_values(convx.max_pool2d(x.tolist(), 2), convx.max_pool2d(x, 2), "max_pool2d of lists")
    assert_equal_values(convx.maxout(x[:, :4].tolist(), 2), convx.maxout(x[:, :4], 2), "maxout of lists")


class Subclass(np.ndarray):
    """A subclass of ndarray, as a user of pandas or astropy may bring."""


def test_subclasses_and_masks_come_back_as_plain_arrays(algorithm: str) -> None:
    x, w, b = CONV_BY_NAME["3x3_c5_k7"].data("float32")
    actual = convx.conv2d(x.view(Subclass), w.view(Subclass), b, algorithm=algorithm)
    assert type(actual) is np.ndarray
    assert_equal_values(actual, convx.conv2d(x, w, b, algorithm=algorithm))
