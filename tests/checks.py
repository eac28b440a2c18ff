"""Comparisons and small helpers that more than one test file needs."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import convx
import numpy as np
import numpy.typing as npt
from cases import Array, ConvCase, conv_expected
from convx import _core

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent

# Exact on integer data, and |error| <= 4 * eps * K * max|x| * max|w|, for every shape.
DIRECT = ("reference", "direct", "im2col")
# Factor in place of 4 where the convolution may be Winograd's, of any scheme; the most that was measured is 50, for one
# channel of equal numbers with signs. For those that are called accurate it was 4.2, for Fourier transforms 3.5.
WINOGRAD_FACTOR, ACCURATE_FACTOR = 128.0, 16.0


@contextlib.contextmanager
def use_isa(name: str | None) -> Iterator[None]:
    """Force an instruction set for the block, then go back to the environment's choice."""
    _core.set_isa(name)
    try:
        yield
    finally:
        _core.set_isa(None)


def assert_result(actual: Any, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
    """Every result is a fresh C-contiguous ndarray of exactly this shape and dtype."""
    assert type(actual) is np.ndarray
    assert actual.shape == shape
    assert actual.dtype == np.dtype(dtype)
    assert actual.flags.c_contiguous
    assert actual.flags.writeable


def assert_equal_values(actual: Array, expected: Array, label: str = "") -> None:
    """Equal element for element; NaN equals NaN, and -0.0 equals 0.0."""
    assert actual.shape == expected.shape, f"{label}: shape {actual.shape}, expected {expected.shape}"
    wrong = ~((actual == expected) | (np.isnan(actual) & np.isnan(expected)))
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise AssertionError(
            f"{label}: {int(wrong.sum())} of {wrong.size} elements differ, first at {where}: "
            f"{actual[where]!r}, expected {expected[where]!r}"
        )


def assert_same_bits(actual: Array, expected: Array, label: str = "") -> None:
    """Equal shape, dtype and bytes: stricter than ==, which calls 0.0 and -0.0 equal."""
    assert actual.shape == expected.shape, f"{label}: shape {actual.shape}, expected {expected.shape}"
    assert actual.dtype == expected.dtype, f"{label}: dtype {actual.dtype}, expected {expected.dtype}"
    if actual.tobytes() != expected.tobytes():
        assert_equal_values(actual, expected, label)
        raise AssertionError(f"{label}: values are equal, but their bits are not (signed zeros or NaN payloads)")


def conv_bound(case: ConvCase, algorithm: str, dtype: npt.DTypeLike, x: Array, w: Array, b: Array | None) -> float:
    """The documented error bound; the bias counts as one more term."""
    largest = case.terms * float(np.abs(x).max()) * float(np.abs(w).max())
    if b is not None:
        largest += float(np.abs(b).max())
    factor = 4.0
    if algorithm == "fft":
        factor = ACCURATE_FACTOR
    elif may_round(algorithm, dtype) and case.takes("winograd"):
        factor = WINOGRAD_FACTOR
    return factor * float(np.finfo(dtype).eps) * largest


def check_bound(case: ConvCase, algorithm: str, dtype: np.dtype[Any]) -> None:
    """The case against the oracle, within the documented bound."""
    x, w, b = case.data(dtype)
    expected = conv_expected(case, dtype)
    actual = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm)
    assert_result(actual, expected.shape, dtype)
    assert_within(actual, expected, conv_bound(case, algorithm, dtype, x, w, b))


def may_round(algorithm: str, dtype: npt.DTypeLike) -> bool:
    """Whether transforms may have computed this: by name, or by choice, which is made for float32 alone."""
    return algorithm in ("winograd", "fft") or (algorithm == "auto" and np.dtype(dtype) == np.float32)


def assert_integers(actual: Array, expected: Array, algorithm: str, label: str = "") -> None:
    """Results of integer data: equal, or by transforms equal but for a rounding far below one."""
    if may_round(algorithm, actual.dtype):
        assert_within(actual, expected, 0.05, label)
    else:
        assert_equal_values(actual, expected, label)


def assert_within(actual: Array, expected: Array, bound: float, label: str = "") -> None:
    """|actual - expected| <= bound everywhere, the difference taken in float64."""
    assert actual.shape == expected.shape, f"{label}: shape {actual.shape}, expected {expected.shape}"
    if actual.size == 0:
        return
    error = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    worst = float(error.max())
    # "not <=", so that a NaN fails too.
    if not worst <= bound:
        where = tuple(int(i) for i in np.unravel_index(int(np.argmax(error)), error.shape))
        raise AssertionError(
            f"{label}: error {worst:.3e} > bound {bound:.3e} at {where}: "
            f"{actual[where]!r}, expected {expected[where]!r}"
        )


def run_python(
    code: str, *arguments: str, env: dict[str, str | None] | None = None, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run code in an interpreter of its own, warnings being errors; a value None removes a variable."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, [os.getenv("PYTHONPATH")])])}
    for name, value in (env or {}).items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
