"""Layers that enlarge their maps, and gradients of layers: checked, then timed beside PyTorch where it is installed."""

from collections.abc import Callable
from typing import Any, NamedTuple

import convx
import numpy as np
import pytest
from convx import _core
from pytest_benchmark.fixture import BenchmarkFixture


class Layer(NamedTuple):
    """A transposed convolution of one image."""

    name: str
    maps: tuple[int, ...]
    weight: tuple[int, ...]
    stride: int
    padding: int = 0
    output_padding: int = 0
    groups: int = 1

    @property
    def flops(self) -> int:
        """Two for each multiply-add."""
        return 2 * int(np.prod(self.maps)) * int(np.prod(self.weight[1:]))


LAYERS = [
    Layer("unet-2x2s2", (1024, 32, 32), (1024, 512, 2, 2), 2),
    Layer("dcgan-4x4s2", (512, 16, 16), (512, 256, 4, 4), 2, 1),
    Layer("dcgan-last", (64, 32, 32), (64, 3, 4, 4), 2, 1),
    Layer("3x3s2", (128, 56, 56), (128, 64, 3, 3), 2, 1, 1),
    Layer("3x3s1", (64, 56, 56), (64, 64, 3, 3), 1, 1),
    Layer("bilinear-4x4s2", (64, 56, 56), (64, 1, 4, 4), 2, 1, 0, 64),
    Layer("fcn-16x16s8", (21, 32, 32), (21, 21, 16, 16), 8, 4),
    Layer("vnet-2x2x2s2", (64, 8, 16, 16), (64, 32, 2, 2, 2), 2),
    Layer("inverse-stft", (513, 200), (513, 1, 1024), 256),
]
LAYER_IDS = [layer.name for layer in LAYERS]


def measure(benchmark: BenchmarkFixture, run: Callable[..., Any], *arguments: Any, flops: int, threads: int) -> None:
    benchmark(run, *arguments)
    if benchmark.stats is not None:  # None with --benchmark-disable
        speed = flops / benchmark.stats.stats.min / 1e9
        benchmark.extra_info.update(isa=_core.get_isa(), threads=threads, gflops=round(speed, 1))


@pytest.mark.parametrize("system", ["convx", "convx-function", "torch"])
@pytest.mark.parametrize("layer", LAYERS, ids=LAYER_IDS)
def test_conv_transpose(benchmark: BenchmarkFixture, layer: Layer, system: str, threads: int) -> None:
    rank, rng = len(layer.maps) - 1, np.random.default_rng(0)
    x = rng.integers(-4, 5, (1, *layer.maps)).astype("float32")
    w = rng.integers(-4, 5, layer.weight).astype("float32")
    b = rng.integers(-4, 5, layer.groups * layer.weight[1]).astype("float32")
    parameters = layer.stride, layer.padding, layer.output_padding, layer.groups
    function = getattr(convx, f"conv_transpose{rank}d")
    benchmark.group = f"{layer.name}: {layer.maps} with {layer.weight}, stride {layer.stride}"
    if system == "torch":
        torch = pytest.importorskip("torch")
        torch.set_num_threads(threads)
        peer = getattr(torch.nn.functional, f"conv_transpose{rank}d")
        tensors = [torch.from_numpy(a) for a in (x, w, b)]
        np.testing.assert_allclose(peer(*tensors, *parameters).numpy(), function(x, w, b, *parameters), atol=0.05)
        measure(benchmark, peer, *tensors, *parameters, flops=layer.flops, threads=threads)
        return
    plan = getattr(convx, f"ConvTranspose{rank}d")(w, b, *parameters)
    exact = function(x, w, b, *parameters, algorithm="direct")
    np.testing.assert_allclose(plan(x), exact, rtol=0, atol=0.05)
    if system == "convx":
        measure(benchmark, plan, x, flops=layer.flops, threads=threads)
    else:
        measure(benchmark, function, x, w, b, *parameters, flops=layer.flops, threads=threads)


@pytest.mark.parametrize("way", ["conv2d", "conv2d_input"])
@pytest.mark.parametrize(("channels", "size"), [(64, 56), (128, 28), (256, 14), (512, 7)])
def test_input_gradient(benchmark: BenchmarkFixture, channels: int, size: int, way: str, threads: int) -> None:
    """A 3x3 layer and its gradient, the weight packed within the call for both."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, channels, size, size), np.float32)
    w = rng.standard_normal((channels, channels, 3, 3), np.float32)
    benchmark.group = f"3x3, {channels} channels of {size}x{size}, forward and gradient"
    flops = 18 * channels * x.size
    if way == "conv2d":
        measure(benchmark, lambda: convx.conv2d(x, w, padding=1), flops=flops, threads=threads)
    else:
        measure(benchmark, lambda: convx.conv2d_input(x.shape, w, x, padding=1), flops=flops, threads=threads)
