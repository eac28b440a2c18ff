"""The systems that are compared: each a module with a class ``System``, imported in a process of its own.

Every call takes the same float32 NumPy array, channels first, and returns such an array. Weights are constant, and a
system may pack them ahead. Where a system has several ways to do that, it offers all, and the fastest for the layer is
measured.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple, Protocol, cast

from convx._timing import Timing

from harness.problem import Array, Problem

__all__ = ["DEFAULT", "OURS", "SYSTEMS", "Call", "Prepared", "System", "missing", "open_system"]

Call = Callable[[], Array]
OURS = "convx"

# Name -> module here, packages that must be installed.
SYSTEMS: dict[str, tuple[str, tuple[str, ...]]] = {
    OURS: ("ours", ("convx",)),
    "convx-out": ("ours_out", ("convx",)),  # not a peer: the same with the output array given
    "torch": ("pytorch", ("torch",)),
    "onnxruntime": ("onnx_runtime", ("onnxruntime", "onnx")),
    "openvino": ("open_vino", ("openvino",)),
    "ncnn": ("ncnn_net", ("ncnn",)),
    "mnn": ("mnn_module", ("MNN", "onnx")),
    "mnn-exact": ("mnn_exact", ("MNN", "onnx")),  # by a setting that few know
}
DEFAULT = tuple(name for name in SYSTEMS if name not in ("convx-out", "mnn-exact"))


class Prepared(NamedTuple):
    """What is known of a layer before its first turn."""

    way: str
    trial: Timing
    output: Array


class System(Protocol):
    """A library with its number of threads set."""

    version: str

    def __init__(self, threads: int) -> None: ...

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return the ways to compute the layer, weights packed; none where the library has no such layer."""


def missing(name: str) -> list[str]:
    """Return the packages that `name` needs and that are not installed."""
    return [package for package in SYSTEMS[name][1] if find_spec(package) is None]


def open_system(name: str, threads: int) -> System:
    """Import a system and set its number of threads."""
    return cast(System, import_module(f"harness.systems.{SYSTEMS[name][0]}").System(threads))
