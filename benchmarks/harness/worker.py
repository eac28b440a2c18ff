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
from convx._timing import LEAST_CALLS, Timing, measure

from harness.problem import Array, Problem
from harness.systems import Call, Prepared, System, open_system

__all__ = ["Server"]

PR_SET_PDEATHSIG = 1  # Linux
TRIALS = 2


class Server:
    """Answers requests: each a method name and its arguments."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._call: Call | None = None
        self._minimum = LEAST_CALLS
        self._output = np.empty(0, np.float32)

    def version(self) -> str:
        """Return the version of the system."""
        return self._system.version

    def prepare(self, problem: Problem, seconds: float, hopeless: float) -> Prepared | None:
        """Pack the weights and find the fastest way. None where the system has no such layer.

        Two calls are all that is made if they take longer than `hopeless`.
        """
        self._call = None
        gc.collect()
        ways = self._system.ways(problem)
        if not ways:
            return None
        first = next(iter(ways))
        trials = {first: measure(lambda: self._keep(ways[first]()), 0, minimum=1)}
        if trials[first].best > hopeless:  # or was the first call slow?
            trials[first] = measure(ways[first], 0, minimum=1)
        if trials[first].best <= hopeless:
            for name, call in (TRIALS if trials[first].best < seconds else 1) * list(ways.items()):
                trial = measure(call, seconds / TRIALS, minimum=1)
                trials[name] = min(trial, trials.get(name, trial))
        fastest = min(trials, key=lambda name: trials[name].best)
        self._call = ways[fastest]
        self._minimum = LEAST_CALLS if trials[fastest].best < seconds else 1
        if fastest != first:
            self._keep(self._call())
        return Prepared(fastest, trials[fastest], self._output)

    def _keep(self, output: Array) -> None:
        self._output = np.ascontiguousarray(output)

    def measure(self, seconds: float) -> Timing:
        """Have a turn."""
        if self._call is None:
            raise RuntimeError("no layer was prepared")
        return measure(self._call, seconds, minimum=self._minimum)

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
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a library prints is no reply
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
