"""The number of threads: set, limited, inherited from the environment; and calls from many Python threads."""

import sys
import threading

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME
from checks import assert_same_bits, run_python
from convx import _core

OPENMP = bool(_core.info()["openmp"])
needs_openmp = pytest.mark.skipif(not OPENMP, reason="built without OpenMP: always one thread")


def test_threads_default_is_positive() -> None:
    assert convx.get_num_threads() >= 1
    assert _core.info()["threads"] == convx.get_num_threads()


@needs_openmp
@pytest.mark.parametrize("count", [1, 2, 3, 64])
def test_set_num_threads_is_read_back(count: int, keep_threads: int) -> None:
    convx.set_num_threads(count)
    assert convx.get_num_threads() == count
    convx.set_num_threads(np.int64(count))  # type: ignore[arg-type]
    assert convx.get_num_threads() == count


@needs_openmp
def test_num_threads_nests_and_restores(keep_threads: int) -> None:
    convx.set_num_threads(5)
    with convx.num_threads(3):
        assert convx.get_num_threads() == 3
        with convx.num_threads(1):
            assert convx.get_num_threads() == 1
        assert convx.get_num_threads() == 3
    assert convx.get_num_threads() == 5


@needs_openmp
def test_num_threads_restores_after_an_exception(keep_threads: int) -> None:
    convx.set_num_threads(4)
    with pytest.raises(KeyError, match="inside"), convx.num_threads(2):
        raise KeyError("inside")
    assert convx.get_num_threads() == 4


@needs_openmp
def test_num_threads_may_be_entered_again(keep_threads: int) -> None:
    convx.set_num_threads(4)
    for count in (2, 3):
        with convx.num_threads(count):
            assert convx.get_num_threads() == count
        assert convx.get_num_threads() == 4


@pytest.mark.parametrize("count", [0, -1, 2.0, "x", None, True])
def test_num_threads_checks_before_it_changes_anything(count: object, keep_threads: int) -> None:
    error = ValueError if type(count) is int else TypeError
    with pytest.raises(error, match="num_threads: "), convx.num_threads(count):  # type: ignore[arg-type]
        raise AssertionError("entered")
    assert convx.get_num_threads() == keep_threads


@needs_openmp
@pytest.mark.parametrize("count", [1, 3, 5])
def test_threads_follow_omp_num_threads(count: int) -> None:
    code = "import convx; print(convx.get_num_threads())"
    done = run_python(code, env={"OMP_NUM_THREADS": str(count), "OMP_THREAD_LIMIT": None, "OMP_DYNAMIC": None})
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == count


@needs_openmp
def test_threads_follow_threadpoolctl(keep_threads: int) -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")
    with threadpoolctl.threadpool_limits(limits=1, user_api="openmp"):
        assert convx.get_num_threads() == 1
    assert convx.get_num_threads() == keep_threads


@needs_openmp
def test_num_threads_inside_a_limit_leaves_no_trace() -> None:
    """What a block puts back is the setting, not the number that a passing limit had made of it."""
    pytest.importorskip("threadpoolctl")
    code = """
import convx, threadpoolctl
assert convx.get_num_threads() == 3
with threadpoolctl.threadpool_limits(limits=1, user_api="openmp"):
    with convx.num_threads(2):
        pass
print(convx.get_num_threads())
"""
    done = run_python(code, env={"OMP_NUM_THREADS": "3"})
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 3


@needs_openmp
@pytest.mark.parametrize(
    "variables", [{"OMP_THREAD_LIMIT": "2"}, {"OMP_DYNAMIC": "true"}, {"OMP_MAX_ACTIVE_LEVELS": "0"}], ids=str
)
def test_calls_work_with_fewer_threads_than_asked_for(variables: dict[str, str | None]) -> None:
    """OpenMP may give a smaller team; every task must be done all the same."""
    code = """
import numpy as np, convx
x, w = np.ones((3, 32, 30, 30), "float32"), np.ones((64, 32, 3, 3), "float32")
convx.set_num_threads(8)
for algorithm in convx._core.algorithms():
    assert (np.rint(convx.conv2d(x, w, algorithm=algorithm)) == 288).all(), algorithm
assert (convx.max_pool2d(np.ones((4, 64, 60, 60)), 2) == 1).all()
"""
    done = run_python(code, env=variables)
    assert done.returncode == 0, done.stderr


