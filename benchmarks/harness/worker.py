"""The process of one system: reads requests from stdin, writes replies to stdout, both pickled.

Run by harness.workers as ``python -m harness.worker SYSTEM THREADS``.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import sys
import traceback

import numpy as np
from convx._timing import Timing, measure

from harness.problem import Array, Problem
from harness.systems import Call, System, open_system

__all__ = ["Server"]

PR_SET_PDEATHSIG = 1  # Linux
TRIALS = 2


class Server:
    """Answers requests: each a method name and its arguments."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._call: Call | None = None

    def version(self) -> str:
        """Return the version of the system."""
        return self._system.version

    def prepare(self, problem: Problem, seconds: float) -> tuple[str, Array]:
        """Pack the weights; return the name of the fastest way, and what it computes."""
        self._call = None
        gc.collect()
        ways = self._system.ways(problem)
        fastest = next(iter(ways))
        if len(ways) > 1:
            times = {name: [] for name in ways}  # type: dict[str, list[float]]
            for _ in range(TRIALS):
                for name, call in ways.items():
                    times[name].append(measure(call, seconds / TRIALS, minimum=1).best)
            fastest = min(times, key=lambda name: min(times[name]))
        self._call = ways[fastest]
        return fastest, np.ascontiguousarray(self._call())

    def measure(self, seconds: float) -> Timing:
        """Have a turn."""
        if self._call is None:
            raise RuntimeError("no layer was prepared")
        return measure(self._call, seconds)

    def release(self) -> None:
        """Forget the layer."""
        self._call = None
        gc.collect()


def main() -> None:
    """Serve until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's business
    # A worker may be stopped when its parent dies: it could not notice.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get among the replies
    gc.disable()
    server: Server | None = None
    while True:
        try:
            method, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            if server is None:
                server = Server(open_system(sys.argv[1], int(sys.argv[2])))
            reply = True, getattr(server, method)(*arguments)
        except Exception:  # the parent reports it
            reply = False, traceback.format_exc()
        pickle.dump(reply, replies, protocol=5)
        replies.flush()


if __name__ == "__main__":
    main()
