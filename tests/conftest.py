"""Every algorithm, instruction set and dtype, as parameters with readable ids."""

import gc
import os
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import convx
import hypothesis
import numpy as np
import pytest
from cases import ConvCase
from checks import ROOT
from convx import _core
from hang_watch import HangWatch

ISAS = ("neon",) if "neon" in _core.isas() else ("baseline", "avx2", "avx512")
INTEGER_ISAS = (*ISAS, "avx512vnni")  # the last has integer kernels of its own; its others are those of avx512
DTYPES = ("float32", "float64")
SOME = {"winograd", "depthwise", "separable"}

# Of a test with more cases than this on an instruction set, those beside the best one take a part.
FEW, PART = 6, 8

# Run with --hypothesis-profile=derandomized for the same examples every time.
hypothesis.settings.register_profile("convx", deadline=None, print_blob=True)
# What .ci/run takes, which has a quarter of an hour.
hypothesis.settings.register_profile("short", deadline=None, print_blob=True, max_examples=30)
hypothesis.settings.register_profile("derandomized", deadline=None, derandomize=True)
hypothesis.settings.load_profile("convx")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(HangWatch())


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
    # SOME do not take every shape: they join where the shape is a parameter or the test filters.
    if "any_algorithm" in names:
        metafunc.parametrize("any_algorithm", [name for name in _core.algorithms() if name not in SOME - {"winograd"}])
    if "filtered_algorithm" in names:
        metafunc.parametrize("filtered_algorithm", _core.algorithms())
    if "named_algorithm" in names:
        metafunc.parametrize("named_algorithm", _core.algorithms()[1:])
    if "algorithm" in names:
        every = "case" in names
        metafunc.parametrize("algorithm", [name for name in _core.algorithms() if every or name not in SOME])
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    gc.disable()  # tens of thousands of tests are made, none of which is garbage


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.freeze()  # nor will one be: what tests leave behind is found without looking at them
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-isa", action="store_true", help="every case on every instruction set")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the pairs of algorithm and shape that do not go together, and repetitions."""
    together = [item for item in items if goes_together(parameters_of(item))]
    kept = together if config.getoption("every_isa") else without_repetitions(together)
    if len(kept) < len(items):
        staying = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in staying])
        items[:] = kept


def parameters_of(item: pytest.Item) -> dict[str, Any]:
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


def goes_together(parameters: dict[str, Any]) -> bool:
    case, algorithm = parameters.get("case"), parameters.get("algorithm") or parameters.get("named_algorithm")
    return not (isinstance(case, ConvCase) and algorithm) or case.takes(algorithm)


def without_repetitions(items: list[pytest.Item]) -> list[pytest.Item]:
    """Every case on the best instruction set, and on each other one a part of a test's many cases.

    Which part differs with the algorithm, the dtype and the instruction set, so that each case meets each of them
    somewhere. What differs between instruction sets is the kernels, and tests/kernels tries them all alone. With
    CONVX_ISA, or --every-isa, nothing is left out; the portable loops of "reference" are the same on all.
    """
    forced, usable = os.environ.get("CONVX_ISA"), _core.isas()
    best = {
        "isa": forced or next(name for name in usable if name in ISAS),
        "integer_isa": forced or next(name for name in usable if name in INTEGER_ISAS),
    }

    def isa_of(item: pytest.Item) -> tuple[str, str] | None:
        """The kind of instruction set that a test asks for, and which."""
        found = ((name.removesuffix("_name"), value) for name, value in parameters_of(item).items())
        return next(((kind, value) for kind, value in found if kind in best), None)

    def group(item: pytest.Item) -> tuple[str, tuple[str, str] | None]:
        return item.nodeid.partition("[")[0], isa_of(item)

    def stays(item: pytest.Item) -> bool:
        isa = isa_of(item)
        if isa is None or isa[1] == best[isa[0]]:
            return True
        if "reference" in item.nodeid.partition("[")[2].rstrip("]").split("-"):
            return False
        return sizes[group(item)] <= FEW or zlib.crc32(item.nodeid.encode()) % PART == 0

    sizes = Counter(map(group, items))
    return [item for item in items if stays(item)]


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


@pytest.fixture
def keep_winograd() -> Iterator[None]:
    """Put back what set_winograd changes."""
    before = convx.get_winograd()
    yield
    convx.set_winograd(before)


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a test import what the benchmarks share."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "harness"]:
        del sys.modules[name]