TEAM = """
import os, sys, convx, numpy as np
x, w = np.ones((1, 64, 40, 40), "float32"), np.ones((64, 64, 3, 3), "float32")
before = len(os.listdir("/proc/self/task"))
setting = sys.argv[1]
if setting == "threadpoolctl":
    import threadpoolctl
    convx.set_num_threads(4)
    with threadpoolctl.threadpool_limits(limits=1, user_api="openmp"):
        convx.conv2d(x, w)
elif setting != "environment":
    convx.set_num_threads(int(setting))
    convx.conv2d(x, w)
else:
    convx.conv2d(x, w)
print(len(os.listdir("/proc/self/task")) - before)
"""


@needs_openmp
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads through /proc")
@pytest.mark.parametrize(
    ("setting", "environment", "started"),
    [("1", "3", 0), ("3", "1", 2), ("8", "2", 7), ("environment", "3", 2), ("environment", "1", 0)],
)
def test_calls_use_the_threads_asked_for(setting: str, environment: str, started: int) -> None:
    """The team really has this size: libgomp keeps its workers, so they can be counted afterwards."""
    done = run_python(TEAM, setting, env={"OMP_NUM_THREADS": environment, "OPENBLAS_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == started


@needs_openmp
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads through /proc")
def test_threadpoolctl_limits_calls() -> None:
    pytest.importorskip("threadpoolctl")
    done = run_python(TEAM, "threadpoolctl", env={"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 0


def test_more_threads_than_cores_or_tasks(algorithm: str, isa: str, keep_threads: int) -> None:
    for name in ("1x1_c1_k1", "3x3_one_output", "3x3_c64_k65", "1d_length1"):
        case = CONV_BY_NAME[name]
        x, w, b = case.data("float32")
        results = []
        for count in (1, 64):
            convx.set_num_threads(count)
            results.append(getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm))
        assert_same_bits(results[1], results[0], name)


def test_calls_from_many_python_threads(any_algorithm: str, isa: str) -> None:
    """One plan, whose weights are packed at its first call, shared by threads that all start at once."""
    algorithm = any_algorithm
    x, w, b = CONV_BY_NAME["3x3_c64_k65"].data("float32")
    expected = convx.conv2d(x, w, b, padding=1, algorithm=algorithm)
    planned = convx.Conv2d(w, b, padding=1, algorithm=algorithm)(x)
    pooled = convx.max_pool2d(expected, 2)
    plan = convx.Conv2d(w, b, padding=1, algorithm=algorithm)
    barrier = threading.Barrier(8)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            barrier.wait(60)
            for _ in range(5):
                assert_same_bits(plan(x), planned, "plan")
                assert_same_bits(convx.conv2d(x, w, b, padding=1, algorithm=algorithm), expected, "function")
                assert_same_bits(convx.max_pool2d(expected, 2), pooled, "pool")
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert not any(worker.is_alive() for worker in workers)
    assert not failures, failures


def test_gil_is_released_during_a_call() -> None:
    """A Python thread makes progress while another is inside one long call."""
    x, w = np.ones((1, 64, 96, 96), "float32"), np.ones((64, 64, 3, 3), "float32")
    started, finished = threading.Event(), threading.Event()

    def convolve() -> None:
        started.set()
        convx.conv2d(x, w, algorithm="reference")
        finished.set()

    interval = sys.getswitchinterval()
    worker = threading.Thread(target=convolve)
    try:
        # With so long an interval the worker gives the GIL away only by releasing it in the call.
        sys.setswitchinterval(1000)
        worker.start()
        assert started.wait(60)
        during = not finished.is_set()
    finally:
        sys.setswitchinterval(interval)
        worker.join(120)
    assert finished.is_set()
    assert during, "the main thread ran only after the call had ended"
