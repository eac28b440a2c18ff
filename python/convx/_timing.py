"""How long calls take: the one clock of plans, of the commands and of benchmarks/."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Hashable, Mapping
from threading import Barrier
from time import perf_counter, process_time
from typing import NamedTuple, TypeVar

__all__ = ["Timing", "at_once", "least_times", "measure"]

_Name = TypeVar("_Name", bound=Hashable)
LEAST_CALLS = 3


class Timing(NamedTuple):
    """What a call costs.

    Attributes
    ----------
    best, median : float
        Seconds of the fastest call and of the one in the middle.
    calls : int
        How many calls were timed.
    cores : float
        Processor time over elapsed time: about the number of threads, if the machine was free.
    """

    best: float
    median: float
    calls: int
    cores: float


def measure(call: Callable[[], object], seconds: float, *, minimum: int = LEAST_CALLS) -> Timing:
    """Time `call` again and again. Freeing its result belongs to it: whoever computes in a loop pays for that.

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
    begin, processor = perf_counter(), process_time()
    while len(times) < minimum or perf_counter() < begin + seconds:
        times.append(_seconds(call))
    cores = (process_time() - processor) / (perf_counter() - begin)
    return Timing(min(times), statistics.median(times), len(times), cores)


def least_times(
    calls: Mapping[_Name, Callable[[], object]], seconds: float = 0.0, *, minimum: int = LEAST_CALLS
) -> dict[_Name, float]:
    """Return the seconds of each call's fastest run, by its name.

    The calls take turns, so that a change of the machine's speed meets all alike: `minimum` rounds at least, and
    rounds for `seconds` for each of them, after one that is not timed. Every second round goes backwards: whoever comes
    behind a call that fills the caches reads from memory what the next one finds there.
    """
    order = [*calls.items()]
    for call in calls.values():
        call()
    best, rounds = dict.fromkeys(calls, float("inf")), 0
    end = perf_counter() + seconds * len(calls)
    while rounds < minimum or perf_counter() < end:
        for name, call in order[:: -1 if rounds % 2 else 1]:
            best[name] = min(best[name], _seconds(call))
        rounds += 1
    return best


def at_once(threads: int, work: Callable[[], float]) -> list[float]:
    """Return what `work` finds on each of so many threads, which begin together."""
    from concurrent.futures import ThreadPoolExecutor  # few programs measure on several threads

    barrier = Barrier(threads)

    def run(_: int) -> float:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def _seconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start
