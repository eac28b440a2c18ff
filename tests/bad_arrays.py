"""Rows 24-50: shapes, dtypes and out."""

from typing import Any

import numpy as np
from bad_calls import CONVS, EVERY, bad, call, good_call, rank_of, zeros

# Shapes.
for f in CONVS:
    r = rank_of(f)
    k, x9 = (3,) * r, (9,) * r
    empty: list[tuple[int, str, dict[str, Any], tuple[str, ...]]] = [
        (24, "no_outputs", {"weight": zeros(0, 4, *k)}, ("weight must", str((0, 4, *k)))),
        (24, "nothing", {"weight": zeros(0), "bias": None}, ("weight must", "(0,)")),
        (24, "all_zero", {"weight": zeros(*[0] * (r + 2)), "bias": None}, ("weight must", str((0,) * (r + 2)))),
        (25, "no_inputs", {"weight": zeros(6, 0, *k)}, ("weight must", str((6, 0, *k)))),
        (25, "no_inputs_at_all", {"weight": zeros(6, 0, *k), "input": zeros(2, 0, *x9)}, ("must", "0")),
        (25, "no_inputs_groups2", {"weight": zeros(6, 0, *k), "groups": 2}, ("weight must", str((6, 0, *k)))),
        (26, "no_taps", {"weight": zeros(6, 4, *k[1:], 0)}, ("weight must", str((6, 4, *k[1:], 0)))),
        (27, "depthwise_no_outputs", {"weight": zeros(0, 1, *k), "groups": 4, "bias": None}, ("weight must",)),
        (27, "depthwise_groups_0", {"weight": zeros(4, 1, *k), "groups": 0, "bias": None}, ("groups must be >= 1",)),
        (27, "depthwise_no_inputs", {"weight": zeros(4, 0, *k), "groups": 4, "bias": None}, ("weight must",)),
        (29, "no_channels", {"input": zeros(2, 0, *x9)}, ("input must", str((2, 0, *x9)))),
        (31, "weight_rank_low", {"weight": zeros(6, 4, *k[1:])}, ("weight must", f"{r + 2}", str((6, 4, *k[1:])))),
        (31, "weight_rank_high", {"weight": zeros(6, 4, *k, 1)}, ("weight must", f"{r + 2}", str((6, 4, *k, 1)))),
        (31, "weight_0d", {"weight": zeros()}, ("weight must", "()")),
        (32, "channels_5", {"input": zeros(2, 5, *x9)}, ("input must", "groups * weight.shape[1]", "1 * 4", "5")),
        (32, "channels_4_of_8", {"groups": 2}, ("input must", "groups * weight.shape[1]", "2 * 4", "4")),
        (32, "unbatched_5", {"input": zeros(5, *x9)}, ("input must", "groups * weight.shape[1]", "1 * 4", "5")),
        (33, "outputs_2_groups_4", {"weight": zeros(2, 1, *k), "groups": 4, "bias": None}, ("4", str((2, 1, *k)))),
        (33, "outputs_not_divisible", {"weight": zeros(6, 1, *k), "groups": 4}, ("divisible", "4", str((6, 1, *k)))),
        (33, "groups_2**31-1", {"groups": 2**31 - 1}, ("divisible", str(2**31 - 1), str((6, 4, *k)))),
        (34, "bias_5", {"bias": zeros(5)}, ("bias must", "(6,)", "(5,)")),
        (34, "bias_7", {"bias": zeros(7)}, ("bias must", "(6,)", "(7,)")),
        (34, "bias_1", {"bias": zeros(1)}, ("bias must", "(6,)", "(1,)")),
        (34, "bias_empty", {"bias": zeros(0)}, ("bias must", "(6,)", "(0,)")),
        (35, "bias_0d", {"bias": zeros()}, ("bias must", "(6,)", "()")),
        (35, "bias_scalar", {"bias": np.float32(1)}, ("bias must", "(6,)", "()")),
        (35, "bias_row", {"bias": zeros(1, 6)}, ("bias must", "(6,)", "(1, 6)")),
        (35, "bias_column", {"bias": zeros(6, 1)}, ("bias must", "(6,)", "(6, 1)")),
    ]
    for row, name, arguments, parts in empty:
        bad(row, name, [f], arguments, ValueError, *parts)
