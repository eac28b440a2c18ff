"""Deformable convolutions: their shapes and data."""

import math
from typing import Any, NamedTuple

import numpy as np
from checks import Array
from convx import reference


class Case(NamedTuple):
    """Shapes: x is (n, c, *size), the weight (k, c // groups, *kernel)."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    n: int = 1
    c: int = 1
    k: int = 1
    groups: int = 1
    offset_groups: int = 1
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    bias: bool = False
    mask: bool = False
    batched: bool = True

    @property
    def rank(self) -> int:
        """Spatial axes."""
        return len(self.size)

    @property
    def parameters(self) -> dict[str, Any]:
        """Keyword arguments beside the arrays."""
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}

    def arrays(self, dtype: Any, *, whole: bool = False, seed: int = 0) -> dict[str, Array]:
        """Integer data, with offsets that are quarters (exact in float32) or whole numbers."""
        rng = np.random.default_rng(seed)

        def integers(*shape: int) -> Array:
            return rng.integers(-8, 9, shape).astype(dtype)

        n = (self.n,) if self.batched else ()
        x, w = integers(*n, self.c, *self.size), integers(self.k, self.c // self.groups, *self.kernel)
        out = reference_conv(self, x, w).shape[len(n) + 1 :]
        taps = self.offset_groups * math.prod(self.kernel)
        offset = rng.integers(-12, 13, (*n, taps * self.rank, *out)) / (1 if whole else 4)
        arrays = {"input": x, "offset": offset.astype(dtype), "weight": w}
        if self.bias:
            arrays["bias"] = integers(self.k)
        if self.mask:
            arrays["mask"] = rng.integers(0, 3, (*n, taps, *out)).astype(dtype)
        return arrays

    @property
    def terms(self) -> int:
        """Products that make one output."""
        return self.c // self.groups * math.prod(self.kernel)


def reference_conv(case: Case, x: Array, w: Array) -> Array:
    result: Array = getattr(reference, f"conv{case.rank}d")(x, w, None, **case.parameters, groups=case.groups)
    return result


CASES = {
    "plain": Case((7, 8), (3, 3), c=3, k=4),
    "1x1": Case((5, 6), (1, 1), n=2, c=2, k=3),
    "padding_stride": Case((9, 35), (3, 3), c=4, k=5, padding=1, stride=2, bias=True, mask=True),
    "groups": Case((6, 7), (3, 2), n=2, c=6, k=9, groups=3, padding=(1, 0), mask=True),
    "offset_groups": Case((6, 7), (2, 3), c=6, k=4, offset_groups=3, bias=True),
    "groups_and_offset_groups": Case((6, 7), (2, 2), c=12, k=6, groups=3, offset_groups=4, mask=True),
    "more_offset_groups": Case((6, 7), (2, 2), c=8, k=4, groups=2, offset_groups=8),
    "one_offset_group_many_groups": Case((5, 5), (3, 3), c=8, k=8, groups=8, padding="same"),
    "dilation_pairs": Case((11, 12), (3, 3), c=2, k=2, dilation=(2, 3), padding=((2, 0), (1, 3))),
    "same_lower": Case((9, 10), (2, 4), c=2, k=2, stride=2, padding="same_lower"),
    "unbatched": Case((6, 7), (3, 3), c=3, k=2, bias=True, mask=True, batched=False),
    "deep": Case((6, 7), (3, 3), c=70, k=33, offset_groups=2, padding=1),
    "large_kernel": Case((14, 13), (11, 12), c=3, k=2, padding=2),
    "many_taps": Case((31, 30), (30, 29), c=2, k=2, padding=3, mask=True),
    "wide": Case((3, 700), (2, 3), c=3, k=17, mask=True),
    "1d": Case((40,), (5,), n=2, c=4, k=3, offset_groups=2, padding=2, bias=True, mask=True),
    "1d_unbatched": Case((20,), (3,), c=2, k=2, stride=2, dilation=2, batched=False),
    "3d": Case((4, 5, 6), (2, 3, 2), n=2, c=4, k=6, groups=2, offset_groups=2, padding=1, bias=True, mask=True),
    "3d_strided": Case((7, 6, 8), (3, 2, 3), c=2, k=2, stride=(2, 1, 3), dilation=(1, 2, 1), padding=1),
}
