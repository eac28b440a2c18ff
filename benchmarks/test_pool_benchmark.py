"""Pooling layers of well-known networks: checked against convx.reference, then timed."""

from functools import partial

import convx
import numpy as np
import pytest
from convx import _core
from convx.networks import POOLING, Pool
from pytest_benchmark.fixture import BenchmarkFixture


@pytest.mark.parametrize("layer", POOLING, ids=lambda layer: layer.name)
def test_pool2d(benchmark: BenchmarkFixture, layer: Pool, threads: int) -> None:
    maps = np.random.default_rng(0).standard_normal((1, *layer.input_shape), np.float32)
    arguments = {
        "kernel_size": layer.kernel,
        "stride": layer.stride,
        "padding": layer.padding,
        "ceil_mode": layer.ceil_mode,
    }
    name = f"{layer.kind}_pool2d"
    exact = getattr(convx.reference, name)(maps, **arguments)
    out = np.empty((1, *layer.output_shape), np.float32)
    pool = partial(getattr(convx, name), maps, **arguments, out=out)
    pool()
    if layer.kind == "max":
        np.testing.assert_array_equal(out, exact)
    else:
        np.testing.assert_allclose(out, exact, rtol=1e-4, atol=1e-5)

    benchmark.group = f"{layer.name}: {layer.summary}, {layer.input_shape} -> {layer.output_shape}"
    benchmark(pool)
    if benchmark.stats is not None:  # None with --benchmark-disable
        moved = (maps.nbytes + out.nbytes) / benchmark.stats.stats.min / 1e9
        benchmark.extra_info.update(isa=_core.get_isa(), threads=threads, gigabytes_per_second=round(moved, 1))
