"""Run in a process of its own: calls into which a signal handler or a protocol of an argument calls again."""

import contextlib
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import convx
import numpy as np
from cases import Array
from families import FAMILIES, lengthen, numbers, result_arrays, same

# The scratch of these is small: all of it may come from one block that a thread keeps for the purpose.
SMALL = (
    "conv2d-auto-tiny",
    "conv2d-direct-tiny",
    "conv2d-im2col-tiny",
    "conv2d-winograd-tiny",
    "depthwise-float32-stride1",
    "depthwise-float32-stride2-last",
    "max_pool2d-indices",
    "max_pool2d-strided",
    "lp_pool2d",
    "avg_pool2d_backward",
    "conv2d_weight-auto",
    "conv_transpose2d-float32",
    "conv2d-int8",
    "deform_conv2d",
)
MOST_BYTES = 1 << 30
PERIOD = 0.02  # seconds


class Inner:
    """Calls to be made in the middle of another, and what they give undisturbed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        made = [(name, *FAMILIES[name](1, 1000 + i)) for i, name in enumerate(names)]
        self.calls = [(name, call, arrays, call(*arrays)) for name, call, arrays in made]
        self.wrong: list[str] = []
        self.count = 0

    def __call__(self) -> None:
        self.count += 1
        self.wrong += [name for name, call, arrays, expected in self.calls if not same(call(*arrays), expected)]


class Watch:
    """A handler that runs `body` every 20 ms of the block, but not within itself; knows when it did."""

    def __init__(self, body: Callable[[], object]) -> None:
        self.body, self.busy, self.ends = body, False, [0.0]

    def handle(self, *_: object) -> None:
        if self.busy:
            return
        self.busy = True
        try:
            self.body()
        finally:
            self.busy = False
            self.ends.append(time.perf_counter())

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        signal.signal(signal.SIGALRM, self.handle)
        signal.setitimer(signal.ITIMER_REAL, PERIOD, PERIOD)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def entered(self, start: float, end: float) -> bool:
        """Whether it ran in the middle: a handler that ran before or after the call itself proves nothing."""
        return any(start + 0.005 < moment < end - 0.002 for moment in self.ends)


def outer_calls(name: str, seconds: float) -> Iterator[tuple[Callable[[], Any], Any]]:
    """Ever longer calls with their results: a call may turn out to be too short to be entered."""
    n = lengthen(name, seconds)
    while True:
        call, arrays = FAMILIES[name](n, 0)
        start = time.perf_counter()
        expected = call(*arrays)
        took = time.perf_counter() - start
        size = sum(a.nbytes for a in result_arrays(expected))
        yield lambda call=call, arrays=arrays: call(*arrays), expected
        if size > MOST_BYTES or took > 8 * seconds:
            break
        n *= 2


def entered_by(name: str, seconds: float, body: Callable[[], object]) -> None:
    for outer, expected in outer_calls(name, seconds):
        watch = Watch(body)
        with watch.running():
            start = time.perf_counter()
            actual = outer()
            end = time.perf_counter()
        assert same(actual, expected), f"{name}: the outer call is wrong after {len(watch.ends) - 1} handlers"
        if watch.entered(start, end):
            return
    raise AssertionError(f"{name}: never entered, in {end - start:.2f} s")


def handler_calls(name: str, seconds: str, inner: str) -> None:
    names = {"small": SMALL, "all": tuple(FAMILIES), "itself": (name, *SMALL[:2])}[inner]
    body = Inner(names)
    entered_by(name, float(seconds), body)
    assert not body.wrong, f"{name}: wrong inside: {sorted(set(body.wrong))}"


def handler_sets_threads(name: str, seconds: str) -> None:
    counts = [1, 3, 2, 8]

    def body() -> None:
        counts.append(counts.pop(0))
        convx.set_num_threads(counts[0])

    entered_by(name, float(seconds), body)


class StoppedError(Exception):
    pass


def handler_raises(name: str, seconds: str) -> None:
    inner = Inner(SMALL)
    for error in (KeyboardInterrupt, StoppedError):

        def body(error: type[BaseException] = error) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise error("from the handler")

        for outer, expected in outer_calls(name, seconds=float(seconds)):
            watch = Watch(body)
            raised = False
            start = time.perf_counter()
            try:
                with watch.running():
                    outer()
                    end = time.perf_counter()
            except error as e:
                raised, end = str(e) == "from the handler", time.perf_counter()
            inner()
            assert not inner.wrong, inner.wrong
            assert same(outer(), expected), f"{name}: the next call is wrong"
            if raised and watch.entered(start, end + 1):
                break
        else:
            raise AssertionError(f"{name}: never raised, in {end - start:.2f} s")
        assert end - start < 60


def fork_and_wait(child: Callable[[], int], seconds: float = 20) -> int:
    """The exit status of a fork that runs `child`; one that hangs is killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of forking with threads
        pid = os.fork()
    if pid == 0:
        os._exit(child())
    return wait_for(pid, seconds)


