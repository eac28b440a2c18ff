"""Checked values of command-line arguments."""

from __future__ import annotations

import argparse
import math
from contextlib import AbstractContextManager, nullcontext

import convx

__all__ = ["positive_int", "positive_seconds", "thread_limit"]


def positive_int(text: str) -> int:
    """Return `text` as an integer of at least 1."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be an integer >= 1, got {text!r}")
    return value


def positive_seconds(text: str) -> float:
    """Return `text` as a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"must be a number > 0, got {text!r}")
    return value


def thread_limit(threads: int | None) -> AbstractContextManager[object]:
    """Return a context that sets the number of threads, or leaves it alone."""
    return nullcontext() if threads is None else convx.num_threads(threads)
