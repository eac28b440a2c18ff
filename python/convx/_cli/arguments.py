"""Checked values of command-line arguments."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import convx
from convx._cli.errors import UserError

__all__ = ["known", "positive_int", "positive_seconds", "thread_limit"]


_Name = TypeVar("_Name", bound=str)


def known(what: str, asked: Sequence[str] | None, choices: Sequence[_Name]) -> Sequence[_Name]:
    """Return those of `choices` that are asked for; all if None."""
    if asked is None:
        return choices
    names: dict[str, _Name] = {choice: choice for choice in choices}
    for name in asked:
        if name not in names:
            raise UserError(f"unknown {what} {name!r}; choose from {', '.join(choices)}")
    return [names[name] for name in asked]


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
