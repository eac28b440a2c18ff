"""Run in a process of its own: every allocation of the core fails once, in every family.

`_core.watch_allocations(k)` lets the k-th allocation from then on throw, none for 0; `_core.unwatch_allocations()`
returns how many were made since, and how many of those are still alive.
"""

import gc
import json
import sys
from collections.abc import Callable
from typing import Any

import convx
from convx import _core
from families import FAMILIES, result_arrays, same

MOST = 256  # allocations of a call; to let each fail costs a call


def copies(result: Any) -> Any:
    """The result in memory of NumPy's own."""
    if isinstance(result, type):
        return result
    arrays = tuple(a.copy() for a in result_arrays(result))
    return arrays if isinstance(result, tuple) else arrays[0]


def watched(fail_at: int, call: Callable[[], Any]) -> tuple[Any, int, int]:
    """The result or the exception of the call, the allocations made, and those alive after the result is gone."""
    _core.watch_allocations(fail_at)
    try:
        result = call()
    except Exception as error:
        result = type(error)  # without the traceback, which holds what the call made
    outcome = copies(result)
    del result
    return outcome, *_core.unwatch_allocations()


def check(name: str, n: int = 1) -> int:
    """Returns the number of allocations that can fail."""
    made, arrays = FAMILIES[name](n, 0)
    keeps = name.startswith("plan-")  # packs at its first call, and keeps that

    def fresh() -> tuple[Callable[..., Any], Any]:
        return FAMILIES[name](n, 0) if keeps else (made, arrays)

    expected = made(*arrays)
    call, given = fresh()
    result, count, alive = watched(0, lambda: call(*given))
    assert same(result, expected), f"{name}: wrong while watched"
    assert keeps or alive == 0, f"{name}: {alive} allocations leak"
    assert count <= MOST, f"{name}: {count} allocations"
    for k in range(1, count + 1):
        call, given = fresh()
        result, _, alive = watched(k, lambda call=call, given=given: call(*given))
        assert result is MemoryError, f"{name}: allocation {k} of {count} fails: {result}"
        # A plan may keep what it packed before the failure.
        assert keeps or alive == 0, f"{name}: {alive} allocations leak after {k} of {count} failed"
        assert same(call(*given), expected), f"{name}: wrong after allocation {k} of {count} failed"
    return count


def plan_dies(name: str) -> None:
    """All that a plan holds is given back with it, whichever allocation of its making or first call fails."""
    family = FAMILIES[name]
    _, arrays = family(1, 0)

    def whole() -> Any:
        call, _ = family(1, 0)
        return call(*arrays)

    expected = whole()
    result, count, alive = watched(0, whole)
    assert same(result, expected)
    assert alive == 0, f"{name}: {alive} allocations outlive the plan"
    for k in range(1, count + 1):
        result, _, alive = watched(k, whole)
        assert result is MemoryError, f"{name}: allocation {k} of {count} fails: {result}"
        assert alive == 0, f"{name}: {alive} allocations outlive the plan after {k} of {count} failed"


def main(threads: str, names: str) -> None:
    convx.set_num_threads(int(threads))
    gc.disable()  # what the collector frees would be missed
    for name in json.loads(names):
        print(name, flush=True)  # a crash shows after which
        count = check(name, 1 if threads == "1" else 64)  # the larger batch is worth a team
        print(name, count, flush=True)
        if name.startswith("plan-"):
            plan_dies(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
