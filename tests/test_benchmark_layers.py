"""The layers of benchmarks/peers.py: what they are, and that its oracle knows what is right."""

from __future__ import annotations

from typing import Any

import convx
import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("harness")


def selected(*nets: str, **options: int) -> list[Any]:
    from harness.selection import select

    return select(nets, **options)


def test_random_layers_follow_from_the_seed() -> None:
    assert selected("random", seed=7) == selected("random", seed=7)
    assert selected("random", seed=7) == selected("random", seed=7, number=60)[:40]
    assert selected("random", seed=7) != selected("random", seed=8)


def test_random_layers_are_practical_and_various() -> None:
    layers = selected("random", number=300)
    assert all(5e6 <= layer.flops <= 2e9 for layer in layers)
    assert {layer.rank for layer in layers} == {1, 2, 3}
    assert {size for layer in layers for size in layer.kernel} == {1, 2, 3, 4, 5, 6, 7}
    for some in (
        [layer.depthwise for layer in layers],
        [1 < layer.groups < layer.input_shape[1] for layer in layers],
        [max(layer.dilation) > 1 for layer in layers],
        [max(layer.stride) > 1 for layer in layers],
        [len({*layer.kernel}) > 1 for layer in layers],
    ):
        assert len(layers) / 20 < sum(some) < len(layers) / 2


@pytest.mark.parametrize("net", ["mobilenet_v2", "pooling", "1d-3d", "random"])
def test_oracle_agrees_with_convx(net: str) -> None:
    from harness.oracle import oracle
    from harness.systems import ours

    layers = [layer for layer in selected(net, batch=2) if layer.flops < 3e8 and np.prod(layer.input_shape) < 1 << 21]
    assert len(layers) > 3
    for layer in layers:
        output = ours.System(convx.get_num_threads()).function(layer)(layer.maps())
        assert output.shape == layer.output_shape, layer.label
        assert oracle(layer).error(output) < 3e-5, layer.label


def test_oracle_sees_a_wrong_element() -> None:
    from harness.oracle import oracle

    layer = next(layer for layer in selected("pooling") if layer.kind == "max")
    right = oracle(layer)
    output = np.zeros(layer.output_shape, np.float32)
    output[right.places] = right.values
    assert right.error(output) < 1e-7
    output[-1, -1, -1, -1] += 1
    assert right.error(output) > 0.1
