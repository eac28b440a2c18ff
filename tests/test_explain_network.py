"""Tables of networks: published numbers, totals, and how they look."""

import json
from functools import partial
from typing import Any

import convx
import numpy as np
import pytest
from convx import networks


def without_bias(explained: Any) -> int:
    return sum(e.counts.parameters - e.layer.out_channels for e in explained.layers if e.layer.is_convolution)


def test_published_counts() -> None:
    """Krizhevsky 2012; Simonyan 2015; Szegedy 2015; He 2016, whose ResNet-50 has 25.6 M with classifier and norms."""
    alexnet, vgg = convx.explain(networks.ALEXNET), convx.explain(networks.VGG16)
    assert [e.counts.parameters for e in alexnet.layers if e.counts.macs] == [34944, 307456, 885120, 663936, 442624]
    assert alexnet.parameters == 2_334_080
    assert alexnet.macs == 665_784_864
    assert vgg.parameters == 14_714_688
    assert vgg.macs == 15_346_630_656
    googlenet, resnet = convx.explain(networks.GOOGLENET), convx.explain(networks.RESNET50)
    assert googlenet.parameters == 5_973_552  # with the classifier's 1 M nearly the paper's 7 M
    assert 1.5e9 < googlenet.macs < 1.6e9
    assert without_bias(resnet) == 23_454_912
    assert resnet.macs == 4_087_136_256
    mobilenet = convx.explain(networks.MOBILENET_V2)
    assert 2.9e8 < mobilenet.macs < 3.05e8  # Sandler 2018: 300 M with the classifier


@pytest.mark.parametrize("name", ["ALEXNET", "GOOGLENET", "VGG16", "RESNET50", "MOBILENET_V2"])
def test_table_of_a_network(name: str) -> None:
    network = getattr(networks, name)
    explained = convx.explain(network)
    layers = getattr(network, "layers", network)
    assert [e.name for e in explained.layers] == [layer.name for layer in layers]
    assert explained.macs == sum(layer.macs for layer in layers)
    assert explained.parameters == sum(layer.parameters for layer in layers)
    assert [e.layer.output_shape[1:] for e in explained.layers] == [layer.output_shape for layer in layers]
    lines = str(explained).splitlines()
    assert max(map(len, lines)) <= 88
    assert all(any(layer.name in line for line in lines) for layer in layers)
    page = explained._repr_html_()
    assert page.count("<tr>") == page.count("</tr>") == len(layers) + 2
    assert f"{explained.parameters:,}" in page


def small() -> list[Any]:
    return [
        convx.Conv2d(np.ones((8, 1, 3, 3), np.float32), padding=1, activation="relu"),
        partial(convx.max_pool2d, kernel_size=2),
        partial(convx.conv2d, weight=(10, 8, 3, 5), bias=True, stride=(1, 2), dilation=2, padding=((0, 1), (2, 2))),
        convx.global_avg_pool,
    ]


def test_list_of_layers() -> None:
    explained = convx.explain(small(), (2, 1, 28, 28))
    first, _, second, last = explained.layers
    assert explained.parameters == 72 + 10 * 8 * 15 + 10
    assert explained.macs == 2 * (28 * 28 * 72 + 11 * 5 * 1200)
    assert [e.layer.output_shape for e in (first, second, last)] == [(2, 8, 28, 28), (2, 10, 11, 5), (2, 10, 1, 1)]
    assert explained.map_bytes == 4 * 2 * (8 * 28 * 28 + 8 * 14 * 14 + 10 * 55 + 10)
    assert explained.peak_bytes == 4 * 2 * (8 * 28 * 28 + 8 * 14 * 14)
    assert explained.weight_bytes == 4 * explained.parameters
    assert explained.roofline_seconds == sum(e.roofline.seconds for e in explained.layers)
    assert "conv 3x5 s1x2 p0+1x2 d2" in str(explained)
    assert repr(explained) == "<NetworkExplanation of network: 4 layers, 1,282 parameters, 244,896 MACs>"


def test_shares_add_up() -> None:
    lines = str(convx.explain(networks.ALEXNET)).splitlines()
    shares = [float(line.split(" %")[0].split()[-1]) for line in lines if line.startswith("conv")]
    assert sum(shares) == pytest.approx(100, abs=0.3)


def test_dict_is_json() -> None:
    told = json.loads(json.dumps(convx.explain(small(), (1, 28, 28)).to_dict()))
    assert told["input_shape"] == [1, 1, 28, 28]
    assert told["macs"] == sum(layer["macs"] for layer in told["layers"])
    assert told["passed_over"] == {}
    assert [layer["receptive_field"]["size"] for layer in told["layers"]][:2] == [[3, 3], [4, 4]]
    assert told["layers"][0]["algorithm"]["chosen"] in convx._core.algorithms()


def test_named_layer_and_merged_layers() -> None:
    layer = convx.explain(networks.NAMED_CONVOLUTIONS["vgg-3.2"])
    assert layer.name == "vgg-3.2"
    assert layer.counts.macs == networks.NAMED_CONVOLUTIONS["vgg-3.2"].macs
    merged, whole = convx.explain(networks.CONVOLUTIONS["resnet50"]), convx.explain(networks.RESNET50)
    assert (merged.macs, merged.parameters) == (whole.macs, whole.parameters)
    assert "(x" in str(merged)
    pool = convx.explain(networks.POOLING[4])
    assert pool.layer.output_shape[1:] == networks.POOLING[4].output_shape


def test_long_names_are_shortened_in_the_text_alone() -> None:
    layers = [
        networks.Conv(f"a/very/long/path/to/the/layer/of/number/{n}", 1024, 7, 1024, 3, padding=1) for n in (1, 2)
    ]
    explained = convx.explain(layers)
    assert max(map(len, str(explained).splitlines())) <= 88
    assert "/the/layer/of/number/2 " in str(explained)
    assert layers[0].name not in str(explained)
    assert layers[0].name in explained._repr_html_()


def test_names_are_escaped() -> None:
    page = convx.explain([networks.Conv("<b>&", 3, 8, 4, 3)])._repr_html_()
    assert "&lt;b&gt;&amp;" in page
    assert "<b>" not in page
