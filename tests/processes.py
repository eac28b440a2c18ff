"""Run in a process of its own: exits, forks, limits and interpreters beside calls."""

import os
import random
import resource
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import convx
import numpy as np
from families import FAMILIES, lengthen, numbers, same
from interrupts import waited
from reentry import big_plans, fork_and_wait


def works() -> None:
    assert convx.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))).item() == 9


# Limits.


def sums() -> list[tuple[Callable[[], Any], Any]]:
    """Calls that would use a team, with what they give without one."""
    x, w = numbers(0, (2, 32, 24, 24)), numbers(1, (48, 32, 3, 3))
    plan = convx.Conv2d(w.astype("float16"))
    bytes_x, bytes_w = (x * 8).astype("int8"), (w * 8).astype("int8")
    calls = [
        lambda: convx.conv2d(x, w, algorithm="direct"),
        lambda: plan(x),
        lambda: convx.conv2d(bytes_x, bytes_w),
        lambda: convx.conv2d_weight(x, (48, 32, 3, 3), convx.conv2d(x, w)),
        lambda: convx.max_pool2d(np.tile(x, (4, 1, 1, 1)), 3, return_indices=True),
    ]
    with convx.num_threads(1):
        return [(call, call()) for call in calls]


def limit_memory(megabytes: int) -> None:
    with open("/proc/self/statm") as status:
        used = int(status.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (megabytes << 20),) * 2)


def limit_processes() -> None:
    """No thread can start. Root has no such limit, and becomes nobody."""
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (1, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
    try:
        threading.Thread(target=works).start()
    except RuntimeError:
        return
    print("unlimited")
    sys.exit(0)


def limited(what: str, counts: str, callers: str) -> None:
    """Right results where no thread can start, from several callers and with ever more threads."""
    calls = sums()
    ready, go, failures = threading.Semaphore(0), threading.Event(), []

    def work() -> None:
        calls[0][0]()  # glibc makes a thread's variables at its first call, and ends the process where it cannot
        ready.release()
        go.wait()
        try:
            for i in range(10):
                call, expected = calls[i % len(calls)]
                try:
                    assert same(call(), expected), i
                except MemoryError:
                    assert what == "memory"  # what is left may not hold the scratch of so many callers
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work) for _ in range(int(callers))]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    if what == "memory":
        limit_memory(40)
    else:
        limit_processes()
    for count in map(int, counts.split(",")):
        convx.set_num_threads(count)
        for i, (call, expected) in enumerate(calls):
            try:
                assert same(call(), expected), (count, i)
            except MemoryError:
                assert what == "memory"
                assert count > 8, f"{count} threads"  # scratch for so many may not fit into what is left
    convx.set_num_threads(4)
    go.set()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive()
    assert not failures, failures
    convx.set_num_threads(1)
    for i, (call, expected) in enumerate(calls):
        assert same(call(), expected), (1, i)
    print("right")


# Exits.


def leave(name: str, threads: str, seconds: str) -> None:
    """Daemon threads are inside of calls, or between two, when the interpreter ends."""
    call, arrays = FAMILIES[name](lengthen(name, float(seconds), most_bytes=1 << 27), 0)
    inside = threading.Semaphore(0)

    def work() -> None:
        inside.release()
        while True:
            call(*arrays)

    for _ in range(int(threads)):
        threading.Thread(target=work, daemon=True).start()
    for _ in range(int(threads)):
        inside.acquire()
    time.sleep(0.15)


def leave_a_long_call() -> None:
    """A call of minutes, which polls between ten thousands of small tasks."""
    x, w = np.broadcast_to(np.float32(1), (2**24, 8, 9, 9)), np.ones((8, 1, 9, 9), "float32")
    threading.Thread(target=lambda: convx.conv2d(x, w, groups=8), daemon=True).start()
    time.sleep(0.3)


def wait_at_exit() -> None:
    """An ordinary thread is waited for, and ends its call."""
    call, arrays = FAMILIES["conv2d-direct-float32"](lengthen("conv2d-direct-float32", 0.3), 0)
    expected = call(*arrays)

    def work() -> None:
        time.sleep(0.1)
        print("right" if same(call(*arrays), expected) else "wrong")

    threading.Thread(target=work).start()


# Forks.


def fork_beside_first_calls(kind: str, forks: str) -> None:
    """The child calls the plan that another thread of its parent was packing."""
    make, x = big_plans()[kind]
    expected = make()(x)
    plan, calling, done = make(), threading.Event(), threading.Event()

    def pack() -> None:
        calling.set()
        assert same(plan(x), expected)
        done.set()

    generator = random.Random(0)
    for turn in range(int(forks)):
        plan = make()
        calling.clear()
        done.clear()
        worker = threading.Thread(target=pack)
        worker.start()
        calling.wait()
        time.sleep(generator.random() * 0.03)
        status = fork_and_wait(lambda plan=plan: 0 if same(plan(x), expected) else 3)
        assert status == 0, (kind, turn, status)
        worker.join(60)
        assert done.is_set()


def fork_beside_calls(forks: str) -> None:
    """The child calls what other threads of its parent were calling."""
    names = ("conv2d-direct-float32", "max_pool2d-indices", "conv2d_weight-auto", "conv2d-int8", "deform_conv2d")
    made = [FAMILIES[name](64, 0) for name in names]
    table = [(call, arrays, call(*arrays)) for call, arrays in made]
    ends = threading.Event()

    def work() -> None:
        while not ends.is_set():
            for call, arrays, _ in table:
                call(*arrays)

    def child() -> int:
        return 0 if all(same(call(*arrays), expected) for call, arrays, expected in table) else 3

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(int(forks)):
            assert fork_and_wait(child) == 0
    finally:
        ends.set()
        for worker in workers:
            worker.join(60)


def interrupted_within(seconds: float) -> int:
    """0 where Ctrl-C ends a long call of this thread in time."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    x, w = np.broadcast_to(np.float32(1), (2**24, 8, 9, 9)), np.ones((8, 1, 9, 9), "float32")
    sent: list[float] = []

    def send() -> None:
        sent.append(time.monotonic() - waited(os.getpid()))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Timer(0.5, send).start()
    try:
        convx.conv2d(x, w, groups=8)
    except KeyboardInterrupt:
        return 0 if time.monotonic() - waited(os.getpid()) - sent[0] < seconds else 5
    return 6


def fork_from_a_thread() -> None:
    """In the child the thread that forked is the main one: Ctrl-C is its to hear."""
    works()
    statuses: list[int] = []
    worker = threading.Thread(target=lambda: statuses.append(fork_and_wait(lambda: interrupted_within(1.0), 60)))
    worker.start()
    worker.join()
    assert statuses == [0]
    assert interrupted_within(1.0) == 0


if __name__ == "__main__":
    convx.set_num_threads(2)
    warnings.simplefilter("error")
    globals()[sys.argv[1]](*sys.argv[2:])
