"""Arrays larger than memory: what is in use is the chunks in work."""

import pytest
from checks import run_python

pytest.importorskip("dask.array")

LARGE = """
import resource
import convx, convx.dask
import dask, dask.array as da
import numpy as np

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def megabytes(size):
    maps = da.random.default_rng(0).random((4, size, size), dtype=np.float32, chunks=(2, 500, 500))
    weight = np.ones((4, 4, 5, 5), np.float32)
    sharp = convx.dask.conv2d(maps, weight, padding="same", padding_mode="reflect")
    with dask.config.set(scheduler="threads", num_workers=2):
        convx.dask.avg_pool2d(sharp, 3, 2, padding=1).sum().compute()
    return most()

small = megabytes(2000)
print(small, megabytes(8000))
"""


def test_memory_does_not_grow_with_the_array() -> None:
    done = run_python(LARGE, env={"MALLOC_ARENA_MAX": "2"})
    assert done.returncode == 0, done.stderr
    small, large = map(int, done.stdout.split())
    assert large < small + 300, "1,024 MB go in, as many come out of the convolution"
