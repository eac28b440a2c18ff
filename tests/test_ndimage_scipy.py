"""SciPy's own tests of its filters, run on convx."""

import os
import re
import subprocess
import sys
from pathlib import Path

import convx
import pytest

pytest.importorskip("scipy", minversion="1.15")
pytest.importorskip("scipy.ndimage.tests")

DOES_NOT_APPLY = {
    "test_gauss03": "asks that float32 be summed in float64: the sum over the image to 4e-8; convx sums in float32",
    "test_gaussian_filter_float16": "asks that float16 be refused; convx filters it",
}
FUNCTIONS = "filter or correl or convol or gauss or laplac or prewitt or sobel or uniform or minimum or maximum or grey"


def test_scipys_own_tests(tmp_path):
    folders = str(Path(__file__).parent), str(Path(convx.__file__).parents[1])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(folders),
        "SCIPY_ARRAY_API": '["numpy"]',  # only then SciPy dispatches, and convx can step in
        "PYTEST_ADDOPTS": "",
    }
    modules = [f"scipy.ndimage.tests.test_{name}" for name in ("filters", "morphology", "datatypes")]
    wanted = f"({FUNCTIONS}) and not rank and not median and not percentile and not generic_filter and not vectorized"
    excluded = "".join(f" and not {name}" for name in DOES_NOT_APPLY)
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "scipy_on_convx", "-k", wanted + excluded]
    run = subprocess.run(
        [sys.executable, *command, "--pyargs", *modules],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed
    assert int(passed[1]) > 500, run.stdout[-1000:]
