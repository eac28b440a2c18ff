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

from harness.problem import Array, Problem

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

    def __init__(self, system: str, threads: int, keep_memory: bool) -> None:
        path = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | dict.fromkeys(COUNTS, str(threads)) | {"PYTHONPATH": os.pathsep.join(path)}
        if keep_memory:
            environment |= KEEP_MEMORY
        self.system = system
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "harness.worker", system, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.version: str = self._ask("version")

    def prepare(self, problem: Problem, seconds: float) -> tuple[str, Array]:
        """Pack the weights; return the name of the fastest way, and what it computes."""
        way, output = self._ask("prepare", problem, seconds)
        return way, output

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

    def __init__(self, systems: Sequence[str], threads: int, keep_memory: bool) -> None:
        self._stack = ExitStack()
        self._workers: list[Worker] = []
        try:
            for system in systems:
                worker = Worker(system, threads, keep_memory)
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
