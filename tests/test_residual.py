"""residual=: added to the sums and the bias before the activation, by every algorithm, in both layouts."""

import re
from typing import Any

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, CONV_CASES, ConvCase
from checks import Array, assert_equal_values, assert_integers, assert_result, assert_same_bits
from convx import reference
from layouts import LAYOUTS, Layout

NAMES = "3x3_c5_k7 1x1_c64_k27 7x7_stride2_pad3 depthwise_c17 groups2 3x3_unbatched 1d_causal_dil3 3d_asym 5x5_pad2"
SOME = [CONV_BY_NAME[name] for name in NAMES.split()]
ACTIVATIONS = [None, "relu", ("leaky_relu", 0.25), ("clamp", -3, 4)]


def residual_of(y: Array) -> Array:
    """Small whole numbers, of which sums are exact."""
    return np.random.default_rng(7).integers(-9, 10, y.shape).astype(y.dtype)


def activated(y: Array, activation: Any) -> Array:
    match activation:
        case None:
            return y
        case "relu":
            return np.maximum(y, 0)
        case ("leaky_relu", slope):
            return np.where(y > 0, y, y * y.dtype.type(slope))
        case _:
            return np.clip(y, *activation[1:])


@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
@pytest.mark.parametrize("case", CONV_CASES, ids=lambda case: case.name)
def test_is_added_before_the_activation(
    algorithm: str, isa: str, case: ConvCase, data_format: str, keep_winograd: None
) -> None:
    convx.set_winograd("off")  # "auto" rounds nothing then
    x, w, b = case.data("float32", integers=True)
    if data_format == "channels_last":
        x = np.ascontiguousarray(np.moveaxis(x, -case.rank - 1, -1))
    function, given = getattr(convx, case.function), {**case.parameters, "data_format": data_format}
    y = function(x, w, b, **given, algorithm=algorithm)
    residual = residual_of(y)
    for activation in ACTIVATIONS:
        actual = function(x, w, b, **given, algorithm=algorithm, residual=residual, activation=activation)
        assert_result(actual, y.shape, "float32")
        assert_integers(actual, activated(y + residual, activation), algorithm, f"{activation}")
    assert_same_bits(function(x, w, b, **given, algorithm=algorithm), y)


