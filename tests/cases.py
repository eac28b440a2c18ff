"""The table of awkward convolutions, shared by the tests."""

import functools
import math
import zlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from convx import reference

Array = npt.NDArray[Any]
Ints = int | tuple[int, ...]
Padding = int | str | tuple[int, ...] | tuple[tuple[int, int], ...]


class ConvCase(NamedTuple):
    """One convolution: shapes and parameters, no data."""

    name: str
    input: tuple[int, ...]
    weight: tuple[int, ...]
    stride: Ints = 1
    padding: Padding = 0
    dilation: Ints = 1
    groups: int = 1
    bias: bool = True
    outer: bool = False  # each kernel is the outer product of a column and a row

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return len(self.weight) - 2

    @property
    def function(self) -> str:
        """Name of the functional form."""
        return f"conv{self.rank}d"

    @property
    def plan(self) -> str:
        """Name of the plan class."""
        return f"Conv{self.rank}d"

    @property
    def parameters(self) -> dict[str, Any]:
        """Keyword arguments that are no arrays."""
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation, "groups": self.groups}

    @property
    def terms(self) -> int:
        """Products summed for one output."""
        return math.prod(self.weight[1:])

    def takes(self, algorithm: str) -> bool:
        """Whether the algorithm can be named for this shape.

        Winograd is for two to seven taps along H, W or both, or along D alone, in each of the phases that a stride
        splits them into, depthwise for one input channel in each group, separable for such on two axes of stride 1 or
        2 and dilation 1.
        """
        if algorithm == "depthwise":
            return self.weight[1] == 1
        if algorithm == "separable":
            close = max(as_tuple(self.stride)) <= 2 and max(as_tuple(self.dilation)) == 1
            return self.weight[1] == 1 and self.rank == 2 and close
        if algorithm != "winograd":
            return True
        axes = [
            (taps, *(value[i - self.rank] if len(value) > 1 else value[0] for value in (stride, dilation)))
            for i, taps in enumerate(self.weight[2:])
            for stride, dilation in [(as_tuple(self.stride), as_tuple(self.dilation))]
        ]
        axes = axes[:1] if self.lies_along_depth() else axes[-2:]
        return 2 <= max(-(-taps * math.gcd(stride, dilation) // stride) for taps, stride, dilation in axes) <= 7

    def lies_along_depth(self) -> bool:
        """Whether planes meet one tap each, and are neither padded nor strided."""
        if self.rank < 3 or max(self.weight[3:]) > 1 or self.weight[2] == 1:
            return False
        padded = 0 if isinstance(self.padding, str) else self.padding
        return not np.any(as_tuple(padded)[-2:]) and max(as_tuple(self.stride)[-2:]) == 1

    def data(self, dtype: npt.DTypeLike, *, integers: bool = False) -> tuple[Array, Array, Array | None]:
        """Input, weight and bias; the same every time. Integer data keeps sum|x*w| exact in float32."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))

        def draw(shape: tuple[int, ...]) -> Array:
            values = rng.integers(-4, 5, shape) if integers else rng.uniform(-1, 1, shape)
            return values.astype(dtype)

        def draw_weight() -> Array:
            if not self.outer:
                return draw(self.weight)
            maps, _, rows, columns = self.weight
            factors = [rng.integers(-2, 3, n) if integers else rng.uniform(-1, 1, n) for n in maps * (rows, columns)]
            products = [np.outer(*factors[i : i + 2]) for i in range(0, 2 * maps, 2)]
            return np.reshape(products, self.weight).astype(dtype)

        assert not integers or 16 * self.terms < 2**24
        return draw(self.input), draw_weight(), draw(self.weight[:1]) if self.bias else None


def as_tuple(value: Any) -> tuple[int, ...]:
    """An argument that is one int or one for each axis."""
    return value if isinstance(value, tuple) else (value,)


@functools.cache
def conv_expected(case: ConvCase, dtype: np.dtype[Any], integers: bool = False) -> Array:
    """The oracle's float64 result for case.data(dtype)."""
    arrays = [None if a is None else a.astype(np.float64) for a in case.data(dtype, integers=integers)]
    result: Array = getattr(reference, case.function)(*arrays, **case.parameters)
    result.flags.writeable = False
    return result


CONV_1D = [
    ConvCase("1d_length1", (1, 1, 1), (1, 1, 1)),
    ConvCase("1d_3taps", (2, 3, 40), (7, 3, 3)),
    ConvCase("1d_unbatched", (5, 40), (13, 5, 3), padding=1),
    ConvCase("1d_kernel_is_input", (1, 17, 23), (14, 17, 23)),
    ConvCase("1d_kernel129", (1, 2, 300), (3, 2, 129), padding=64),
    ConvCase("1d_kernel257_same", (1, 1, 511), (2, 1, 257), padding="same"),
    ConvCase("1d_causal_dil3", (2, 16, 50), (15, 16, 4), padding="causal", dilation=3),
    ConvCase("1d_stride4_pad2", (3, 33, 61), (27, 33, 5), stride=4, padding=2),
    ConvCase("1d_stride3_same_lower", (2, 15, 62), (31, 15, 4), stride=3, padding="same_lower"),
    ConvCase("1d_depthwise_asym", (2, 33, 37), (33, 1, 5), padding=((3, 1),), groups=33),
    ConvCase("1d_overpadded", (1, 3, 4), (2, 3, 3), padding=9),
    ConvCase("1d_c300", (1, 300, 70), (13, 300, 3), padding=1),
]

CONV_2D = [
    ConvCase("1x1_c1_k1", (1, 1, 1, 1), (1, 1, 1, 1)),
    ConvCase("1x1_c64_k27", (1, 64, 9, 11), (27, 64, 1, 1)),
    ConvCase("1x1_c65_k31_n3", (3, 65, 5, 7), (31, 65, 1, 1), bias=False),
    ConvCase("1x1_stride2", (2, 17, 9, 10), (14, 17, 1, 1), stride=2),
    ConvCase("1x1_pad1", (1, 5, 4, 4), (7, 5, 1, 1), padding=1),
    ConvCase("1x1_c600", (1, 600, 4, 5), (15, 600, 1, 1)),
    ConvCase("3x3_c1_k1", (1, 1, 8, 8), (1, 1, 3, 3)),
    ConvCase("3x3_c3_k2_n3", (3, 3, 12, 10), (2, 3, 3, 3), padding=1),
    ConvCase("3x3_c5_k7", (1, 5, 7, 9), (7, 5, 3, 3), padding=1),
    ConvCase("3x3_c15_k13", (1, 15, 9, 16), (13, 15, 3, 3), padding=1),
    ConvCase("3x3_c16_k14", (1, 16, 9, 17), (14, 16, 3, 3), padding=1),
    ConvCase("3x3_c17_k15", (1, 17, 9, 15), (15, 17, 3, 3), padding=1),
    ConvCase("3x3_c31_k27", (2, 31, 7, 7), (27, 31, 3, 3), padding=1, bias=False),
    ConvCase("3x3_c33_k31", (1, 33, 6, 33), (31, 33, 3, 3), padding=1),
    ConvCase("3x3_c64_k65", (1, 64, 8, 8), (65, 64, 3, 3), padding=1),
    ConvCase("3x3_c65_k64", (1, 65, 5, 31), (64, 65, 3, 3)),
    ConvCase("3x3_c300_k31", (1, 300, 8, 8), (31, 300, 3, 3), padding=1),
    ConvCase("3x3_c33_k200", (1, 33, 6, 6), (200, 33, 3, 3), padding=1),
    ConvCase("3x3_wide_rows", (1, 3, 4, 301), (14, 3, 3, 3), padding=1),
    ConvCase("3x3_tall", (1, 3, 203, 3), (15, 3, 3, 3), padding=1),
    ConvCase("3x3_many_pixels", (1, 2, 67, 71), (5, 2, 3, 3), padding=1),
    ConvCase("3x3_unbatched", (3, 11, 12), (7, 3, 3, 3), padding=1),
    ConvCase("3x3_one_output", (1, 5, 3, 3), (13, 5, 3, 3)),
    ConvCase("3x3_stride2", (2, 16, 13, 14), (15, 16, 3, 3), stride=2, padding=1),
    ConvCase("3x3_stride3", (1, 5, 17, 16), (13, 5, 3, 3), stride=3, padding=1),
    ConvCase("3x3_stride4", (1, 3, 18, 19), (7, 3, 3, 3), stride=4),
    ConvCase("3x3_stride1x3", (1, 5, 9, 20), (14, 5, 3, 3), stride=(1, 3), padding=(1, 0)),
    ConvCase("3x3_stride4x2_dil2x1", (1, 3, 19, 20), (15, 3, 3, 3), stride=(4, 2), dilation=(2, 1)),
    ConvCase("3x3_stride_beyond_kernel", (1, 3, 20, 21), (13, 3, 2, 1), stride=(4, 3)),
    ConvCase("3x3_dil2", (1, 17, 12, 11), (13, 17, 3, 3), padding=2, dilation=2),
    ConvCase("3x3_dil3", (2, 3, 13, 15), (27, 3, 3, 3), padding=3, dilation=3),
    ConvCase("3x3_dil1x3_stride2x1", (1, 5, 11, 17), (7, 5, 3, 3), stride=(2, 1), dilation=(1, 3)),
    ConvCase("3x3_stride_is_dil", (1, 3, 15, 15), (7, 3, 3, 3), stride=2, padding=2, dilation=2),
    ConvCase("3x3_same", (1, 5, 10, 9), (14, 5, 3, 3), padding="same"),
    ConvCase("3x3_valid", (1, 5, 10, 9), (14, 5, 3, 3), padding="valid"),
    ConvCase("2x4_same", (1, 3, 9, 10), (15, 3, 2, 4), padding="same"),
    ConvCase("2x4_same_lower", (1, 3, 9, 10), (15, 3, 2, 4), padding="same_lower"),
    ConvCase("3x2_same_stride2", (1, 3, 10, 11), (13, 3, 3, 2), stride=2, padding="same"),
    ConvCase("3x2_same_lower_stride3", (1, 3, 10, 11), (13, 3, 3, 2), stride=3, padding="same_lower"),
    ConvCase("1x1_same_stride4", (1, 3, 10, 11), (13, 3, 1, 1), stride=4, padding="same"),
    ConvCase("3x3_causal", (2, 3, 8, 9), (7, 3, 3, 3), padding="causal", dilation=(1, 2)),
    ConvCase("3x3_pad_per_axis", (1, 5, 7, 9), (14, 5, 3, 3), padding=(2, 0)),
    ConvCase("3x3_pad_length1", (1, 5, 7, 9), (14, 5, 3, 3), padding=(2,)),
    ConvCase("3x3_pad_one_pair", (1, 5, 7, 9), (14, 5, 3, 3), padding=((0, 2),)),
    ConvCase("3x3_pad_asym", (1, 5, 7, 9), (14, 5, 3, 3), padding=((0, 2), (3, 1))),
    ConvCase("3x3_pad_asym_stride2_dil2", (1, 3, 7, 9), (13, 3, 3, 3), 2, ((1, 4), (0, 3)), 2),
    ConvCase("3x3_overpadded", (1, 3, 4, 5), (7, 3, 3, 3), padding=7),
    ConvCase("3x3_overpadded_stride3", (1, 3, 2, 3), (15, 3, 3, 3), stride=3, padding=((9, 8), (5, 11))),
    ConvCase("3x3_pad_on_one_pixel", (1, 17, 1, 1), (14, 17, 3, 3), padding=1),
    ConvCase("3x3_c17_k33_31x30", (1, 17, 31, 30), (33, 17, 3, 3), padding=1),
    ConvCase("3x3_groups2_same", (2, 34, 10, 9), (66, 17, 3, 3), padding="same", groups=2),
    ConvCase("5x5_pad2", (1, 16, 9, 11), (31, 16, 5, 5), padding=2),
    ConvCase("5x5_c33_k17_n2", (2, 33, 17, 16), (17, 33, 5, 5), padding=((2, 1), (0, 4))),
    ConvCase("5x5_one_output", (1, 3, 5, 5), (15, 3, 5, 5)),
    ConvCase("5x1", (1, 3, 12, 13), (15, 3, 5, 1), padding=(2, 0)),
    ConvCase("1x7", (1, 16, 5, 14), (13, 16, 1, 7), padding=(0, 3)),
    ConvCase("7x7_stride2_pad3", (1, 3, 30, 29), (27, 3, 7, 7), stride=2, padding=3),
    ConvCase("11x11_stride4", (1, 3, 47, 47), (14, 3, 11, 11), stride=4),
    ConvCase("kernel_is_input", (2, 15, 6, 5), (13, 15, 6, 5)),
    ConvCase("kernel_is_padded_input", (1, 5, 6, 5), (7, 5, 8, 7), padding=1),
    ConvCase("groups2", (2, 10, 7, 8), (14, 5, 3, 3), padding=1, groups=2),
    ConvCase("groups3_k1_each", (1, 15, 7, 8), (3, 5, 3, 3), padding=1, groups=3),
    ConvCase("groups4_stride2", (1, 64, 9, 9), (60, 16, 3, 3), stride=2, padding=1, groups=4),
    ConvCase("groups2_1x1", (1, 34, 6, 5), (62, 17, 1, 1), groups=2),
    ConvCase("groups5_unequal_k13_each", (1, 5, 9, 9), (65, 1, 3, 3), padding=1, groups=5),
    ConvCase("depthwise_c1", (1, 1, 9, 9), (1, 1, 3, 3), padding=1),
    ConvCase("depthwise_c17", (2, 17, 9, 10), (17, 1, 3, 3), padding=1, groups=17),
    ConvCase("depthwise_c33_stride2", (1, 33, 11, 12), (33, 1, 3, 3), stride=2, padding=1, groups=33),
    ConvCase("depthwise_c16_5x5_dil2", (1, 16, 13, 12), (16, 1, 5, 5), padding=4, dilation=2, groups=16),
    ConvCase("depthwise_x2", (1, 15, 8, 9), (30, 1, 3, 3), padding=1, groups=15),
    ConvCase("depthwise_x3_stride2", (2, 5, 9, 11), (15, 1, 3, 3), stride=2, padding=1, groups=5, bias=False),
    ConvCase("outer_5x5", (1, 1, 40, 70), (1, 1, 5, 5), padding=2, outer=True),
    ConvCase("outer_3x7_x2", (2, 3, 9, 37), (6, 1, 3, 7), padding=((2, 0), (1, 5)), groups=3, outer=True),
    ConvCase("outer_9x3_valid", (1, 17, 77, 6), (17, 1, 9, 3), groups=17, bias=False, outer=True),
    ConvCase("outer_overpadded", (1, 2, 3, 4), (2, 1, 3, 4), padding=9, groups=2, outer=True),
    ConvCase("outer_wide", (1, 1, 4, 2100), (1, 1, 4, 6), padding="same", outer=True),
    ConvCase("depthwise_x14", (1, 3, 8, 9), (42, 1, 3, 3), padding="same", groups=3),
]

CONV_3D = [
    ConvCase("3d_1x1x1", (1, 5, 3, 4, 5), (7, 5, 1, 1, 1)),
    ConvCase("3d_3x3x3_pad1", (2, 3, 5, 6, 7), (13, 3, 3, 3, 3), padding=1),
    ConvCase("3d_unbatched", (3, 4, 5, 17), (14, 3, 2, 3, 3), padding=(0, 1, 1)),
    ConvCase("3d_3x4x5", (1, 1, 12, 9, 20), (1, 1, 3, 4, 5)),
    ConvCase("3d_stride_per_axis", (1, 5, 7, 9, 10), (15, 5, 3, 3, 3), stride=(1, 2, 3), padding=1),
    ConvCase("3d_dil_per_axis", (1, 3, 7, 9, 10), (13, 3, 2, 3, 3), dilation=(3, 1, 2), padding=(0, 1, 2)),
    ConvCase("3d_asym", (1, 3, 4, 5, 6), (7, 3, 3, 3, 3), padding=((0, 2), (1, 0), (3, 1))),
    ConvCase("3d_same_stride2", (1, 3, 5, 6, 7), (27, 3, 3, 2, 3), stride=2, padding="same"),
    ConvCase("3d_same_lower", (1, 3, 5, 6, 7), (2, 3, 2, 2, 4), padding="same_lower"),
    ConvCase("3d_causal", (1, 2, 5, 6, 7), (13, 2, 3, 2, 2), padding="causal"),
    ConvCase("3d_depthwise", (1, 17, 4, 5, 6), (17, 1, 3, 3, 3), padding=1, groups=17),
    ConvCase("3d_groups2", (1, 6, 4, 5, 6), (14, 3, 3, 3, 3), padding=1, groups=2),
    ConvCase("3d_kernel_is_input", (1, 5, 3, 4, 5), (15, 5, 3, 4, 5)),
    ConvCase("3d_c65", (1, 65, 3, 4, 5), (31, 65, 3, 3, 3), padding=1),
    ConvCase("3d_1x3x3_per_plane", (1, 17, 3, 9, 10), (15, 17, 1, 3, 3), padding=(0, 1, 1)),
    ConvCase("3d_1x3x3_stride_dil_depth", (2, 5, 7, 9, 6), (15, 5, 1, 3, 3), (3, 1, 1), (2, 1, 0), (2, 1, 1)),
]

CONV_CASES = CONV_1D + CONV_2D + CONV_3D
CONV_BY_NAME = {case.name: case for case in CONV_CASES}
assert len(CONV_BY_NAME) == len(CONV_CASES), "two cases share a name"
