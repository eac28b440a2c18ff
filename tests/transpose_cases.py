"""Awkward transposed convolutions: a table, and random ones over all parameters."""

import functools
import math
import zlib
from typing import Any, NamedTuple

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from cases import Array, Ints, Padding
from convx import reference


class TransposeCase(NamedTuple):
    """One transposed convolution: shapes and parameters, no data."""

    name: str
    input: tuple[int, ...]
    weight: tuple[int, ...]
    stride: Ints = 1
    padding: Padding = 0
    output_padding: Ints = 0
    groups: int = 1
    dilation: Ints = 1
    output_size: Ints | None = None
    bias: bool = True

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return len(self.weight) - 2

    @property
    def function(self) -> str:
        """Name of the functional form."""
        return f"conv_transpose{self.rank}d"

    @property
    def plan(self) -> str:
        """Name of the plan class."""
        return f"ConvTranspose{self.rank}d"

    @property
    def parameters(self) -> dict[str, Any]:
        """Keyword arguments that are no arrays."""
        names = ("stride", "padding", "output_padding", "groups", "dilation", "output_size")
        return {name: getattr(self, name) for name in names}

    @property
    def terms(self) -> int:
        """Products summed for one output, at most."""
        return math.prod(self.weight[2:]) * self.weight[0] // self.groups

    def takes(self, algorithm: str) -> bool:
        """Whether the algorithm takes every phase; Winograd only where that is plain to see."""
        if algorithm == "depthwise":
            return self.weight[0] == self.groups
        if algorithm == "separable":
            return self.weight[0] == self.groups and self.rank == 2 and self.stride == 1 and self.dilation == 1
        if algorithm != "winograd":
            return True
        kernel = self.weight[2:]
        return self.stride == 1 and self.dilation == 1 and kernel[-2:] in ((3, 3), (5, 5)) and kernel[:-2] in ((), (1,))

    def data(self, dtype: npt.DTypeLike, *, integers: bool = True) -> tuple[Array, Array, Array | None]:
        """Input, weight and bias; the same every time. Integer data keeps sum|x*w| exact in float32."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))

        def draw(shape: tuple[int, ...]) -> Array:
            values = rng.integers(-4, 5, shape) if integers else rng.uniform(-1, 1, shape)
            return values.astype(dtype)

        outputs = self.groups * self.weight[1]
        return draw(self.input), draw(self.weight), draw((outputs,)) if self.bias else None


@functools.cache
def transpose_expected(case: TransposeCase, dtype: np.dtype[Any]) -> Array:
    """The oracle's float64 result for integer data."""
    arrays = [None if a is None else a.astype(np.float64) for a in case.data(dtype)]
    result: Array = getattr(reference, case.function)(*arrays, **case.parameters)
    result.flags.writeable = False
    return result


