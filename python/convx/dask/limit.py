"""The threads of one task: a scheduler has a thread for every core already."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import dask

from convx import _core

__all__ = ["asked_threads", "threads"]


def asked_threads() -> int | None:
    """Return how many threads a task may use, by Dask's configuration; None where nothing limits them."""
    number = dask.config.get("convx.num-threads", 1)
    if number is None or (isinstance(number, int) and not isinstance(number, bool) and number >= 1):
        return number
    raise ValueError(f"dask's configuration convx.num-threads must be an int >= 1 or None, got {number!r}")


@contextmanager
def threads(most: int | None) -> Iterator[None]:
    """Limit OpenMP in this thread alone, which convx.num_threads, a setting of the whole process, cannot."""
    openmp = _openmp()
    if most is None or openmp is None:
        yield
        return
    before = openmp.omp_get_max_threads()
    openmp.omp_set_num_threads(min(most, before))
    try:
        yield
    finally:
        openmp.omp_set_num_threads(before)


@cache
def _openmp() -> Any:
    """Return the OpenMP that the core is linked with; None if it was built without."""
    library = ctypes.CDLL(_core.__file__)
    return library if hasattr(library, "omp_set_num_threads") else None
