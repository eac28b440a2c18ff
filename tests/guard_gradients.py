"""Run with a dtype: gradients of arrays at both ends of their pages, with no access beside them. See guard_pages.py."""

import itertools
import sys

import convx
import numpy as np
from cases import CONV_BY_NAME, ConvCase
from checks import assert_equal_values, assert_within
from convx import _core, reference
from guard_pages import CONVS, ISAS, guarded, on_each_isa, place

POOLS = [((1, 17, 8, 34), 2, 2, 0), ((1, 3, 9, 35), 3, 1, 1), ((2, 5, 12, 14), 3, 2, 1), ((2, 17, 7, 7), 7, 7, 0)]
GRADIENTS = [case for case in CONVS if case.name != "1d_kernel129"] + [
    CONV_BY_NAME["1d_kernel129"],
    ConvCase("winograd_tiles", (2, 17, 9, 10), (33, 17, 3, 3), padding=((0, 2), (1, 0))),
    ConvCase("pointwise_in_place", (2, 33, 7, 9), (17, 33, 1, 1)),
]


def run_weights(dtype: str) -> None:
    for isa, case in on_each_isa(GRADIENTS):
        rng = np.random.default_rng(0)
        x = rng.integers(-4, 5, case.input).astype(dtype)
        y = getattr(convx, case.function)(x, np.zeros(case.weight, dtype), **case.parameters)
        gy = rng.integers(-4, 5, y.shape).astype(dtype)
        function = getattr(convx, f"{case.function}_weight")
        want = getattr(reference, f"{case.function}_weight")(x, case.weight, gy, **case.parameters)
        for name, at_end in itertools.product(_core.conv_weight_algorithms(), [False, True]):
            square = case.weight[2:] in ((3, 3), (1, 3, 3)) and {case.stride, case.dilation} == {1}
            if name == "winograd" and not square:
                continue
            print(isa, case.name, name, at_end, flush=True)
            out = guarded(want.shape, dtype, not at_end)
            function(place(x, at_end), case.weight, place(gy, at_end), **case.parameters, algorithm=name, out=out)
            assert_within(out, want, 0.05 if name in ("auto", "winograd") else 0, f"{isa} {case.name} {name}")
        print(isa, case.name, "bias", flush=True)
        bias = getattr(convx, f"{case.function}_bias")
        assert_equal_values(bias(place(gy, True)), bias(place(gy, False)))


def run_pools(dtype: str) -> None:
    for isa, (size, *arguments), at_end in itertools.product(ISAS, POOLS, [False, True]):
        _core.set_isa(isa)
        print(isa, size, arguments, at_end, flush=True)
        y = convx.avg_pool2d(np.zeros(size, dtype), *arguments)
        gy = np.random.default_rng(0).integers(-9, 10, y.shape).astype(dtype)
        indices = np.random.default_rng(1).integers(0, size[2] * size[3], y.shape)
        out = guarded(size, dtype, not at_end)
        convx.avg_pool2d_backward(place(gy, at_end), size, *arguments, out=out)
        assert_within(out, reference.avg_pool2d_backward(gy, size, *arguments), 1e-4)
        convx.max_pool2d_backward(place(gy, at_end), place(indices, at_end), size, out=out)
        assert_equal_values(out, reference.max_pool2d_backward(gy, indices, size))


if __name__ == "__main__":
    run_weights(sys.argv[1])
    run_pools(sys.argv[1])
    print("done", flush=True)
