"""What `import convx` costs and shows."""

import inspect
import json
import pickle
import re
from pathlib import Path
from typing import Any

import convx
import pytest
from checks import run_python

COST = """
import json, sys, time
start = time.process_time()
import numpy
before = time.process_time()
import convx
spent = time.process_time() - before
print(json.dumps([spent, before - start, sorted(name for name in sys.modules if name.startswith("convx"))]))
"""
PACKAGES = {"ndimage", "networks", "onnx", "reference"}
TOOLS = {"explain", "trace"}


def imported(**environment: str | None) -> tuple[float, float, list[str]]:
    """Return the CPU time of convx's import and of NumPy's before it, and what was imported."""
    done = run_python(COST, timeout=60, env=environment)
    assert done.returncode == 0, done.stderr
    seconds, numpy_seconds, modules = json.loads(done.stdout)
    return seconds, numpy_seconds, modules


def test_import_is_quick(tmp_path: Path) -> None:
    """About 15 ms of CPU beyond NumPy, compiled before: well below what NumPy takes, whatever the machine's speed.

    Once in some tries, for a machine that is busy.
    """
    compiled: dict[str, str | None] = {"PYTHONDONTWRITEBYTECODE": None, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    tries = (imported(**compiled) for _ in range(20))
    assert any(seconds < max(0.030, 0.4 * numpy_seconds) for seconds, numpy_seconds, _ in tries)


def test_packages_are_imported_when_they_are_asked_for() -> None:
    *_, modules = imported()
    assert not {f"convx.{name}" for name in (*PACKAGES, "_explain", "_layers", "_trace")} & set(modules)
    code = "import convx, sys; print(convx.{0}.__name__, convx.{0} is sys.modules['convx.{0}'])"
    for name in PACKAGES:
        assert run_python(code.format(name), timeout=60).stdout.split() == [f"convx.{name}", "True"]
    for name in TOOLS:
        assert run_python(f"import convx; print(convx.{name}.__module__)", timeout=60).stdout.startswith("convx._")
    assert not hasattr(convx, "no_such_package")


def test_dask_is_imported_when_it_is_asked_for() -> None:
    """Not by ``from convx import *`` either, since it is an optional package."""
    code = (
        "import sys; from convx import *; assert 'dask' not in sys.modules; sys.modules['dask'] = None; import convx; "
    )
    done = run_python(f"{code} convx.dask", timeout=60)
    assert "ImportError: convx.dask needs dask.array (pip install 'dask[array]')" in done.stderr


def test_dir_shows_the_public_names() -> None:
    assert dir(convx) == sorted([*convx.__all__, "dask"])
    assert set(dir(convx)) >= PACKAGES | TOOLS
    assert len(set(convx.__all__)) == len(convx.__all__)
    star: dict[str, Any] = {}
    exec("from convx import *", star)
    assert star.keys() - {"__builtins__"} == set(convx.__all__)


RANKED = [name for name in convx.__all__ if "2d" in name and not inspect.isclass(getattr(convx, name))]


@pytest.mark.parametrize("package", [convx, convx.reference], ids=["convx", "reference"])
@pytest.mark.parametrize("name", RANKED)
def test_functions_of_three_ranks_are_three(package: Any, name: str) -> None:
    functions = [getattr(package, name.replace("2d", f"{rank}d")) for rank in (1, 2, 3)]
    assert len({id(function) for function in functions}) == 3
    for rank, function in enumerate(functions, 1):
        assert function.__name__ == function.__qualname__ == name.replace("2d", f"{rank}d")
        assert function.__module__.startswith(package.__name__)
        assert pickle.loads(pickle.dumps(function)) is function
        assert not [parameter for parameter in inspect.signature(function).parameters if parameter.startswith("_")]
        assert str(inspect.signature(function)) == str(inspect.signature(functions[0]))
        with pytest.raises(TypeError, match=rf"^{function.__name__}\(\) missing"):
            function()


AXES = {1: "W", 2: "H, W", 3: "D, H, W"}


@pytest.mark.parametrize("rank", AXES)
@pytest.mark.parametrize("name", [*RANKED, "Conv2d", "ConvTranspose2d"])
def test_text_is_in_the_words_of_its_rank(name: str, rank: int) -> None:
    text = inspect.getdoc(getattr(convx, name.replace("2d", f"{rank}d"))) or ""
    said, _, examples = text.partition("\nExamples\n")
    assert "Of any rank" not in text
    assert "*spatial" not in text
    assert "_nd" not in text
    assert {f"{r}d" for r in AXES if f"{r}d" in said} <= {f"{rank}d"}
    axes = AXES[rank].replace(", ", "(out)?, ") + "(out)?"
    assert re.search(rf"shape \((N, )?C\w*, {axes}\)", said) or (
        name.startswith("Conv") and f"k{AXES[rank][-1]})" in said
    )
    assert f"convx.{name.replace('2d', f'{rank}d')}(" in examples


@pytest.mark.parametrize("name", convx.__all__)
def test_help_names_every_algorithm(name: str) -> None:
    """From the core's tables, so that one to come needs no word here."""
    public = getattr(convx, name)
    if not callable(public) or "algorithm" not in inspect.signature(public).parameters:
        return
    table = convx._core.conv_weight_algorithms() if name.endswith("_weight") else convx._core.algorithms()
    listed = re.findall(r"^ +- ``'(\w+)'``: \w", inspect.getdoc(public) or "", re.MULTILINE)
    assert [name for name in listed if name in table] == list(table)


PACKAGE = Path(convx.__file__).parent


def test_reference_knows_nothing_of_the_core() -> None:
    files = list((PACKAGE / "reference").rglob("*.py"))
    assert files
    assert not [path.name for path in files if "_core" in path.read_text(encoding="utf-8")]


def test_modules_are_short() -> None:
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert lengths
    assert not {path: lines for path, lines in lengths.items() if lines > 300}
