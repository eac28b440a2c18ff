"""The table of bad inputs, by number. Run as a program it tries every row in this one process."""

import re
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import convx
import numpy as np
from checks import Array

HUGE = 2**55
CONVS = ("conv1d", "conv2d", "conv3d", "Conv1d", "Conv2d", "Conv3d")
POOLS = ("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d")
AVGS = POOLS[3:]
EVERY = CONVS + POOLS


class Bad(NamedTuple):
    """A call that must fail: the arguments that differ from a good call, and what the message must hold."""

    row: int
    name: str
    function: str
    arguments: dict[str, Any]
    error: type[Exception]
    parts: tuple[str, ...]

    @property
    def id(self) -> str:
        """Shown by pytest."""
        return f"row{self.row:02d}-{self.function}-{self.name}" if self.row else f"{self.function}-{self.name}"


def zeros(*shape: int, dtype: str = "float32") -> Array:
    """An array of any shape that takes no memory."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def rank_of(function: str) -> int:
    """Spatial axes: the digit in the name."""
    return int(re.findall(r"\d", function)[0]) if function[-1] == "d" else 0


def good_call(function: str) -> dict[str, Any]:
    """Arguments that work: 4 channels, 9 elements along each axis, kernel 3; for a convolution 6 outputs."""
    rank = rank_of(function)
    if not rank:
        return {}
    call: dict[str, Any] = {"input": np.ones((2, 4, *[9] * rank), "float32")}
    if function in CONVS:
        return {**call, "weight": np.ones((6, 4, *[3] * rank), "float32"), "bias": np.ones(6, "float32")}
    return {**call, "kernel_size": 3}


def call(function: str, **arguments: Any) -> Any:
    """Call a function, or make a plan and call that, with a good call's arguments and these."""
    arguments = {**good_call(function), **arguments}
    if not function.startswith("Conv"):
        return getattr(convx, function)(**arguments)
    x, out = arguments.pop("input"), arguments.pop("out", None)
    return getattr(convx, function)(**arguments)(x, out=out)


TABLE: list[Bad] = []


def bad(
    row: int, name: str, functions: Sequence[str], arguments: dict[str, Any], error: type[Exception], *parts: str
) -> None:
    """Add a row for each function; the part {f} of a text stands for its name."""
    TABLE.extend(Bad(row, name, f, arguments, error, (f"{f}: ", *parts)) for f in functions)


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
    bad(11, "overflow_64_bits", [f], dict.fromkeys(overflow, 2**62) | {"ceil_mode": True}, ValueError, "must be < 2**31")
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
        (33, "fewer_outputs_than_groups", {"weight": zeros(2, 1, *k), "groups": 4, "bias": None}, ("4", str((2, 1, *k)))),
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
    for shape, name in [((2, 4, *x9[1:], 0), "last_axis"), ((2, 4, 0, *x9[1:]), "first_axis"), ((4, *x9[1:], 0), "no_n")]:
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
DTYPES = ["complex64", "complex128", "object", "int32", "int64", "uint8", "bool", "float16", "longdouble", "<U3", "M8[s]"]
for dtype in DTYPES:
    for argument in ("input", "weight", "bias"):
        for f in EVERY if argument == "input" else CONVS:
            value = good_call(f)[argument].astype(dtype)
            texts = (f"{argument} must", "float32", "float64", str(value.dtype))
            bad(46, f"{argument}_{value.dtype}", [f], {argument: value}, TypeError, *texts)
for f in EVERY:
    r = rank_of(f)
    shape = call(f).shape
    locked = np.zeros(shape, "float32")
    locked.flags.writeable = False
    bad(48, "out_read_only", [f], {"out": locked}, ValueError, "out must", "writ")
    bad(48, "out_broadcast", [f], {"out": zeros(*shape)}, ValueError, "out must", "writ")
    for wrong in (shape[:-1], (*shape, 1), (*shape[:-1], shape[-1] + 1), (1, *shape[1:]), shape[1:], (), (0, *shape[1:])):
        out = np.full(wrong, 7, "float32")
        bad(50, f"out_shape_{wrong}", [f], {"out": out}, ValueError, "out must", str(shape), f"got shape {wrong}")
    for dtype in ("float64", "float16", "int32", "complex64", ">f4", "object"):
        out = np.full(shape, 7).astype(dtype)
        bad(50, f"out_{dtype}", [f], {"out": out}, TypeError, "out must", "float32", str(out.dtype))
    for value in ([1.0], 3, "out", memoryview(np.zeros(shape, "float32"))):
        bad(50, f"out_{type(value).__name__}", [f], {"out": value}, TypeError, "out must", "ndarray", f"got {value!r}")

# Without a number: algorithm and activation.
CHOICES = ("auto", "reference", "direct", "im2col")
for value in ("winograd4x4", "", "AUTO"):
    bad(0, f"algorithm_{value}", CONVS, {"algorithm": value}, ValueError, "algorithm must", *CHOICES, value)
for value in (None, 3, b"direct"):
    bad(0, f"algorithm_{value}", CONVS, {"algorithm": value}, TypeError, "algorithm must", repr(value))
NAN = float("nan")
for value in ("Relu", "", "clamp", "leaky_relu", ("relu", 1.0), ("clamp", 1.0), ("leaky_relu", 1.0, 2.0), ("softmax", 1.0)):
    shown = value if isinstance(value, str) else value[0]
    texts = ("activation must", "relu", "relu6", "leaky_relu", "clamp", shown)
    bad(0, f"activation_{value}", CONVS, {"activation": value}, ValueError, *texts)
for value in (("clamp", 2.0, 1.0), ("clamp", NAN, 1.0), ("clamp", 0.0, NAN), ("leaky_relu", NAN)):
    bad(0, f"activation_{value}", CONVS, {"activation": value}, ValueError, "activation must", value[0])
for value in (3, 1.5, True, b"relu", ("leaky_relu", "x"), ("clamp", 0.0, None), ("clamp", "0", "1"), (1.0, 2.0)):
    bad(0, f"activation_{value}", CONVS, {"activation": value}, TypeError, "activation must")


def check(row: Bad) -> None:
    """The call of this row fails as the table says, and an out is not written to."""
    out = row.arguments.get("out")
    before = out.copy() if isinstance(out, np.ndarray) else None
    try:
        call(row.function, **row.arguments)
    except Exception as error:
        message = str(error)
        assert type(error) is row.error, f"{type(error).__name__} instead of {row.error.__name__}: {message}"
        assert message.startswith(row.parts[0]), f"the message must start with {row.parts[0]!r}: {message}"
        missing = [part for part in row.parts if part not in message]
        assert not missing, f"{missing} not in the message: {message}"
    else:
        raise AssertionError(f"{row.function} accepted {row.name}")
    if before is not None:
        np.testing.assert_array_equal(out, before)


if __name__ == "__main__":
    failures = 0
    for entry in TABLE:
        print(entry.id, flush=True)
        try:
            check(entry)
        except AssertionError:
            failures += 1
    print(f"{len(TABLE)} rows tried, {failures} failed")
    sys.exit(failures > 0)
