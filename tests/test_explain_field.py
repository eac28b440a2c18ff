"""Receptive fields against what really reaches an output, and against published ones."""

from functools import partial
from typing import Any

import convx
import numpy as np
import pytest
from convx._layers import read_network


def positive(*shape: int) -> Any:
    """Weights whose products cannot cancel out."""
    return np.random.default_rng(5).uniform(0.5, 1.5, shape)


def reached(layers: Any, shape: tuple[int, ...], axis: int) -> list[tuple[int, int]]:
    """The first and the last input position along `axis` on which each output depends: moved one by one."""

    def run(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        others = tuple(i for i in range(x.ndim) if i != axis + 2)
        return x.sum(axis=others)

    base = np.random.default_rng(6).uniform(1, 2, shape)
    before = run(base)
    depends = []
    for position in range(shape[axis + 2]):
        x = base.copy()
        x[(slice(None),) * (axis + 2) + (position,)] += 100  # becomes every maximum that sees it
        depends.append(run(x) != before)
    table = np.array(depends)
    return [(int(np.flatnonzero(column)[0]), int(np.flatnonzero(column)[-1])) for column in table.T]


def conv(*shape: int, **arguments: Any) -> Any:
    return getattr(convx, f"Conv{len(shape) - 2}d")(positive(*shape), **arguments)


ALIKE: dict[str, tuple[list[Any], tuple[int, ...]]] = {
    "one": ([conv(2, 1, 3, padding=1)], (1, 1, 12)),
    "strides": ([conv(2, 1, 3, stride=2, padding=1), conv(2, 2, 5, stride=3)], (1, 1, 60)),
    "even kernels": ([conv(2, 1, 4), conv(2, 2, 2, stride=2)], (1, 1, 30)),
    "dilation": ([conv(2, 1, 3, dilation=2), conv(2, 2, 3, dilation=3)], (1, 1, 40)),
    "pools": (
        [
            conv(2, 1, 3, padding="same"),
            partial(convx.max_pool1d, kernel_size=3, stride=2),
            conv(2, 2, 3, padding="causal"),
            partial(convx.avg_pool1d, kernel_size=2),
        ],
        (1, 1, 60),
    ),
    "axes that differ": ([conv(2, 1, 3, 1, stride=(2, 1)), conv(1, 2, 1, 4, padding=((0, 0), (2, 1)))], (1, 1, 20, 15)),
    "maxout": ([conv(4, 1, 3), partial(convx.maxout, pool_size=2), conv(1, 2, 3)], (1, 1, 20)),
}


@pytest.mark.parametrize(("layers", "shape"), ALIKE.values(), ids=ALIKE)
def test_field_is_what_reaches_the_output(layers: Any, shape: tuple[int, ...]) -> None:
    field = convx.explain(layers, shape).layers[-1].field
    for axis in range(len(shape) - 2):
        size, jump, start = field.size[axis], field.jump[axis], field.start[axis]
        inside = 0
        for output, (first, last) in enumerate(reached(layers, shape, axis)):
            begin = start + output * jump
            assert begin <= first <= last <= begin + size - 1
            if begin >= 0 and begin + size <= shape[axis + 2]:  # nothing of it is padding
                assert (first, last) == (begin, begin + size - 1)
                inside += 1
        assert inside >= 2


OTHERS: dict[str, tuple[list[Any], tuple[int, ...]]] = {
    "transposed": ([convx.ConvTranspose1d(positive(1, 1, 4), stride=2)], (1, 1, 20)),
    "between": (
        [conv(1, 1, 3, stride=2), convx.ConvTranspose1d(positive(1, 1, 5), stride=3), conv(1, 1, 3)],
        (1, 1, 50),
    ),
    "adaptive": ([conv(1, 1, 3), partial(convx.adaptive_avg_pool1d, output_size=5)], (1, 1, 19)),
    "global": ([conv(1, 1, 3, stride=2), convx.global_avg_pool], (1, 1, 19)),
}


@pytest.mark.parametrize(("layers", "shape"), OTHERS.values(), ids=OTHERS)
def test_field_is_the_largest_where_they_differ(layers: Any, shape: tuple[int, ...]) -> None:
    field = convx.explain(layers, shape).layers[-1].field
    found = reached(layers, shape, 0)
    assert max(last - first + 1 for first, last in found) == field.size[0]
    assert found[0][0] == max(field.start[0], 0)


def test_jumps() -> None:
    explained = convx.explain(OTHERS["between"][0], (1, 1, 50))
    assert [str(e.field.jump[0]) for e in explained.layers] == ["2", "2/3", "2/3"]
    whole = convx.explain(OTHERS["adaptive"][0], (1, 1, 19)).layers[-1]
    assert whole.field.jump[0] * 5 == 17
    assert whole.to_dict()["receptive_field"]["jump"] == [3.4]


def test_published_fields() -> None:
    """Araujo et al. 2019, table: VGG-16 212, stride 32, padding 90; AlexNet's convolutions give 195, stride 32."""
    vgg = convx.explain(convx.networks.VGG16).layers[-1].field
    assert (vgg.size, vgg.jump, vgg.start) == ((212, 212), (32, 32), (-90, -90))
    alexnet = convx.explain(convx.networks.ALEXNET).layers[-1].field
    assert (alexnet.size, alexnet.jump) == ((195, 195), (32, 32))


def test_branches_come_together() -> None:
    """Of an inception module the 5x5 reaches the farthest, and the stage after it sees what it saw."""
    layers = {e.name: e.field for e in convx.explain(convx.networks.GOOGLENET).layers}
    assert layers["3a/1x1"].size == layers["pool2"].size == (27, 27)
    assert layers["3a/5x5"].size == (27 + 4 * 8,) * 2
    assert layers["3b/1x1"].size == layers["3a/5x5"].size


def test_what_is_not_known_is_not_told() -> None:
    resnet = convx.explain(convx.networks.RESNET50)
    assert resnet.layers[0].field.size == (7, 7)
    assert resnet.layers[1].field is None  # the pool before it is no part of the list
    assert resnet.to_dict()["layers"][1]["receptive_field"] is None
    assert "Field -: not known" in str(resnet)
    columns = [partial(convx.unfold, kernel_size=(3, 3)), conv(1, 9, 3)]
    assert [e.field and e.field.size for e in convx.explain(columns, (1, 1, 12, 12)).layers] == [(3, 3), None]


def test_field_of_one_layer_is_its_window() -> None:
    layers = [conv(2, 1, 3, stride=2, dilation=2, padding=3), partial(convx.max_pool1d, kernel_size=2)]
    alone = [
        convx.explain(layer, read.input_shape).field
        for layer, read in zip(layers, read_network(layers, (1, 1, 30)), strict=True)
    ]
    assert [(f.size, f.jump, f.start) for f in alone] == [((5,), (2,), (-3,)), ((2,), (2,), (0,))]