@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
@pytest.mark.parametrize(
    "shape", [(3, 8, 9, 10), pytest.param((1, 40, 20, 21), marks=pytest.mark.slow), (2, 300, 7, 7)], ids=str
)
@pytest.mark.parametrize("groups", [1, 0], ids=["dense", "depthwise"])
@pytest.mark.parametrize("kernel", [1, 3, pytest.param(5, marks=pytest.mark.slow)])
def test_rounds_as_a_separate_sum(
    algorithm: str, isa: str, dtype: np.dtype, shape: tuple[int, ...], kernel: int, groups: int, data_format: str
) -> None:
    """(sum + bias) + residual, each rounded: the bits of a convolution, and an addition by NumPy. Out may be it."""
    if algorithm == "reference":
        pytest.skip("adds in double")
    if algorithm == "depthwise" and groups:
        pytest.skip("not supported")
    if algorithm == "winograd" and kernel == 1:
        pytest.skip("not supported")
    rng = np.random.default_rng(1)
    maps = shape[1] if groups == 0 else 1
    x = rng.standard_normal(shape).astype(dtype)
    w = rng.standard_normal((shape[1] if maps > 1 else 19, shape[1] // maps, kernel, kernel)).astype(dtype)
    b = rng.standard_normal(len(w)).astype(dtype)
    if data_format == "channels_last":
        x = np.moveaxis(x, 1, -1)
    given: dict[str, Any] = {"groups": maps, "padding": "same", "data_format": data_format, "algorithm": algorithm}
    plain, plan = convx.Conv2d(w, b, **given), convx.Conv2d(w, b, **given, activation="relu")
    y = plain(x)
    residual = rng.standard_normal(y.shape).astype(dtype)
    expected = np.maximum(y + residual, 0)
    assert_same_bits(plan(x, residual=residual), expected)
    out = residual.copy()
    assert plan(x, residual=out, out=out) is out
    assert_same_bits(out, expected)
    moved = np.moveaxis(np.moveaxis(residual, 1, -1).copy(), -1, 1)
    assert_same_bits(plan(x, residual=moved, out=moved), expected)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_any_strides(algorithm: str, case: ConvCase, layout: Layout) -> None:
    x, w, b = case.data("float32", integers=True)
    plan = getattr(convx, case.plan)(w, b, **case.parameters, algorithm=algorithm)
    residual = layout(residual_of(plan(x)))
    assert_equal_values(plan(x, residual=residual), plan(x, residual=residual.copy()))


def test_a_slice_of_a_larger_array(algorithm: str, isa: str) -> None:
    x, w = np.ones((2, 4, 9, 9), "float32"), np.ones((6, 4, 3, 3), "float32")
    whole = np.random.default_rng(0).integers(-9, 10, (2, 20, 9, 9)).astype("float32")
    for images in (slice(0, 1), slice(0, 2)):
        view = whole[images, 5:11]
        actual = convx.conv2d(x[images], w, padding=1, residual=view, algorithm=algorithm)
        y = convx.conv2d(x[images], w, padding=1, algorithm=algorithm)
        assert_integers(actual, y + view, algorithm)


def test_overlaps_out_in_part(algorithm: str, isa: str) -> None:
    x, w = np.ones((1, 4, 9, 9), "float32"), np.ones((4, 4, 3, 3), "float32")
    whole = np.random.default_rng(0).integers(-9, 10, (1, 6, 9, 9)).astype("float32")
    expected = convx.conv2d(x, w, padding=1, algorithm=algorithm, residual=whole[:, 2:].copy())
    convx.conv2d(x, w, padding=1, algorithm=algorithm, residual=whole[:, 2:], out=whole[:, :4])
    assert_equal_values(whole[:, :4], expected)


def test_is_the_input_too(algorithm: str, isa: str) -> None:
    x, w = np.random.default_rng(0).integers(-9, 10, (1, 4, 9, 9)).astype("float32"), np.ones((4, 4, 3, 3), "float32")
    expected = convx.conv2d(x, w, padding=1, algorithm=algorithm) + x
    y = x.copy()
    convx.conv2d(y, w, padding=1, algorithm=algorithm, residual=y, out=y)
    assert_integers(y, expected, algorithm)


def test_half_types_are_rounded_once(algorithm: str, isa: str) -> None:
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype("float16") for shape in [(1, 5, 8, 9), (7, 5, 3, 3)])
    residual = rng.standard_normal((1, 7, 6, 7)).astype("float16")
    wide = convx.conv2d(
        x.astype("float32"), w.astype("float32"), residual=residual.astype("float32"), algorithm=algorithm
    )
    actual = convx.conv2d(x, w, residual=residual, algorithm=algorithm)
    assert_result(actual, residual.shape, "float16")
    assert_same_bits(actual, wide.astype("float16"))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_bits_do_not_depend_on_threads_or_batch(algorithm: str, threads: int, keep_threads: int) -> None:
    if algorithm == "auto":
        pytest.skip("chooses by the shape")
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(s).astype("float32") for s in [(3, 33, 15, 18), (40, 33, 3, 3)])
    groups = 1
    if algorithm == "depthwise":
        w, groups = w[:33, :1], 33
    plan = convx.Conv2d(w, padding=1, groups=groups, algorithm=algorithm, activation="relu")
    residual = rng.standard_normal((3, len(w), 15, 18)).astype("float32")
    convx.set_num_threads(1)
    expected = np.concatenate([plan(x[i : i + 1], residual=residual[i : i + 1]) for i in range(3)])
    convx.set_num_threads(threads)
    assert_same_bits(plan(x, residual=residual), expected)


def test_nan_and_infinity(algorithm: str, isa: str) -> None:
    x, w = np.ones((1, 2, 6, 7), "float32"), np.ones((3, 2, 3, 3), "float32")
    residual = np.zeros((1, 3, 4, 5), "float32")
    residual[0, :, 0, 0], residual[0, :, 1, 1], residual[0, :, 2, 2] = np.nan, np.inf, -np.inf
    actual = convx.conv2d(x, w, residual=residual, activation="relu", algorithm=algorithm)
    np.testing.assert_allclose(actual, np.maximum(residual + 18, 0), atol=1e-4)


def test_no_images() -> None:
    w = np.ones((3, 2, 3, 3), "float32")
    residual = np.ones((0, 3, 4, 5), "float32")
    assert convx.conv2d(np.ones((0, 2, 6, 7), "float32"), w, residual=residual).shape == residual.shape


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_reference(case: ConvCase) -> None:
    x, w, b = case.data("float64", integers=True)
    function = getattr(reference, case.function)
    y = function(x, w, b, **case.parameters)
    residual = residual_of(y)
    actual = function(x, w, b, **case.parameters, residual=residual, activation="relu")
    assert_equal_values(actual, np.maximum(y + residual, 0))


