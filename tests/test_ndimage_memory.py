"""Filters need the result and a few megabytes a thread, however large the array is: every one of them, and pooling."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from convx import ndimage

# What each function is called with beside the array, the first in every mode and into an array that is given.
MEASURE = """
import sys
import warnings
import convx, numpy as np
import convx.ndimage as ndi

warnings.simplefilter("ignore")
convx.set_num_threads(1)
shape = {"image": (1500, 2000), "large image": (2500, 4000), "volume": (48, 240, 256)}[sys.argv[2]]
x = (200 * np.random.default_rng(0).random(shape)).astype(sys.argv[1])
long = 17 if x.dtype.kind == "f" else 3  # of a kernel too long for direct sums, which take long in integers
kernel = np.random.default_rng(0).random((31, 31) if x.ndim == 2 else (3, 5, 5))
holes = np.ones([5] * x.ndim, bool)
holes.flat[0] = False
heights = np.round(4 * np.random.default_rng(0).random([3] * x.ndim))
line = [0.2, 0.5, 0.3]
CALLS = {
    "correlate": [(kernel,), (kernel[:5, :5], {"origin": 1})],
    "convolve": [(kernel[:5, :5],), (kernel[0], {"axes": (1, 2)} if x.ndim == 3 else {"axes": 1} )],
    "correlate1d": [(line, 0), (line, -1, {"origin": 1}), (np.ones(201) / 7, 0)],
    "convolve1d": [(line, 0, {"origin": -1}), (np.ones(201) / 7, -1)],
    "gaussian_filter": [(2,), (long,), (2, {"axes": 0}), (2, {"order": (1, 0, 0)[: x.ndim]})],
    "gaussian_filter1d": [(2, 0), (long,)],
    "gaussian_laplace": [(2,), (long,), (2, {"axes": 1})],
    "gaussian_gradient_magnitude": [(2,), (long,)],
    "uniform_filter": [(9,), (301 if x.ndim == 2 else 33,), (5, {"origin": 1})],
    "uniform_filter1d": [(9, 0), (9,)],
    "laplace": [(), ({"axes": 0},)],
    "sobel": [(), (0,)],
    "prewitt": [(), (0,)],
    "maximum_filter": [(9,), (101 if x.ndim == 2 else 17,), (9, {"origin": 2}), ({"footprint": holes},)],
    "minimum_filter": [(9, {"axes": 0})],
    "maximum_filter1d": [(9, 0)],
    "minimum_filter1d": [(301,)],
    "grey_dilation": [(3,), ({"structure": heights},)],
    "grey_erosion": [({"footprint": holes},)],
}
print(*CALLS)

def resident(field):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(field))

def measure(name, run):
    run(x[:20].copy())
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before = resident("VmHWM")
    result = run(x)
    print((resident("VmHWM") - before - (0 if result is out else result.nbytes)) / 2**20, name, sep="\\t", flush=True)

for function, calls in CALLS.items():
    for i, arguments in enumerate(calls):
        *given, keywords = arguments if arguments and isinstance(arguments[-1], dict) else (*arguments, {})
        for more in ({}, {"output": True}, {"mode": "wrap"}, {"mode": "constant", "cval": 7.0})[: 4 if i == 0 else 1]:
            out = np.full_like(x, 1) if more.pop("output", False) else None
            def run(x):
                to = {} if out is None else {"output": out[: len(x)]}
                result = getattr(ndi, function)(x, *given, **keywords, **more, **to)
                return result if out is None else out
            shown = [item if np.ndim(item) == 0 else np.shape(item) for item in given]
            measure(f"{function} {shown} {[*keywords]} {more} {'given' if out is not None else ''}", run)
out = None
if sys.argv[1] == "float32" and x.ndim == 2:
    one = kernel[None, None].astype("f4")
    for name, run in {
        "conv2d": lambda x: convx.conv2d(x[None], one[:, :, :5, :5], padding=2),
        "conv2d wide": lambda x: convx.conv2d(x[None], one, padding=15, padding_mode="reflect"),
        "conv2d by columns": lambda x: convx.conv2d(x[None], one[:, :, :5, :1], stride=2),
        "max_pool2d": lambda x: convx.max_pool2d(x[None], 3, 2, 1),
        "avg_pool2d": lambda x: convx.avg_pool2d(x[None], 9, 1, 4),
    }.items():
        measure(name, run)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="tells no peak of memory")
@pytest.mark.parametrize(
    ("numbers", "array"),
    [
        ("float32", "image"),
        ("float64", "image"),
        ("uint8", "large image"),
        ("float32", "volume"),
        ("float64", "volume"),
        ("uint8", "volume"),
    ],
)
def test_scratch_is_a_few_megabytes_a_thread(numbers: str, array: str) -> None:
    # What is freed goes back to the system at once, so that nothing of it hides what the next call takes. Scratch
    # follows the caches: these are the largest that are common.
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": str(1 << 17), "CONVX_CACHES": "48K,2M,32M"}
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, numbers, array], capture_output=True, text=True, check=True, env=environment
    )
    functions, *lines = run.stdout.splitlines()
    takes_functions = {"generic_laplace", "generic_gradient_magnitude"}  # what those return is theirs
    assert {*functions.split()} == {*ndimage.__all__} - takes_functions
    assert len(lines) >= 90
    scratch = {name: float(megabytes) for megabytes, name in (line.split("\t") for line in lines)}
    assert {name: megabytes for name, megabytes in scratch.items() if megabytes > 8} == {}
