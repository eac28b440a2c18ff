"""Runs of a program, by any number of threads, on inputs of any sizes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from convx._graph.run.frame import Act, Frame
from convx._graph.run.layout import Layout, recorded
from convx._graph.run.program import Program

__all__ = ["Runner"]

_KEPT = 8  # sizes of inputs of which the memory is kept
Shapes = tuple[tuple[int, ...], ...]


class _Sizes:
    """What is kept for inputs of some sizes: their layout, and frames that no run is in."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.free: list[Frame] = []


class Runner:
    """A program with the memory of its runs.

    A run takes a frame that is free, or makes one, so that runs in several threads do not meet. The first run with
    inputs of some sizes finds out what lies where; the last few sizes are kept.

    Parameters
    ----------
    program : Program
        What to run.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._sizes: OrderedDict[Shapes, _Sizes] = OrderedDict()
        self._lock = Lock()

    def run(self, feeds: list[Any]) -> list[Any]:
        """Run the program.

        Parameters
        ----------
        feeds : list of ndarray
            Its inputs.

        Returns
        -------
        list
            Its outputs, in memory of their own.
        """
        known = self._known(feeds)
        with np.errstate(all="ignore"):
            if known is None:
                return self._first(feeds)
            frame = self._taken(known)
            outputs = frame.run(feeds)
        known.free.append(frame)
        return outputs

    def run_watched(self, feeds: list[Any], watch: Callable[[int, Act], object]) -> list[Any]:
        """Run the program, each step by ``watch(number, act)``; the sizes of the inputs must have been run before."""
        known = self._known(feeds)
        assert known is not None
        frame = self._taken(known)
        with np.errstate(all="ignore"):
            outputs = frame.run_watched(feeds, watch)
        known.free.append(frame)
        return outputs

    def layout(self, feeds: list[Any]) -> Layout:
        """Return the layout for inputs of these sizes, which must have been run before."""
        known = self._known(feeds)
        assert known is not None
        return known.layout

    def _known(self, feeds: list[Any]) -> _Sizes | None:
        return self._sizes.get(tuple([np.shape(feed) for feed in feeds]))

    def _taken(self, known: _Sizes) -> Frame:
        try:
            return known.free.pop()
        except IndexError:
            return Frame(self.program, known.layout)

    def _first(self, feeds: list[Any]) -> list[Any]:
        outputs, layout = recorded(self.program, feeds)
        with self._lock:
            self._sizes[tuple([np.shape(feed) for feed in feeds])] = _Sizes(layout)
            while len(self._sizes) > _KEPT:
                self._sizes.popitem(last=False)
        return outputs
