"""Time whole networks: the light models of the onnx package on convx, ONNX Runtime and OpenVINO.

Run as ``python benchmarks/networks.py --threads 1 2``; a system that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from harness.light_models import NAMES, image_for, light_model
from harness.machine import processor
from harness.network_worker import SYSTEMS, NetworkWorker

FARTHEST = 1e-4  # of the largest output


def measured(name: str, threads: int, systems: Sequence[str], rounds: int, seconds: float) -> dict[str, Any]:
    """Return times, memory and errors of a network on each system; they take turns."""
    import onnx

    model = light_model(name)
    feed = image_for(model)
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / f"{name}.onnx")
        onnx.save(model, path)
        del model
        workers = {system: NetworkWorker(system, path, feed, threads) for system in systems}
    times: dict[str, list[float]] = {system: [] for system in systems}
    for _ in range(rounds):
        for system, worker in workers.items():
            times[system].append(worker.turn(seconds))
    expected = workers["onnxruntime" if "onnxruntime" in workers else systems[0]].outputs
    facts = {}
    for system, worker in workers.items():
        errors = [float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(worker.outputs, expected, strict=True)]
        facts[system] = {"seconds": float(np.median(times[system])), "load_seconds": worker.load, "error": max(errors)}
        facts[system]["peak_bytes"] = worker.close()
    return {"network": name, "threads": threads, "systems": facts}


def printed(found: dict[str, Any]) -> str:
    """Return the lines of a network."""
    ours = found["systems"]["convx"]
    lines = []
    for system, facts in found["systems"].items():
        ratio = facts["seconds"] / ours["seconds"]
        wrong = " !" if facts["error"] > FARTHEST else ""
        lines.append(
            f"{found['network']:13} {found['threads']}  {system:12} {facts['seconds'] * 1e3:9.2f}  {ratio:5.2f}  "
            f"{facts['load_seconds'] * 1e3:8.0f}  {facts['peak_bytes'] / 2**20:7.0f}  {facts['error']:.0e}{wrong}"
        )
    return "\n".join(lines)


def means(every: Sequence[dict[str, Any]], threads: int) -> list[str]:
    """Return a line for each peer: how many times as long it takes, in the geometric mean and at least."""
    mine = [found for found in every if found["threads"] == threads]
    ratios: dict[str, list[float]] = {}
    for found in mine:
        ours, peers = found["systems"]["convx"]["seconds"], []
        for system, facts in found["systems"].items():
            if system != "convx":
                peers.append(facts["seconds"] / ours)
                ratios.setdefault(system, []).append(peers[-1])
        if len(peers) > 1:
            ratios.setdefault("the fastest", []).append(min(peers))
    lines = []
    for system, found in ratios.items():
        mean = math.exp(np.mean(np.log(found)))
        lines.append(f"threads {threads}: {system} takes {mean:.2f} times as long (at least {min(found):.2f})")
    return lines


def main() -> None:
    """Print a table, and write it as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), metavar="NAME")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="turns of each system (default: 5)")
    parser.add_argument("--seconds", type=float, default=0.2, metavar="S", help="of a turn (default: 0.2)")
    parser.add_argument("--json", metavar="FILE", help="write the numbers into this file")
    args = parser.parse_args()
    systems = ["convx", *(system for system in args.systems if system != "convx" and find_spec(system))]
    print(f"{processor()}; float32, batch 1; ratio: time over that of convx;")
    print("load: from the file to the first outputs; error: over the largest output")
    print(
        f"{'network':13} threads {'system':9} {'ms':>8}  {'ratio':>6}  {'load ms':>8}  {'peak MiB':>7}  error",
        flush=True,
    )
    every = []
    for threads in args.threads:
        for name in args.networks:
            every.append(measured(name, threads, systems, args.rounds, args.seconds))
            print(printed(every[-1]), flush=True)
        print("\n".join(means(every, threads)), flush=True)
    if args.json:
        Path(args.json).write_text(json.dumps(every, indent=2), encoding="utf-8")
    wrong = [found["network"] for found in every if found["systems"]["convx"]["error"] > FARTHEST]
    if wrong:
        raise SystemExit(f"convx is off by more than {FARTHEST} of the largest output: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
