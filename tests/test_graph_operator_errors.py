"""What a node cannot be made ready with, and how the error says so."""

from typing import Any

import numpy as np
import pytest
from convx._graph.graph import Node
from convx._graph.operators import TABLE

# An operator, its attributes, and what the error says: operator, attribute, rule and value.
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("Cast", {"to": 99}, "Cast: a type must be a number of TensorProto.DataType, got 99"),
    ("Constant", {"values": 1}, r"Constant: an attribute of value, .* must be present, got \['values'\]"),
    ("GridSample", {"mode": "spline"}, "GridSample: mode must be one of nearest, .*, got 'spline'"),
    ("GridSample", {"padding_mode": "wrap"}, "GridSample: padding_mode must be one of zeros, .*, got 'wrap'"),
    ("MaxPool", {}, "MaxPool: kernel_shape must be present, got None"),
    ("MaxPool", {"kernel_shape": [2, 0]}, r"MaxPool: kernel_shape must be >= 1, got \(2, 0\)"),
    ("AveragePool", {"kernel_shape": [2], "strides": [1, 1]}, "AveragePool: strides must hold 1 ints"),
    ("LpPool", {"kernel_shape": [2], "p": 0}, "LpPool: p must be >= 1, got 0"),
    ("Pad", {"mode": "mirror"}, "Pad: mode must be one of constant, .*, got 'mirror'"),
    ("RoiAlign", {"mode": "min"}, "RoiAlign: mode must be one of avg, max, got 'min'"),
    ("ScatterND", {"reduction": "sub"}, "ScatterND: reduction must be one of none, .*, got 'sub'"),
]


@pytest.mark.parametrize(("name", "attributes", "message"), BAD)
def test_attributes(name: str, attributes: dict[str, Any], message: str) -> None:
    node = Node(name, ("x", "y"), ("z",), attributes)
    with pytest.raises(ValueError, match=message):
        TABLE[name](node, 21, [None, None])


def test_settings_that_are_inputs() -> None:
    """They are looked at when they are known: here in a run."""
    x = np.zeros((1, 1, 4, 4), np.float32)
    pad = TABLE["Pad"](Node("Pad", ("x", "pads"), ("y",)), 18, [None, None])
    with pytest.raises(ValueError, match="Pad: pads must hold 8 ints"):
        pad(x, np.array([1, 1]))
    resize = TABLE["Resize"](Node("Resize", ("x", "", "scales"), ("y",), {"mode": "spline"}), 18, [None] * 3)
    with pytest.raises(ValueError, match="Resize: mode must be one of nearest, linear, cubic, got 'spline'"):
        resize(x, None, np.float32([1, 1, 2, 2]))
    with pytest.raises(ValueError, match="Resize: scales or sizes must be present, got None"):
        TABLE["Resize"](Node("Resize", ("x",), ("y",)), 18, [None])
    flatten = TABLE["Flatten"](Node("Flatten", ("x",), ("y",), {"axis": 5}), 13, [None])
    with pytest.raises(ValueError, match="Flatten: axis must be >= -4 and <= 4, got 5"):
        flatten(x)


def test_a_weight_that_does_not_fit() -> None:
    """A plan is refused when it is made, in ONNX's words."""
    node = Node("Conv", ("x", "w"), ("y",), {"kernel_shape": [5, 5]})
    with pytest.raises(ValueError, match=r"Conv: kernel_shape must be that of W, \(3, 3\)"):
        TABLE["Conv"](node, 11, [None, np.zeros((2, 2, 3, 3), np.float32)])
    with pytest.raises(ValueError, match="Conv: B must"):
        TABLE["Conv"](Node("Conv", ("x", "w", "b"), ("y",)), 11, [None, np.zeros((2, 2, 3, 3)), np.zeros(3)])
