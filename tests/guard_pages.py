"""Run with an algorithm, "integers" or "pool", and a dtype: arrays at both ends of their pages, no access beside them.

Each array lies directly behind, or directly before, a page that may not be touched. The name of a call is printed
before it is made: after a SIGSEGV the last line tells which it was.
"""

import ctypes
import itertools
import math
import mmap
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import convx
import numpy as np
from cases import CONV_BY_NAME, ConvCase
from checks import Array, assert_equal_values, assert_integers
from convx import _core
from convx._linear import matmul
from deform_cases import CASES as DEFORMED
from pool_cases import PoolCase
from transpose_cases import TRANSPOSE_CASES

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
PROT_NONE = 0
ISAS = [os.environ["CONVX_ISA"]] if os.environ.get("CONVX_ISA") else list(_core.isas())
Case = TypeVar("Case")

NAMES = (
    "1d_length1 1d_kernel129 1d_unbatched 1x1_c64_k27 1x1_c65_k31_n3 1x1_stride2 3x3_c1_k1 3x3_c5_k7 3x3_c16_k14 "
    "3x3_c17_k15 3x3_c33_k31 3x3_c65_k64 3x3_one_output 3x3_stride2 3x3_stride4x2_dil2x1 3x3_dil3 3x3_overpadded "
    "3x3_pad_on_one_pixel 5x5_pad2 5x5_one_output 3x3_c17_k33_31x30 3x3_groups2_same 3d_1x3x3_stride_dil_depth "
    "11x11_stride4 kernel_is_input groups3_k1_each groups2_1x1 depthwise_c17 depthwise_c33_stride2 depthwise_x2 "
    "3d_3x4x5 3d_asym "
)
CONVS = [CONV_BY_NAME[name] for name in NAMES.split()] + [
    ConvCase("full_tiles", (1, 32, 8, 32), (64, 32, 3, 3), padding=1),
    ConvCase("page_sized", (1, 16, 8, 32), (16, 16, 2, 2), padding=((0, 1), (0, 1))),
    ConvCase("rows_of_7", (2, 5, 7, 7), (5, 1, 3, 3), 1, 1, 1, 5),
    ConvCase("rows_of_14_stride2", (1, 3, 14, 14), (6, 1, 5, 5), 2, 2, 1, 3),
    ConvCase("rows_of_16", (1, 2, 5, 16), (2, 1, 3, 3), 1, 0, 1, 2),
    ConvCase("rows_of_33_stride2", (2, 2, 9, 33), (2, 1, 7, 7), 2, ((0, 3), (3, 0)), 1, 2),
    ConvCase("four_in_a_group", (1, 8, 9, 28), (8, 4, 3, 3), 1, 1, 1, 2),
    ConvCase("short_rows", (1, 5, 9, 5), (3, 5, 2, 2)),
    ConvCase("plane_of_49", (1, 5, 7, 7), (3, 5, 1, 1)),
    ConvCase("k_blocks", (1, 300, 5, 7), (15, 300, 3, 3)),
    ConvCase("many_slabs", (1, 20, 7, 7), (130, 20, 1, 1)),
    ConvCase("many_panels", (1, 20, 9, 15), (30, 20, 1, 1)),
]
POOLS = [
    PoolCase("2x2", (1, 17, 8, 34), 2),
    PoolCase("3x3_pad1", (1, 3, 9, 35), 3, 1, 1),
    PoolCase("3x3_stride2_ceil", (2, 5, 12, 14), 3, 2, ceil_mode=True),
    PoolCase("dilated", (1, 2, 12, 33), 3, 1, 2, 2),
    PoolCase("global", (2, 17, 7, 7), 7),
    PoolCase("9x9", (1, 2, 20, 37), 9, 1, 4),
    PoolCase("one", (1, 1, 1, 1), 1),
    PoolCase("line", (1, 3, 33), 5, 2, 2, rank=1),
    PoolCase("volume", (1, 2, 4, 5, 17), 2, 1, 1, rank=3),
]


def on_each_isa(cases: Sequence[Case], repeats: bool = False) -> Iterator[tuple[str, Case]]:
    """Every case on the best instruction set, every sixth one on each other: tests/kernels guards kernels alone.

    None at all on the others where they would repeat the same loops.
    """
    for turn, isa in enumerate(ISAS):
        _core.set_isa(isa)
        for case in cases if turn == 0 else () if repeats else cases[turn % 6 :: 6]:
            yield isa, case


