"""The parent's side of the workers: started once, and stopped while another one works."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from convx._timing import Timing

from harness.isa import environment
from harness.problem import Problem
from harness.systems import Prepared

__all__ = ["HarnessError", "Worker", "Workers"]

# glibc gives memory back to the system by rules of its own, and the page faults when it is wanted again can cost more
# than a layer. With these, it keeps nearly everything.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(4 << 30)}
COUNTS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class HarnessError(Exception):
    """A system failed, or computed something else than the others."""


class Worker:
    """One system in a process of its own. It runs only while it has something to answer.

    Idle threads of these libraries spin for a while, which would cost the next system its processor. Asking them not to
    spin would make them slower in their own turn; so the whole process is stopped between its turns.
    """

    def __init__(self, system: str, threads: int, variables: dict[str, str]) -> None:
        path = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        counts = dict.fromkeys(COUNTS, str(threads))
        self.system = system
        self._command = [sys.executable, "-P", "-m", "harness.worker", system, str(threads)]
        self._environment = os.environ | counts | {"PYTHONPATH": os.pathsep.join(path)} | variables
        self._process = self._start()
        self.version: str = self._ask("version")

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment)

    def restart(self) -> None:
        """Begin again with a new process."""
        self.close()
        self._process = self._start()

    def prepare(self, problem: Problem, seconds: float, hopeless: float) -> Prepared | None:
        """Pack the weights and find the fastest way, see :class:`harness.worker.Server`."""
        prepared: Prepared | None = self._ask("prepare", problem, seconds, hopeless)
        return prepared

    def measure(self, seconds: float) -> Timing:
        """Have a turn."""
        turn: Timing = self._ask("measure", seconds)
        return turn

    def release(self) -> None:
        """Forget the layer."""
        self._ask("release")

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def _ask(self, method: str, *arguments: object) -> Any:
        requests, replies = self._process.stdin, self._process.stdout
        assert requests is not None
        assert replies is not None
        try:
            self._process.send_signal(signal.SIGCONT)
            pickle.dump((method, arguments), requests, protocol=5)
            requests.flush()
            done, reply = pickle.load(replies)
            self._process.send_signal(signal.SIGSTOP)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            self._process.kill()
            raise HarnessError(f"{self.system}: its process ended, exit status {self._process.wait()}") from None
        if not done:
            raise HarnessError(f"{self.system}: {method} failed\n{reply}")
        return reply


class Workers:
    """The workers of several systems, ended together."""

    def __init__(self, systems: Sequence[str], threads: int, isa: str, keep_memory: bool) -> None:
        variables = environment(isa) | (KEEP_MEMORY if keep_memory else {})
        self._stack = ExitStack()
        self._workers: list[Worker] = []
        try:
            for system in systems:
                worker = Worker(system, threads, variables)
                self._stack.callback(worker.close)
                self._workers.append(worker)
        except BaseException:
            self._stack.close()
            raise

    def __iter__(self) -> Iterator[Worker]:
        return iter(self._workers)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()
