"""What is known about the machine: its processor's name and its caches."""

from __future__ import annotations

import platform
from pathlib import Path

__all__ = ["largest_cache", "processor"]

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
UNKNOWN_CACHE = 32 << 20


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def largest_cache() -> int:
    """Return the size of the last cache in bytes."""
    sizes = []
    for path in CACHES.glob("index*/size"):
        text = path.read_text().strip()
        sizes.append(int(text[:-1]) * UNITS[text[-1]] if text[-1] in UNITS else int(text))
    return max(sizes, default=UNKNOWN_CACHE)
