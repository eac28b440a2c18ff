"""Run in a process of its own: long calls that Ctrl-C must end; ordinary ones and those whose shapes are awkward."""

import contextlib
import os
import signal
import struct
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import convx
import numpy as np
from cases import Array
from families import FAMILIES, lengthen, numbers, result_arrays

Call = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """A long call: `make` prepares it, untimed, with its output at hand; memory stays below 6 GB."""

    make: Callable[[], Call]
    finishes: str = ""  # why it may be over before the signal, where memory does not allow a longer one
    quick: bool = False


def wide(*shape: int, dtype: str = "float32") -> Array:
    """Ones without memory of their own: every stride is zero."""
    return np.broadcast_to(np.ones((), dtype), shape)


def repeated(dtype: str = "float32") -> Array:
    """A map of 2**34 elements, all rows the same one: a zero stride within a row would have it gathered first."""
    return np.broadcast_to(np.ones(SIDE, dtype), (1, 1, SIDE, SIDE))


def filled(*shape: int, dtype: str = "float32") -> Array:
    """An output whose pages are there."""
    return np.full(shape, 1, dtype)


SIDE = 2**17  # the side of a map of 2**34 elements
LONG = 2**34
GATHERED = 2**29  # elements of a row of zero stride, which is gathered
ROWS: dict[str, Row] = {}


def row(name: str, finishes: str = "", quick: bool = False) -> Callable[[Callable[[], Call]], Callable[[], Call]]:
    def take(make: Callable[[], Call]) -> Callable[[], Call]:
        assert name not in ROWS
        ROWS[name] = Row(make, finishes, quick)
        return make

    return take


def now(name: str, call: Call, finishes: str = "", quick: bool = False) -> None:
    row(name, finishes, quick)(lambda: call)


BANDWIDTH = "2 GiB of output, written at the speed of the memory"

# One map, one window, one output: a single task.
now("conv1d_bias-one_map", lambda: convx.conv1d_bias(wide(1, 1, LONG)), quick=True)
now("conv2d_bias-one_map", lambda: convx.conv2d_bias(wide(1, 1, SIDE, SIDE)))
now("conv1d_bias-one_map-last", lambda: convx.conv1d_bias(wide(1, LONG, 1), data_format="channels_last"))
now("conv1d_bias-float64", lambda: convx.conv1d_bias(wide(1, 1, LONG, dtype="float64")))
for kind, function in {"max": convx.max_pool2d, "avg": convx.avg_pool2d}.items():
    now(f"{kind}_pool2d-one_window", lambda f=function: f(repeated(), SIDE), quick=kind == "avg")
    now(
        f"{kind}_pool2d-one_window-last",
        lambda f=function: f(wide(1, SIDE, SIDE, 1), SIDE, data_format="channels_last"),
    )
    now(f"{kind}_pool2d-one_row_of_windows", lambda f=function: f(repeated(), (SIDE, 2**10), 2**10))
for kind, pool in {"max": convx.global_max_pool, "avg": convx.global_avg_pool, "lp": convx.global_lp_pool}.items():
    now(f"global_{kind}_pool-one_row", lambda f=pool: f(wide(1, 1, GATHERED)), finishes=f"{GATHERED} elements gathered")
now("global_max_pool-one_map", lambda: convx.global_max_pool(repeated()))
now("global_avg_pool-one_map", lambda: convx.global_avg_pool(repeated()))
now("max_pool2d-one_window-indices", lambda: convx.max_pool2d(repeated(), SIDE, return_indices=True), quick=True)
now(
    "max_pool2d-one_window-indices-zero_stride",
    lambda: convx.max_pool2d(wide(1, 1, SIDE, SIDE), SIDE, return_indices=True),
)
now("max_pool1d-one_window-indices", lambda: convx.max_pool1d(wide(1, 1, 2**31 - 1), 2**31 - 1, return_indices=True))
now("max_pool2d-one_window-int8", lambda: convx.max_pool2d(repeated("int8"), SIDE), finishes="64 bytes a vector")
for norm in (2, 3):
    now(
        f"lp_pool2d-one_window-norm{norm}",
        lambda p=norm: convx.lp_pool2d(wide(1, 1, 2**14, 2**15), p, (2**14, 2**15)),
        finishes=f"{GATHERED} elements gathered",
    )