Case = TransposeCase
TRANSPOSE_CASES = [
    Case("1d_one", (1, 1, 1), (1, 1, 1)),
    Case("1d_k4s2p1", (2, 5, 19), (5, 7, 4), 2, 1),
    Case("1d_unbatched_k3s3", (5, 40), (5, 13, 3), 3),
    Case("1d_k5s4_op3", (1, 17, 23), (17, 14, 5), 4, 0, 3),
    Case("1d_gaps_k2s5_op4", (2, 3, 17), (3, 5, 2), 5, 0, 4),
    Case("1d_k9s4_dil3", (2, 16, 21), (16, 15, 9), 4, 5, 2, 1, 3),
    Case("1d_s4_dil6_op5", (1, 3, 30), (3, 4, 3), 4, 3, 5, 1, 6),
    Case("1d_causal_s3", (2, 6, 20), (6, 5, 7), 3, "causal"),
    Case("1d_causal_short", (2, 6, 20), (6, 5, 2), 5, "causal"),
    Case("1d_many_phases", (1, 33, 40), (33, 2, 40), 16, 8),
    Case("1d_many_phases_wide", (1, 5, 30), (5, 40, 24), 20, 3),
    Case("1d_output_size", (2, 5, 19), (5, 7, 4), 3, 1, 0, 1, 1, (58,)),
    Case("1d_cropped_to_one", (1, 3, 2), (3, 4, 3), 1, ((3, 0),)),
    Case("1d_crop_beyond_taps", (1, 3, 9), (3, 4, 2), 3, ((10, 7),)),
    Case("2x2s2", (1, 33, 7, 9), (33, 40, 2, 2), 2),
    Case("2x2s2_few", (2, 17, 8, 16), (17, 3, 2, 2), 2),
    Case("3x3s1p1", (1, 17, 9, 15), (17, 33, 3, 3), 1, 1),
    Case("3x3s1p0", (2, 5, 8, 33), (5, 14, 3, 3)),
    Case("5x5s1_asym", (1, 16, 9, 11), (16, 31, 5, 5), 1, ((1, 3), (4, 0))),
    Case("3x3s2p1op1", (1, 34, 14, 14), (34, 36, 3, 3), 2, 1, 1),
    Case("3x3s2p1", (1, 17, 9, 31), (17, 33, 3, 3), 2, 1),
    Case("4x4s2p1", (2, 19, 16, 16), (19, 33, 4, 4), 2, 1),
    Case("4x4s4", (1, 5, 7, 17), (5, 40, 4, 4), 4),
    Case("4x4s4p1_few", (1, 5, 7, 17), (5, 3, 4, 4), 4, 1),
    Case("16x16s8p4", (1, 21, 6, 5), (21, 21, 16, 16), 8, 4),
    Case("5x3s3x2", (1, 6, 9, 10), (6, 35, 5, 3), (3, 2), (2, 0), (0, 1)),
    Case("3x3s1x2", (1, 6, 9, 40), (6, 35, 3, 3), (1, 2), 1),
    Case("3x3s2x1", (1, 6, 9, 40), (6, 35, 3, 3), (2, 1), 1),
    Case("3x3s2_dil2", (1, 5, 8, 9), (5, 33, 3, 3), 2, 2, 1, 1, 2),
    Case("3x3s2_dil3", (1, 5, 8, 9), (5, 33, 3, 3), 2, 2, (0, 1), 1, 3),
    Case("3x3s1_dil2", (1, 5, 8, 9), (5, 33, 3, 3), 1, 2, 1, 1, 2),
    Case("1x1s2", (1, 17, 8, 9), (17, 33, 1, 1), 2, 0, 1),
    Case("1x1s1", (2, 17, 8, 9), (17, 33, 1, 1)),
    Case("1x1s2_cropped", (1, 5, 8, 9), (5, 6, 1, 1), 2, 3),
    Case("same_k3s2", (1, 5, 8, 9), (5, 6, 3, 3), 2, "same"),
    Case("same_lower_k4s3", (1, 5, 8, 9), (5, 6, 4, 4), 3, "same_lower"),
    Case("same_short_k2s3", (1, 5, 8, 9), (5, 6, 2, 2), 3, "same"),
    Case("valid_k3s2", (1, 5, 8, 9), (5, 6, 3, 3), 2, "valid"),
    Case("output_size", (1, 5, 8, 9), (5, 6, 3, 3), 2, 1, 0, 1, 1, (16, 17)),
    Case("output_size_scalar", (1, 5, 8, 8), (5, 6, 3, 3), 3, 1, 0, 1, 1, 24),
    Case("groups2", (2, 10, 7, 8), (10, 7, 3, 3), 2, 1, 1, 2),
    Case("groups3_k4s2", (1, 15, 7, 8), (15, 33, 4, 4), 2, 1, 0, 3),
    Case("depthwise_k4s2", (1, 17, 9, 10), (17, 1, 4, 4), 2, 1, 0, 17),
    Case("depthwise_k3s1", (1, 17, 9, 30), (17, 1, 3, 3), 1, 1, 0, 17),
    Case("depthwise_k3s2_x2", (2, 5, 9, 10), (5, 2, 3, 3), 2, 1, 1, 5),
    Case("no_bias", (1, 5, 9, 10), (5, 6, 3, 3), 2, 1, bias=False),
    Case("unbatched", (5, 9, 10), (5, 6, 3, 3), 2, 1),
    Case("one_pixel", (1, 20, 1, 1), (20, 33, 4, 4)),
    Case("wide_rows", (1, 3, 2, 301), (3, 5, 4, 4), 2, 1),
    Case("3d_k2s2", (1, 6, 4, 5, 6), (6, 9, 2, 2, 2), 2),
    Case("3d_k3s2p1op1", (1, 6, 3, 5, 6), (6, 34, 3, 3, 3), 2, 1, 1),
    Case("3d_mixed", (2, 4, 3, 5, 6), (4, 3, 2, 3, 4), (1, 2, 3), ((0, 1), (1, 0), (2, 2)), 0, 2, (2, 1, 1)),
    Case("3d_unbatched_same", (4, 3, 5, 6), (4, 3, 3, 3, 3), (2, 1, 2), "same"),
    Case("3d_1x3x3", (1, 4, 3, 7, 8), (4, 15, 1, 3, 3), 1, (0, 1, 1)),
]
BY_NAME = {case.name: case for case in TRANSPOSE_CASES}
assert len(BY_NAME) == len(TRANSPOSE_CASES)


