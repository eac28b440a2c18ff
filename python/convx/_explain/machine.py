"""What this machine can do at most, measured once in a process: multiply-adds and bytes per second."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from convx import _core
from convx._timing import at_once, measure

__all__ = ["Machine", "Roofline", "machine", "roofline_of"]

PEAK_SECONDS = 0.004
COPY_SECONDS = 0.02
VECTOR_BYTES = {"baseline": 16, "neon": 16, "avx2": 32, "avx512": 64, "avx512vnni": 64}
"""Of each instruction set: the model counts operations on whole vectors."""


@dataclass(frozen=True)
class Machine:
    """The two ceilings of the roofline model.

    Attributes
    ----------
    isa : str
        The instruction set.
    threads : int
        How many threads measured at once.
    peak : float
        FLOP/s of float32 in registers, two for a multiply-add.
    bandwidth : float
        Bytes per second that copies of arrays larger than the caches read and write.
    """

    isa: str
    threads: int
    peak: float
    bandwidth: float

    def flops(self, dtype: np.dtype[Any]) -> float:
        """Return the peak for a dtype: half of it in float64; halves are computed in float32."""
        return self.peak / 2 if dtype == np.float64 else self.peak

    def seconds_of_slots(self, slots: float, dtype: np.dtype[Any]) -> float:
        """Return what an estimate in slots, each a multiply-add of a whole vector, takes at the peak."""
        lanes = VECTOR_BYTES[self.isa] // (8 if dtype == np.float64 else 4)
        return slots * 2 * lanes / self.flops(dtype)


@dataclass(frozen=True)
class Roofline:
    """How long a layer takes at least, by what it computes and by what it moves.

    S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful visual performance model for multicore
    architectures", Communications of the ACM 52(4), 2009.

    Attributes
    ----------
    compute_seconds : float
        Its operations at the peak; 0 where none is measured, as for integers.
    memory_seconds : float
        Its arrays, each read or written once, at the memory's bandwidth.
    """

    compute_seconds: float
    memory_seconds: float

    @property
    def seconds(self) -> float:
        """The larger of the two."""
        return max(self.compute_seconds, self.memory_seconds)

    @property
    def bound(self) -> str:
        """Which of the two binds, ``'compute'`` or ``'memory'``."""
        return "compute" if self.compute_seconds > self.memory_seconds else "memory"


def roofline_of(operations: int, nbytes: int, dtype: np.dtype[Any], *, fused: bool, on: Machine) -> Roofline:
    """Return the roofline of a layer.

    Parameters
    ----------
    operations, nbytes : int
        What it computes and what it moves.
    dtype : numpy.dtype
        What it computes in.
    fused : bool
        Whether two operations are one instruction, as in a convolution.
    on : Machine
        The machine.
    """
    peak = on.flops(dtype) if fused else on.flops(dtype) / 2
    return Roofline(operations / peak if dtype.kind not in "iub" else 0.0, nbytes / on.bandwidth)


def machine(threads: int) -> Machine:
    """Return what this machine can do with so many threads, for the active instruction set."""
    isa, busy = _core.get_isa(), min(threads, _processors())
    return Machine(isa, threads, _peak(isa, busy), _bandwidth(busy))


def _processors() -> int:
    """Return how many there are for this process: more threads than that are no faster."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _peak(isa: str, threads: int) -> float:
    return 1e9 * max(sum(at_once(threads, partial(_core.fma_peak, PEAK_SECONDS))) for _ in range(4))


@cache
def _bandwidth(threads: int) -> float:
    """Of a copy between arrays that together are four times as large as the last cache, within reason."""
    nbytes = min(max(4 * _core.info()["caches"][2], 1 << 25), 1 << 28) // threads
    return sum(at_once(threads, partial(_copy, nbytes)))


def _copy(nbytes: int) -> float:
    source, target = np.ones((2, nbytes // 16))
    return 2 * source.nbytes / measure(partial(np.copyto, target, source), COPY_SECONDS, minimum=2).best
