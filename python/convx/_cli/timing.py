"""How long a call takes."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

__all__ = ["Timing", "measure"]


class Timing(NamedTuple):
    """Seconds per call: of the fastest call and of the one in the middle."""

    best: float
    median: float


def measure(call: Callable[[], object], seconds: float, *, minimum: int = 3) -> Timing:
    """Time `call` again and again.

    Parameters
    ----------
    call : callable
        What to time. It is called once untimed first, when `minimum` is more than 1.
    seconds : float
        How long to go on.
    minimum : int
        The least number of timed calls, however long they take.
    """
    if minimum > 1:
        call()
    times: list[float] = []
    end = perf_counter() + seconds
    while len(times) < minimum or perf_counter() < end:
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return Timing(min(times), statistics.median(times))