def draw_transpose(draw: Any) -> TransposeCase:
    """A transposed convolution of any rank and parameters; draw(lo, hi) gives an int of [lo, hi]."""
    rank = draw(1, 3)
    groups = draw(1, 3) if draw(0, 2) == 0 else 1
    channels, outputs = (1, draw(1, 3)) if draw(0, 4) == 0 else (draw(1, 18), draw(1, 40 if rank < 3 else 18))
    size, kernel, stride, dilation, pads, extra = [], [], [], [], [], []
    for _ in range(rank):
        k, s, d = draw(1, (9, 5, 3)[rank - 1]), draw(1, 5), draw(1, 4)
        lo, hi = draw(0, 6), draw(0, 6)
        n = 1 + draw(0, (40, 11, 4)[rank - 1])
        op = draw(0, max(s, d) - 1)
        while (n - 1) * s + d * (k - 1) + 1 - lo - hi < 1:
            n += 1
        for values, value in zip((size, kernel, stride, dilation, extra), (n, k, s, d, op), strict=True):
            values.append(value)
        pads.append((lo, hi))
    form, given = draw(0, 5), None
    padding: Any = tuple(pads)
    if form == 0:
        padding, extra = ("valid", "same", "same_lower", "causal")[draw(0, 3)], [0] * rank
    elif form == 1:
        padding = tuple(min(pair) for pair in pads)
    elif form == 2:
        padding = min(min(pair) for pair in pads)
    elif form == 3:
        axes = zip(size, kernel, stride, dilation, pads, extra, strict=True)
        given = tuple((n - 1) * s + d * (k - 1) + 1 - sum(pair) + op for n, k, s, d, pair, op in axes)
        extra = [0] * rank
    batch = () if draw(0, 4) == 0 else (draw(0, 3),)
    return TransposeCase(
        f"seed{draw(0, 2**20)}",
        (*batch, groups * channels, *size),
        (groups * channels, outputs, *kernel),
        tuple(stride),
        padding,
        tuple(extra),
        groups,
        tuple(dilation),
        given,
        bool(draw(0, 1)),
    )


@st.composite
def transpose_cases(draw: Any) -> TransposeCase:
    """draw_transpose as a strategy."""
    return draw_transpose(lambda lo, hi: draw(st.integers(lo, hi)))
