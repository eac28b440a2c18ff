"""CONVX_VERBOSE=1: one line on stderr for each call, of what it computed, how and with what."""

import os
import re

import pytest
from checks import run_python

SETUP = """
import numpy as np, convx
rng = np.random.default_rng(0)
def f(*shape, dtype="f4"):
    return rng.standard_normal(shape).astype(dtype)
x, w = f(1, 16, 24, 24), f(8, 16, 3, 3)
"""


def lines_of(code: str, **environment: str) -> list[str]:
    result = run_python(SETUP + code, env={"CONVX_VERBOSE": "1", **environment})
    assert result.returncode == 0, result.stderr
    lines = [line for line in result.stderr.splitlines() if line]
    assert all(re.fullmatch(r"convx: \w+( [a-z_]+(=\S+)?)* ms=\d+\.\d{3}", line) for line in lines), lines
    return lines


def line_of(code: str, **environment: str) -> dict[str, str]:
    (line,) = lines_of(code, **environment)
    words = line.split()[1:]
    return {"function": words[0]} | dict(word.partition("=")[::2] for word in words[1:])


@pytest.mark.parametrize("name", ["reference", "direct", "im2col", "winograd", "narrow"])
def test_convolution(name: str) -> None:
    told = line_of(f"convx.conv2d(x, w, algorithm={name!r})", CONVX_ISA="", OMP_NUM_THREADS="2")
    assert told["function"] == "conv2d"
    assert told["input"] == "float32:1x16x24x24"
    assert told["weight"] == "float32:8x16x3x3"
    assert told["out"] == "float32:1x8x22x22"
    assert told["algorithm"] == name
    assert re.fullmatch(r"[12]/2", told["threads"])
    assert "copied" not in told
    assert "failed" not in told


def test_plan_that_keeps_no_plain_weight() -> None:
    made = "plan = convx.Conv2d._for_shape(x.shape, w, None, algorithm='direct')"
    assert line_of(f"{made}\nplan(x)")["weight"] == "float32:8x16x3x3"


def test_depthwise() -> None:
    assert line_of("convx.conv2d(x, f(16, 1, 3, 3), groups=16)")["algorithm"] == "depthwise"


@pytest.mark.parametrize(
    ("code", "function", "name"),
    [
        ("convx.conv_transpose2d(x, f(16, 4, 3, 3), stride=2, algorithm='im2col')", "conv_transpose2d", "im2col"),
        ("convx.conv2d_input((1, 16, 24, 24), w, f(1, 8, 22, 22), algorithm='direct')", "conv2d_input", "direct"),
        ("convx.conv2d_weight(x, (8, 16, 3, 3), f(1, 8, 22, 22), algorithm='narrow')", "conv2d_weight", "narrow"),
        ("convx.conv2d_bias(x)", "conv2d_bias", "sum"),
        ("convx.max_pool2d(x, 2)", "max_pool2d", "strips"),
        ("convx.max_pool2d(x.transpose(0, 1, 3, 2), 5, dilation=2)", "max_pool2d", "general"),
        ("convx.max_pool2d(x, 2, return_indices=True)", "max_pool2d", "indices"),
        ("convx.avg_pool2d(x, 3)", "avg_pool2d", "general"),
        ("convx.global_avg_pool(x)", "global_avg_pool", "images"),
        ("convx.adaptive_avg_pool2d(x, 7)", "adaptive_avg_pool2d", "adaptive"),
        ("convx.avg_pool2d_backward(f(1, 16, 12, 12), (1, 16, 24, 24), 2)", "avg_pool2d_backward", "spread"),
        ("convx.maxout(x, 2)", "maxout", "strips"),
        ("convx.conv2d(x.astype('i1'), w.astype('i1'), algorithm='narrow')", "conv2d", "narrow"),
        ("convx.unfold(x, 3)", "unfold", "copy"),
        ("convx.fold(f(1, 9, 484), (24, 24), 3)", "fold", "add"),
        ("convx.deform_conv2d(x, f(1, 18, 22, 22), w)", "deform_conv2d", "im2col"),
    ],
)
def test_families(code: str, function: str, name: str) -> None:
    told = line_of(code)
    assert told["function"] == function
    assert told["algorithm"] == name
    assert "out" in told


