"""PyTorch: oneDNN below its own functions, in inference mode; every call returns a new array."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from harness.problem import Array, Problem
from harness.systems import Call

__all__ = ["System"]

LAST = torch.channels_last


class System:
    """PyTorch with so many threads."""

    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        torch.inference_mode().__enter__()  # for the life of the process: not part of a call
        self.version = str(torch.__version__)

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return the eager function, and two ways with other layouts inside."""
        return _conv(problem) if problem.kind == "conv" else _pool(problem)


def _conv(problem: Problem) -> dict[str, Call]:
    maps = problem.maps()
    weight, bias = (torch.from_numpy(array) for array in problem.weights())
    stride, padding, groups = [problem.stride] * 2, [problem.padding] * 2, problem.groups
    # What torch.compile with freezing and torch.jit.optimize_for_inference make of a convolution, called directly.
    mkldnn: Any = torch.ops.mkldnn
    pack: Any = torch._C._nn.mkldnn_reorder_conv2d_weight
    packed = pack(weight.to_mkldnn(), padding, stride, [1, 1], groups, list(problem.input_shape))
    opaque_bias = bias.to_mkldnn()

    def eager() -> Array:
        return F.conv2d(torch.from_numpy(maps), weight, bias, stride, padding, 1, groups).numpy()

    def prepacked() -> Array:
        result: torch.Tensor = mkldnn._convolution_pointwise(
            torch.from_numpy(maps), packed, bias, padding, stride, [1, 1], groups, "none", [], ""
        )
        return result.contiguous().numpy()

    def opaque() -> Array:
        opaque_maps = torch.from_numpy(maps).to_mkldnn()
        return F.conv2d(opaque_maps, packed, opaque_bias, stride, padding, 1, groups).to_dense().numpy()

    return {"eager": eager, "prepacked": prepacked, "mkldnn": opaque}


def _pool(problem: Problem) -> dict[str, Call]:
    maps = problem.maps()
    function: Any = F.max_pool2d if problem.kind == "max" else F.avg_pool2d
    window = {"kernel_size": problem.kernel, "stride": problem.stride, "padding": problem.padding}

    def pool(x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = function(x, **window, ceil_mode=problem.ceil_mode)
        return result

    return {
        "eager": lambda: pool(torch.from_numpy(maps)).numpy(),
        "channels last": lambda: pool(torch.from_numpy(maps).contiguous(memory_format=LAST)).contiguous().numpy(),
        "mkldnn": lambda: pool(torch.from_numpy(maps).to_mkldnn()).to_dense().numpy(),
    }
