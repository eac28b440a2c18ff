"""Checked values of command-line arguments."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from contextlib import contextmanager

import convx
from convx._cli.errors import UserError

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


@contextmanager
def thread_limit(threads: int | None) -> Iterator[None]:
    """Set the number of threads inside a ``with`` block; None leaves it alone."""
    before = convx.get_num_threads()
    try:
        convx.set_num_threads(before if threads is None else threads)
    except ValueError as error:
        raise UserError(f"--threads: {error}") from None
    try:
        yield
    finally:
        convx.set_num_threads(before)
