"""The number of threads of the process, set while sessions run."""

from __future__ import annotations

from operator import index
from threading import Lock
from typing import SupportsIndex

from convx import _core

__all__ = ["ProcessThreads"]

_MOST = 1024  # as in cpp/bindings/runtime.cpp
_lock = Lock()
_inside = 0
_before = 0


class ProcessThreads:
    """Sets the number of threads for ``with`` blocks, which several threads may be in at once.

    The last of them puts back what was before the first.

    Parameters
    ----------
    number : int
        How many, at least 1.

    Raises
    ------
    TypeError
        If it is no int.
    ValueError
        If it is less than 1, or more than :func:`convx.set_num_threads` takes.
    """

    def __init__(self, number: SupportsIndex) -> None:
        if isinstance(number, bool) or not isinstance(number, SupportsIndex):
            raise TypeError(f"InferenceSession: num_threads must be an int or None, got {number!r}")
        self._number = index(number)
        if not 1 <= self._number <= _MOST:
            raise ValueError(f"InferenceSession: num_threads must be >= 1 and <= {_MOST}, got {self._number}")

    def __enter__(self) -> None:
        global _inside, _before
        with _lock:
            if _inside == 0:
                _before = _core.thread_setting()
            _inside += 1
            _core.set_num_threads(self._number)

    def __exit__(self, *_: object) -> None:
        global _inside
        with _lock:
            _inside -= 1
            if _inside == 0:
                _core.restore_thread_setting(_before)