now("adaptive_avg_pool2d-one_window", lambda: convx.adaptive_avg_pool2d(repeated(), 1))
now("adaptive_max_pool2d-one_window", lambda: convx.adaptive_max_pool2d(repeated(), 1))
now("adaptive_max_pool2d-one_window-indices", lambda: convx.adaptive_max_pool2d(repeated(), 1, return_indices=True))
now("adaptive_avg_pool2d-two_windows", lambda: convx.adaptive_avg_pool2d(repeated(), (1, 2)))
now("maxout-one_group", lambda: convx.maxout(wide(1, GATHERED), GATHERED), finishes="2 GiB copied by NumPy")
now("maxout-one_group-last_axis", lambda: convx.maxout(wide(2, 1, 2**28), 2**28, 2), finishes="2 GiB copied by NumPy")
# A weight is copied: it cannot have more elements than memory.
for dtype, taps in {"float32": 2**29, "float64": 2**28, "int8": 2**30, "int16": 2**30, "int64": 2**28}.items():
    ones = wide(1, 1, taps, dtype=dtype)
    now(f"conv1d-{dtype}-reference-one_output", lambda a=ones: convx.conv1d(a, a, algorithm="reference"))
    now(f"conv1d-{dtype}-auto-one_output", lambda a=ones: convx.conv1d(a, a))

# Arrays of zero strides: every element is looked at, to see whether it is finite.
for algorithm in ("auto", "reference", "im2col", "narrow"):
    now(
        f"conv2d_weight-{algorithm}-one_map",
        lambda a=algorithm: convx.conv2d_weight(
            wide(1, 1, SIDE, SIDE), (1, 1, 1, 1), wide(1, 1, SIDE, SIDE), algorithm=a
        ),
        quick=algorithm == "auto",
    )
now(
    "conv2d_weight-3x3",
    lambda: convx.conv2d_weight(wide(1, 1, SIDE + 2, SIDE + 2), (1, 1, 3, 3), wide(1, 1, SIDE, SIDE)),
)
now(
    "conv2d_weight-channels",
    lambda: convx.conv2d_weight(wide(1, 2**14, 2**10, 2**10), (1, 2**14, 1, 1), wide(1, 1, 2**10, 2**10)),
)
now(
    "conv2d_input-channels",
    lambda: convx.conv2d_input((1, 1, 2**10, 2**10), wide(2**14, 1, 1, 1), wide(1, 2**14, 2**10, 2**10)),
    quick=True,
)
now(
    "conv2d_input-3x3",
    lambda: convx.conv2d_input((1, 1, 2**10, 2**10), wide(2**14, 1, 3, 3), wide(1, 2**14, 2**10, 2**10), padding=1),
)
for algorithm in ("auto", "direct", "im2col", "winograd", "narrow", "fft", "reference"):
    now(
        f"conv2d-{algorithm}-channels",
        lambda a=algorithm: convx.conv2d(wide(1, 2**14, 2**10, 2**10), wide(2, 2**14, 3, 3), padding=1, algorithm=a),
    )
now("conv_transpose2d-channels", lambda: convx.conv_transpose2d(wide(1, 2**14, 2**10, 2**10), wide(2**14, 1, 3, 3)))

# Long windows and rows.
for algorithm in ("depthwise", "direct", "im2col", "reference"):
    now(
        f"conv1d-{algorithm}-a_million_taps",
        lambda a=algorithm: convx.conv1d(wide(1, 1, 2**21), wide(1, 1, 2**20), algorithm=a),
        quick=algorithm == "depthwise",
    )
now(
    "conv1d-fft-millions_of_taps",
    lambda: convx.conv1d(wide(1, 1, 2**24), wide(1, 1, 2**23), algorithm="fft"),
)
now(
    "conv1d_weight-a_million_taps", lambda: convx.conv1d_weight(wide(1, 1, 2**21), (1, 1, 2**20), wide(1, 1, 2**20 + 1))
)
now(
    "conv1d_input-a_million_taps",
    lambda: convx.conv1d_input((1, 1, 2**21), wide(1, 1, 2**20), wide(1, 1, 2**20 + 1), algorithm="depthwise"),
)
now(
    "conv_transpose1d-a_million_taps",
    lambda: convx.conv_transpose1d(wide(1, 1, 2**20), wide(1, 1, 2**20), algorithm="depthwise"),
)
now(
    "conv1d-int8-a_million_taps", lambda: convx.conv1d(wide(1, 1, 2**21, dtype="int8"), wide(1, 1, 2**20, dtype="int8"))
)
now("max_pool1d-overlapping", lambda: convx.max_pool1d(wide(1, 1, 2**21), 2**20, 1))
now("avg_pool1d-overlapping", lambda: convx.avg_pool1d(wide(1, 1, 2**21), 2**20, 1))
now(
    "avg_pool1d_backward-overlapping", lambda: convx.avg_pool1d_backward(wide(1, 1, 2**20 + 1), (1, 1, 2**21), 2**20, 1)
)
now(
    "avg_pool1d_backward-vast_stride",
    lambda: convx.avg_pool1d_backward(wide(1, 1, 2), (1, 1, 2**21 + 1), 2**20, 2**20),
    finishes="two windows: done at once where no time is lost on the stride",
)
now(
    "avg_pool1d_backward-vast_stride-maps",
    lambda: convx.avg_pool1d_backward(wide(2**8, 1, 2), (2**8, 1, 2**21 + 1), 2**20, 2**20),
    finishes=BANDWIDTH,
)
now("fold-one_row", lambda: convx.fold(wide(1, 2**12, 2**22), (1, 2**22 + 2**12 - 1), (1, 2**12)))


