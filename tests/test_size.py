"""The module stays small: its size in a wheel, which deflates it."""

import platform
import zlib
from pathlib import Path

import pytest
from convx import _core

MOST = 2_280_000  # bytes, a tenth above what g++ 12 makes of it

X86 = platform.machine().lower() in ("x86_64", "amd64")


@pytest.mark.skipif(_core.info()["build_type"] != "Release", reason="of a release build")
@pytest.mark.skipif(not X86, reason="of x86-64, with its instruction sets")
def test_module_is_small() -> None:
    """Code comes with each kernel and instance of it; who adds some knows what it weighs (decision 49)."""
    assert len(zlib.compress(Path(_core.__file__).read_bytes(), 6)) <= MOST
