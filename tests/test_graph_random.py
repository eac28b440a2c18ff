"""Networks drawn at random: what lies over, in or beside what else must not show in any run."""

from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from test_onnx_session import agree  # noqa: E402

ONE = ["Relu", "Sigmoid", "Tanh", "Neg", "Abs", "HardSwish", "Identity", "LeakyRelu"]
TWO = ["Add", "Mul", "Sub", "Max", "Min"]


class Net:
    """Nodes over values of four axes, the arrays that they read, and the shape of each value."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.shapes = {"x": (2, 4, 6, 6), "z": (2, 4, 6, 6)}
        for _ in range(self.random.integers(4, 20)):
            draw = self.random.choice([self.one, self.two, self.scaled, self.conv, self.join, self.cut, self.turn])
            draw(self.any())

    def any(self, *, like: str | None = None, but: int | None = None) -> str:
        """Some value, late ones rather than early ones; one whose shape is that of `like` but for an axis."""
        names = list(self.shapes)
        if like is not None:
            rest = [np.delete(self.shapes[name], [] if but is None else but).tolist() for name in (like, *names)]
            names = [name for name, shape in zip(names, rest[1:], strict=True) if shape == rest[0]]
        chance = np.arange(1.0, len(names) + 1)
        return str(self.random.choice(names, p=chance / chance.sum()))

    def constant(self, values: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def numbers(self, *shape: int) -> Any:
        return self.random.standard_normal(shape).astype(np.float32)

    def node(self, operator: str, inputs: list[str], *shapes: Any, **attributes: Any) -> None:
        names = [f"v{len(self.shapes) + i}" for i in range(len(shapes))]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        self.shapes.update(zip(names, shapes, strict=True))

    def one(self, x: str) -> None:
        if self.random.random() < 0.3:
            self.node("Softmax", [x], self.shapes[x], axis=int(self.random.integers(4)))
        else:
            self.node(str(self.random.choice(ONE)), [x], self.shapes[x])

    def two(self, x: str) -> None:
        self.node(str(self.random.choice(TWO)), [x, self.any(like=x)], self.shapes[x])

    def scaled(self, x: str) -> None:
        shape = [size if self.random.random() < 0.5 else 1 for size in self.shapes[x]]
        operands = [x, self.constant(self.numbers(*shape))]
        self.node(str(self.random.choice(TWO)), operands[:: self.random.choice([1, -1])], self.shapes[x])

    def conv(self, x: str) -> None:
        n, c, h, w = self.shapes[x]
        maps, size = int(self.random.integers(1, 7)), int(self.random.choice([1, 3]))
        weight = self.numbers(maps, c, size, size) / np.float32(np.sqrt(c) * size)
        self.node("Conv", [x, self.constant(weight)], (n, maps, h, w), pads=[size // 2] * 4)
        y = list(self.shapes)[-1]
        self.node(str(self.random.choice(ONE)), [y], self.shapes[y])

    def join(self, x: str) -> None:
        axis = int(self.random.integers(4))
        parts = [x, *(self.any(like=x, but=axis) for _ in range(self.random.integers(1, 3)))]
        lengths = [self.shapes[part][axis] for part in parts]
        if self.random.random() < 0.3:
            shape = list(self.shapes[x])
            shape[axis] = 1
            parts.append(self.constant(self.numbers(*shape)))
            lengths.append(1)
        if sum(lengths) <= 16:
            joined = [*self.shapes[x][:axis], sum(lengths), *self.shapes[x][axis + 1 :]]
            self.node("Concat", parts[::-1], joined, axis=axis)

    def cut(self, x: str) -> None:
        shape, axis = self.shapes[x], int(self.random.integers(4))
        if shape[axis] > 1:
            first = int(self.random.integers(1, shape[axis]))
            sizes = [first, shape[axis] - first]
            parts = [(*shape[:axis], size, *shape[axis + 1 :]) for size in sizes]
            self.node("Split", [x, self.constant(np.array(sizes))], *parts, axis=axis)

    def turn(self, x: str) -> None:
        shape, order = self.shapes[x], self.random.permutation(4).tolist()
        if self.random.random() < 0.5:
            self.node("Transpose", [x], tuple(shape[axis] for axis in order), perm=order)
        else:
            turned = (shape[0], shape[2] * shape[1], shape[3], 1)
            self.node("Reshape", [x, self.constant(np.array(turned))], turned)

    def model(self) -> Any:
        read = {name for node in self.nodes for name in node.input}
        made = [name for name in self.shapes if name not in ("x", "z")]
        outputs = [name for name in made if name not in read or self.random.random() < 0.15]
        graph = helper.make_graph(
            self.nodes,
            "random",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, self.shapes[name]) for name in ("x", "z")],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def check(seed: int) -> None:
    net = Net(seed)
    if net.nodes:
        agree(net.model(), {name: net.numbers(*net.shapes[name]) for name in ("x", "z")})


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_random_networks(first: int) -> None:
    for seed in range(first, first + 20):
        check(seed)


@pytest.mark.slow
def test_many_random_networks() -> None:
    for seed in range(100, 2000):
        check(seed)
