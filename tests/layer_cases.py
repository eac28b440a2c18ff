"""One layer of every kind, over one to three axes, and the shape of an input."""

from functools import partial
from typing import Any

import convx
import numpy as np

RANDOM = np.random.default_rng(11)


def real(*shape: int, dtype: str = "float32") -> Any:
    return RANDOM.standard_normal(shape).astype(dtype)


def of_rank(r: int) -> dict[str, tuple[Any, tuple[int, ...]]]:
    """By name: a layer and its input's shape."""

    def named(name: str) -> Any:
        return getattr(convx, f"{name}{r}d")

    def maps(n: int, c: int, size: int) -> tuple[int, ...]:
        return (n, c, *range(size, size + r))

    w, depthwise = real(6, 4, *[3] * r), real(8, 1, *[3] * r)
    small = RANDOM.integers(-9, 9, (6, 4, *[3] * r)).astype(np.int8)
    offsets = np.zeros((2, r * 3**r, *(size - 2 for size in maps(2, 4, 9)[2:])), np.float32)
    return {
        "plan": (named("Conv")(w, real(6), stride=2, padding=1, activation="relu"), maps(2, 4, 9)),
        "plan of same": (named("Conv")(w, stride=2, padding="same", dilation=2), maps(1, 4, 10)),
        "plan of causal": (named("Conv")(w, padding="causal", padding_mode="edge"), maps(1, 4, 10)),
        "plan of channels last": (
            named("Conv")(w, padding="same_lower", stride=3, data_format="channels_last"),
            (2, *range(8, 8 + r), 4),
        ),
        "conv": (partial(named("conv"), weight=w, bias=real(6), padding=1), maps(3, 4, 5)),
        "conv of pairs": (partial(named("conv"), weight=w, padding=((2, 1),) * r), maps(3, 4, 5)),
        "conv of groups": (partial(named("conv"), weight=depthwise, groups=4), maps(1, 4, 5)),
        "conv of float64": (partial(named("conv"), weight=w.astype(float)), maps(1, 4, 5)),
        "conv of int8": (partial(named("conv"), weight=small), maps(1, 4, 5)),
        "plan of transposed": (named("ConvTranspose")(real(4, 3, *[3] * r), real(6), 2, 1, 1, 2), maps(1, 4, 5)),
        "transposed": (partial(named("conv_transpose"), weight=real(4, 6, *[4] * r), stride=2), maps(2, 4, 3)),
        "transposed of same": (
            partial(named("conv_transpose"), weight=real(4, 6, *[4] * r), stride=3, padding="same", dilation=2),
            maps(2, 4, 3),
        ),
        "deformable": (partial(named("deform_conv"), offset=offsets, weight=w), maps(2, 4, 9)),
        "integer": (partial(convx.conv_integer, w=small, padding=1), maps(1, 4, 5)),
        "quantised": (
            partial(
                convx.qlinear_conv,
                x_scale=0.1,
                x_zero_point=np.int8(-3),
                w=small,
                w_scale=0.5,
                w_zero_point=0,
                y_scale=2.0,
                y_zero_point=np.uint8(7),
            ),
            maps(1, 4, 5),
        ),
        "quantised plan": (convx.QLinearConv(0.1, 10, small, 0.5, 0, 2.0, np.uint8(100), stride=2), maps(1, 4, 5)),
        "max": (partial(named("max_pool"), kernel_size=3, stride=2, ceil_mode=True), maps(2, 4, 8)),
        "max of same": (partial(named("max_pool"), kernel_size=2, padding="same", dilation=3), maps(2, 4, 8)),
        "avg": (partial(named("avg_pool"), kernel_size=2, padding=1, count_include_pad=False), maps(2, 4, 8)),
        "lp": (partial(named("lp_pool"), norm_type=2, kernel_size=2), maps(2, 4, 8)),
        "adaptive max": (partial(named("adaptive_max_pool"), output_size=3), maps(2, 4, 8)),
        "adaptive avg": (partial(named("adaptive_avg_pool"), output_size=(None,) * r), maps(2, 4, 8)),
        "global max": (convx.global_max_pool, maps(2, 4, 8)),
        "global avg": (partial(convx.global_avg_pool, keepdims=False), maps(2, 4, 8)),
        "global lp": (partial(convx.global_lp_pool, norm_type=1, data_format="channels_last"), (2, *[3] * r, 5)),
        "maxout": (partial(convx.maxout, pool_size=2), maps(2, 4, 8)),
        "maxout last": (partial(convx.maxout, pool_size=2, axis=-1), (2, *[3] * r, 6)),
        "unfold": (partial(convx.unfold, kernel_size=(3,) * r, padding="same", stride=2), maps(2, 4, 8)),
    }


CASES = {f"{name} {r}d": case for r in (1, 2, 3) for name, case in of_rank(r).items()}
