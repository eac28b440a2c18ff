"""A call within a call: from signal handlers, from the protocols of arguments, from finalizers; in children."""

import os
from typing import Any

import pytest
from checks import run_python
from families import FAMILIES

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs interval timers")

SOME = (
    "depthwise-float32-stride1",
    "depthwise-float32-stride1-last",
    "conv2d-direct-tiny",
    "max_pool2d-indices",
    "plan-QLinearConv-uint8-int8",
)
FEW = ("depthwise-float32-stride1", "max_pool2d-indices", "plan-ConvTranspose2d-float16-of-float32")
SECONDS = "0.25"  # of the outer call, where the handler is heard every tenth of a second


def rare(quick: tuple[str, ...]) -> list[Any]:
    return [pytest.param(name, marks=[] if name in quick else [pytest.mark.slow]) for name in FAMILIES]


def child(*arguments: str, module: str = "reentry", timeout: float = 200) -> str:
    code = f"import runpy; runpy.run_module('{module}', run_name='__main__')"
    done = run_python(code, *arguments, timeout=timeout)
    assert done.returncode >= 0, f"killed by signal {-done.returncode}: {done.stderr[-2000:]}"
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name", rare(SOME))
def test_handler_calls_the_small_families(name: str) -> None:
    child("handler_calls", name, SECONDS, "small")


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_handler_calls_every_family(name: str) -> None:
    child("handler_calls", name, "0.4", "all")


@pytest.mark.parametrize("name", rare(FEW[1:2]))
def test_handler_calls_the_family_itself(name: str) -> None:
    child("handler_calls", name, SECONDS, "itself")


@pytest.mark.parametrize("name", rare(FEW[:2]))
def test_handler_raises(name: str) -> None:
    child("handler_raises", name, SECONDS)


@pytest.mark.parametrize("name", rare(FEW[2:]))
def test_handler_sets_the_number_of_threads(name: str) -> None:
    child("handler_sets_threads", name, SECONDS)


@pytest.mark.parametrize("name", rare(FEW[1:2]))
def test_handler_forks(name: str) -> None:
    child("handler_forks", name, SECONDS)


@pytest.mark.parametrize("name", rare(FEW[:1]))
def test_handler_forks_and_the_child_ends_the_call(name: str) -> None:
    child("handler_forks_and_returns", name, SECONDS)


def test_arrays_that_call_while_they_are_read() -> None:
    child("protocols_call", module="reentry_arguments")


def test_numbers_that_call_while_they_are_read() -> None:
    child("numbers_call", module="reentry_arguments")


@pytest.mark.parametrize("every", [pytest.param("1", marks=pytest.mark.slow), "5"])
def test_arrays_that_call_while_they_die(every: str) -> None:
    child("finalizers_call", every, module="reentry_arguments")


PLANS = ("direct", "im2col", "winograd", "float64", "float16", "transposed", "int8", "int64", "quantised")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in ("direct", "float16") else [pytest.mark.slow]) for name in PLANS]
)
def test_plan_is_called_by_the_handler_of_its_first_call(name: str) -> None:
    child("plan_calls_itself", name, timeout=60)