def wait_for(pid: int, seconds: float) -> int:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError(f"the child hangs after {seconds} s")


def handler_forks(name: str, seconds: str) -> None:
    """The child leaves at once; the parent goes on."""
    inner = Inner(SMALL)

    def child() -> int:
        inner()
        return 1 if inner.wrong else 0

    failures: list[int] = []
    entered_by(name, float(seconds), lambda: failures.append(fork_and_wait(child)))
    assert not any(failures), failures


def handler_forks_and_returns(name: str, seconds: str) -> None:
    """The child comes back from the handler, and ends the outer call that it has only one thread of."""
    inner = Inner(SMALL)
    for outer, expected in outer_calls(name, float(seconds)):
        parent = os.getpid()
        children: list[int] = []

        def body(children: list[int] = children, parent: int = parent) -> None:
            if children or os.getpid() != parent:
                return
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
            if pid:
                children.append(pid)
            else:
                signal.setitimer(signal.ITIMER_REAL, 0)

        watch = Watch(body)
        with watch.running():
            start = time.perf_counter()
            try:
                actual = outer()
            except BaseException:
                if os.getpid() != parent:
                    os._exit(4)
                raise
            end = time.perf_counter()
        if os.getpid() != parent:
            inner()
            os._exit((0 if same(actual, expected) else 2) + (3 if inner.wrong else 0))
        assert same(actual, expected), f"{name}: the parent's result is wrong"
        if not children:
            continue
        status = wait_for(children[0], 20)
        assert status == 0, f"{name}: the child ends with {status}"
        if watch.entered(start, end):
            return
    raise AssertionError(f"{name}: never entered")


def big_plans() -> dict[str, tuple[Callable[[], Any], Array]]:
    """Plans whose first call packs for a few tenths of a second."""
    w, x = np.tile(numbers(0, (1024, 256, 3, 3)), (1, 6, 1, 1)), numbers(1, (1, 1536, 4, 4))
    scales = np.float32(0.5), np.uint8(3)

    def quantised() -> Any:
        weight = (w * 8).astype("int8")
        return convx.QLinearConv(*scales, weight, np.float32(0.5), np.int8(0), *scales)

    return {
        "direct": (lambda: convx.Conv2d(w, algorithm="direct"), x),
        "im2col": (lambda: convx.Conv2d(w, algorithm="im2col"), x),
        "winograd": (lambda: convx.Conv2d(w, algorithm="winograd"), x),
        "float64": (lambda: convx.Conv2d(w), x.astype("float64")),
        "float16": (lambda: convx.Conv2d(w.astype("float16")), x),
        "transposed": (lambda: convx.ConvTranspose2d(np.swapaxes(w, 0, 1), stride=2), x),
        "int8": (lambda: convx.Conv2d((w * 8).astype("int8")), (x * 8).astype("int8")),
        "int64": (lambda: convx.Conv2d((w * 8).astype("int64")), (x * 8).astype("int64")),
        "quantised": (quantised, (np.abs(x) * 8).astype("uint8")),
    }


def plan_calls_itself(name: str) -> None:
    """A plan is called by the handler of its own first call, which is still packing."""
    make, x = big_plans()[name]
    expected = make()(x)
    plan = make()
    results: list[Any] = []
    watch = Watch(lambda: results.append(plan(x)))
    with watch.running():
        actual = plan(x)
    assert same(actual, expected)
    assert all(same(result, expected) for result in results)
    print(len(results))


if __name__ == "__main__":
    convx.set_num_threads(2)
    globals()[sys.argv[1]](*sys.argv[2:])
