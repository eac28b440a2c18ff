"""The ceilings of the machine, measured: FMA per second, bytes per second."""

from __future__ import annotations

from functools import partial

import numpy as np
from convx import _core
from convx._timing import at_once, measure

__all__ = ["bandwidth", "fma_peak"]


def fma_peak(threads: int, seconds: float) -> float:
    """Return GFLOP/s of the active instruction set on registers alone, summed over threads that run at once."""
    peaks = at_once(threads, partial(_core.fma_peak, seconds))
    return sum(peaks)


def bandwidth(nbytes: int, threads: int, seconds: float) -> float:
    """Return GB/s of NumPy's copy or addition, whichever moves more, over arrays of so many bytes in all.

    Counted is what is read and what is written, once each, as for the layers.
    """
    share = nbytes // threads
    return max(sum(at_once(threads, partial(_stream, share, add, seconds))) for add in (False, True))


def _stream(nbytes: int, add: bool, seconds: float) -> float:
    arrays = np.ones((3 if add else 2, nbytes // (12 if add else 8)), np.float32)
    move = partial(np.add, arrays[0], arrays[1], out=arrays[2]) if add else partial(np.copyto, arrays[0], arrays[1])
    return arrays.nbytes / measure(move, seconds).best / 1e9
