"""Every algorithm, instruction set and dtype, as parameters with readable ids."""

import os
from collections.abc import Iterator
from typing import Any

import convx
import hypothesis
import numpy as np
import pytest
from cases import ConvCase
from convx import _core

ISAS = ("neon",) if "neon" in _core.isas() else ("baseline", "avx2", "avx512")
INTEGER_ISAS = (*ISAS, "avx512vnni")  # the last has integer kernels of its own; its others are those of avx512
DTYPES = ("float32", "float64")

# Run with --hypothesis-profile=derandomized for the same examples every time.
hypothesis.settings.register_profile("convx", deadline=None, print_blob=True)
hypothesis.settings.register_profile("derandomized", deadline=None, derandomize=True)
hypothesis.settings.load_profile("convx")


def isa_parameters(names: tuple[str, ...] = ISAS) -> list[Any]:
    """Instruction sets by name; those that cannot run here are skipped with the reason."""
    forced = os.environ.get("CONVX_ISA")
    usable = _core.isas()
    parameters = []
    for name in names:
        reason = None
        if name not in usable:
            reason = f"this CPU has no {name}"
        elif forced and name != forced:
            reason = f"CONVX_ISA={forced} is set"
        parameters.append(pytest.param(name, marks=[pytest.mark.skip(reason=reason)] if reason else []))
    return parameters


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise in this order, before the marks of the test, so that ids read algorithm-isa-dtype-case."""
    names = metafunc.fixturenames
    # Winograd and depthwise do not take every shape: they join where the shape is a parameter or the test filters.
    if "any_algorithm" in names:
        metafunc.parametrize("any_algorithm", [name for name in _core.algorithms() if name != "depthwise"])
    if "filtered_algorithm" in names:
        metafunc.parametrize("filtered_algorithm", _core.algorithms())
    if "named_algorithm" in names:
        metafunc.parametrize("named_algorithm", _core.algorithms()[1:])
    if "algorithm" in names:
        every = "case" in names
        metafunc.parametrize(
            "algorithm", [name for name in _core.algorithms() if every or name not in ("winograd", "depthwise")]
        )
    if "isa" in names:
        metafunc.parametrize("isa", isa_parameters(), indirect=True)
    if "integer_isa" in names:
        metafunc.parametrize("integer_isa", isa_parameters(INTEGER_ISAS), indirect=True)
    if "integer_isa_name" in names:
        metafunc.parametrize("integer_isa_name", isa_parameters(INTEGER_ISAS))
    if "isa_name" in names:
        metafunc.parametrize("isa_name", isa_parameters())
    if "dtype" in names:
        metafunc.parametrize("dtype", [np.dtype(name) for name in DTYPES], ids=DTYPES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the pairs of algorithm and shape that do not go together."""
    kept, dropped = [], []
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        case, algorithm = parameters.get("case"), parameters.get("algorithm") or parameters.get("named_algorithm")
        (kept if not (isinstance(case, ConvCase) and algorithm) or case.takes(algorithm) else dropped).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


@pytest.fixture
def isa(request: pytest.FixtureRequest) -> Iterator[str]:
    """The instruction set in use during the test. Hypothesis tests take isa_name and use_isa instead."""
    _core.set_isa(request.param)
    assert _core.get_isa() == request.param
    yield request.param
    _core.set_isa(None)


@pytest.fixture
def integer_isa(request: pytest.FixtureRequest) -> Iterator[str]:
    """The instruction set in use during a test of integers."""
    _core.set_isa(request.param)
    assert _core.get_isa() == request.param
    yield request.param
    _core.set_isa(None)


@pytest.fixture
def keep_threads() -> Iterator[int]:
    """The number of threads, put back after the test."""
    before = convx.get_num_threads()
    yield before
    convx.set_num_threads(before)


def pytest_report_header() -> list[str]:
    """Say what is tested: a log must show the instruction set in use."""
    info = _core.info()
    return [
        f"convx {info['version']}: ISA {_core.get_isa()} (usable here: {', '.join(_core.isas())}), "
        f"OpenMP {info['openmp'] or 'none'}, {info['threads']} threads, {info['compiler']}, {info['build_type']}"
    ]
