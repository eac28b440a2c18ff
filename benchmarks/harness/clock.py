"""The clock of one turn: the best of many calls, and how much processor time they took."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Turn", "turn"]

LEAST_CALLS = 3


class Turn(NamedTuple):
    """What was measured while a system had the machine.

    Attributes
    ----------
    best : float
        Seconds of the fastest call.
    calls : int
        How many calls were timed.
    cores : float
        Processor time over elapsed time: about the number of threads, if the machine was free.
    """

    best: float
    calls: int
    cores: float


def turn(call: Callable[[], object], seconds: float, least: int = LEAST_CALLS) -> Turn:
    """Call again and again for some time, at least `least` times, after one call that is not timed.

    Freeing the result belongs to the call: whoever computes in a loop pays for it.
    """
    call()
    best, calls = float("inf"), 0
    begin, processor = time.perf_counter(), time.process_time()
    while True:
        start = time.perf_counter()
        call()
        stop = time.perf_counter()
        best, calls = min(best, stop - start), calls + 1
        if stop - begin >= seconds and calls >= least:
            return Turn(best, calls, (time.process_time() - processor) / (stop - begin))