@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
@pytest.mark.parametrize("unbatched", [False, True], ids=["batch", "unbatched"])
def test_dask(unbatched: bool, data_format: str) -> None:
    da = pytest.importorskip("dask.array")
    rng = np.random.default_rng(0)
    x, w = (rng.integers(-9, 10, shape).astype("float32") for shape in [(2, 4, 20, 21), (6, 4, 3, 3)])
    if data_format == "channels_last":
        x = np.moveaxis(x, 1, -1)
    given: dict[str, Any] = {"padding": "same", "data_format": data_format, "activation": "relu", "algorithm": "direct"}
    residual = residual_of(convx.conv2d(x, w, **given))
    if unbatched:
        x, residual = x[0], residual[0]
    expected = convx.conv2d(x, w, residual=residual, **given)
    cut = da.from_array(x, chunks=tuple(n if n < 5 else 8 for n in x.shape))
    for added in (residual, da.from_array(residual, chunks=7)):
        actual = convx.dask.conv2d(cut, da.from_array(w, chunks=(2, 4, 3, 3)), residual=added, **given)
        assert_same_bits(np.asarray(actual.compute()), expected)
    with pytest.raises(ValueError, match="conv2d: residual must have the result's shape"):
        convx.dask.conv2d(cut, w, residual=residual[..., :1], **given)
    with pytest.raises(TypeError, match="conv2d: residual must have the result's dtype float32"):
        convx.dask.conv2d(cut, w, residual=residual.astype("float64"), **given)


X, W = np.ones((1, 2, 6, 7), "float32"), np.ones((3, 2, 3, 3), "float32")


@pytest.mark.parametrize(
    "shape", [(1, 3, 4, 6), (3, 4, 5), (1, 1, 3, 4, 5), (3,), (), (1, 3, 1, 1), (0, 3, 4, 5)], ids=str
)
def test_wrong_shape(shape: tuple[int, ...]) -> None:
    text = re.escape(f"residual must have the result's shape (1, 3, 4, 5), got shape {shape}")
    for call in (convx.conv2d, lambda x, w, residual: convx.Conv2d(w)(x, residual=residual)):
        with pytest.raises(ValueError, match=text):
            call(X, W, residual=np.ones(shape, "float32"))
    with pytest.raises(ValueError, match="residual must"):
        reference.conv2d(X, W, residual=np.ones(shape, "float32"))


@pytest.mark.parametrize("given", ["float64", "float16", "int32", "bool", "complex64", "object"])
def test_wrong_dtype(given: str) -> None:
    text = "residual must have the result's dtype float32 .*got dtype " + given
    with pytest.raises(TypeError, match=text):
        convx.conv2d(X, W, residual=np.ones((1, 3, 4, 5)).astype(given))
    with pytest.raises(TypeError, match="residual must"):
        reference.conv2d(X, W, residual=np.ones((1, 3, 4, 5)).astype(given))


def test_masked_array() -> None:
    with pytest.raises(TypeError, match="residual must not be a masked array"):
        convx.conv2d(X, W, residual=np.ma.ones((1, 3, 4, 5), "float32"))


def test_not_an_array() -> None:
    with pytest.raises(TypeError, match="residual must"):
        convx.conv2d(X, W, residual="residual")


def test_byte_order_and_alignment() -> None:
    residual = np.arange(60, dtype="float32").reshape(1, 3, 4, 5)
    expected = convx.conv2d(X, W, residual=residual)
    assert_equal_values(convx.conv2d(X, W, residual=residual.astype(">f4").astype("<f4")), expected)
    misaligned = np.frombuffer(b"." + residual.tobytes(), "float32", offset=1).reshape(residual.shape)
    assert_equal_values(convx.conv2d(X, W, residual=misaligned), expected)


def test_integers_have_none() -> None:
    x, w = X.astype("int8"), W.astype("int8")
    for call in (convx.conv2d, reference.conv2d):
        with pytest.raises(ValueError, match="residual must be None"):
            call(x, w, residual=np.ones((1, 3, 4, 5), "int32"))
    with pytest.raises(ValueError, match="residual must be None"):
        convx.Conv2d(w)(x, residual=np.ones((1, 3, 4, 5), "int32"))
