"""Sweep all layers that the model of costs is fitted to, and fit it: one command for a processor or changed kernels.

Builds convx_costs, sweeps with the installed convx and keeps the times in build/times, so that a run that was stopped
goes on where it was; then fits the constants of cost_slots.cpp, as fit_costs.py does. Some minutes, alone on the
machine; build and install again after it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from convx import _core

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SEEDS = ["0", "5", "11", "77"]  # of a hundred random layers each


def _sweeps() -> dict[str, list[str]]:
    return {
        "networks": ["--nets", "alexnet", "googlenet", "vgg16", "resnet50", "mobilenet_v2", "1d-3d"],
        "grid": ["--nets", "grid"],
        **{f"random{seed}": ["--nets", "random", "--random", "100", "--seed", seed] for seed in SEEDS},
    }


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--isa", default=_core.isas()[0], choices=_core.isas(), help="default: the best")
    parser.add_argument("--times", type=Path, default=ROOT / "build/times", help="default: build/times")
    parser.add_argument("--before", nargs="*", default=[], metavar="WORD", help="command that each sweep is run by")
    options = parser.parse_args()
    options.times.mkdir(parents=True, exist_ok=True)
    for command in (["cmake", "--preset", "native"], ["cmake", "--build", "--preset", "native", "-t", "convx_costs"]):
        subprocess.run(command, cwd=ROOT, check=True)
    kept = []
    for name, layers in _sweeps().items():
        kept.append((options.times / f"{options.isa}-{name}.json").resolve())
        sweep = [sys.executable, "sweep_algorithms.py", "--isa", options.isa, *layers, "--json", str(kept[-1])]
        if not kept[-1].exists():
            subprocess.run([*options.before, *sweep], cwd=HERE, check=True)
    fit = [sys.executable, "fit_costs.py", *map(str, kept), "--everything", "--write"]
    return subprocess.run(fit, cwd=HERE, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
