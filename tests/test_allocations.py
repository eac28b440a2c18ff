"""Every allocation fails once in every family: MemoryError, nothing leaked, the next call right; in children."""

import json

import pytest
from checks import run_python
from families import FAMILIES

GROUPS: dict[str, list[str]] = {}
for family in FAMILIES:
    head = family.partition("-")[0]
    GROUPS.setdefault(
        "pools" if "pool" in head else head if head in ("conv2d", "plan", "made") else "others", []
    ).append(family)


def child(threads: str, names: list[str]) -> str:
    code = "import runpy; runpy.run_module('allocations', run_name='__main__')"
    done = run_python(code, threads, json.dumps(names), timeout=250)
    last = done.stdout.strip().rpartition("\n")[2]
    assert done.returncode >= 0, f"killed by signal {-done.returncode} in {last}: {done.stderr[-2000:]}"
    assert done.returncode == 0, f"{last}: {done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("group", GROUPS)
def test_every_allocation_fails_once(group: str, threads: str) -> None:
    output = child(threads, GROUPS[group])
    assert output.split()[-2] in GROUPS[group]


def test_a_watch_tells_what_was_allocated() -> None:
    """Ended at once it has seen nothing; it sees the scratch of a call, and is over when it is ended."""
    code = """
import convx
from convx import _core
from families import FAMILIES
call, arrays = FAMILIES["conv2d-wide"](1, 0)
_core.watch_allocations(0)
assert _core.unwatch_allocations() == (0, 0)
_core.watch_allocations(1)
try:
    call(*arrays)
except MemoryError:
    print("MemoryError")
made, alive = _core.unwatch_allocations()
assert made >= 1 and alive == 0, (made, alive)
call(*arrays)
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["MemoryError"]


def test_some_families_allocate() -> None:
    """The counts are no zeros: where everything fitted into a block that is kept, nothing would be tested."""
    names = ["conv2d-wide", "made-Conv2d-float32", "conv2d_weight-im2col", "deform_conv2d"]
    lines = [line.split() for line in child("1", names).splitlines()]
    counts = {line[0]: int(line[1]) for line in lines if len(line) == 2}
    assert set(counts) == set(names)
    assert all(counts.values()), counts
