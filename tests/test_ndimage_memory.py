"""Filters of images need the result and a few megabytes a thread, however large the image is."""

import subprocess
import sys
from pathlib import Path

import pytest

SIZE = 2000
MEASURE = f"""
import sys
import convx, numpy as np
import convx.ndimage as ndi

def resident(field):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(field))

image, kernel = np.ones(({SIZE}, {SIZE}), sys.argv[1]), np.random.default_rng(0).random((31, 31))
for run in (
    lambda x: ndi.gaussian_filter(x, 2),
    lambda x: ndi.uniform_filter(x, 9),
    lambda x: ndi.maximum_filter(x, 9),
    lambda x: ndi.correlate(x, kernel[:5, :5]),
    lambda x: ndi.correlate(x, kernel),
    ndi.sobel,
    ndi.laplace,
):
    run(image[:300].copy())
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before = resident("VmHWM")
    result = run(image)
    print((resident("VmHWM") - before - result.nbytes) / 2**20)
    del result
print(convx.get_num_threads())
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="tells no peak of memory")
@pytest.mark.parametrize("pixels", ["float32", "uint8"])
def test_scratch_is_a_few_megabytes_a_thread(pixels: str) -> None:
    run = subprocess.run([sys.executable, "-c", MEASURE, pixels], capture_output=True, text=True, check=True)
    *scratch, threads = map(float, run.stdout.split())
    assert len(scratch) == 7
    assert max(scratch) <= 8 * threads, scratch