def test_plan() -> None:
    lines = lines_of("plan = convx.Conv2d(w, algorithm='direct')\nplan(x)\nplan(x)")
    assert len(lines) == 2
    for line in lines:
        assert "weight=float32:8x16x3x3" in line
        assert "input=float32:1x16x24x24" in line
        assert "algorithm=direct" in line


def test_copies() -> None:
    told = line_of("convx.conv2d(x.astype('f2'), w)")
    assert told["copied"] == f"input:{16 * 24 * 24 * 4}:dtype"
    told = line_of("convx.conv2d(x.astype('>f4'), w)")
    assert told["copied"] == f"input:{16 * 24 * 24 * 4}:byteorder"
    told = line_of("convx.conv2d(x.transpose(0, 2, 3, 1), w, data_format='channels_last', algorithm='im2col')")
    assert told["copied"] == f"out:{8 * 22 * 22 * 4}:channels_last"


def test_nonfinite_input_takes_another_algorithm() -> None:
    big = "x, w = f(1, 32, 56, 56), f(32, 32, 3, 3)\n"
    assert line_of(big + "convx.conv2d(x, w)")["algorithm"] == "winograd"
    assert line_of(big + "x[0, 0, 0, 0] = np.inf\nconvx.conv2d(x, w)")["algorithm"] != "winograd"


def test_failures_have_a_line() -> None:
    code = "try: convx.conv2d(x, w, stride=0)\nexcept ValueError: pass"
    assert "failed" in line_of(code)


def test_calls_within_calls_have_lines_of_their_own() -> None:
    inner, outer = lines_of(
        """
class Lazy:
    def __array__(self, dtype=None, copy=None):
        return convx.max_pool2d(x, 1)
convx.conv2d(Lazy(), w)
"""
    )
    assert inner.startswith("convx: max_pool2d")
    assert outer.startswith("convx: conv2d")
    assert "algorithm=strips" not in outer


def test_signal_handlers_have_lines_of_their_own() -> None:
    inner, outer = lines_of(
        """
import signal
signal.signal(signal.SIGALRM, lambda number, frame: convx.max_pool2d(x, 2))
x, w = f(1, 64, 40, 40), f(64, 64, 3, 3)
signal.setitimer(signal.ITIMER_REAL, 0.01)
convx.conv2d(x, w, algorithm="reference")  # lasts long enough to ask for signals
""",
        OMP_NUM_THREADS="1",
    )
    assert inner.startswith("convx: max_pool2d input=float32:1x64x40x40 out=float32:1x64x20x20 algorithm=")
    assert outer.startswith("convx: conv2d weight=float32:64x64x3x3 input=float32:1x64x40x40 out=float32:1x64x38x38 ")
    assert outer.split("algorithm=")[1].startswith("reference ")


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two cores"
)
def test_a_busy_neighbour() -> None:
    """The second thread shares its core with a process that always runs, and gets a tenth of it."""
    lines = lines_of(
        """
import os, time
core, end = {max(os.sched_getaffinity(0))}, time.monotonic() + 0.4
if os.fork() == 0:
    os.sched_setaffinity(0, core)
    while time.monotonic() < end: pass
    os._exit(0)
threads = set(os.listdir("/proc/self/task"))
convx.conv2d(x, w, algorithm="direct")
(second,) = set(os.listdir("/proc/self/task")) - threads
os.sched_setaffinity(int(second), core)
os.setpriority(os.PRIO_PROCESS, int(second), 10)
while time.monotonic() < end: convx.conv2d(x, w, algorithm="direct")
""",
        OMP_NUM_THREADS="2",
        OMP_WAIT_POLICY="passive",  # threads that spin use up their share between calls, and are late for the next
    )
    assert any(re.search(r" threads=1/2 back_off ms=", line) for line in lines)


def test_lines_of_threads_do_not_mix() -> None:
    code = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    list(pool.map(lambda _: convx.conv2d(x, w, algorithm="direct"), range(200)))
"""
    assert len(lines_of(code)) == 200


def test_a_forked_child_tells_its_own() -> None:
    lines = lines_of(
        """
import os
convx.conv2d(x, w, algorithm="im2col")
child = os.fork()
convx.conv2d(x, w, algorithm="im2col")
if child == 0: os._exit(0)
os.waitpid(child, 0)
"""
    )
    assert len(lines) == 3


@pytest.mark.parametrize("value", ["", "0"])
def test_off(value: str) -> None:
    result = run_python(SETUP + "convx.conv2d(x, w)", env={"CONVX_VERBOSE": value})
    assert result.stderr == ""
