"""One plan, and the functions, called by many threads at once; results equal to the last bit; in children."""

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import convx
import numpy as np
import pytest
from cases import Array
from checks import run_python
from convx import _core
from families import FAMILIES, numbers, same

Plan = Callable[[Array], Any]
QUICK, LONG = ("8", "20"), ("50", "500")  # threads, calls of each
SIZES = [pytest.param(*QUICK, id="8x20"), pytest.param(*LONG, id="50x500", marks=pytest.mark.slow)]


def quantised(w: Array, keep: str) -> Plan:
    scale, zero = np.float32(0.5), np.zeros((), keep)[()]
    return convx.QLinearConv(scale, zero, w, np.full(len(w), 0.25, "float32"), np.zeros(len(w), w.dtype), scale, zero)


CASTS: dict[str, tuple[str, str]] = {
    f"{w}-of-{x}": (w, x) for w in ("float16", "float32", "float64") for x in ("float16", "float32", "float64")
}
INTEGER_CASTS = {f"{w}-of-{x}": (w, x) for w in ("int8", "int16", "int32", "int64") for x in ("int8", "uint8", "int16")}


def plan_table(scale: int = 1) -> dict[str, Callable[[], tuple[Callable[[], Plan], Array]]]:
    """Every kind of plan with every cast: what gives its maker and an input. To cast a larger weight takes longer."""
    table: dict[str, Callable[[], tuple[Callable[[], Plan], Array]]] = {}
    n, k = 64 * scale, 96 * scale

    def add(name: str, dtypes: tuple[str, str], w_shape: tuple[int, ...], plan: Callable[[Array], Plan]) -> None:
        def make() -> tuple[Callable[[], Plan], Array]:
            w = numbers(1, w_shape, dtypes[0])
            return lambda: plan(w), numbers(0, (1, n, 8, 8), dtypes[1])

        table[name] = make

    for cast, dtypes in CASTS.items():
        for algorithm in ("auto", "direct", "im2col", "winograd", "reference"):
            if algorithm == "auto" or cast in ("float16-of-float16", "float32-of-float64"):
                named = partial(convx.Conv2d, algorithm=algorithm)
                add(f"Conv2d-{algorithm}-{cast}", dtypes, (k, n, 3, 3), named)
        add(f"Conv2d-depthwise-{cast}", dtypes, (n, 1, 3, 3), partial(convx.Conv2d, groups=n))
        add(f"ConvTranspose2d-{cast}", dtypes, (n, k, 3, 3), partial(convx.ConvTranspose2d, stride=2))
        add(f"Conv2d-bias-{cast}", dtypes, (k, n, 3, 3), partial(convx.Conv2d, bias=np.ones(k, "float16")))
    for cast, dtypes in INTEGER_CASTS.items():
        add(f"Conv2d-{cast}", dtypes, (k, n, 3, 3), convx.Conv2d)
    for x_dtype, w_dtype in (("uint8", "int8"), ("uint8", "uint8"), ("int8", "int8")):
        add(f"QLinearConv-{x_dtype}-{w_dtype}", (w_dtype, x_dtype), (k, n, 3, 3), partial(quantised, keep=x_dtype))
    return table


def together(bodies: list[Callable[[], None]], seconds: float = 800) -> None:
    """Run the bodies in threads that all start at once; the first failure of any is raised."""
    barrier = threading.Barrier(len(bodies))
    failures: list[BaseException] = []

    def run(body: Callable[[], None]) -> None:
        try:
            barrier.wait(60)
            body()
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=run, args=(body,)) for body in bodies]
    for worker in workers:
        worker.start()
    end = time.monotonic() + seconds
    for worker in workers:
        worker.join(max(0.1, end - time.monotonic()))
    if failures:
        raise failures[0]
    assert not any(worker.is_alive() for worker in workers), "threads hang"


def share(name: str, threads: str, calls: str, rounds: str, scale: str = "1") -> None:
    """Fresh plans, each called first by all threads at once."""
    make, x = plan_table(int(scale))[name]()
    expected = make()(x)

    def work(plan: Plan, count: int) -> None:
        for _ in range(count):
            assert same(plan(x), expected), name

    # The contended moment is the first call: most rounds stop soon after it.
    sys.setswitchinterval(1e-4)
    for turn in range(int(rounds)):
        plan, count = make(), int(calls) if turn == 0 else 2
        together([lambda plan=plan, count=count: work(plan, count)] * int(threads))


def share_many(threads: str, calls: str, rounds: str) -> None:
    for name in plan_table():
        print(name, flush=True)  # a crash shows after which
        share(name, threads, calls, rounds)


