"""An inception module as an ONNX model: four branches of convolutions and pools, concatenated."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CHANNELS = {"one": 32, "three_in": 48, "three": 64, "five_in": 8, "five": 16, "pool": 16}


def inception(channels: int = 96, size: int = 28, modules: int = 2, seed: int = 0) -> Any:
    """A stem of strides and pools, `modules` inception modules, an average and a global pool."""
    rng = np.random.default_rng(seed)
    nodes: list[Any] = []
    weights: list[Any] = []

    def conv(x: str, name: str, maps_in: int, maps: int, kernel: int, **attributes: Any) -> str:
        w = rng.standard_normal((maps, maps_in, kernel, kernel)) / np.sqrt(maps_in * kernel * kernel)
        b = rng.standard_normal(maps) / 10
        weights.append(numpy_helper.from_array(w.astype("float32"), f"{name}_w"))
        weights.append(numpy_helper.from_array(b.astype("float32"), f"{name}_b"))
        nodes.append(helper.make_node("Conv", [x, f"{name}_w", f"{name}_b"], [f"{name}_sum"], **attributes))
        nodes.append(helper.make_node("Relu", [f"{name}_sum"], [name]))
        return name

    def module(x: str, name: str, maps_in: int) -> str:
        pad = {"pads": [1, 1, 1, 1]}
        one = conv(x, f"{name}_one", maps_in, CHANNELS["one"], 1)
        three = conv(x, f"{name}_three_in", maps_in, CHANNELS["three_in"], 1)
        three = conv(three, f"{name}_three", CHANNELS["three_in"], CHANNELS["three"], 3, **pad)
        five = conv(x, f"{name}_five_in", maps_in, CHANNELS["five_in"], 1)
        five = conv(five, f"{name}_five", CHANNELS["five_in"], CHANNELS["five"], 5, auto_pad="SAME_UPPER")
        nodes.append(helper.make_node("MaxPool", [x], [f"{name}_max"], kernel_shape=[3, 3], **pad))
        pooled = conv(f"{name}_max", f"{name}_pool", maps_in, CHANNELS["pool"], 1)
        nodes.append(helper.make_node("Concat", [one, three, five, pooled], [name], axis=1))
        return name

    x = conv("image", "stem", 3, channels, 7, strides=[2, 2], pads=[3, 3, 3, 3])
    nodes.append(helper.make_node("MaxPool", [x], ["stem_max"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1))
    x, maps = "stem_max", channels
    for i in range(modules):
        x = module(x, f"module{i}", maps)
        maps = CHANNELS["one"] + CHANNELS["three"] + CHANNELS["five"] + CHANNELS["pool"]
    nodes.append(
        helper.make_node("AveragePool", [x], ["average"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    )
    nodes.append(helper.make_node("GlobalAveragePool", ["average"], ["features"]))
    graph = helper.make_graph(
        nodes,
        "inception",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 4 * size, 4 * size])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", maps, None, None]) for name in ("features", x)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    onnx.checker.check_model(model)
    return model


def image(size: int = 28, batch: int = 1, seed: int = 1) -> Any:
    """An input of the model."""
    return np.random.default_rng(seed).standard_normal((batch, 3, 4 * size, 4 * size)).astype("float32")
