"""Threads sharing plans, for ThreadSanitizer: run as a script (see the session `tsan` of noxfile.py), needs no pytest.

Small arrays: what matters is that first calls meet, and that every result has the bits of a call made alone.
"""

import sys
import threading
from collections.abc import Callable
from typing import Any

import convx
import numpy as np

THREADS = 4
Array = np.ndarray[Any, np.dtype[Any]]
Call = Callable[[Array], Any]


def numbers(seed: int, shape: tuple[int, ...], dtype: str) -> Array:
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(dtype)


def quantized(w: Array, x: Array) -> Call:
    zero = np.zeros((), x.dtype)[()]
    scales, zeros, bias = np.full(len(w), 0.25, "float32"), np.zeros(len(w), w.dtype), np.arange(len(w), dtype="int32")
    return convx.QLinearConv(np.float32(0.5), zero, w, scales, zeros, np.float32(8), zero, bias)


def plans() -> dict[str, tuple[Callable[[], Call], Array]]:
    """Every kind of plan with every cast of its weight: how it is made, and an input."""
    table: dict[str, tuple[Callable[[], Call], Array]] = {}
    for kept in ("float16", "float32", "float64"):
        for given in ("float16", "float32", "float64"):
            x, w, thin = (
                numbers(0, (2, 16, 9, 9), given),
                numbers(1, (24, 16, 3, 3), kept),
                numbers(2, (16, 1, 3, 3), kept),
            )
            bias, turned = numbers(3, (24,), kept), np.swapaxes(w, 0, 1)
            name = f"{kept} plan of {given}"
            for algorithm in ("auto", "direct", "im2col", "winograd", "narrow", "reference"):
                table[f"Conv2d {algorithm}, {name}"] = (
                    lambda w=w, b=bias, a=algorithm: convx.Conv2d(w, b, padding=1, algorithm=a),
                    x,
                )
            table[f"Conv2d depthwise, {name}"] = (lambda w=thin: convx.Conv2d(w, groups=16), x)
            table[f"ConvTranspose2d, {name}"] = (lambda w=turned: convx.ConvTranspose2d(w, stride=2), x)
    for kept in ("int8", "int16", "int32", "int64"):
        for given in ("int8", "uint8", "int16", "int64"):
            w = numbers(1, (24, 16, 3, 3), kept)
            x = np.abs(numbers(0, (2, 16, 9, 9), given))
            table[f"Conv2d, {kept} plan of {given}"] = (lambda w=w: convx.Conv2d(w, padding=1), x)
    for kept in ("int8", "uint8"):
        for given in ("int8", "uint8"):
            w, x = (
                np.abs(numbers(seed, *of)) for seed, of in enumerate([((24, 16, 3, 3), kept), ((2, 16, 9, 9), given)])
            )
            table[f"QLinearConv, {kept} plan of {given}"] = (lambda w=w, x=x: quantized(w, x), x)
    return table


