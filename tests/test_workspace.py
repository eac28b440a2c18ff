"""The scratch of a call: bounded for every layer of the known networks, and told by the plan."""

import convx
import numpy as np
import pytest
from convx import _core
from convx.networks import CONVOLUTIONS, Conv

MOST = 5 << 20  # bytes per thread: tiles of Winograd that share weights from memory, docs/decisions/0026
LAYERS = {f"{net}-{layer.name}": layer for net, layers in CONVOLUTIONS.items() for layer in layers}
THREADS = 2


def plan_of(layer: Conv, algorithm: str) -> convx.Conv2d:
    weight = np.zeros(layer.weight_shape, "float32")
    return convx.Conv2d(weight, None, layer.stride, layer.padding, 1, layer.groups, algorithm=algorithm)


def fits(layer: Conv, algorithm: str) -> bool:
    return _core.supports(algorithm, layer.weight_shape, layer.stride, 1, layer.groups)


@pytest.mark.parametrize("name", LAYERS)
def test_scratch_stays_below_five_mebibytes_a_thread(isa: str, name: str) -> None:
    layer = LAYERS[name]
    with convx.num_threads(THREADS):
        for algorithm in _core.algorithms():
            if not fits(layer, algorithm):
                continue
            plan = plan_of(layer, algorithm)
            for batch in (1, 16):
                assert plan.workspace_bytes((batch, *layer.input_shape)) <= THREADS * MOST, (algorithm, batch)


def test_scratch_of_a_named_algorithm_is_its_own(isa: str) -> None:
    layer = LAYERS["vgg16-conv3_2"]
    shape = (1, *layer.input_shape)
    sizes = {
        name: plan_of(layer, name).workspace_bytes(shape) for name in ("reference", "direct", "im2col", "winograd")
    }
    assert sizes["reference"] == 0
    assert all(sizes[name] > 0 for name in ("direct", "im2col", "winograd"))
    chosen = plan_of(layer, "auto").algorithm_for(shape)
    assert plan_of(layer, "auto").workspace_bytes(shape) == sizes[chosen]


def test_workspace_bytes_refuses_a_shape_that_cannot_be_convolved() -> None:
    plan = convx.Conv2d(np.zeros((4, 3, 5, 5), "float32"))
    with pytest.raises(ValueError, match=r"^Conv2d: input must have groups \* weight"):
        plan.workspace_bytes((1, 2, 9, 9))
    with pytest.raises(ValueError, match=r"^Conv2d: kernel must fit"):
        plan.algorithm_for((1, 3, 4, 9))


def test_scratch_of_depthwise_in_channels_last_is_its_own() -> None:
    """A row of zeros and the bias as wide as the channels, where nothing is transposed."""
    channels, width = 512, 56
    plan = convx.Conv2d(
        np.zeros((channels, 1, 3, 3), "float32"), padding=1, groups=channels, data_format="channels_last"
    )
    shape = (1, width, width, channels)
    assert plan.algorithm_for(shape) == "depthwise"
    row, bias = width * channels * 4, channels * 4
    with convx.num_threads(1):
        assert row + bias <= plan.workspace_bytes(shape) <= row + bias + 4096
