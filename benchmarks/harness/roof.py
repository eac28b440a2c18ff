"""The roofline model: what a layer could reach, given so many FLOPs for so many bytes."""

from __future__ import annotations

from dataclasses import dataclass

from harness.problem import Problem

__all__ = ["Point", "Roof"]


@dataclass(frozen=True)
class Roof:
    """The ceilings: GFLOP/s of FMA, GB/s of main memory and of the last cache."""

    gflops: float
    memory: float
    cache: float

    def at(self, intensity: float) -> float:
        """Return the GFLOP/s allowed at so many FLOPs a byte, data in main memory."""
        return min(self.gflops, intensity * self.memory)


@dataclass(frozen=True)
class Point:
    """One layer and the time of its best call."""

    problem: Problem
    seconds: float

    @property
    def gflops(self) -> float:
        """Speed, FLOPs counted by the definition."""
        return self.problem.flops / self.seconds / 1e9

    @property
    def gbytes(self) -> float:
        """Compulsory traffic per second."""
        return self.problem.bytes / self.seconds / 1e9

    @property
    def intensity(self) -> float:
        """FLOPs a byte."""
        return self.problem.flops / self.problem.bytes

    def share(self, roof: Roof) -> float:
        """Return the share of what the roof allows."""
        return self.gflops / roof.at(self.intensity) if self.problem.flops else self.gbytes / roof.memory
