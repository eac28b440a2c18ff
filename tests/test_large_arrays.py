"""Large results lie where one that is gone has lain; nothing else about them is special."""

import pickle
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import convx
import numpy as np
import pytest
from numpy._core import multiarray

LARGE, SMALL = (1, 1, 3000, 3000), (1, 1, 2000, 2000)  # 36 and 16 MB
ONE = np.full((1, 1, 1, 1), 2, np.float32)
Double = Callable[[np.ndarray], np.ndarray]


@pytest.fixture(params=["function", "plan"])
def double(request: pytest.FixtureRequest) -> Double:
    if request.param == "plan":
        return convx.Conv2d(ONE)
    return lambda x: convx.conv2d(x, ONE)


def place(a: np.ndarray) -> int:
    return int(a.__array_interface__["data"][0])


def handler(a: np.ndarray | None = None) -> str | None:
    return multiarray.get_handler_name(*(() if a is None else (a,)))


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def test_a_result_takes_the_place_of_one_that_is_gone(double: Double) -> None:
    x = np.ones(LARGE, np.float32)
    first = double(x)
    where = place(first)
    del first
    second = double(x)
    assert place(second) == where
    third = double(x + 1)
    assert place(third) != where, "the second is alive"
    assert (second == 2).all()
    assert (third == 4).all()


def test_what_is_kept_is_not_for_results_that_leave_most_of_it(double: Double) -> None:
    large = double(np.ones((1, 1, 5000, 3000), np.float32))
    where = place(large)
    del large
    small = double(np.ones(LARGE, np.float32))
    assert place(small) != where
    assert (small == 2).all()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_vast_results_are_given_back(double: Double) -> None:
    x = np.ones((1, 1, 6000, 3000), np.float32)  # 72 MB
    y = double(x)
    before = resident_mib()
    del y
    assert before - resident_mib() > 60


def test_results_own_their_memory(double: Double) -> None:
    y = double(np.ones(LARGE, np.float32))
    assert y.flags.owndata
    assert y.base is None
    assert y.ctypes.data % 16 == 0
    y.resize((1, 1, 3100, 3000), refcheck=False)
    assert (y[0, 0, :3000] == 2).all()
    y.resize((1, 1, 10, 10), refcheck=False)
    assert (y == 2).all()
    assert (pickle.loads(pickle.dumps(y)) == 2).all()
    del y
    assert (double(np.ones(LARGE, np.float32)) == 2).all()


def test_only_large_results_are_convxs(double: Double) -> None:
    assert handler(double(np.ones(SMALL, np.float32))) == "default_allocator"
    assert handler(double(np.ones(LARGE, np.float32))) == "convx"
    assert handler(np.ones(LARGE, np.float32)) == "default_allocator"
    assert handler() == "default_allocator"


def test_views_keep_the_place(double: Double) -> None:
    x = np.ones(LARGE, np.float32)
    y = double(x)
    row = y[0, 0, 5]
    where = place(y)
    del y
    assert place(double(x)) != where
    assert (row == 2).all()
