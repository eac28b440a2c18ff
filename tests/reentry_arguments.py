"""Run in a process of its own: arguments that call again, while they are read and while they die."""

import gc
import sys
import weakref
from collections.abc import Callable
from typing import Any

import convx
import numpy as np
from cases import Array
from families import FAMILIES, numbers, same
from reentry import SMALL, Inner


class AsArray:
    def __init__(self, array: Array, body: Callable[[], object]) -> None:
        self.array, self.body = array, body

    def __len__(self) -> int:
        return len(self.array)


class ByArray(AsArray):
    def __array__(self, dtype: object = None, copy: object = None) -> Array:
        self.body()
        return self.array


class ByInterface(AsArray):
    @property
    def __array_interface__(self) -> dict[str, Any]:
        self.body()
        return self.array.__array_interface__


class ByDlpack(AsArray):
    def __dlpack__(self, **keywords: Any) -> object:
        self.body()
        return self.array.__dlpack__(**keywords)

    def __dlpack_device__(self) -> tuple[int, int]:
        self.body()
        return self.array.__dlpack_device__()


def protocols_call() -> None:
    """Every array of every family as an object that calls the small families while it is read."""
    inner = Inner(SMALL)
    for name, family in FAMILIES.items():
        call, arrays = family(1, 0)
        expected = call(*arrays)
        # The operators of ONNX read what numpy.asarray reads, and nothing more.
        kinds = (ByArray, ByInterface) if name.startswith("onnx-") else (ByArray, ByInterface, ByDlpack)
        for kind in kinds:
            for i in range(len(arrays)):
                before = inner.count
                given = [kind(a, inner) if j == i else a for j, a in enumerate(arrays)]
                assert same(call(*given), expected), (name, kind.__name__, i)
                assert inner.count > before, (name, kind.__name__, i)
    assert not inner.wrong, set(inner.wrong)


class Number:
    def __init__(self, value: float, body: Callable[[], object]) -> None:
        self.value, self.body = value, body

    def __index__(self) -> int:
        self.body()
        return int(self.value)


class Real(Number):
    __index__ = None  # type: ignore[assignment]

    def __float__(self) -> float:
        self.body()
        return float(self.value)


def numbers_call() -> None:
    """Every number of some calls as an object that calls the small families while it is read."""
    inner = Inner(SMALL)
    x, w = numbers(0, (2, 4, 15, 18)), numbers(1, (6, 4, 3, 3))
    maxima, indices = convx.max_pool2d(x, 3, return_indices=True)
    norms = [lambda v: convx.lp_pool2d(x, v, 3), lambda v: convx.global_lp_pool(x, v)]
    counts: list[tuple[int, Callable[[Any], Any]]] = [
        (2, lambda v: convx.conv2d(x, w, stride=v, padding=v)),
        (1, lambda v: convx.conv2d(x, w, dilation=v, groups=v)),
        (1, lambda v: convx.Conv2d(w, stride=v, padding=(v, v), groups=v)(x)),
        (2, lambda v: convx.ConvTranspose2d(np.swapaxes(w, 0, 1), stride=v)(x)),
        (3, lambda v: convx.max_pool2d(x, v, return_indices=True)),
        (3, lambda v: convx.avg_pool2d(x, (v, v), divisor_override=v)),
        (2, lambda v: convx.adaptive_max_pool2d(x, v)),
        (2, lambda v: convx.maxout(x, v)),
        (15, lambda v: convx.max_pool2d_backward(maxima, indices, (2, 4, v, 18))),
        (15, lambda v: convx.conv2d_input((2, 4, v, 18), w, numbers(2, (2, 6, 13, 16)))),
        (3, lambda v: convx.conv2d_weight(x, (6, 4, v, v), numbers(2, (2, 6, 13, 16)))),
        (3, lambda v: convx.unfold(x, v)),
        (3, lambda v: convx.max_unpool2d(maxima, indices, v)),
    ]
    for i, call in enumerate(norms):
        assert same(call(Real(3, inner)), call(3)), f"norm {i}"
    for i, (value, count_call) in enumerate(counts):
        before = inner.count
        assert same(count_call(Number(value, inner)), count_call(value)), i
        assert inner.count > before, i
    assert not inner.wrong, set(inner.wrong)


class Holder:
    def __init__(self, array: Array, body: Callable[[], object]) -> None:
        self.array, self.body = array, body
        self.me = self  # a cycle: only the collector ends it

    def __del__(self) -> None:
        self.body()


class Owner(np.ndarray):
    """An array whose end is told."""


def finalizers_call(every: str) -> None:
    """Arrays that die during a call, by their last reference or by the collector, call again as they do."""
    inner = Inner(SMALL)
    gc.set_threshold(1)
    for name, family in list(FAMILIES.items())[:: int(every)]:
        call, arrays = family(1, 0)
        expected = call(*arrays)
        before = inner.count

        class Dying:
            def __init__(self, array: Array) -> None:
                self.array = array

            def __len__(self) -> int:
                return len(self.array)

            def __array__(self, dtype: object = None, copy: object = None) -> Array:
                owner = self.array.copy().view(Owner)
                weakref.finalize(owner, inner)
                Holder(owner.copy(), inner)
                return owner

        assert same(call(*map(Dying, arrays)), expected), name
        gc.collect()
        assert inner.count > before, name
    assert not inner.wrong, set(inner.wrong)


if __name__ == "__main__":
    convx.set_num_threads(2)
    globals()[sys.argv[1]](*sys.argv[2:])
