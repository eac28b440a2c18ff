"""Convolution layers of well-known networks, by algorithm: checked against convx.reference, then timed."""

from functools import lru_cache

import convx
import numpy as np
import pytest
from convx import _core
from convx.networks import NAMED_CONVOLUTIONS, Conv
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

Array = NDArray[np.float32]

# 'reference' is slow by design: it is the yardstick of the tests, not of speed.
ALGORITHMS = [name for name in _core.algorithms() if name != "reference"]


@lru_cache(maxsize=1)  # the algorithms of a layer run one after the other
def problem(layer: Conv) -> tuple[Array, Array, Array, NDArray[np.float64]]:
    """Input, weight, bias, and the right result."""
    random = np.random.default_rng(0)
    maps = random.standard_normal((1, *layer.input_shape), np.float32)
    weight = random.standard_normal(layer.weight_shape, np.float32)
    bias = random.standard_normal(layer.out_channels, np.float32)
    wide_maps, wide_weight, wide_bias = (array.astype(np.float64) for array in (maps, weight, bias))
    exact = convx.reference.conv2d(wide_maps, wide_weight, wide_bias, layer.stride, layer.padding, groups=layer.groups)
    return maps, weight, bias, np.asarray(exact, np.float64)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("layer", NAMED_CONVOLUTIONS.values(), ids=lambda layer: layer.name)
def test_conv2d(benchmark: BenchmarkFixture, layer: Conv, algorithm: str, threads: int) -> None:
    if not _core.supports(algorithm, layer.weight_shape, layer.stride, 1, layer.groups):
        pytest.skip(f"{algorithm} does not take this layer")
    maps, weight, bias, exact = problem(layer)
    # The plan packs the weight ahead, and the output is there: neither is part of the time.
    plan = convx.Conv2d(weight, bias, layer.stride, layer.padding, groups=layer.groups, algorithm=algorithm)
    out = np.empty(exact.shape, np.float32)
    plan(maps, out=out)
    bound = 4 * np.finfo(np.float32).eps * (layer.fan_in + 1) * np.abs(maps).max() * np.abs(weight).max()
    np.testing.assert_allclose(out, exact, rtol=0, atol=bound)

    benchmark.group = f"{layer.name}: {layer.summary}, {layer.input_shape} -> {layer.output_shape}"
    benchmark(plan, maps, out=out)
    if benchmark.stats is not None:  # None with --benchmark-disable
        speed = 2 * layer.macs / benchmark.stats.stats.min / 1e9
        benchmark.extra_info.update(isa=_core.get_isa(), threads=threads, gflops=round(speed, 1))


@pytest.mark.parametrize("way", ["plan", "function"])
def test_call_overhead(benchmark: BenchmarkFixture, way: str) -> None:
    """A convolution so small that the call itself is most of the time."""
    layer = Conv("tiny", 8, 8, 8, 3, padding=1)
    maps, weight, bias, exact = problem(layer)
    plan = convx.Conv2d(weight, bias, padding=layer.padding)
    np.testing.assert_allclose(plan(maps), exact, rtol=1e-4, atol=1e-4)

    benchmark.group = "call of a tiny convolution, (1, 8, 8, 8) with (8, 8, 3, 3)"
    if way == "plan":
        benchmark(plan, maps)
    else:
        benchmark(convx.conv2d, maps, weight, bias, padding=layer.padding)
