"""The table of awkward poolings, for maximum and average alike, shared by the tests."""

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import numpy.typing as npt
from cases import Array, Ints, Padding


class PoolCase(NamedTuple):
    """One pooling: shape and parameters, for maximum and average alike."""

    name: str
    input: tuple[int, ...]
    kernel: Ints
    stride: Ints | None = None
    padding: Padding = 0
    dilation: Ints = 1
    ceil_mode: bool = False
    rank: int = 2

    @property
    def parameters(self) -> dict[str, Any]:
        """Keyword arguments common to both kinds."""
        return {
            "kernel_size": self.kernel,
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "ceil_mode": self.ceil_mode,
        }

    @property
    def terms(self) -> int:
        """Elements of one window."""
        return self.kernel**self.rank if isinstance(self.kernel, int) else math.prod(self.kernel)

    def data(self, dtype: npt.DTypeLike, *, integers: bool = False) -> Array:
        """The input, the same every time."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        values = rng.integers(-99, 100, self.input) if integers else rng.uniform(-1, 1, self.input)
        return values.astype(dtype)


POOL_CASES = [
    PoolCase("1d_2", (2, 3, 20), 2, rank=1),
    PoolCase("1d_5_stride2_pad2", (1, 17, 33), 5, 2, 2, rank=1),
    PoolCase("1d_unbatched_ceil", (5, 19), 4, 3, ceil_mode=True, rank=1),
    PoolCase("1d_kernel100", (1, 3, 333), 100, 7, 50, rank=1),
    PoolCase("2x2", (2, 5, 8, 10), 2),
    PoolCase("2x2_odd_input", (1, 3, 9, 11), 2),
    PoolCase("2x2_odd_input_ceil", (1, 3, 9, 11), 2, ceil_mode=True),
    PoolCase("3x3_stride1_pad1", (1, 17, 9, 17), 3, 1, 1),
    PoolCase("3x3_stride2", (2, 16, 13, 35), 3, 2),
    PoolCase("3x3_stride2_ceil", (2, 5, 12, 14), 3, 2, ceil_mode=True),
    PoolCase("3x3_stride2_pad1_ceil", (1, 5, 14, 15), 3, 2, 1, ceil_mode=True),
    PoolCase("3x3_stride3_pad1_ceil", (1, 3, 14, 15), 3, 3, 1, ceil_mode=True),
    PoolCase("ceil_drops_window_in_padding", (1, 3, 4, 5), 2, 3, 1, ceil_mode=True),
    PoolCase("ceil_kernel_beyond_input", (1, 3, 3, 3), 4, 3, ceil_mode=True),
    PoolCase("ceil_overhang2", (1, 3, 10, 12), 4, 4, ceil_mode=True),
    PoolCase("ceil_stride5", (1, 3, 11, 16), 3, 5, 1, ceil_mode=True),
    PoolCase("unbatched", (7, 9, 10), 3, 2, 1),
    PoolCase("kernel_per_axis", (1, 5, 11, 12), (2, 5), (3, 1), (1, 2)),
    PoolCase("asymmetric", (1, 5, 9, 10), 3, 2, ((0, 1), (1, 0))),
    PoolCase("asymmetric_ceil", (1, 5, 9, 10), 4, 3, ((2, 0), (1, 2)), ceil_mode=True),
    PoolCase("pad_length1", (1, 5, 9, 10), 3, 2, (1,)),
    PoolCase("dilation2", (1, 5, 12, 19), 3, 1, 2, 2),
    PoolCase("dilation3x1_stride2", (1, 3, 15, 16), 3, 2, (3, 1), (3, 1)),
    PoolCase("dilation2_ceil", (1, 3, 12, 13), 3, 3, 2, 2, True),
    PoolCase("same", (1, 3, 9, 10), (2, 3), 1, "same"),
    PoolCase("same_stride2", (1, 3, 9, 10), 3, 2, "same"),
    PoolCase("same_lower_stride2", (1, 3, 9, 10), 3, 2, "same_lower"),
    PoolCase("same_lower_even", (1, 3, 9, 10), 4, 3, "same_lower"),
    PoolCase("valid", (1, 3, 9, 10), 3, 2, "valid"),
    PoolCase("causal", (1, 3, 9, 10), 3, 1, "causal", 2),
    PoolCase("stride_beyond_kernel", (1, 3, 16, 17), 2, 5),
    PoolCase("1x1", (1, 3, 5, 6), 1),
    PoolCase("1x1_stride2", (1, 3, 5, 6), 1, 2),
    PoolCase("global_7x7", (2, 33, 7, 7), 7),
    PoolCase("global_13x17", (1, 3, 13, 17), (13, 17)),
    PoolCase("rows_of_1", (1, 3, 40, 1), (3, 1), (2, 1)),
    PoolCase("9x9_stride1", (1, 3, 20, 37), 9, 1, 4),
    PoolCase("15x15_stride1", (1, 2, 30, 33), 15, 1, 7),
    PoolCase("25x3_stride2", (1, 2, 61, 18), (25, 3), 2, (12, 1)),
    PoolCase("wide", (1, 2, 6, 301), 3, 2, 1),
    PoolCase("many_planes", (3, 65, 4, 4), 2),
    PoolCase("3d_2", (1, 3, 4, 6, 8), 2, rank=3),
    PoolCase("3d_3_stride2_pad1_ceil", (2, 5, 6, 7, 8), 3, 2, 1, ceil_mode=True, rank=3),
    PoolCase("3d_per_axis", (1, 3, 7, 8, 19), (3, 2, 5), (1, 2, 3), (1, 0, 2), rank=3),
    PoolCase("3d_dilation_per_axis", (1, 2, 7, 9, 11), (2, 3, 2), 1, ((1, 0), (1, 1), (0, 1)), (2, 1, 3), rank=3),
    PoolCase("3d_same", (1, 2, 5, 6, 7), (2, 3, 4), 2, "same", rank=3),
    PoolCase("3d_global_unbatched", (17, 3, 4, 5), (3, 4, 5), rank=3),
]
assert len({case.name for case in POOL_CASES}) == len(POOL_CASES), "two cases share a name"


@contextmanager
def any_padding() -> Iterator[None]:
    """Let the reference pad beyond half of the kernel, as ONNX does and the core can."""
    with mock.patch("convx.reference.pooling.axes.check_padding"):
        yield
