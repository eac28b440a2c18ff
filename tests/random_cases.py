"""Random configurations: as hypothesis strategies, and from a seed for the long runs."""

import math
from typing import Any, NamedTuple

import hypothesis.strategies as st
import numpy as np
from cases import Array, ConvCase

NAMES = ("valid", "same", "same_lower", "causal")
ACTIVATIONS = (None, "relu", "relu6", ("leaky_relu", 0.25), ("clamp", -3.0, 5.0))


def draw_axis(draw: Any, rank: int, *, pool: bool) -> dict[str, Any]:
    """Parameters of one spatial axis with an input that fits; draw(lo, hi) gives an int of [lo, hi]."""
    kernel = draw(1, (9, 5, 3)[rank - 1])
    dilation = draw(1, 3)
    extent = (kernel - 1) * dilation + 1
    most = extent // 2 if pool else 6
    lo, hi = draw(0, most), draw(0, most)
    return {
        "kernel": kernel,
        "stride": draw(1, 4),
        "dilation": dilation,
        "pad": (lo, hi),
        "size": max(1, extent - lo - hi) + draw(0, (40, 13, 6)[rank - 1]),
    }


def spell_padding(draw: Any, axes: list[dict[str, Any]]) -> Any:
    """One of the spellings of padding; where it pads less than was drawn, the input grows to fit."""
    form = draw(0, 4)
    if form == 4:
        name = NAMES[draw(0, 3)]
        if name == "valid":
            for axis in axes:
                axis["size"] += sum(axis["pad"])
        return name
    if form == 3:
        return tuple(axis["pad"] for axis in axes)
    lows = [axis["pad"][0] for axis in axes]
    one = min(lows)
    for axis in axes:
        axis["size"] += sum(axis["pad"])
    return one if form == 0 else (one,) if form == 1 else tuple(lows)


def spell_ints(draw: Any, values: list[int]) -> Any:
    """An int where all are equal and the draw says so, else a tuple."""
    return values[0] if len(set(values)) == 1 and draw(0, 1) else tuple(values)


def draw_conv(draw: Any, *, winograd: bool = False) -> ConvCase:
    """A convolution of any rank and parameters, small enough for thousands of them; or one that Winograd takes."""
    rank = draw(1, 3)
    axes = [draw_axis(draw, rank, pool=False) for _ in range(rank)]
    if winograd:
        for axis in axes[-2:]:
            taps = draw(1, 7)
            stride = draw(1, 2) if taps == 3 else 1
            axis.update(kernel=taps, stride=stride, dilation=1, size=axis["size"] + taps)
        if all(axis["kernel"] == 1 for axis in axes[-2:]):
            axes[-1].update(kernel=2, size=axes[-1]["size"] + 1)
    padding = spell_padding(draw, axes)
    groups = draw(1, 3) if draw(0, 2) == 0 else 1
    depthwise = draw(0, 5) == 0
    if depthwise:
        groups = draw(1, 20)
    channels, outputs = (1, draw(1, 3)) if depthwise else (draw(1, 20), draw(1, 20))
    batch = () if draw(0, 4) == 0 else (draw(0, 3),)
    return ConvCase(
        f"seed{draw(0, 2**20)}",
        (*batch, groups * channels, *(axis["size"] for axis in axes)),
        (groups * outputs, channels, *(axis["kernel"] for axis in axes)),
        spell_ints(draw, [axis["stride"] for axis in axes]),
        padding,
        spell_ints(draw, [axis["dilation"] for axis in axes]),
        groups,
        bool(draw(0, 1)),
    )


class RandomPool(NamedTuple):
    """A pooling with all its arguments."""

    input: tuple[int, ...]
    rank: int
    seed: int
    parameters: dict[str, Any]
    average: dict[str, Any]

    def data(self, dtype: Any) -> Array:
        """Small integers with a few NaN and infinities among them."""
        rng = np.random.default_rng(self.seed)
        return rng.integers(-99, 100, self.input).astype(dtype)

    @property
    def terms(self) -> int:
        """Elements of one window."""
        kernel = self.parameters["kernel_size"]
        return kernel**self.rank if isinstance(kernel, int) else math.prod(kernel)


def draw_pool(draw: Any) -> RandomPool:
    """A pooling of any rank and parameters; ceil_mode and the divisors included."""
    rank = draw(1, 3)
    axes = [draw_axis(draw, rank, pool=True) for _ in range(rank)]
    padding = spell_padding(draw, axes)
    if isinstance(padding, int) or (isinstance(padding, tuple) and len(padding) == 1 and rank > 1):
        # One number for all axes must respect the smallest kernel.
        most = min(((axis["kernel"] - 1) * axis["dilation"] + 1) // 2 for axis in axes)
        padding = min(padding, most) if isinstance(padding, int) else (min(padding[0], most),)
    batch = () if draw(0, 4) == 0 else (draw(0, 3),)
    stride = None if draw(0, 3) == 0 else spell_ints(draw, [axis["stride"] for axis in axes])
    divisor = draw(-3, 9) if draw(0, 3) == 0 else None
    return RandomPool(
        (*batch, draw(1, 20), *(axis["size"] for axis in axes)),
        rank,
        draw(0, 2**20),
        {
            "kernel_size": spell_ints(draw, [axis["kernel"] for axis in axes]),
            "stride": stride,
            "padding": padding,
            "dilation": spell_ints(draw, [axis["dilation"] for axis in axes]),
            "ceil_mode": bool(draw(0, 1)),
        },
        {"count_include_pad": bool(draw(0, 1)), "divisor_override": divisor or None},
    )


@st.composite
def conv_cases(draw: Any) -> ConvCase:
    """draw_conv as a strategy."""
    return draw_conv(lambda lo, hi: draw(st.integers(lo, hi)))


@st.composite
def winograd_cases(draw: Any) -> ConvCase:
    """draw_conv for Winograd as a strategy."""
    return draw_conv(lambda lo, hi: draw(st.integers(lo, hi)), winograd=True)


@st.composite
def pool_cases(draw: Any) -> RandomPool:
    """draw_pool as a strategy."""
    return draw_pool(lambda lo, hi: draw(st.integers(lo, hi)))


def seeded_conv(seed: int, *, winograd: bool = False) -> ConvCase:
    """The convolution of this seed."""
    rng = np.random.default_rng(seed)
    return draw_conv(lambda lo, hi: int(rng.integers(lo, hi + 1)), winograd=winograd)


def seeded_pool(seed: int) -> RandomPool:
    """The pooling of this seed."""
    rng = np.random.default_rng(seed)
    return draw_pool(lambda lo, hi: int(rng.integers(lo, hi + 1)))
