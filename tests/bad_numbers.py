"""Rows 1-23: numbers out of range, wrong types, unknown names."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from bad_calls import AVGS, CONVS, EVERY, POOLS, bad, rank_of, zeros
from convx import _core

HUGE = 2**55


def each_axis(argument: str, value: int, rank: int) -> dict[str, Any]:
    """The value on the last axis only."""
    return {argument: (1,) * (rank - 1) + (value,)}


def on_last_axis(row: int, argument: str, value: int, functions: Sequence[str], rule: str) -> None:
    """The value as an int, and (for more than one axis) at the end of a tuple."""
    text = str(value).replace("-", "minus_") if abs(value) < 1000 else "huge"
    bad(row, f"{argument}_{text}", functions, {argument: value}, ValueError, f"{argument} must {rule}", f"got {value}")
    for function in functions:
        rank = rank_of(function)
        if rank > 1:
            arguments = each_axis(argument, value, rank)
            got = f"got {arguments[argument]}"
            bad(row, f"{argument}_axis_{text}", [function], arguments, ValueError, f"{argument} must {rule}", got)


# Numbers out of range.
on_last_axis(1, "stride", 0, EVERY, "be >= 1")
on_last_axis(2, "stride", 0, POOLS, "be >= 1")
bad(2, "divisor_0", AVGS, {"divisor_override": 0}, ValueError, "divisor_override must", "0")
on_last_axis(3, "stride", -1, EVERY, "be >= 1")
on_last_axis(4, "stride", HUGE, EVERY, "be < 2**31")
bad(4, "stride_2**31", EVERY, {"stride": 2**31}, ValueError, "stride must be < 2**31", f"got {2**31}")
on_last_axis(5, "dilation", 0, EVERY, "be >= 1")
on_last_axis(5, "dilation", -3, EVERY, "be >= 1")
bad(6, "groups_0", CONVS, {"groups": 0}, ValueError, "groups must be >= 1", "got 0")
bad(6, "groups_minus_2", CONVS, {"groups": -2}, ValueError, "groups must be >= 1", "got -2")
on_last_axis(7, "kernel_size", 0, POOLS, "be >= 1")
on_last_axis(7, "kernel_size", -3, POOLS, "be >= 1")
for f in EVERY:
    r = rank_of(f)
    small = {"input": zeros(2, 4, *[9] * (r - 1), 3), "stride": 1}
    six = (3,) * (r - 1) + (6,)
    large = {**small, **({"weight": zeros(6, 4, *six)} if f in CONVS else {"kernel_size": six})}
    bad(8, "kernel_6_on_3", [f], large, ValueError, "kernel", "3", "6", "output size would be -2")
    bad(8, "dilated_5_on_3", [f], {**small, "dilation": 2}, ValueError, "kernel", "3", "output size would be -1")
on_last_axis(9, "padding", -1, EVERY, "be >= 0")
for f in EVERY:
    pairs = ((0, 0),) * (rank_of(f) - 1) + ((0, -1),)
    bad(9, "padding_pair_minus_1", [f], {"padding": pairs}, ValueError, "padding must be >= 0", "-1")
bad(10, "padding_2_kernel_3", POOLS, {"padding": 2}, ValueError, "padding must", "half", "got 2")
bad(10, "padding_3_dilated_5", POOLS, {"padding": 3, "dilation": 2}, ValueError, "padding must", "half", "got 3")
for f in POOLS:
    pairs = ((0, 0),) * (rank_of(f) - 1) + ((0, 2),)
    bad(10, "padding_high_2_kernel_3", [f], {"padding": pairs}, ValueError, "padding must", "half", "2")
    overflow = {"kernel_size": 2**31 - 1, "padding": 2**30, "dilation": 2**31 - 1, "ceil_mode": True}
    bad(11, "overflow_ceil_mode", [f], overflow, ValueError, "dilation", "kernel_size", "2**31")
    overflow = {"kernel_size": 2**62, "padding": 2**62, "dilation": 2**62, "ceil_mode": True}
    bad(11, "overflow_64_bits", [f], overflow, ValueError, "must be < 2**31")
    effective = {"kernel_size": 2**29, "dilation": 1879048192}
    bad(12, "effective_kernel", [f], effective, ValueError, "dilation", "kernel", "2**31")
for f in CONVS:
    kernel = {"weight": zeros(6, 4, *[1] * (rank_of(f) - 1), 2**29), "dilation": 1879048192}
    bad(12, "effective_kernel", [f], kernel, ValueError, "dilation", "kernel", "2**31")
on_last_axis(13, "padding", HUGE, EVERY, "be < 2**31")
bad(13, "padding_2**31", CONVS, {"padding": 2**31}, ValueError, "padding must be < 2**31", f"got {2**31}")
on_last_axis(14, "padding", 2**63 - 1, EVERY, "be < 2**31")
for f in EVERY:
    pairs = ((0, 0),) * (rank_of(f) - 1) + ((2**63 - 1, 2**63 - 1),)
    bad(14, "padding_pair", [f], {"padding": pairs}, ValueError, "padding must be < 2**31", str(2**63 - 1))
for value, name in [(2**63, "2**63"), (2**64 + 1, "2**64+1"), (10**30, "10**30"), (-(2**63) - 1, "minus_2**63-1")]:
    for argument in ("stride", "dilation", "padding"):
        bad(15, f"{argument}_{name}", EVERY, {argument: value}, ValueError, f"{argument} must", str(value))
    bad(15, f"groups_{name}", CONVS, {"groups": value}, ValueError, "groups must", str(value))
    bad(15, f"kernel_size_{name}", POOLS, {"kernel_size": value}, ValueError, "kernel_size must", str(value))
    bad(15, f"divisor_{name}", AVGS, {"divisor_override": value}, ValueError, "divisor_override must", str(value))

# Sequences of the wrong length, wrong types, unknown names.
for argument in ("padding", "stride", "dilation"):
    row = 16 if argument == "padding" else 17
    bad(row, f"{argument}_empty", EVERY, {argument: []}, ValueError, f"{argument} must", "got ()")
    for f in EVERY:
        many = (1,) * (rank_of(f) + 1)
        bad(18, f"{argument}_too_many", [f], {argument: many}, ValueError, f"{argument} must", f"got {many}")
bad(17, "kernel_size_empty", POOLS, {"kernel_size": []}, ValueError, "kernel_size must", "got ()")
for f in POOLS:
    many = (3,) * (rank_of(f) + 1)
    bad(18, "kernel_size_too_many", [f], {"kernel_size": many}, ValueError, "kernel_size must", f"got {many}")
for f in EVERY:
    pairs = ((1, 1),) * (rank_of(f) + 1)
    bad(18, "padding_too_many_pairs", [f], {"padding": pairs}, ValueError, "padding must", "got ((1, 1), ")
bad(18, "padding_triple", EVERY, {"padding": ((1, 1, 1),)}, ValueError, "padding must", "(1, 1, 1)")
for value in (2.5, 2.0, "3", b"3", True, np.float32(1), np.bool_(True), {1: 1}):
    shown = repr(value)
    for argument in ("stride", "dilation", "padding", "groups", "kernel_size", "divisor_override"):
        takers = {"groups": CONVS, "kernel_size": POOLS, "divisor_override": AVGS}.get(argument, EVERY)
        if argument == "padding" and isinstance(value, str):
            continue
        kind = type(value).__name__ if not isinstance(value, float) else str(value)
        bad(19, f"{argument}_{kind}", takers, {argument: value}, TypeError, f"{argument} must", shown)
for value in (2.5, "3", True, None):
    for argument in ("stride", "dilation", "padding"):
        name = f"{argument}_holds_{type(value).__name__}"
        bad(19, name, EVERY, {argument: [value]}, TypeError, f"{argument} must", repr(value))
bad(19, "pair_holds_float", EVERY, {"padding": [(0, 1.5)]}, TypeError, "padding must", "1.5")
bad(19, "None", CONVS, {"stride": None}, TypeError, "stride must", "None")
bad(19, "padding_None", EVERY, {"padding": None}, TypeError, "padding must", "None")
bad(19, "dilation_None", EVERY, {"dilation": None}, TypeError, "dilation must", "None")
bad(19, "groups_sequence", CONVS, {"groups": (1,)}, TypeError, "groups must", "(1,)")
for value in ("reflect", "SAME", "", "3", "same ", "\u017fame"):
    choices = ("valid", "same", "same_lower", "causal")
    bad(21, f"padding_{value!a}", EVERY, {"padding": value}, ValueError, "padding must", *choices, value)
bad(22, "divisor_0", AVGS, {"divisor_override": 0}, ValueError, "divisor_override must", "0")
for value in (0, -1, 2**31, 2**63):
    bad(23, f"n_{value}", ["set_num_threads"], {"n": value}, ValueError, "n must", f"got {value}")
for value in ("x", 2.0, None, True):
    bad(23, f"n_{value}", ["set_num_threads"], {"n": value}, TypeError, "n must", repr(value))

# Without a number: algorithm and activation.
for value in ("winograd4x4", "", "AUTO"):
    bad(0, f"algorithm_{value}", CONVS, {"algorithm": value}, ValueError, "algorithm must", *_core.algorithms(), value)
for value in (None, 3, b"direct"):
    bad(0, f"algorithm_{value}", CONVS, {"algorithm": value}, TypeError, "algorithm must", repr(value))
NAN = float("nan")
NAMES = ("Relu", "", "clamp", "leaky_relu")
for value in (*NAMES, ("relu", 1.0), ("clamp", 1.0), ("leaky_relu", 1.0, 2.0), ("softmax", 1.0)):
    shown = value if isinstance(value, str) else value[0]
    texts = ("activation must", "relu", "relu6", "leaky_relu", "clamp", shown)
    bad(0, f"activation_{value}", CONVS, {"activation": value}, ValueError, *texts)
for value in (("clamp", 2.0, 1.0), ("clamp", NAN, 1.0), ("clamp", 0.0, NAN), ("leaky_relu", NAN)):
    bad(0, f"activation_{value}", CONVS, {"activation": value}, ValueError, "activation must", value[0])
for value in (3, 1.5, True, b"relu", ("leaky_relu", "x"), ("clamp", 0.0, None), ("clamp", "0", "1"), (1.0, 2.0)):
    bad(0, f"activation_{value}", CONVS, {"activation": value}, TypeError, "activation must")