for f in EVERY:
    r = rank_of(f)
    x9 = (9,) * r
    one = {"weight": zeros(2**10, 1, *[1] * r), "bias": None} if f in CONVS else {"kernel_size": (1,) * (r - 1) + (2,)}
    wide = {"weight": zeros(1, 1, *[1] * (r - 1), 2), "bias": None} if f in CONVS else one
    edge = {"padding": ((0, 0),) * (r - 1) + ((1, 1),)}
    zero = {"last_axis": (2, 4, *x9[1:], 0), "first_axis": (2, 4, 0, *x9[1:]), "no_n": (4, *x9[1:], 0)}
    for name, shape in zero.items():
        bad(29, f"zero_{name}", [f], {"input": zeros(*shape)}, ValueError, "input must", str(shape))
    bad(29, "zero_channels", [f], {"input": zeros(2, 0, *x9)}, ValueError, "input must", str((2, 0, *x9)))
    if f in CONVS:
        large = (0, 1, *[1] * (r - 1), 2**59)
        bad(30, "outputs_overflow", [f], {"input": zeros(*large), **one}, ValueError, "must", "2**63", str(2**59))
    large = (0, 1, *[1] * (r - 1), 2**61 - 1)
    bad(30, "empty_batch_huge_axis", [f], {"input": zeros(*large), **wide, **edge}, ValueError, "must", "2**63")
    for shape, name in [((1, 0, *[1] * (r - 1), 2**58), "channels"), ((1, 2**58, *[1] * (r - 1), 0), "axis")]:
        bad(30, f"zero_{name}_and_huge", [f], {"input": zeros(*shape)}, ValueError, "input must", str(shape))
    for shape, name in [(x9, "low"), ((1, 2, 4, *x9), "high"), ((), "0d")]:
        bad(31, f"input_rank_{name}", [f], {"input": zeros(*shape)}, ValueError, "input must", f"{r + 2}", str(shape))

# Arrays.
DTYPES = "complex64 complex128 object int32 int64 uint8 bool longdouble <U3 M8[s]"
for dtype in DTYPES.split():
    for argument in ("input", "weight", "bias"):
        for f in EVERY if argument == "input" else CONVS:
            if f.startswith("max_pool") and np.dtype(dtype).kind in "biu":
                continue  # a maximum of these is exact
            value = good_call(f)[argument].astype(dtype)
            texts = (f"{argument} must", "float32", "float64", str(value.dtype))
            if (
                argument == "weight" and value.dtype.kind in "iu"
            ):  # then all must be integers: the bias is looked at first
                texts = ("bias must be int8", "int64", "float32")
            bad(46, f"{argument}_{value.dtype}", [f], {argument: value}, TypeError, *texts)
for f in EVERY:
    r = rank_of(f)
    shape = call(f).shape
    locked = np.zeros(shape, "float32")
    locked.flags.writeable = False
    bad(48, "out_read_only", [f], {"out": locked}, ValueError, "out must", "writ")
    bad(48, "out_broadcast", [f], {"out": zeros(*shape)}, ValueError, "out must", "writ")
    longer = (*shape[:-1], shape[-1] + 1)
    for wrong in (shape[:-1], (*shape, 1), longer, (1, *shape[1:]), shape[1:], (), (0, *shape[1:])):
        out = np.full(wrong, 7, "float32")
        bad(50, f"out_shape_{wrong}", [f], {"out": out}, ValueError, "out must", str(shape), f"got shape {wrong}")
    for dtype in ("float64", "float16", "int32", "complex64", ">f4", "object"):
        out = np.full(shape, 7).astype(dtype)
        bad(50, f"out_{dtype}", [f], {"out": out}, TypeError, "out must", "float32", str(out.dtype))
    for value in ([1.0], 3, "out", memoryview(np.zeros(shape, "float32"))):
        bad(50, f"out_{type(value).__name__}", [f], {"out": value}, TypeError, "out must", "ndarray", f"got {value!r}")
