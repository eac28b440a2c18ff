"""A process that runs one network on one system: loads it, says what it returns, and has turns."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

__all__ = ["SYSTEMS", "NetworkWorker"]

Run = Callable[[], list[Any]]
PR_SET_PDEATHSIG = 1  # Linux


def _convx(path: str, feed: dict[str, Any], threads: int) -> Run:
    import convx

    convx.set_num_threads(threads)
    session = convx.onnx.InferenceSession(path)
    return lambda: session.run(None, feed)


def _onnx_runtime(path: str, feed: dict[str, Any], threads: int) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, feed)


def _openvino(path: str, feed: dict[str, Any], threads: int) -> Run:
    import openvino

    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(path, "CPU", options)
    request, (image,) = compiled.create_infer_request(), feed.values()
    return lambda: list(request.infer([image], share_inputs=True, share_outputs=True).values())


SYSTEMS: dict[str, Callable[[str, dict[str, Any], int], Run]] = {
    "convx": _convx,
    "onnxruntime": _onnx_runtime,
    "openvino": _openvino,
}


class NetworkWorker:
    """A process of one system and one network; it stands still but in its turns, so that idle threads cost nobody.

    Parameters
    ----------
    system : str
        One of :data:`SYSTEMS`.
    path : str
        The model's file.
    feed : dict of str to ndarray
        Its inputs.
    threads : int
        How many.

    Attributes
    ----------
    load : float
        Seconds from the file to the first outputs, without the import of the system.
    outputs : list of ndarray
        Of a run.
    """

    def __init__(self, system: str, path: str, feed: dict[str, Any], threads: int) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, system, path, feed, threads), daemon=True)
        self._process.start()
        theirs.close()
        self.load, self.outputs = self._pipe.recv()
        self._signal(signal.SIGSTOP)

    def turn(self, seconds: float) -> float:
        """Run for some time, and return the seconds of the fastest run."""
        self._signal(signal.SIGCONT)
        self._pipe.send(seconds)
        best: float = self._pipe.recv()
        self._signal(signal.SIGSTOP)
        return best

    def close(self) -> float:
        """End the process, and return the most memory that it ever had, in bytes."""
        self._signal(signal.SIGCONT)
        self._pipe.send(None)
        peak: float = self._pipe.recv()
        self._process.join()
        return peak

    def _signal(self, which: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, which)


def _serve(pipe: Connection, system: str, path: str, feed: dict[str, Any], threads: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # it may be stopped when its parent dies
    _imported(system)
    begin = perf_counter()
    run = SYSTEMS[system](path, feed, threads)
    outputs = [output.copy() for output in run()]  # some pack weights no sooner
    pipe.send((perf_counter() - begin, outputs))
    run()
    while (seconds := pipe.recv()) is not None:
        best, end = float("inf"), perf_counter() + seconds
        while True:
            begin = perf_counter()
            run()
            best = min(best, perf_counter() - begin)
            if perf_counter() > end:
                break
        pipe.send(best)
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    pipe.send(peak * 1024)


def _imported(system: str) -> None:
    """Import a system, and what it reads models with."""
    if system == "convx":
        import convx.onnx.session  # noqa: F401
        import onnx  # noqa: F401
    elif system == "onnxruntime":
        import onnxruntime  # noqa: F401
    else:
        import openvino  # noqa: F401