def functions() -> dict[str, Callable[[], Any]]:
    """A call of every family, its arrays made once: the threads read the same ones."""
    x, w, y = (
        numbers(0, (2, 16, 9, 9), "float32"),
        numbers(1, (24, 16, 3, 3), "float32"),
        numbers(2, (2, 24, 7, 7), "float32"),
    )
    half, last = x.astype("float16"), np.ascontiguousarray(np.moveaxis(x, 1, -1))
    offsets = numbers(3, (2, 18, 7, 7), "float32") / 4
    pooled, indices = convx.max_pool2d(x, 3, return_indices=True)
    byte, word = np.abs(x).astype("uint8"), w.astype("int8")
    return {
        "conv2d": lambda: convx.conv2d(x, w),
        "conv2d float16": lambda: convx.conv2d(half, w),
        "conv2d reflect": lambda: convx.conv2d(x, w, padding=1, padding_mode="reflect"),
        "conv2d last": lambda: convx.conv2d(last, w, data_format="channels_last"),
        "conv2d integers": lambda: convx.conv2d(byte, word),
        "conv_integer": lambda: convx.conv_integer(byte, word),
        "filter_image": lambda: convx.filter_image(byte, w),
        "conv_transpose2d": lambda: convx.conv_transpose2d(y, w, stride=2),
        "conv2d_input": lambda: convx.conv2d_input(x.shape, w, y),
        "conv2d_weight": lambda: convx.conv2d_weight(x, w.shape, y),
        "conv2d_bias": lambda: convx.conv2d_bias(y),
        "deform_conv2d": lambda: convx.deform_conv2d(x, offsets, w),
        "unfold": lambda: convx.unfold(x, 3),
        "fold": lambda: convx.fold(convx.unfold(x, 3), (9, 9), 3),
        "max_pool2d": lambda: convx.max_pool2d(x, 2),
        "max_pool2d indices": lambda: convx.max_pool2d(x, 3, return_indices=True),
        "max_unpool2d": lambda: convx.max_unpool2d(pooled, indices, 3),
        "avg_pool2d": lambda: convx.avg_pool2d(x, 3, stride=1, padding=1),
        "avg_pool2d_backward": lambda: convx.avg_pool2d_backward(pooled, x.shape, 3),
        "adaptive_avg_pool2d": lambda: convx.adaptive_avg_pool2d(x, 4),
        "lp_pool2d": lambda: convx.lp_pool2d(x, 2, 2),
        "global_max_pool": lambda: convx.global_max_pool(x),
        "maxout": lambda: convx.maxout(x, 4),
    }


def same(a: Any, b: Any) -> bool:
    if isinstance(b, tuple):
        return all(same(p, q) for p, q in zip(a, b, strict=True))
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def together(bodies: list[Callable[[], bool]]) -> bool:
    """Run the bodies in threads that start at once; whether all of them said yes."""
    barrier, answers = threading.Barrier(len(bodies)), []

    def run(body: Callable[[], bool]) -> None:
        barrier.wait()
        answers.append(body())

    workers = [threading.Thread(target=run, args=(body,)) for body in bodies]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return len(answers) == len(bodies) and all(answers)


def share_plans(word: str) -> dict[str, bool]:
    """Plans whose first calls meet, those whose names hold the word; which of them gave the bits of a call alone."""
    equal = {}
    for name, (make, x) in plans().items():
        if word in name:
            expected = make()(x)
            made = [make() for _ in range(3)]
            bodies = [lambda p=plan, x=x, e=expected: same(p(x), e) and same(p(x), e) for plan in made]
            equal[name] = sum(together([body] * THREADS) for body in bodies) == len(bodies)
    return equal


def share_arrays(word: str) -> dict[str, bool]:
    """Functions from many threads, each beginning elsewhere, while another sets the number of threads."""
    table = [(name, call, call()) for name, call in functions().items() if word in name]
    equal = {name: True for name, *_ in table}
    ends = threading.Event()

    def change() -> None:
        count = 0
        while not ends.wait(0.001):
            count += 1
            convx.set_num_threads(count % 3 + 1)

    def work(first: int) -> bool:
        for name, call, expected in table[first:] + table[:first]:
            if not same(call(), expected):
                equal[name] = False
        return True

    changer = threading.Thread(target=change)
    changer.start()
    done = together([lambda first=5 * i: work(first) for i in range(THREADS)])
    ends.set()
    changer.join()
    return equal if done else dict.fromkeys(equal, False)


if __name__ == "__main__":
    sys.setswitchinterval(1e-4)
    convx.set_num_threads(2)
    word = " ".join(sys.argv[1:])
    equal = share_plans(word) | share_arrays(word)
    for name in [name for name, yes in equal.items() if not yes]:
        print(f"{name}: other bits than alone, or no result")
    print(f"{sum(equal.values())} of {len(equal)} plans and functions gave {THREADS} threads the same bits as one")
    sys.exit(not all(equal.values()))
