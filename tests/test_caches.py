"""Cache sizes: reported, overridden by CONVX_CACHES, and results that do not depend on them beyond rounding."""

from __future__ import annotations

import ast

import pytest
from checks import run_python
from convx import _core

REPORT = "from convx import _core; print(_core.info()['caches'])"


def test_reported_sizes_are_in_order() -> None:
    l1, l2, l3 = _core.info()["caches"]
    assert 8 << 10 <= l1 <= l2 <= l3


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("32K,512K,16M", (32 << 10, 512 << 10, 16 << 20)),
        ("49152,2M,1G", (48 << 10, 2 << 20, 1 << 30)),
        ("32K,256K,256K", (32 << 10, 256 << 10, 256 << 10)),
    ],
)
def test_the_environment_overrides(text: str, sizes: tuple[int, ...]) -> None:
    done = run_python(REPORT, env={"CONVX_CACHES": text})
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout) == sizes


def test_empty_means_reported() -> None:
    assert ast.literal_eval(run_python(REPORT, env={"CONVX_CACHES": ""}).stdout) == ast.literal_eval(
        run_python(REPORT, env={"CONVX_CACHES": None}).stdout
    )


@pytest.mark.parametrize(
    "text",
    [
        *("32K", "32K,512K", "32K,512K,16M,1", "32K 512K 16M", "32K,512K,16M,", "a,b,c", "32k,512k,16m", "32KK,1M,1M"),
        *("4K,512K,16M", "32K,512K,256K", "-1,1,1", "99999999999999999999,1M,1M"),
    ],
)
def test_what_cannot_be_read_is_an_import_error(text: str) -> None:
    code = "try:\n    import convx\nexcept ImportError as e:\n    assert type(e) is ImportError\n    print(e)"
    done = run_python(code, env={"CONVX_CACHES": text})
    assert done.returncode == 0, done.stderr
    assert "CONVX_CACHES" in done.stdout
    assert text in done.stdout
    assert "32K,512K,16M" in done.stdout


@pytest.mark.parametrize(("l2", "l3"), [("256K", "256K"), ("512K", "16M"), ("1M", "16M"), ("2M", "16M")])
@pytest.mark.parametrize("l1", ["32K", "48K"])
def test_results_do_not_depend_on_cache_sizes(l1: str, l2: str, l3: str) -> None:
    done = run_python(
        "import runpy; runpy.run_module('every_cache', run_name='__main__')", env={"CONVX_CACHES": f"{l1},{l2},{l3}"}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"
