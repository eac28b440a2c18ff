"""The layer tables: published parameter counts, shapes that chain, shapes that convx itself returns."""

import convx
import numpy as np
import pytest
from convx.networks import (
    ALEXNET,
    CONVOLUTIONS,
    GOOGLENET,
    MOBILENET_V2,
    NAMED_CONVOLUTIONS,
    POOLING,
    RESNET50,
    VGG16,
    Conv,
    Module,
    Network,
    Pool,
    output_size,
    unique,
)

NETWORKS = pytest.mark.parametrize("network", [ALEXNET, GOOGLENET, VGG16], ids=lambda network: network.title)
EVERY_POOL = unique((*POOLING, *ALEXNET.pools, *GOOGLENET.pools, *VGG16.pools))


def test_alexnet_parameters_as_published() -> None:
    assert [layer.parameters for layer in ALEXNET.convolutions] == [34_944, 307_456, 885_120, 663_936, 442_624]


def test_alexnet_two_groups_in_conv2_conv4_conv5() -> None:
    assert {layer.name for layer in ALEXNET.convolutions if layer.groups == 2} == {"conv2", "conv4", "conv5"}


def test_googlenet_parameters_as_published() -> None:
    # The authors' model has 6,998,552 parameters in all; the classifier has 1024 * 1000 weights and 1000 biases.
    assert sum(layer.parameters for layer in GOOGLENET.convolutions) == 6_998_552 - 1_025_000


def test_googlenet_number_of_layers() -> None:
    assert len(GOOGLENET.convolutions) == 57
    assert [pool.kind for pool in GOOGLENET.pools] == ["max"] * 13 + ["avg"]


def test_googlenet_stages_as_in_table_1() -> None:
    shapes = {stage.name.removeprefix("inception "): stage.output_shape for stage in GOOGLENET.stages}
    published = {
        "conv1/7x7": (64, 112, 112),
        "pool1": (64, 56, 56),
        "conv2/3x3": (192, 56, 56),
        "pool2": (192, 28, 28),
        "3a": (256, 28, 28),
        "3b": (480, 28, 28),
        "pool3": (480, 14, 14),
        "4a": (512, 14, 14),
        "4b": (512, 14, 14),
        "4c": (512, 14, 14),
        "4d": (528, 14, 14),
        "4e": (832, 14, 14),
        "pool4": (832, 7, 7),
        "5a": (832, 7, 7),
        "5b": (1024, 7, 7),
        "pool5": (1024, 1, 1),
    }
    assert {name: shapes[name] for name in published} == published


def test_vgg16_parameters_as_published() -> None:
    # 138,357,544 in all, of which 123,642,856 in the fully connected layers.
    assert sum(layer.parameters for layer in VGG16.convolutions) == 138_357_544 - 123_642_856 == 14_714_688
    assert VGG16.layers[-1].output_shape == (512, 7, 7)


def test_resnet50_weights_as_published() -> None:
    # 25,557,032 in all, less 53,120 of batch normalisation and 2,049,000 of the classifier; no biases.
    assert sum(layer.weights for layer in RESNET50) == 25_557_032 - 53_120 - 2_049_000 == 23_454_912
    assert len(RESNET50) == 53
    assert 2 * sum(layer.out_channels for layer in RESNET50) == 53_120
    assert RESNET50[-1].output_shape == (2048, 7, 7)


def test_mobilenet_v2_weights_as_published() -> None:
    # 3,504,872 in all, less 34,112 of batch normalisation and 1,281,000 of the classifier; no biases.
    assert sum(layer.weights for layer in MOBILENET_V2) == 3_504_872 - 34_112 - 1_281_000 == 2_189_760
    assert len(MOBILENET_V2) == 52
    assert 2 * sum(layer.out_channels for layer in MOBILENET_V2) == 34_112
    assert MOBILENET_V2[-1].output_shape == (1280, 7, 7)


@pytest.mark.parametrize(
    ("layers", "million_macs"),
    [
        pytest.param(ALEXNET.convolutions, 666, id="AlexNet"),
        pytest.param(GOOGLENET.convolutions, 1_582, id="GoogLeNet"),
        pytest.param(VGG16.convolutions, 15_347, id="VGG-16"),
        pytest.param(RESNET50, 4_087, id="ResNet-50"),
        pytest.param(MOBILENET_V2, 299, id="MobileNet-V2"),
    ],
)
def test_macs_are_the_usual_ones(layers: tuple[Conv, ...], million_macs: int) -> None:
    assert round(sum(layer.macs for layer in layers) / 1e6) == million_macs


@NETWORKS
def test_shapes_chain(network: Network) -> None:
    shape = network.input_shape
    for stage in network.stages:
        for branch in stage.branches if isinstance(stage, Module) else ((stage,),):
            inner = shape
            for layer in branch:
                assert layer.input_shape == inner, layer.name
                inner = layer.output_shape
        shape = stage.output_shape


@NETWORKS
def test_names_are_unique(network: Network) -> None:
    names = [layer.name for layer in network.layers]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_unique_layers_add_up(name: str) -> None:
    whole = {
        "alexnet": ALEXNET.convolutions,
        "googlenet": GOOGLENET.convolutions,
        "vgg16": VGG16.convolutions,
        "resnet50": RESNET50,
        "mobilenet_v2": MOBILENET_V2,
    }[name]
    merged = CONVOLUTIONS[name]
    assert sum(layer.count for layer in merged) == len(whole)
    assert sum(layer.count * layer.macs for layer in merged) == sum(layer.macs for layer in whole)
    assert unique(merged) == merged


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution_shapes_are_those_of_the_plan(name: str) -> None:
    for layer in CONVOLUTIONS[name]:
        weight = np.broadcast_to(np.float32(0), layer.weight_shape)
        plan = convx.Conv2d(weight, None, layer.stride, layer.padding, groups=layer.groups)
        assert plan.output_shape((1, *layer.input_shape)) == (1, *layer.output_shape), layer.name


@pytest.mark.parametrize("layer", EVERY_POOL, ids=lambda layer: layer.name)
def test_pool_shape_is_that_of_the_result(layer: Pool) -> None:
    pool = convx.max_pool2d if layer.kind == "max" else convx.avg_pool2d
    maps = np.broadcast_to(np.float32(0), layer.input_shape)
    result = pool(maps, layer.kernel, layer.stride, layer.padding, ceil_mode=layer.ceil_mode)
    assert result.shape == layer.output_shape


def test_eleven_pools_and_named_convolutions() -> None:
    assert len(POOLING) == len({pool.name for pool in POOLING}) == 11
    assert all(layer.name == name and layer.count == 1 for name, layer in NAMED_CONVOLUTIONS.items())


@pytest.mark.parametrize(
    ("arguments", "ceil_mode", "expected"),
    [
        ((227, 11, 4), False, 55),
        ((224, 3, 1, 1), False, 224),
        ((112, 3, 2), False, 55),
        ((112, 3, 2), True, 56),
        ((5, 2, 2), True, 3),
        ((5, 1, 3, 0), True, 2),  # the third window would start at 6, outside
        ((4, 3, 2, 1), True, 3),
        ((3, 2, 2, 1), True, 2),  # the third window would start in the padding at the end
    ],
)
def test_output_size(arguments: tuple[int, ...], ceil_mode: bool, expected: int) -> None:
    assert output_size(*arguments, ceil_mode=ceil_mode) == expected