def drop(threads: str, calls: str) -> None:
    """The last reference to a plan goes while other threads are calling it."""
    for name, table_row in plan_table().items():
        if "auto" not in name and "QLinear" not in name and "int8" not in name:
            continue
        print(name, flush=True)
        make, x = table_row()
        expected = make()(x)
        slot = [make()]

        def use(slot: list[Plan] = slot, x: Array = x, expected: Any = expected, name: str = name) -> None:
            for _ in range(int(calls)):
                assert same(slot[0](x), expected), name  # the list's reference may go during the call

        def renew(slot: list[Plan] = slot, make: Callable[[], Plan] = make) -> None:
            for _ in range(int(calls)):
                slot[0] = make()

        together([use] * int(threads) + [renew])


def functions(threads: str, calls: str) -> None:
    """Every family from many threads, each going through the table from a place of its own."""
    made = [(name, *family(1, i)) for i, (name, family) in enumerate(FAMILIES.items())]
    table = [(name, call, arrays, call(*arrays)) for name, call, arrays in made]

    def work(first: int) -> None:
        for i in range(int(calls)):
            name, call, arrays, expected = table[(first * 7 + i) % len(table)]
            assert same(call(*arrays), expected), name

    together([lambda first=first: work(first) for first in range(int(threads))])


def settings(threads: str, calls: str) -> None:
    """Threads change the number of threads, winograd and the instruction set while others compute.

    The number of threads leaves the bits alone; of the others only the error is bounded.
    """
    names = list(FAMILIES)[::3]
    made = [(name, *FAMILIES[name](1, i)) for i, name in enumerate(names)]
    table = [(name, call, arrays, call(*arrays)) for name, call, arrays in made]
    x, w = numbers(0, (1, 64, 20, 20)), numbers(1, (64, 64, 3, 3))
    near = convx.conv2d(x.astype("float64"), w)
    ends = threading.Event()

    def compute(first: int) -> None:
        for i in range(int(calls)):
            name, call, arrays, result = table[(first * 7 + i) % len(table)]
            assert same(call(*arrays), result), name

    def computes_roughly() -> None:
        plan = convx.Conv2d(w)
        for _ in range(int(calls)):
            assert np.abs(plan(x) - near).max() < 0.02
            assert np.abs(convx.conv2d(x, w) - near).max() < 0.02

    def changes(body: Callable[[int], object]) -> None:
        i = 0
        while not ends.is_set():
            body(i)
            i += 1
            time.sleep(0.0002)

    def run(change: Callable[[int], object], body: list[Callable[[], None]]) -> None:
        ends.clear()
        changer = threading.Thread(target=changes, args=(change,))
        changer.start()
        try:
            together(body)
        finally:
            ends.set()
            changer.join(60)

    fixed: list[Callable[[], None]] = [lambda first=first: compute(first) for first in range(int(threads))]
    rough: list[Callable[[], None]] = [computes_roughly] * int(threads)
    run(lambda i: convx.set_num_threads(i % 5 + 1), fixed + rough)
    run(lambda i: convx.set_winograd(bool(i % 2)), rough)
    convx.set_winograd(True)
    run(lambda i: _core.set_isa(_core.isas()[i % len(_core.isas())]), rough)


def child(code: str, *arguments: str, timeout: float = 300) -> None:
    done = run_python(f"import sys, test_shared_plans as t; t.{code}(*sys.argv[1:])", *arguments, timeout=timeout)
    last = done.stdout.strip().rpartition("\n")[2]
    assert done.returncode >= 0, f"killed by signal {-done.returncode} in {last}: {done.stderr[-2000:]}"
    assert done.returncode == 0, f"{last}: {done.stderr[-2000:]}"


QUICK_PLANS = ("Conv2d-auto-float16-of-float16", "Conv2d-auto-float32-of-float64", "ConvTranspose2d-float16-of-float32")


@pytest.mark.parametrize("name", QUICK_PLANS)
def test_first_calls_of_a_plan_that_casts_its_weight(name: str) -> None:
    """To cast a weight NumPy gives the GIL away: many threads find the cast weight missing."""
    child("share", name, QUICK[0], "5", "15", "4")


def test_every_kind_of_plan_is_shared() -> None:
    child("share_many", *QUICK, "2")


@pytest.mark.slow
@pytest.mark.parametrize("name", plan_table())
def test_plan_is_shared_by_many_threads(name: str) -> None:
    child("share", name, *LONG, "40", timeout=900)


@pytest.mark.parametrize(("threads", "calls"), SIZES)
def test_plan_is_dropped_during_its_calls(threads: str, calls: str) -> None:
    child("drop", threads, calls, timeout=900)


@pytest.mark.parametrize(
    ("threads", "calls"),
    [pytest.param("50", "60", id="50x60"), pytest.param(*LONG, id="50x500", marks=pytest.mark.slow)],
)
def test_functions_from_many_threads(threads: str, calls: str) -> None:
    child("functions", threads, calls, timeout=900)


@pytest.mark.parametrize(("threads", "calls"), SIZES)
def test_settings_change_during_calls(threads: str, calls: str) -> None:
    child("settings", threads, calls, timeout=900)