@row("unfold-one_row", finishes=BANDWIDTH)
def unfold_one_row() -> Call:
    out = filled(1, 2**9, 2**20)
    return lambda: convx.unfold(wide(1, 1, 1, 2**20 + 2**9 - 1), (1, 2**9), out=out)


@row("max_pool1d_backward-one_map", quick=True)
def max_pool1d_backward() -> Call:
    zeros = np.broadcast_to(np.int64(0), (1, 1, LONG))
    return lambda: convx.max_pool1d_backward(wide(1, 1, LONG), zeros, (1, 1, 64))


@row("max_pool1d_backward-large_map", finishes=BANDWIDTH)
def max_pool1d_backward_large() -> Call:
    out, zeros = filled(1, 1, 2**29), np.broadcast_to(np.int64(0), (1, 1, 2**29))
    return lambda: convx.max_pool1d_backward(wide(1, 1, 2**29), zeros, (1, 1, 2**29), out=out)


@row("max_unpool1d-one_map", finishes="4 GiB of output, written at the speed of the memory")
def max_unpool1d() -> Call:
    out, zeros = filled(1, 1, 2**32, dtype="int8"), np.broadcast_to(np.int64(0), (1, 1, 2**32))
    return lambda: convx.max_unpool1d(wide(1, 1, 2**32, dtype="int8"), zeros, 1, out=out)


# Many images of next to nothing.
now("conv2d-tiny_images", lambda: convx.conv2d(wide(2**26, 1, 3, 3), wide(1, 1, 3, 3)))
now("conv2d-int8-tiny_images", lambda: convx.conv2d(wide(2**26, 1, 3, 3, dtype="int8"), wide(1, 1, 3, 3, dtype="int8")))
now("max_pool2d-tiny_images", lambda: convx.max_pool2d(wide(2**27, 1, 3, 3), 3), finishes="half a gigabyte of output")
now("conv_transpose2d-tiny_images", lambda: convx.conv_transpose2d(wide(2**22, 1, 3, 3), wide(1, 1, 3, 3)))


# Samples where offsets say.
@row("deform_conv2d-one_output")
def deform_one_output() -> Call:
    x, w, offset = wide(1, 2**26, 3, 3), wide(1, 2**26, 3, 3), numbers(0, (1, 18, 1, 1))
    return lambda: convx.deform_conv2d(x, offset, w)


@row("deform_conv2d-one_map", finishes="a quarter of a gigabyte of output")
def deform_one_map() -> Call:
    out = filled(1, 1, 2**13 - 2, 2**13 - 2)
    return lambda: convx.deform_conv2d(wide(1, 1, 2**13, 2**13), wide(1, 18, *out.shape[2:]), wide(1, 1, 3, 3), out=out)


# Weights of a gigabyte, copied and packed.
WEIGHT = (2**12, 2**12, 5, 5)
COPY = "a gigabyte copied at the speed of the memory"


