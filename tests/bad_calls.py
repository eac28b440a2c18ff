"""Calls that must fail: how a row of the table is written, made and checked."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import convx
import numpy as np
from checks import Array

CONVS = ("conv1d", "conv2d", "conv3d", "Conv1d", "Conv2d", "Conv3d")
POOLS = ("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d")
AVGS = POOLS[3:]
EVERY = CONVS + POOLS


class Bad(NamedTuple):
    """A call that must fail: the arguments that differ from a good call, and what the message must hold."""

    row: int
    name: str
    function: str
    arguments: dict[str, Any]
    error: type[Exception]
    parts: tuple[str, ...]

    @property
    def id(self) -> str:
        """Shown by pytest."""
        return f"row{self.row:02d}-{self.function}-{self.name}" if self.row else f"{self.function}-{self.name}"


def zeros(*shape: int, dtype: str = "float32") -> Array:
    """An array of any shape that takes no memory."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def rank_of(function: str) -> int:
    """Spatial axes: the digit in the name."""
    return int(re.findall(r"\d", function)[0]) if function[-1] == "d" else 0


def good_call(function: str) -> dict[str, Any]:
    """Arguments that work: 4 channels, 9 elements along each axis, kernel 3; for a convolution 6 outputs."""
    rank = rank_of(function)
    if not rank:
        return {}
    call: dict[str, Any] = {"input": np.ones((2, 4, *[9] * rank), "float32")}
    if function in CONVS:
        return {**call, "weight": np.ones((6, 4, *[3] * rank), "float32"), "bias": np.ones(6, "float32")}
    return {**call, "kernel_size": 3}


def call(function: str, **arguments: Any) -> Any:
    """Call a function, or make a plan and call that, with a good call's arguments and these."""
    arguments = {**good_call(function), **arguments}
    if not function.startswith("Conv"):
        return getattr(convx, function)(**arguments)
    x, out = arguments.pop("input"), arguments.pop("out", None)
    return getattr(convx, function)(**arguments)(x, out=out)


TABLE: list[Bad] = []


def bad(
    row: int, name: str, functions: Sequence[str], arguments: dict[str, Any], error: type[Exception], *parts: str
) -> None:
    """Add a row for each function, whose name the message starts with."""
    TABLE.extend(Bad(row, name, f, arguments, error, (f"{f}: ", *parts)) for f in functions)


def check(row: Bad) -> None:
    """The call of this row fails as the table says, and an out is not written to."""
    out = row.arguments.get("out")
    before = out.copy() if isinstance(out, np.ndarray) else None
    try:
        call(row.function, **row.arguments)
    except Exception as raised:
        error = raised
    else:
        raise AssertionError(f"{row.function} accepted {row.name}")
    message = str(error)
    assert type(error) is row.error, f"{type(error).__name__} instead of {row.error.__name__}: {message}"
    assert message.startswith(row.parts[0]), f"the message must start with {row.parts[0]!r}: {message}"
    missing = [part for part in row.parts if part not in message]
    assert not missing, f"{missing} not in the message: {message}"
    if before is not None:
        np.testing.assert_array_equal(out, before)
