"""Run with CONVX_CACHES: layers that are blocked in every way, by every algorithm and instruction set."""

import os

import convx
import numpy as np
from cases import ConvCase, conv_expected
from checks import assert_integers, assert_same_bits, use_isa
from convx import _core, reference

ISAS = [os.environ["CONVX_ISA"]] if os.environ.get("CONVX_ISA") else list(_core.isas())
IN_ORDER = ("direct", "im2col", "narrow")  # of the same additions

LAYERS = [
    ConvCase("deep_1x1", (1, 1100, 9, 9), (33, 1100, 1, 1)),
    ConvCase("shallow_1x1", (2, 24, 12, 21), (40, 24, 1, 1)),
    ConvCase("plane_of_49", (1, 600, 7, 7), (131, 600, 1, 1)),
    ConvCase("few_outputs", (2, 30, 30, 31), (3, 30, 1, 1)),
    ConvCase("few_outputs_of_groups", (1, 44, 40, 41), (8, 11, 1, 1), groups=4),
    ConvCase("few_outputs_of_a_line", (1, 23, 4099), (1, 23, 1)),
    ConvCase("1x1_stride2", (1, 130, 15, 14), (40, 130, 1, 1), stride=2),
    ConvCase("deep_3x3", (1, 300, 13, 11), (29, 300, 3, 3), padding=1),
    ConvCase("map_of_49", (1, 130, 14, 14), (140, 130, 3, 3), stride=2, padding=1),
    ConvCase("rows_of_2", (2, 64, 5, 40, 4), (266, 32, 2, 3, 3), stride=2, padding=1, groups=2),
    ConvCase("wide_3x3", (1, 9, 60, 61), (70, 9, 3, 3), padding=1),
    ConvCase("first_layer", (1, 3, 40, 44), (20, 3, 7, 7), stride=2, padding=3),
    ConvCase("dilated", (1, 64, 20, 20), (17, 64, 3, 3), padding=6, dilation=6),
    ConvCase("overlapping_rows", (1, 160, 33, 30), (6, 160, 5, 5), padding=6, dilation=3),
    ConvCase("groups", (1, 60, 14, 14), (66, 20, 3, 3), padding=1, groups=3),
    ConvCase("depthwise", (1, 19, 30, 31), (19, 1, 5, 5), padding=2, groups=19),
    ConvCase("line", (1, 100, 300), (40, 100, 9), padding=4),
    ConvCase("volume", (1, 40, 6, 9, 10), (20, 40, 3, 3, 3), padding=1),
]


def convolve(case: ConvCase, algorithm: str) -> None:
    """Integers are exact; real numbers have the bits of two threads, and of the others that add in order."""
    label = f"{os.environ['CONVX_CACHES']} {_core.get_isa()} {algorithm} {case.name}"
    function = getattr(convx, case.function)
    x, w, b = case.data("float32", integers=True)
    result = function(x, w, b, **case.parameters, algorithm=algorithm)
    assert_integers(result, conv_expected(case, np.dtype("float32"), integers=True), algorithm, label)
    x, w, b = case.data("float32")
    convx.set_num_threads(2)
    result = function(x, w, b, **case.parameters, algorithm=algorithm)
    convx.set_num_threads(1)
    other = "direct" if algorithm in IN_ORDER else algorithm
    assert_same_bits(result, function(x, w, b, **case.parameters, algorithm=other), label)


def others(isa: str) -> None:
    """Callers of the same blocking and packing."""
    label = f"{os.environ['CONVX_CACHES']} {isa}"
    rng = np.random.default_rng(0)
    x, w, gy = (rng.integers(-4, 5, shape) for shape in ((1, 70, 12, 11), (20, 70, 3, 3), (1, 20, 12, 11)))
    x, w, gy = x.astype(np.float32), w.astype(np.float32), gy.astype(np.float32)
    still = np.zeros((1, 18, 12, 11), np.float32)
    plain = reference.conv2d(x, w, padding=1)
    assert_integers(convx.deform_conv2d(x, still, w, padding=1), plain, "im2col", label)
    back = convx.conv_transpose2d(gy, w, padding=1, algorithm="im2col")
    assert_integers(back, reference.conv_transpose2d(gy, w, padding=1), "im2col", label)
    x, w, out = (rng.integers(-4, 5, shape) for shape in ((1, 40, 45, 44), (3, 40, 1, 1), (1, 3, 45, 44)))
    x, w, out = x.astype(np.float32), w.astype(np.float32), out.astype(np.float32)
    plain = reference.conv2d(x, w) + out
    assert_integers(convx.conv2d(x, w, residual=out, out=out, algorithm="im2col"), plain, "im2col", label)


def main() -> None:
    """Run all."""
    for isa in ISAS:
        with use_isa(isa):
            for case in LAYERS:
                for algorithm in _core.algorithms():
                    if algorithm != "reference" and case.takes(algorithm):
                        convolve(case, algorithm)
            others(isa)
    print("done")


if __name__ == "__main__":
    main()