def weight_rows() -> None:
    kinds: dict[str, tuple[Callable[[Array], Any], str, str]] = {
        "conv2d": (lambda w: convx.Conv2d(w), "float32", "float32"),
        "direct": (lambda w: convx.Conv2d(w, algorithm="direct"), "float32", "float32"),
        "im2col": (lambda w: convx.Conv2d(w, algorithm="im2col"), "float32", "float32"),
        "transposed": (lambda w: convx.ConvTranspose2d(w), "float32", "float32"),
        "transposed_stride2": (lambda w: convx.ConvTranspose2d(w, stride=2), "float32", "float32"),
        "float16": (lambda w: convx.Conv2d(w), "float16", "float16"),
        "int8": (lambda w: convx.Conv2d(w), "int8", "int8"),
        "int16": (lambda w: convx.Conv2d(w), "int16", "int16"),
        "quantised": (quantised, "int8", "uint8"),
    }
    for name, (make, w_dtype, x_dtype) in kinds.items():
        x = wide(1, WEIGHT[1], 5, 5, dtype=x_dtype)
        w = wide(*WEIGHT, dtype=w_dtype)
        now(f"plan-{name}-is_made", lambda make=make, w=w: [make(w) for _ in range(20)])
        row(f"plan-{name}-first_call", finishes=COPY)(partial(first_call, make, w, x))
        now(f"plan-{name}-made_and_called", lambda make=make, w=w, x=x: [make(w)(x) for _ in range(20)])
    now("conv2d-weight_of_a_gigabyte", lambda: convx.conv2d(wide(1, WEIGHT[1], 9, 9), wide(*WEIGHT)))
    now(
        "conv2d-winograd-weight",
        lambda: convx.conv2d(wide(1, 2**12, 9, 9), wide(2**12, 2**12, 3, 3), algorithm="winograd"),
    )
    now(
        "conv_transpose2d-weight_of_a_gigabyte", lambda: convx.conv_transpose2d(wide(1, WEIGHT[0], 5, 5), wide(*WEIGHT))
    )


def first_call(make: Callable[[Array], Any], w: Array, x: Array) -> Call:
    plan = make(w)
    return lambda: plan(x)


def quantised(w: Array) -> Any:
    one, zero = np.float32(1), np.uint8(0)
    return convx.QLinearConv(one, zero, w, one, np.int8(0), one, zero)


weight_rows()

# Half types, converted before and after.
HALF = 3 * 2**28
now(
    "conv1d-float16-conversion", lambda: convx.conv1d(wide(1, 1, HALF, dtype="float16"), wide(1, 1, 1, dtype="float16"))
)
now("global_avg_pool-float16-conversion", lambda: convx.global_avg_pool(wide(1, 1, HALF, dtype="float16")))
now("conv1d-mixed-conversion", lambda: convx.conv1d(wide(1, 1, HALF // 2), wide(1, 1, 1, dtype="float64")))
now("conv1d-int8-conversion", lambda: convx.conv1d(wide(1, 1, HALF // 2, dtype="int8"), wide(1, 1, 1, dtype="int64")))


def waited(pid: int) -> float:
    """Seconds that the process's main thread has been ready and without a core: the neighbours' doing, not ours."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def send(after: float) -> tuple[int, int]:
    """A process that sends SIGINT here, and writes down when; it needs nothing of this interpreter to do so."""
    parent = os.getpid()
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        time.sleep(after)
        os.write(write, struct.pack("dd", time.monotonic(), waited(parent)))
        with contextlib.suppress(ProcessLookupError):
            os.kill(parent, signal.SIGINT)
        os._exit(0)
    return pid, read


def interrupt(call: Call, after: float = 0.5) -> None:
    """Print 'finished', or the seconds from the signal to the exception, but for those spent waiting for a core."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits that it is ignored
    pid, read = send(after)
    try:
        call()
        print("finished")
    except KeyboardInterrupt:
        end, waited_end = time.monotonic(), waited(os.getpid())
        start, waited_start = struct.unpack("dd", os.read(read, 16))
        print(end - start - (waited_end - waited_start))
    with contextlib.suppress(KeyboardInterrupt):
        os.waitpid(pid, 0)
    assert convx.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))).item() == 9


def awkward(name: str) -> None:
    interrupt(ROWS[name].make())


def family(name: str) -> None:
    """Batches of a second and a half, or with a large result, which is there beforehand where the call takes it."""
    n = lengthen(name, 1.6, most_bytes=1 << 30)
    shapes = []
    for few in (1, 2):
        call, arrays = FAMILIES[name](few, 0)
        shapes.append([(a.shape, a.dtype) for a in result_arrays(call(*arrays))])
    call, arrays = FAMILIES[name](n, 0)
    grow = [one != two for (one, _), (two, _) in zip(*shapes, strict=True)]
    outs = [filled(*((n, *s[1:]) if g else s), dtype=d) for g, (s, d) in zip(grow, shapes[0], strict=True)]
    more = {} if name.startswith("onnx-") else {"out": outs[0] if len(outs) == 1 else tuple(outs)}
    print(f"{n} images", file=sys.stderr)
    interrupt(lambda: [call(*arrays, **more) for _ in range(1000)])


if __name__ == "__main__":
    convx.set_num_threads(2)
    globals()[sys.argv[1]](*sys.argv[2:])
