"""No access out of bounds: every array between pages that may not be touched, in a process of its own."""

import signal
import subprocess
import sys

import numpy as np
import pytest
from checks import run_python
from convx import _core

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs mprotect")


def run(what: str, kind: str) -> subprocess.CompletedProcess[str]:
    return run_python("import runpy; runpy.run_module('guard_pages', run_name='__main__')", what, kind)


def check(done: subprocess.CompletedProcess[str]) -> None:
    lines = done.stdout.splitlines() or ["nothing"]
    assert done.returncode >= 0, f"signal {-done.returncode} during: {lines[-1]}"
    assert done.returncode == 0, f"after {lines[-1]}:\n{done.stderr}"
    assert lines[-1] == "done"


@pytest.mark.parametrize("end", ["start", "end"])
def test_guard_pages_do_guard(end: str) -> None:
    done = run("touch", end)
    assert done.returncode in (-signal.SIGSEGV, -signal.SIGBUS)
    assert done.stdout.splitlines() == ["touching"]


@pytest.mark.parametrize("name", _core.algorithms())
def test_conv_stays_inside_its_arrays(name: str, dtype: np.dtype) -> None:
    check(run(name, dtype.name))


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "int64"])
def test_integer_conv_stays_inside_its_arrays(kind: str) -> None:
    check(run("integers", kind))


@pytest.mark.parametrize("name", _core.algorithms())
def test_formats_and_borders_stay_inside_their_arrays(name: str, dtype: np.dtype) -> None:
    check(run(f"formats {name}", dtype.name))


def test_pool_stays_inside_its_arrays(dtype: np.dtype) -> None:
    check(run("pool", dtype.name))


def test_transposed_conv_stays_inside_its_arrays(dtype: np.dtype) -> None:
    check(run("transpose", dtype.name))


def test_columns_stay_inside_their_arrays(dtype: np.dtype) -> None:
    check(run("columns", dtype.name))


def test_deformed_conv_stays_inside_its_arrays(dtype: np.dtype) -> None:
    check(run("deform", dtype.name))


def test_gradients_stay_inside_their_arrays(dtype: np.dtype) -> None:
    check(run_python("import runpy; runpy.run_module('guard_gradients', run_name='__main__')", dtype.name))


def test_products_stay_inside_their_arrays(dtype: np.dtype) -> None:
    check(run("products", dtype.name))
