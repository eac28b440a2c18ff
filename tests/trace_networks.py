"""A network with every kind of window that convx.trace draws, and that of the digits: what NumPy makes of them."""

from functools import cache, partial
from typing import Any

import convx
import numpy as np
from convx import reference

RANDOM = np.random.default_rng(1)


def normal(*shape: int) -> Any:
    return (0.4 * RANDOM.standard_normal(shape)).astype(np.float32)


MADE_IMAGE = np.abs(normal(1, 9, 12))

STEPS: list[tuple[str, dict[str, Any]]] = [
    (
        "conv2d",
        {
            "weight": normal(6, 1, 3, 5),
            "bias": normal(6),
            "stride": (1, 2),
            "padding": ((1, 1), (2, 2)),
            "padding_mode": "reflect",
            "activation": "relu",
        },
    ),
    (
        "conv2d",
        {
            "weight": normal(8, 3, 3, 3),
            "bias": normal(8),
            "dilation": 2,
            "padding": 2,
            "groups": 2,
            "padding_mode": "circular",
            "activation": ("leaky_relu", 0.1),
        },
    ),
    ("avg_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False}),
    ("conv2d", {"weight": normal(8, 1, 3, 3), "groups": 8, "padding": "same", "activation": "relu6"}),
    ("conv_transpose2d", {"weight": normal(8, 2, 3, 3), "bias": normal(4), "stride": 2, "padding": 1, "groups": 2}),
    ("maxout", {"pool_size": 2}),
    ("max_pool2d", {"kernel_size": 2, "stride": 1, "padding": 1, "dilation": 2}),
    ("lp_pool2d", {"norm_type": 2, "kernel_size": 2, "stride": 1}),
    ("adaptive_avg_pool2d", {"output_size": (2, 3)}),
    ("global_avg_pool", {}),
]


def made_layers() -> list[Any]:
    """The first convolution as a plan, the rest as partials."""
    (_, first), *others = STEPS
    return [convx.Conv2d(**first), *(partial(getattr(convx, name), **arguments) for name, arguments in others)]


@cache
def made_outputs() -> tuple[Any, ...]:
    """What NumPy computes of `MADE_IMAGE`, layer by layer, each from what NumPy made before."""
    maps, outputs = MADE_IMAGE[np.newaxis], []
    for name, arguments in STEPS:
        maps = getattr(reference, name)(maps, **arguments)
        outputs.append(maps)
    return tuple(outputs)


def relu(numbers: Any) -> Any:
    return np.maximum(numbers, 0)


def digits_by_numpy(right: bool) -> list[Any]:
    """The maps of a three, layer by layer, with ReLU after the sum, or on the share of each input map before it."""
    network, maps, outputs = convx.networks.digits(), convx.networks.digits().images[3:4].astype(float), []
    for layer in network.layers:
        if isinstance(layer, convx.Conv2d):
            assert layer.bias is not None
            weight, bias = layer.weight.astype(float), layer.bias.astype(float)[:, np.newaxis, np.newaxis]
            shares = [
                reference.conv2d(maps[:, [c]], weight[:, [c]], padding=layer.padding) for c in range(maps.shape[1])
            ]
            if layer.activation is None:
                maps = sum(shares) + bias
            elif right:
                maps = relu(sum(shares) + bias)
            else:
                maps = sum(relu(share) for share in shares) + bias
        else:
            maps = reference.max_pool2d(maps, 2)
        outputs.append(maps[0])
    return outputs
