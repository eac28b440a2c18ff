"""The number of threads that convx computes with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import SupportsIndex

from convx import _core

__all__ = ["get_num_threads", "num_threads", "set_num_threads"]


def set_num_threads(n: SupportsIndex) -> None:
    """Set the largest number of threads that one call may use.

    Results have the same bits for every number of threads, unless :meth:`Conv2d.tune` found different algorithms to be
    the fastest for different numbers. Until this is called, the number is OpenMP's own: the number of CPUs, or what
    ``OMP_NUM_THREADS`` says.

    Parameters
    ----------
    n : int
        Number of threads, at least 1.

    Raises
    ------
    TypeError
        If `n` is not an int.
    ValueError
        If `n` is less than 1.

    Examples
    --------
    >>> import convx
    >>> before = convx.get_num_threads()
    >>> convx.set_num_threads(1)
    >>> convx.get_num_threads()
    1
    >>> convx.set_num_threads(before)
    """
    _core.set_num_threads(n)


def get_num_threads() -> int:
    """Return the largest number of threads that one call may use.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> import convx
    >>> convx.get_num_threads() >= 1
    True
    """
    return _core.get_num_threads()


@contextmanager
def num_threads(n: SupportsIndex) -> Iterator[None]:
    """Limit the number of threads inside a ``with`` block or a decorated function.

    The previous number returns at the end of the block, after an exception too.

    Parameters
    ----------
    n : int
        Number of threads, at least 1.

    Raises
    ------
    TypeError
        On entry, if `n` is not an int.
    ValueError
        On entry, if `n` is less than 1.

    Examples
    --------
    >>> import convx
    >>> with convx.num_threads(1):
    ...     convx.get_num_threads()
    1
    >>> @convx.num_threads(1)
    ... def threads_inside():
    ...     return convx.get_num_threads()
    >>> threads_inside()
    1
    """
    previous = _core.thread_setting()  # not get_num_threads(): "as OpenMP says" must stay that
    set_num_threads(n)
    try:
        yield
    finally:
        _core.restore_thread_setting(previous)
