"""Comparisons and small helpers that more than one test file needs."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from convx import _core

Array = npt.NDArray[Any]

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent

# Factor f of the promise |error| <= f * eps * K * max|x| * max|w|. An algorithm that is added states its own here.
BOUND_FACTOR = {"auto": 4.0, "reference": 4.0, "direct": 4.0, "im2col": 4.0}


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


def conv_bound(algorithm: str, dtype: npt.DTypeLike, terms: int, x: Array, w: Array, b: Array | None) -> float:
    """The documented error bound; the bias counts as one more term."""
    largest = terms * float(np.abs(x).max()) * float(np.abs(w).max())
    if b is not None:
        largest += float(np.abs(b).max())
    return BOUND_FACTOR[algorithm] * float(np.finfo(dtype).eps) * largest


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
            f"{label}: error {worst:.3e} > bound {bound:.3e} at {where}: {actual[where]!r}, expected {expected[where]!r}"
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
