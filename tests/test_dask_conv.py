"""Convolution of Dask arrays in any chunks gives NumPy's result, bit for bit."""

import re
from typing import Any

import convx
import hypothesis.strategies as st
import numpy as np
import pytest
from cases import Array, ConvCase
from checks import assert_within, conv_bound
from hypothesis import given, settings
from random_cases import conv_cases

pytest.importorskip("dask.array")

from dask_arrays import FORMATS, chunked, da, last, same

MODES = ("zeros", "reflect", "symmetric", "replicate", "circular")
ALGORITHMS = ("direct", "im2col", "narrow", "reference", "depthwise")


def arrays(case: ConvCase, dtype: Any) -> tuple[Array, Array, Array | None]:
    rng = np.random.default_rng(len(case.name))
    x, w = (rng.standard_normal(shape).astype(dtype) for shape in (case.input, case.weight))
    return x, w, rng.standard_normal(len(w)).astype(dtype) if case.bias else None


@settings(max_examples=50)
@given(
    conv_cases(),
    st.sampled_from(MODES),
    st.sampled_from(FORMATS),
    st.sampled_from(ALGORITHMS),
    st.sampled_from(("float32", "float64", "float16")),
    st.booleans(),
    st.data(),
)
def test_conv(
    case: ConvCase, mode: Any, data_format: Any, algorithm: Any, dtype: str, lazy_weight: bool, data: Any
) -> None:
    if algorithm in ("depthwise", "separable") and not case.takes(algorithm):
        algorithm = "direct"
    x, w, b = arrays(case, dtype)
    rank = w.ndim - 2
    x = last(x, data_format, rank)
    function = f"conv{rank}d"
    arguments: dict[str, Any] = {
        "stride": case.stride,
        "padding": case.padding,
        "dilation": case.dilation,
        "groups": case.groups,
        "padding_mode": mode,
        "data_format": data_format,
        "algorithm": algorithm,
    }
    exact = getattr(convx, function)(x, w, b, **arguments)
    weight = chunked(data.draw, w, 0, 2) if lazy_weight else w
    same(getattr(convx.dask, function)(chunked(data.draw, x), weight, b, **arguments), exact)


@settings(max_examples=40)
@given(
    conv_cases(),
    st.integers(0, 3),
    st.sampled_from(FORMATS),
    st.sampled_from(ALGORITHMS[:3]),
    st.booleans(),
    st.data(),
)
def test_conv_transpose(
    case: ConvCase, added: int, data_format: Any, algorithm: Any, lazy_weight: bool, data: Any
) -> None:
    """The convolution's case with the weight read as that of its transpose."""
    x, w, _ = arrays(case, "float32")
    rank = w.ndim - 2
    channels = data.draw(st.integers(1, 4)) * case.groups
    w = np.random.default_rng(1).standard_normal((channels, w.shape[1], *w.shape[2:])).astype("float32")
    x = np.random.default_rng(2).standard_normal((*x.shape[: -1 - rank], channels, *x.shape[-rank:])).astype("float32")
    x = last(x, data_format, rank)
    function = f"conv_transpose{rank}d"
    arguments: dict[str, Any] = {
        "stride": case.stride,
        "padding": case.padding,
        "output_padding": 0 if isinstance(case.padding, str) else added,
        "groups": case.groups,
        "dilation": case.dilation,
        "data_format": data_format,
        "algorithm": algorithm,
    }
    lazily = getattr(convx.dask, function)
    refused = None
    try:
        exact = getattr(convx, function)(x, w, **arguments)
    except ValueError as error:
        refused = str(error)
    if refused:
        with pytest.raises(ValueError, match=re.escape(refused)):
            lazily(chunked(data.draw, x), w, **arguments)
        return
    weight = chunked(data.draw, w) if lazy_weight else w
    same(lazily(chunked(data.draw, x), weight, **arguments), exact)


@pytest.mark.parametrize("inexact", ["auto", "winograd", "fft"])
@settings(max_examples=15)
@given(st.data())
def test_other_algorithms_are_as_exact_as_numpys(inexact: Any, data: Any) -> None:
    case = ConvCase("tiles", (2, 8, 23, 30), (8, 8, 3, 3), 1, 1, 1, 1, True)
    x, w, b = arrays(case, "float32")
    exact = convx.reference.conv2d(*(array.astype(float) for array in (x, w, b)), padding=1)  # type: ignore[union-attr]
    got = convx.dask.conv2d(chunked(data.draw, x), w, b, padding=1, algorithm=inexact)
    assert_within(got.compute(), exact, conv_bound(case, inexact, "float32", x, w, b))


@settings(max_examples=30)
@given(st.sampled_from(("int8", "uint8", "int16", "int32")), st.sampled_from(MODES), st.data())
def test_integers(dtype: str, mode: Any, data: Any) -> None:
    rng = np.random.default_rng(3)
    x, w = rng.integers(0, 100, (2, 6, 17, 19)).astype(dtype), rng.integers(-9, 9, (4, 3, 3, 2)).astype("int8")
    bias = rng.integers(-9, 9, 4)
    exact = convx.conv2d(x, w, bias, padding=2, groups=2, padding_mode=mode, activation="relu")
    lazy_bias = chunked(data.draw, bias)
    got = convx.dask.conv2d(
        chunked(data.draw, x), w, lazy_bias, padding=2, groups=2, padding_mode=mode, activation="relu"
    )
    same(got, exact)
    for kind in ("max_pool2d", "maxout"):
        same(getattr(convx.dask, kind)(chunked(data.draw, x), 2), getattr(convx, kind)(x, 2))


def test_windows_that_see_nothing_but_padding() -> None:
    """Outputs of a block may all lie in the padding; some must not, and neighbours take them."""
    x = np.arange(1.0, 6.0).reshape(1, 5)
    lazy = da.from_array(x, chunks=(1, 1))
    for size, stride, padding in ((1, 7, 6), (1, 1, 4), (2, 3, (9,)), (1, 100, 6), (3, 1, ((0, 11),))):
        w = np.ones((1, 1, size))
        for mode in MODES:
            exact = convx.conv1d(x, w, np.ones(1), stride, padding, padding_mode=mode, algorithm="direct")
            same(convx.dask.conv1d(lazy, w, np.ones(1), stride, padding, padding_mode=mode, algorithm="direct"), exact)
