"""What happens around a call: too little memory, fork, Ctrl-C, the floating-point environment."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import convx
import numpy as np
import pytest
from bad_calls import zeros
from checks import assert_equal_values, run_python
from convx import _core

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")

# Arrays of 2**50 bytes and more, which no machine can copy or produce; they take no memory themselves.
CONV_TOO_LARGE: dict[str, Callable[[str], object]] = {
    "output": lambda a: convx.conv2d(zeros(1, 1, 2**24, 2**24), zeros(4, 1, 1, 1), algorithm=a),
    "output_of_batch": lambda a: convx.conv2d(zeros(2**50, 1, 1, 1), zeros(1, 1, 1, 1), algorithm=a),
    "weight": lambda a: convx.conv2d(zeros(1, 2**28, 1, 1), zeros(2**22, 2**28, 1, 1), algorithm=a),
    "weight_of_plan": lambda a: convx.Conv2d(zeros(2**22, 2**28, 1, 1), algorithm=a),
    "weight_to_promote": lambda a: convx.conv1d(
        zeros(1, 2**28, 1, dtype="float64"), zeros(2**22, 2**28, 1), algorithm=a
    ),
    "bias": lambda a: convx.conv2d(zeros(1, 1, 1, 1), zeros(2**50, 1, 1, 1), zeros(2**50), algorithm=a),
    "big_endian": lambda a: convx.conv2d(zeros(1, 1, 2**25, 2**25, dtype=">f4"), zeros(1, 1, 1, 1), algorithm=a),
}
POOL_TOO_LARGE: dict[str, Callable[[str], object]] = {
    "max_pool": lambda a: convx.max_pool2d(zeros(1, 1, 2**26, 2**26), 2),
    "avg_pool": lambda a: convx.avg_pool2d(zeros(1, 1, 2**26, 2**26), 2),
    "maxout": lambda a: convx.maxout(zeros(2, 2, 2**50), 2),
}

TOO_LARGE = CONV_TOO_LARGE | POOL_TOO_LARGE

OOM = """
import sys
import numpy as np, convx
from test_runtime import TOO_LARGE
name, *algorithms = sys.argv[1:]
for algorithm in algorithms:
    for attempt in range(3):
        try:
            TOO_LARGE[name](algorithm)
        except MemoryError:
            print(algorithm, flush=True)
assert convx.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))).item() == 9
print("usable")
"""


def too_large(name: str, *algorithms: str) -> None:
    done = run_python(OOM, name, *algorithms)
    assert done.returncode >= 0, f"killed by signal {-done.returncode}"
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*(name for name in algorithms for _ in range(3)), "usable"]


@pytest.mark.parametrize("name", CONV_TOO_LARGE)
def test_row42_conv_too_large_for_memory(name: str) -> None:
    too_large(name, *(name for name in _core.algorithms() if name not in ("winograd", "depthwise", "separable")))


@pytest.mark.parametrize("name", POOL_TOO_LARGE)
def test_row42_pool_too_large_for_memory(name: str) -> None:
    too_large(name, "auto")


FORK = """
import os, sys, warnings
import numpy as np, convx
x, w = np.ones((2, 32, 40, 40), "float32"), np.ones((64, 32, 3, 3), "float32")
convx.set_num_threads(2)
expected = convx.conv2d(x, w)
plan = convx.Conv2d(w)
plan(x)
with warnings.catch_warnings():
    # Python warns of forking with threads; that it works all the same is the point.
    warnings.simplefilter("ignore", DeprecationWarning)
    child = os.fork()
if child == 0:
    same = (convx.conv2d(x, w) == expected).all() and (plan(x) == expected).all()
    same &= (np.rint(convx.max_pool2d(expected, 2)) == 288).all()
    os._exit(0 if same else 3)
_, status = os.waitpid(child, 0)
assert (convx.conv2d(x, w) == expected).all(), "the parent"
sys.exit(os.waitstatus_to_exitcode(status))
"""


@posix
def test_row60_fork_after_use() -> None:
    """libgomp's threads do not survive a fork; a child that waited for them would hang."""
    done = run_python(FORK, timeout=60)
    assert done.returncode == 0, done.stderr


