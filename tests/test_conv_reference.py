"""Convolution against the NumPy reference: every algorithm, instruction set, dtype and awkward shape."""

import convx
import numpy as np
import pytest
from cases import CONV_1D, CONV_2D, CONV_3D, CONV_CASES, ConvCase, conv_expected
from checks import assert_equal_values, assert_integers, assert_result, check_bound, may_round


@pytest.mark.parametrize("case", CONV_1D, ids=lambda case: case.name)
def test_conv1d_matches_reference(algorithm: str, isa: str, dtype: np.dtype, case: ConvCase) -> None:
    check_bound(case, algorithm, dtype)


@pytest.mark.parametrize("case", CONV_2D, ids=lambda case: case.name)
def test_conv2d_matches_reference(algorithm: str, isa: str, dtype: np.dtype, case: ConvCase) -> None:
    check_bound(case, algorithm, dtype)


@pytest.mark.parametrize("case", CONV_3D, ids=lambda case: case.name)
def test_conv3d_matches_reference(algorithm: str, isa: str, dtype: np.dtype, case: ConvCase) -> None:
    check_bound(case, algorithm, dtype)


@pytest.mark.parametrize("case", CONV_CASES, ids=lambda case: case.name)
def test_conv_exact_on_integers(algorithm: str, isa: str, dtype: np.dtype, case: ConvCase) -> None:
    x, w, b = case.data(dtype, integers=True)
    actual = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm)
    assert_integers(actual, conv_expected(case, dtype, integers=True), algorithm)


@pytest.mark.parametrize(
    "types",
    [
        ("float32", "float32", "float32"),
        ("float32", "float32", "float64"),
        ("float32", "float64", "float32"),
        ("float64", "float32", "float32"),
        ("float32", "float64", None),
        ("float64", "float32", None),
        ("float64", "float64", "float32"),
    ],
    ids=lambda types: "_".join(str(name) for name in types),
)
def test_conv_promotes_mixed_dtypes(algorithm: str, types: tuple[str, str, str | None]) -> None:
    case = ConvCase("promotion", (1, 3, 6, 7), (14, 3, 3, 3), padding=1)
    x, w, b = (None if t is None else a.astype(t) for a, t in zip(case.data("float64"), types, strict=True))
    promoted = np.result_type(*[a for a in (x, w, b) if a is not None])
    actual = convx.conv2d(x, w, b, padding=1, algorithm=algorithm)
    assert actual.dtype == promoted
    converted = [None if a is None else a.astype(promoted) for a in (x, w, b)]
    assert_integers(actual, convx.conv2d(*converted, padding=1, algorithm=algorithm), algorithm)


@pytest.mark.parametrize("case", [CONV_1D[1], CONV_2D[8], CONV_3D[1]], ids=lambda case: case.name)
def test_conv_of_empty_batch_is_empty(algorithm: str, isa: str, dtype: np.dtype, case: ConvCase) -> None:
    x, w, b = case.data(dtype)
    actual = getattr(convx, case.function)(x[:0], w, b, **case.parameters, algorithm=algorithm)
    assert_result(actual, (0, *conv_expected(case, dtype).shape[1:]), dtype)


def test_conv_infinite_weight_over_padding_is_nan(any_algorithm: str, isa: str, dtype: np.dtype) -> None:
    """Padding is a zero that is multiplied: infinity times zero is NaN, in every direct algorithm alike."""
    algorithm = any_algorithm
    x = np.ones((1, 17, 6, 7), dtype)
    w = np.ones((14, 17, 3, 3), dtype)
    w[:, 5, 0, 0] = np.inf
    actual = convx.conv2d(x, w, padding=1, algorithm=algorithm)
    expected = np.full((1, 14, 6, 7), np.inf)
    expected[:, :, 0, :] = np.nan
    expected[:, :, :, 0] = np.nan
    if may_round(algorithm, dtype):
        assert not np.isfinite(actual).any()
    else:
        assert_equal_values(actual, expected)


def test_conv_nan_reaches_only_the_windows_that_hold_it(any_algorithm: str, isa: str, dtype: np.dtype) -> None:
    algorithm = any_algorithm
    for channels, outputs in [(1, 1), (5, 14), (17, 33)]:
        x = np.ones((1, channels, 9, 19), dtype)
        x[0, -1, 4, 8] = np.nan
        actual = convx.conv2d(x, np.ones((outputs, channels, 3, 3), dtype), algorithm=algorithm)
        expected = np.full((1, outputs, 7, 17), 9.0 * channels)
        expected[:, :, 2:5, 6:9] = np.nan
        if algorithm == "fft":  # which spreads a NaN over two tiles
            assert np.isnan(actual[:, :, 2:5, 6:9]).all()
        elif may_round(algorithm, dtype):
            # Winograd spreads a NaN over its tile, at most 5 outputs further; it never loses one.
            assert np.isnan(actual[:, :, 2:5, 6:9]).all()
            assert not np.isnan(actual[:, :, :, 14:]).any()
        else:
            assert_equal_values(actual, expected, f"{channels} -> {outputs}")
