"""Memory that calls leave behind, seen by LeakSanitizer: a script for an ASan build (the session `sanitize` runs it).

Interpreter and pybind11 keep memory to the end of the process, so what counts is what more calls add, of the blocks
that were allocated somewhere below a call into the module.
"""

import ctypes
import os
import re
import subprocess
import sys

from convx import _core
from races import functions, plans


def call(rounds: int, lost: bool) -> None:
    """Make and call every plan and function; to lose results is to show that a leak would be seen."""
    for _ in range(rounds):
        for make, x in plans().values():
            result = make()(x)
            if lost:
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(result))
        for function in functions().values():
            function()


def leaked(rounds: int, lost: bool = False) -> int:
    """Bytes that a process with so many rounds of calls leaves, allocated below a call into the module."""
    options = os.environ.get("ASAN_OPTIONS", "").replace("detect_leaks=0", "")
    env = {
        **os.environ,
        "ASAN_OPTIONS": f"{options}:detect_leaks=1:exitcode=0:fast_unwind_on_malloc=0",
        "PYTHONMALLOC": "malloc",
    }
    done = subprocess.run(
        [sys.executable, __file__, str(rounds), str(int(lost))], env=env, capture_output=True, text=True, check=True
    )
    if "LeakSanitizer" not in done.stderr:
        sys.exit(f"LeakSanitizer did not report, not even of the interpreter:\n{done.stderr[-2000:]}")
    module = os.path.basename(_core.__file__)
    blocks = re.split(r"\n\n", done.stderr)
    sizes = [re.search(r"leak of (\d+) byte", block) for block in blocks if module in block]
    return sum(int(size[1]) for size in sizes if size)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        call(int(sys.argv[1]), bool(int(sys.argv[2])))
        sys.exit()
    few, many, with_lost = leaked(1), leaked(6), leaked(6, lost=True)
    print(f"left by 1 round of calls: {few} bytes; by 6: {many}; by 6 that lose results: {with_lost}")
    sys.exit(many != few or with_lost <= many)