def guarded(shape: tuple[int, ...], dtype: Any, at_end: bool) -> Array:
    """An array that starts right behind a forbidden page, or ends right before one; both pages are there."""
    page = mmap.PAGESIZE
    size = math.prod(shape) * np.dtype(dtype).itemsize
    inner = max(-(-size // page), 1) * page
    region = mmap.mmap(-1, inner + 2 * page)
    base = ctypes.addressof(ctypes.c_char.from_buffer(region))
    for address in (base, base + page + inner):
        if LIBC.mprotect(address, page, PROT_NONE):
            raise OSError(ctypes.get_errno(), "mprotect")
    start = page + (inner - size if at_end else 0)
    return np.frombuffer(region, dtype, math.prod(shape), start).reshape(shape)


def place(a: Array, at_end: bool) -> Array:
    copy = guarded(a.shape, a.dtype, at_end)
    copy[...] = a
    return copy


def run_convs(algorithm: str, dtype: str) -> None:
    for isa, case in on_each_isa([case for case in CONVS if case.takes(algorithm)], algorithm == "reference"):
        x, w, b = case.data(dtype, integers=True)
        function = getattr(convx, case.function)
        arguments = {**case.parameters, "algorithm": algorithm}
        expected = function(x, w, b, **arguments)
        for ends in itertools.product([False, True], repeat=2):
            # Input and output at each end; weight and bias opposite each other.
            print(isa, case.name, ends, flush=True)
            arrays = place(x, ends[0]), place(w, ends[1]), None if b is None else place(b, not ends[1])
            out = guarded(expected.shape, dtype, ends[1])
            function(*arrays, **arguments, out=out)
            assert_equal_values(out, expected, f"{isa} {case.name} {ends}")
            out[...] = np.nan
            plan = getattr(convx, case.plan)(*arrays[1:], **arguments)
            plan(arrays[0], out=out)
            assert_integers(out, expected, algorithm, f"{isa} plan {case.name} {ends}")
            if x.ndim > case.rank + 1:
                # Images last to first: the strides are negative, the ends swapped.
                function(arrays[0][::-1], *arrays[1:], **arguments, out=out[::-1])
                assert_integers(out, expected, algorithm, f"{isa} reversed {case.name} {ends}")


def run_integers(dtype: str) -> None:
    """Convolutions of integers by every algorithm, requantised ones of bytes, and of pixels; the weight is signed."""
    rng, limits = np.random.default_rng(0), np.iinfo(dtype)
    signed = f"int{8 * np.dtype(dtype).itemsize}"
    for isa, case in on_each_isa(CONVS):
        x = rng.integers(limits.min, limits.max, case.input, dtype, endpoint=True)
        w = rng.integers(-128, 127, case.weight, signed, endpoint=True)
        bias = rng.integers(-99, 99, case.weight[0], "int32")
        function = getattr(convx, case.function)
        for algorithm, ends in itertools.product(["direct", "narrow"], itertools.product([False, True], repeat=2)):
            print(isa, case.name, algorithm, ends, flush=True)
            arguments = {**case.parameters, "algorithm": algorithm}
            arrays = place(x, ends[0]), place(w, ends[1]), place(bias, ends[0])
            expected = function(x, w, bias, **arguments)
            out = guarded(expected.shape, expected.dtype, ends[1])
            function(*arrays, **arguments, out=out)
            assert_equal_values(out, expected, f"{isa} {case.name} {ends}")
            if x.itemsize == 1 and algorithm == "direct":
                scales = np.float32(0.5), 3, arrays[1], place(np.full(len(w), 1e-3, "f4"), ends[1]), 0, 1.0, np.int8(5)
                small = guarded(expected.shape, "int8", ends[1])
                convx.qlinear_conv(arrays[0], *scales, arrays[2], **case.parameters, out=small)
            if x.itemsize <= 2 and algorithm == "direct":
                out = guarded(expected.shape, dtype, ends[1])
                convx.filter_image(*arrays[:2], **case.parameters, out=out)
                expected = function(x, w, **arguments).clip(limits.min, limits.max)
                assert_equal_values(out, expected.astype(dtype), f"{isa} pixels {case.name} {ends}")


def run_formats(algorithm: str, dtype: str) -> None:
    """Channels last, and padding that is not zeros."""
    for isa, case in on_each_isa([case for case in CONVS if case.takes(algorithm)], algorithm == "reference"):
        x, w, b = case.data(dtype, integers=True)
        last = np.moveaxis(x, -case.rank - 1, -1)
        function = getattr(convx, case.function)
        for at_end, mode in [(False, "reflect"), (True, "zeros")]:
            print(isa, case.name, at_end, mode, flush=True)
            arguments = {**case.parameters, "algorithm": algorithm, "padding_mode": mode}
            arrays = place(w, at_end), None if b is None else place(b, not at_end)
            expected = function(x, w, b, **arguments)
            out = guarded(expected.shape, dtype, at_end)
            function(place(x, at_end), *arrays, **arguments, out=out)
            assert_integers(out, expected, algorithm, f"{isa} {case.name} {mode}")
            expected = np.moveaxis(expected, -case.rank - 1, -1)
            out = guarded(expected.shape, dtype, at_end)
            function(place(last, at_end), *arrays, **arguments, data_format="channels_last", out=out)
            assert_integers(out, expected, algorithm, f"{isa} channels last {case.name} {mode}")


def run_pools(dtype: str) -> None:
    for isa, case, kind in itertools.product(ISAS, POOLS, ("max", "avg")):
        _core.set_isa(isa)
        x = case.data(dtype, integers=True)
        function = getattr(convx, f"{kind}_pool{case.rank}d")
        expected = function(x, **case.parameters)
        for ends in itertools.product([False, True], repeat=2):
            print(isa, kind, case.name, ends, flush=True)
            out = guarded(expected.shape, dtype, ends[1])
            function(place(x, ends[0]), **case.parameters, out=out)
            assert_equal_values(out, expected, f"{isa} {kind} {case.name} {ends}")
    for isa, at_end, axis in itertools.product(ISAS, [False, True], [0, 1, 2]):
        _core.set_isa(isa)
        print(isa, "maxout", axis, at_end, flush=True)
        x = place(np.arange(6 * 6 * 36).reshape(6, 6, 36).astype(dtype), at_end)
        expected = convx.maxout(x.copy(), 3, axis)
        out = guarded(expected.shape, dtype, not at_end)
        convx.maxout(x, 3, axis, out=out)
        assert_equal_values(out, expected)


def run_transposes(dtype: str) -> None:
    for isa, case in on_each_isa(TRANSPOSE_CASES):
        x, w, b = case.data(dtype)
        function = getattr(convx, case.function)
        expected = function(x, w, b, **case.parameters)
        for ends in itertools.product([False, True], repeat=2):
            print(isa, case.name, ends, flush=True)
            arrays = place(x, ends[0]), place(w, ends[1]), None if b is None else place(b, not ends[1])
            out = guarded(expected.shape, dtype, ends[1])
            function(*arrays, **case.parameters, out=out)
            assert_integers(out, expected, "auto", f"{isa} {case.name} {ends}")


def run_columns(dtype: str) -> None:
    """unfold and fold of lines, images and volumes, with windows that leave gaps and ones that overlap."""
    shapes = ((1, 3, 33), (2, 3, 9, 17), (1, 17, 8, 16), (1, 2, 4, 5, 17))
    for isa, shape, stride, padding in itertools.product(ISAS, shapes, (1, 2, 3), (0, 2)):
        _core.set_isa(isa)
        arguments = {"kernel_size": (2,) * (len(shape) - 2), "dilation": 2, "padding": padding, "stride": stride}
        x = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
        expected = convx.unfold(x, **arguments)
        image = convx.fold(expected, shape[2:], **arguments)
        for ends in itertools.product([False, True], repeat=2):
            print(isa, shape, arguments, ends, flush=True)
            columns, out = guarded(expected.shape, dtype, ends[1]), guarded(shape, dtype, ends[0])
            convx.unfold(place(x, ends[0]), **arguments, out=columns)
            assert_equal_values(columns, expected)
            convx.fold(columns, shape[2:], **arguments, out=out)
            assert_equal_values(out, image)


def run_deformed(dtype: str) -> None:
    for isa, (name, case) in on_each_isa(list(DEFORMED.items())):
        arrays = case.arrays(dtype, whole=True)
        function = getattr(convx, f"deform_conv{case.rank}d")
        expected = function(**arrays, **case.parameters)
        for ends in itertools.product([False, True], repeat=2):
            print(isa, name, ends, flush=True)
            out = guarded(expected.shape, dtype, ends[1])
            function(**{key: place(a, ends[0]) for key, a in arrays.items()}, **case.parameters, out=out)
            assert_equal_values(out, expected, f"{isa} {name} {ends}")


def run_products(dtype: str) -> None:
    """Rows of the first matrix lie side by side: as columns do, those backwards, and those of a window that slides."""
    for isa, (rows, columns) in on_each_isa(list(itertools.product([5, 10, 26], [1, 4, 17]))):
        depth = 7
        for at_end in (False, True):
            print(isa, rows, columns, at_end, flush=True)
            full = guarded((depth, rows), dtype, at_end)
            full[:] = np.arange(full.size).reshape(full.shape)
            slid = guarded((depth + rows - 1,), dtype, at_end)
            slid[:] = np.arange(slid.size)
            b = place(np.arange(depth * columns).reshape(depth, columns).astype(dtype), at_end)
            for a in (full.T, full[::-1].T, np.lib.stride_tricks.sliding_window_view(slid, depth)):
                out = guarded((rows, columns), dtype, at_end)
                matmul(a, b, out=out)
                assert_equal_values(out, a @ b)


def touch_forbidden_page(at_end: bool) -> None:
    """Proof that the guard works: this must die."""
    a = guarded((16,), "float32", at_end)
    print("touching", flush=True)
    ctypes.string_at(a.ctypes.data + (a.nbytes if at_end else -1), 1)
    print("survived", flush=True)


if __name__ == "__main__":
    what, kind = sys.argv[1:]
    if what == "touch":
        touch_forbidden_page(kind == "end")
    elif what.startswith("formats "):
        run_formats(what.partition(" ")[2], kind)
    elif what == "pool":
        run_pools(kind)
    elif what == "transpose":
        run_transposes(kind)
    elif what == "columns":
        run_columns(kind)
    elif what == "deform":
        run_deformed(kind)
    elif what == "products":
        run_products(kind)
    elif what == "integers":
        run_integers(kind)
    else:
        run_convs(what, kind)
    print("done", flush=True)
