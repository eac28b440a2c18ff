"""Imported in a sub-interpreter convx works or refuses at once; the main interpreter works after it; in children."""

import importlib.util

import pytest
from checks import run_python

CHILD = """
import sys
kind, before, inside = sys.argv[1:]
if before != "nothing":
    __import__(before)
try:
    import _interpreters as interpreters
    own = interpreters.create(kind)
except ImportError:
    import _xxsubinterpreters as interpreters
    own = interpreters.create(isolated=kind == "isolated")
interpreters.run_string(own, '''
import os, warnings
warnings.simplefilter("ignore")  # NumPy warns of sub-interpreters
try:
    INSIDE
    os.write(1, b"works ")
except ImportError:
    os.write(1, b"ImportError ")
'''.replace("INSIDE", inside))
interpreters.destroy(own)
try:
    import numpy as np
except ImportError:
    # Where the sub-interpreter was the first to import NumPy, it is NumPy that the main one cannot have any more.
    assert before == "nothing"
else:
    import convx
    assert convx.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))).item() == 9
print("usable")
"""
PACKAGE = "import numpy as np, convx; assert convx.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))).item() == 9"
CORE = """spec = __import__("importlib.util").util.spec_from_file_location("convx._core", {path!r});\
 __import__("importlib.util").util.module_from_spec(spec)"""


@pytest.mark.parametrize("inside", ["package", "core"])
@pytest.mark.parametrize("before", ["nothing", "numpy", "convx"])
@pytest.mark.parametrize("kind", ["legacy", "isolated"])
def test_row66_sub_interpreter(kind: str, before: str, inside: str) -> None:
    """Whatever was imported before. NumPy may refuse first: the core is asked alone, too."""
    if not any(importlib.util.find_spec(name) for name in ("_interpreters", "_xxsubinterpreters")):
        pytest.skip("this Python has no sub-interpreters")
    core = importlib.util.find_spec("convx._core")
    assert core
    code = PACKAGE if inside == "package" else CORE.format(path=core.origin)
    done = run_python(CHILD, kind, before, code, timeout=20)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    assert done.stdout.split() in (["works", "usable"], ["ImportError", "usable"])
