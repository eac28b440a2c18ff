"""Print the FMA peak of this machine by instruction set: one core, and several at once."""

from __future__ import annotations

import argparse
import os

from convx import _core
from convx._cli.table import Table
from harness.machine import processor
from harness.peak import fma_peak
from harness.selection import positive, seconds


def main() -> None:
    """Run the command."""
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=positive, default=cores, help="default: all processors")
    parser.add_argument("--seconds", type=seconds, default=0.5, help="length of each measurement (default: 0.5)")
    options = parser.parse_args()
    print(f"{processor()}; float32, GFLOP/s of a loop of nothing but FMA on registers\n")
    table = Table(("instruction set", "<15"), ("1 thread", ">8"), (f"{options.threads} threads", ">10"), ("gain", ">5"))
    print(table.head())
    before = _core.get_isa()
    for isa in _core.isas():
        _core.set_isa(isa)
        one, all_of_them = fma_peak(1, options.seconds), fma_peak(options.threads, options.seconds)
        print(table.row(isa, f"{one:.1f}", f"{all_of_them:.1f}", f"{all_of_them / one:.2f}"), flush=True)
    _core.set_isa(before)


if __name__ == "__main__":
    main()
