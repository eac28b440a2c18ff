"""MNN with Winograd of few points only."""

from __future__ import annotations

from harness.systems import mnn_module

__all__ = ["System"]


class System(mnn_module.System):
    """MNN with so many threads, and as exact as the others."""

    winograd = 1
