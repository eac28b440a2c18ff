"""``convx info``: what is installed and what it uses."""

from __future__ import annotations

import json
import platform

import numpy as np

from convx import _core

__all__ = ["print_info"]

_OPENMP_VERSIONS = {
    "200805": "3.0",
    "201107": "3.1",
    "201307": "4.0",
    "201511": "4.5",
    "201811": "5.0",
    "202011": "5.1",
    "202111": "5.2",
    "202411": "6.0",
}


def _openmp(date: str) -> str:
    if not date:
        return "built without OpenMP: serial"
    return f"{_OPENMP_VERSIONS[date]} ({date})" if date in _OPENMP_VERSIONS else date


def _size(size: int) -> str:
    return f"{size >> 20} MiB" if size % (1 << 20) == 0 else f"{size / 1024:g} KiB"


def print_info(*, as_json: bool) -> None:
    """Print version, instruction sets, OpenMP, threads and build flags."""
    facts = _core.info()
    if as_json:
        more = {"algorithms": _core.algorithms(), "python": platform.python_version(), "numpy": np.__version__}
        print(json.dumps({**facts, **more}, indent=2))
        return
    rows = [
        ("convx", facts["version"]),
        ("instruction set", f"{facts['isa']} (available: {', '.join(facts['isas'])})"),
        ("CPU", facts["cpu"]),
        ("caches", "L1 {}, L2 {}, last level {}".format(*map(_size, facts["caches"]))),
        ("algorithms", ", ".join(_core.algorithms())),
        ("OpenMP", _openmp(facts["openmp"])),
        ("threads", str(facts["threads"])),
        ("compiler", facts["compiler"]),
        ("build type", facts["build_type"]),
        *((f"flags, {isa}", flags) for isa, flags in facts["flags"].items()),
        ("Python, NumPy", f"{platform.python_version()}, {np.__version__}"),
    ]
    width = max(len(label) for label, _ in rows)
    for label, value in rows:
        print(f"{label:<{width}}  {value}")
