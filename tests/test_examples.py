"""Every example runs as a user runs it; what it claims of its numbers it asserts itself."""

import ast
import re
from pathlib import Path

import pytest
from checks import ROOT, run_python
from site_pages import packages

FOLDER = ROOT / "examples"
EXAMPLES = sorted(FOLDER.glob("plot_*.py"))
NAMES = {"skimage": "scikit-image", "sklearn": "scikit-learn"}

RUN = """
import os, runpy, sys
import matplotlib.pyplot as plt
os.chdir(sys.argv[2])
runpy.run_path(sys.argv[1], run_name="__main__")
assert plt.get_fignums(), "no figure"
for number in plt.get_fignums():
    plt.figure(number).canvas.draw()
"""

QUICK = {"MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1", "CONVX_EXAMPLE_SIZE": "800"}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the examples are not beside the tests")


def test_examples_are_found() -> None:
    assert len(EXAMPLES) >= 8


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem.removeprefix("plot_"))
def test_example_says_what_it_needs(path: Path) -> None:
    """A title, then what one learns, then every package that it imports."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    title, line, empty, *_ = text.splitlines()
    assert line == "=" * len(title)
    assert empty == ""
    needs = re.search(r"[Ii]t needs ([^.]*)\.", text.replace("\n", " "))
    assert needs
    named = {name.strip() for name in re.split(r",| and ", needs.group(1))}
    assert named == {NAMES.get(name, name) for name in packages(path.read_text("utf-8"))}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem.removeprefix("plot_"))
def test_example_runs(path: Path, tmp_path: Path) -> None:
    for name in packages(path.read_text("utf-8")):
        pytest.importorskip(name)
    # One thread, since thousands of short calls would each wait for a core that other work holds.
    done = run_python(RUN, str(path), str(tmp_path), env=QUICK)
    assert done.returncode == 0, done.stderr
    assert done.stdout, "it prints the numbers that it speaks of"
    assert not list(tmp_path.iterdir()), "it leaves nothing behind"
