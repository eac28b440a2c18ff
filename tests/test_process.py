"""What happens around calls: limits, exits with threads inside, forks beside threads; in children."""

import subprocess
import sys

import pytest
from checks import run_python

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc, fork and Linux's limits")
CODE = "import runpy; runpy.run_module('processes', run_name='__main__')"


def child(*arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    done = run_python(CODE, *arguments, timeout=timeout)
    assert done.returncode >= 0, f"killed by signal {-done.returncode}: {done.stderr[-2000:]}"
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    return done


@pytest.mark.parametrize("callers", ["0", "6"])
@pytest.mark.parametrize("counts", ["8", "1,2,8,64,300"])
@pytest.mark.parametrize("what", ["memory", "processes"])
def test_threads_that_cannot_start(what: str, counts: str, callers: str) -> None:
    """A team smaller than asked for does the work; the process does not end."""
    done = child("limited", what, counts, callers)
    if done.stdout.split() == ["unlimited"]:
        pytest.skip("RLIMIT_NPROC has no effect here")
    assert done.stdout.split() == ["right"]


LEFT = (
    "conv2d-direct-float32",
    "depthwise-float32-stride1",
    "max_pool2d-indices",
    "plan-Conv2d-int8-of-int8",
    "conv_transpose2d-float16",
)


@pytest.mark.parametrize(
    ("name", "threads", "seconds"),
    [
        pytest.param(name, threads, seconds, marks=[] if quick else [pytest.mark.slow])
        for name in LEFT
        for threads, seconds, quick in (
            ("1", "0.3", name in LEFT[:2]),
            ("1", "3", name == LEFT[2]),
            ("12", "0.02", name == LEFT[3]),
            ("40", "0.2", name == LEFT[0]),
        )
    ],
)
def test_exit_with_daemon_threads_inside(name: str, threads: str, seconds: str) -> None:
    done = child("leave", name, threads, seconds)
    assert done.stderr == ""


def test_exit_with_a_daemon_thread_in_a_call_of_minutes() -> None:
    assert child("leave_a_long_call", timeout=60).stderr == ""


def test_exit_waits_for_an_ordinary_thread() -> None:
    done = child("wait_at_exit")
    assert (done.stdout, done.stderr) == ("right\n", "")


KINDS = ("direct", "transposed", "float16", "quantised", "im2col", "winograd", "float64", "int8", "int64")


@pytest.mark.parametrize(
    ("kind", "forks"),
    [pytest.param(kind, "6", marks=[] if kind in KINDS[:2] else [pytest.mark.slow]) for kind in KINDS]
    + [pytest.param(kind, "60", marks=pytest.mark.slow) for kind in KINDS],
)
def test_fork_beside_the_first_call_of_a_plan(kind: str, forks: str) -> None:
    child("fork_beside_first_calls", kind, forks)


@pytest.mark.parametrize("forks", ["10", pytest.param("200", marks=pytest.mark.slow)])
def test_fork_beside_calls(forks: str) -> None:
    child("fork_beside_calls", forks)


def test_fork_from_a_thread_then_interrupt() -> None:
    child("fork_from_a_thread")


IMPORT = """
import threading
import numpy as np
results = []
def work():
    import convx
    results.append(convx.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))).item())
workers = [threading.Thread(target=work) for _ in range(4)]
for worker in workers: worker.start()
for worker in workers: worker.join()
import processes
assert results == [9] * 4
assert processes.interrupted_within(1.0) == 0
"""


def test_import_in_a_thread() -> None:
    """Ctrl-C is still heard by the main thread, which did not import."""
    done = run_python(IMPORT, timeout=60)
    assert done.returncode == 0, done.stderr
