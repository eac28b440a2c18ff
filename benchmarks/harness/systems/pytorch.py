"""PyTorch: oneDNN below its own functions, in inference mode; every call returns a new array."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from harness.problem import Array, Problem
from harness.systems import Call

__all__ = ["System"]

LAST = {2: torch.channels_last, 3: torch.channels_last_3d}


class System:
    """PyTorch with so many threads."""

    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        torch.inference_mode().__enter__()  # for the life of the process: not part of a call
        self.version = str(torch.__version__)

    def ways(self, problem: Problem) -> dict[str, Call]:
        """Return the eager function, and ways with other layouts inside."""
        return _conv(problem) if problem.kind == "conv" else _pool(problem)


def _conv(problem: Problem) -> dict[str, Call]:
    maps = problem.maps()
    weight, bias = (torch.from_numpy(array) for array in problem.weights())
    stride, padding, dilation, groups = problem.stride, problem.padding, problem.dilation, problem.groups
    function: Any = getattr(F, f"conv{problem.rank}d")

    def eager() -> Array:
        result: torch.Tensor = function(torch.from_numpy(maps), weight, bias, stride, padding, dilation, groups)
        return result.numpy()

    return {"eager": eager, **_packed(problem, weight, bias)}


def _packed(problem: Problem, weight: torch.Tensor, bias: torch.Tensor) -> dict[str, Call]:
    """What torch.compile with freezing and torch.jit.optimize_for_inference make of a convolution, called directly.

    They know two axes and three; one axis becomes the second of two.
    """
    maps = problem.maps()
    window = [list(values) for values in (problem.padding, problem.stride, problem.dilation)]
    if problem.rank == 1:
        maps, weight = maps[:, :, None], weight[:, :, None]
        window = [[usual, *values] for usual, values in zip((0, 1, 1), window, strict=True)]
    padding, stride, dilation = window
    groups, rank = problem.groups, len(padding)
    mkldnn: Any = torch.ops.mkldnn
    function: Any = getattr(F, f"conv{rank}d")
    pack: Any = getattr(torch._C._nn, f"mkldnn_reorder_conv{rank}d_weight")
    packed = pack(weight.to_mkldnn(), padding, stride, dilation, groups, list(maps.shape))
    opaque_bias = bias.to_mkldnn()

    def prepacked() -> Array:
        result: torch.Tensor = mkldnn._convolution_pointwise(
            torch.from_numpy(maps), packed, bias, padding, stride, dilation, groups, "none", [], ""
        )
        return result.contiguous().numpy().reshape(problem.output_shape)

    def opaque() -> Array:
        opaque_maps = torch.from_numpy(maps).to_mkldnn()
        result: torch.Tensor = function(opaque_maps, packed, opaque_bias, stride, padding, dilation, groups)
        return result.to_dense().numpy().reshape(problem.output_shape)

    return {"prepacked": prepacked, "mkldnn": opaque}


def _pool(problem: Problem) -> dict[str, Call]:
    maps = problem.maps()
    function: Any = getattr(F, f"{problem.kind}_pool{problem.rank}d")
    window = {"kernel_size": problem.kernel, "stride": problem.stride, "padding": problem.padding}

    def pool(x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = function(x, **window, ceil_mode=problem.ceil_mode)
        return result

    ways = {"eager": lambda: pool(torch.from_numpy(maps)).numpy()}
    if problem.rank in LAST:
        last = LAST[problem.rank]
        ways["channels last"] = lambda: pool(torch.from_numpy(maps).contiguous(memory_format=last)).contiguous().numpy()
        ways["mkldnn"] = lambda: pool(torch.from_numpy(maps).to_mkldnn()).to_dense().numpy()
    return ways
