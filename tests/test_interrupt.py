"""Ctrl-C ends every call within a second, whatever its shape; in children."""

import os

import pytest
from checks import run_python
from families import FAMILIES
from interrupts import ROWS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")

QUICK = ("conv2d-direct-float32", "deform_conv2d")
CODE = "import runpy; runpy.run_module('interrupts', run_name='__main__')"


def seconds_until_heard(kind: str, name: str) -> float | None:
    """From the signal to the exception; None where the call was over before the signal."""
    done = run_python(CODE, kind, name, timeout=250)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    return None if done.stdout.strip() == "finished" else float(done.stdout)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if r.quick else [pytest.mark.slow]) for n, r in ROWS.items()]
)
def test_awkward_shape_is_interrupted(name: str) -> None:
    heard = seconds_until_heard("awkward", name)
    if heard is None:
        assert ROWS[name].finishes, "over before the signal"
    else:
        assert heard < 1.0


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in QUICK else [pytest.mark.slow]) for n in FAMILIES])
def test_family_is_interrupted(name: str) -> None:
    """A long batch; several of them where one would not fit into memory."""
    heard = seconds_until_heard("family", name)
    assert heard is not None
    assert heard < 1.0
