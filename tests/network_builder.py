"""Networks as exporters write them, node by node, with random weights."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

__all__ = ["Net"]


class Net:
    """A model that grows: each method adds nodes, and returns the name of their output."""

    def __init__(self, shape: tuple[int | str, ...], opset: int = 17) -> None:
        self.shape, self.opset = shape, opset
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.rng = np.random.default_rng(0)

    def node(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        names = [f"v{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, value: Any) -> str:
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def normal(self, *shape: int, scale: float = 0.1) -> str:
        return self.constant((self.rng.standard_normal(shape) * scale).astype(np.float32))

    def conv(self, x: str, maps_in: int, maps: int, kernel: int, stride: int = 1, groups: int = 1) -> str:
        weight = self.normal(maps, maps_in // groups, kernel, kernel, scale=(2 * groups / maps_in) ** 0.5 / kernel)
        pads = [kernel // 2] * 4
        return str(
            self.node("Conv", x, weight, strides=[stride] * 2, pads=pads, group=groups, kernel_shape=[kernel] * 2)
        )

    def norm(self, x: str, maps: int) -> str:
        rows = [self.rng.uniform(0.5, 1.5, maps) for _ in range(2)] + [self.rng.normal(0, 0.1, maps) for _ in range(2)]
        scale, variance, bias, mean = (self.constant(row.astype(np.float32)) for row in rows)
        return str(self.node("BatchNormalization", x, scale, bias, mean, variance, epsilon=1e-3))

    def relu6(self, x: str) -> str:
        return str(self.node("Clip", x, self.constant(np.float32(0)), self.constant(np.float32(6))))

    def swish(self, x: str) -> str:
        return str(self.node("Mul", x, self.node("Sigmoid", x)))

    def squeeze(self, x: str, maps: int, gate: str) -> str:
        """Squeeze-and-excitation: each map times a number made of all their means."""
        mean = self.node("GlobalAveragePool", x)
        small = self.node("Relu", self.conv(mean, maps, maps // 4, 1))
        return str(self.node("Mul", x, self.node(gate, self.conv(small, maps // 4, maps, 1))))

    def model(self, *outputs: str) -> Any:
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_empty_tensor_value_info(name) for name in outputs],
            self.weights,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