@posix
@pytest.mark.parametrize("sees_to_forks", ["TRUE", "FALSE", "0", "no", "off", ".false."])
def test_fork_under_another_openmp(sees_to_forks: str) -> None:
    """LLVM's and Intel's OpenMP, preloaded in libgomp's place, hold their own locks during a fork.

    Unless they are told to ignore it: then the child's runtime waits for the parent's threads. scikit-learn tells them.
    """
    found = [path for name in ("llvm-*/lib/libomp.so", "*/libomp.so.5") for path in Path("/usr/lib").glob(name)]
    if not found or not _core.info()["openmp"]:
        pytest.skip("no libomp on this machine, or built without OpenMP")
    preload = " ".join([os.environ.get("LD_PRELOAD", ""), str(found[0])])
    done = run_python(FORK, env={"LD_PRELOAD": preload, "KMP_INIT_AT_FORK": sees_to_forks}, timeout=60)
    assert done.returncode == 0, done.stderr


INTERRUPT = """
import os, signal, sys, threading
import numpy as np, convx
x = np.broadcast_to(np.float32(1), (400, 2048, 64, 64))
w = np.broadcast_to(np.float32(1), (64, 2048, 11, 11))
out = np.zeros((400, 64, 54, 54), "float32")
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits that it is ignored
threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    convx.conv2d(x, w, algorithm=sys.argv[1], out=out)
    print("ran to its end")
except KeyboardInterrupt:
    print("interrupted")
assert convx.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))).item() == 9
"""


@posix
def test_row62_interrupt(algorithm: str) -> None:
    """A call of many minutes ends by Ctrl-C; without that this would run into its timeout."""
    done = run_python(INTERRUPT, algorithm, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["interrupted"]


def test_row58_subnormals_are_computed(algorithm: str, isa: str, dtype: np.dtype) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.arange(1, 33, dtype=dtype).reshape(1, 1, 4, 8)
    actual = convx.conv2d(x, np.full((3, 1, 1, 1), tiny), algorithm=algorithm)
    assert_equal_values(actual, np.repeat(x * tiny, 3, axis=1))
    assert actual.all()
    sums = convx.conv2d(np.full((1, 17, 5, 19), tiny), np.ones((14, 17, 3, 3), dtype), algorithm=algorithm)
    expected = np.full((1, 14, 3, 17), 153 * np.float64(tiny) if dtype == "float64" else tiny * 153)
    if algorithm == "fft":  # whose roots of unity round at every step
        assert np.abs(sums / tiny - 153).max() < 50
    else:
        assert_equal_values(sums, expected)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="calls fegetround of the C library")
def test_floating_point_environment_is_left_alone() -> None:
    """No flush-to-zero, no other rounding, after import and after calls of every kind on every thread."""
    code = """
import ctypes, threading
import numpy as np
tiny = np.float32(1e-45)
libm = ctypes.CDLL("libm.so.6")
def state():
    kept = tiny * np.float32(1), np.float64(5e-324) * 1, np.float32(2e-38) / 4
    return libm.fegetround(), *(bool(value > 0) for value in kept)
before = state()
import convx
after_import = state()
x, w = np.ones((1, 16, 60, 60), "float32"), np.ones((32, 16, 3, 3), "float32")
for isa in convx._core.isas():
    convx._core.set_isa(isa)
    for algorithm in convx._core.algorithms():
        if convx._core.supports(algorithm, w.shape, 1, 1, 1):
            convx.conv2d(x, w, algorithm=algorithm)
        else:
            convx.conv2d(x, w[:16, :1], groups=16, algorithm=algorithm)
    convx.max_pool2d(x, 3)
    convx.avg_pool2d(x, 3)
    convx.maxout(x, 2)
found = [before, after_import, state()]
worker = threading.Thread(target=lambda: (convx.conv2d(x, w), found.append(state())))
worker.start()
worker.join()
assert found == [(0, True, True, True)] * 4, found
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr
