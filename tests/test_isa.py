"""Instruction sets: found, forced through CONVX_ISA, switched, and really in use."""

import platform
import re
import sys
from pathlib import Path

import convx
import numpy as np
import pytest
from checks import run_python
from conftest import INTEGER_ISAS
from convx import _core

X86 = platform.machine().lower() in ("x86_64", "amd64")
# The features that the psABI's levels add, by the names of /proc/cpuinfo.
LEVELS = {
    "baseline": set(),
    "avx2": {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"},
    "avx512": {"avx2", "fma", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "avx512vnni": {"avx2", "fma", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni"},
}
LEAST = "neon" if platform.machine().lower() in ("aarch64", "arm64") else "baseline"
REPORT = "from convx import _core; print(_core.get_isa(), _core.info()['isa'])"


def test_isas_are_listed_best_first() -> None:
    usable = _core.isas()
    assert isinstance(usable, tuple)
    assert usable[-1] == LEAST
    assert list(usable) == [name for name in ("avx512vnni", "avx512", "avx2", LEAST) if name in usable]


@pytest.mark.skipif(not (X86 and sys.platform.startswith("linux")), reason="reads the x86 flags of /proc/cpuinfo")
def test_isas_are_what_the_cpu_has() -> None:
    match = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    assert match
    flags = set(match.group(1).split())
    assert set(_core.isas()) == {name for name, needs in LEVELS.items() if needs <= flags}


def test_isa_is_the_best_by_default() -> None:
    done = run_python(REPORT, env={"CONVX_ISA": None})
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [_core.isas()[0]] * 2


def test_isa_is_forced_by_the_environment(integer_isa_name: str) -> None:
    done = run_python(REPORT, env={"CONVX_ISA": integer_isa_name})
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [integer_isa_name] * 2


def test_isa_forced_does_not_hide_the_others(integer_isa_name: str) -> None:
    code = "from convx import _core; print(*_core.isas()); _core.set_isa(_core.isas()[-1]); _core.set_isa(None)\n"
    code += REPORT
    done = run_python(code, env={"CONVX_ISA": integer_isa_name})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [" ".join(_core.isas()), f"{integer_isa_name} {integer_isa_name}"]


@pytest.mark.parametrize("name", ["sse9", "AVX2", "avx512 ", "auto"])
def test_isa_unknown_in_the_environment_is_an_import_error(name: str) -> None:
    code = "try:\n    import convx\nexcept ImportError as e:\n    assert type(e) is ImportError\n    print(e)"
    done = run_python(code, env={"CONVX_ISA": name})
    assert done.returncode == 0, done.stderr
    assert "CONVX_ISA" in done.stdout
    assert name in done.stdout
    for choice in _core.isas():
        assert choice in done.stdout


@pytest.mark.skipif(set(_core.isas()) == set(INTEGER_ISAS), reason="every instruction set is usable on this CPU")
def test_isa_the_cpu_lacks_is_an_import_error() -> None:
    lacking = next(name for name in INTEGER_ISAS if name not in _core.isas())
    done = run_python("import convx", env={"CONVX_ISA": lacking})
    assert done.returncode == 1
    assert "ImportError" in done.stderr
    assert LEAST in done.stderr


def test_set_isa_refuses_unknown_names_and_keeps_the_present() -> None:
    before = _core.get_isa()
    for name in ("sse9", "", "AVX2"):
        with pytest.raises(ValueError, match=LEAST) as caught:
            _core.set_isa(name)
        for choice in _core.isas():
            assert choice in str(caught.value)
        assert repr(name) in str(caught.value)
    with pytest.raises(TypeError):
        _core.set_isa(3)  # type: ignore[arg-type]
    assert _core.get_isa() == before


def test_set_isa_none_returns_to_the_choice_at_import(integer_isa: str) -> None:
    assert _core.get_isa() == integer_isa
    assert _core.info()["isa"] == integer_isa
    _core.set_isa(None)
    done = run_python(REPORT)
    assert done.stdout.split()[0] == _core.get_isa()


def test_isa_decides_whether_products_are_rounded(isa: str) -> None:
    """a*b - fl(a*b) is zero with separate multiplication and addition, and the lost bits with a fused one."""
    a = np.float32(1 + 2**-12)
    rounded = np.float32(a * a)
    for algorithm in ("direct", "im2col"):
        found = set()
        for first, second in np.ndindex(8, 8):
            if first == second:
                continue
            x, w = np.zeros((1, 8, 6, 6), "float32"), np.zeros((8, 8, 1, 1), "float32")
            x[:, first], w[:, first] = 1, -rounded
            x[:, second], w[:, second] = a, a
            found |= set(convx.conv2d(x, w, algorithm=algorithm).ravel().tolist())
        lost = float(a) * float(a) - float(rounded)
        assert found == ({0.0} if X86 and isa == "baseline" else {0.0, lost}), algorithm


def test_info_describes_the_build() -> None:
    info = _core.info()
    assert info["version"] == convx.__version__
    assert info["isas"] == list(_core.isas())
    assert info["isa"] == _core.get_isa()
    assert info["threads"] == convx.get_num_threads()
    assert info["openmp"] == "" or info["openmp"].isdigit()
    assert info["compiler"]
    assert info["build_type"]
    assert set(info["flags"]) >= set(_core.isas())
    if "avx512" in info["flags"]:
        assert "x86-64-v4" in info["flags"]["avx512"]
        assert "avx512vnni" not in info["flags"]["avx512"]
        assert "x86-64-v3" in info["flags"]["avx2"]
        assert "x86-64-v" not in info["flags"]["baseline"]
    for flags in info["flags"].values():
        assert "-ffast-math" not in flags
        assert "-march=native" not in flags


def test_algorithms_are_listed_auto_first() -> None:
    algorithms = _core.algorithms()
    assert algorithms[0] == "auto"
    assert set(algorithms) >= {"auto", "reference", "direct", "im2col"}
    assert len(set(algorithms)) == len(algorithms)


def test_choose_names_an_algorithm() -> None:
    chosen = _core.choose((1, 64, 56, 56), (64, 64, 3, 3), 1, 1, 1, 1, np.dtype("float32"))
    assert chosen in _core.algorithms()[1:]
    assert chosen != "reference"
    with pytest.raises(ValueError, match="stride must be >= 1"):
        _core.choose((1, 64, 56, 56), (64, 64, 3, 3), 0, 1, 1, 1, np.dtype("float32"))


def test_choice_is_the_least_cost() -> None:
    for weight in ((64, 64, 3, 3), (64, 64, 1, 1), (64, 1, 3, 3), (3, 64, 5, 5)):
        layer = (1, 64, 56, 56), weight, 1, 1, 1, 64 // weight[1], np.dtype("float32")
        costs = _core.algorithm_costs(*layer)
        assert set(costs) < set(_core.algorithms())
        assert _core.choose(*layer) == min(costs, key=costs.__getitem__)
    for shapes in (((64, 56), (64, 64, 3)), ((1, 64, 56, 56), (64, 64, 3)), ((1,) * 6, (1,) * 6)):
        with pytest.raises(ValueError, match="same 3 to 5 axes"):
            _core.algorithm_costs(*shapes, 1, 1, 1, 1, np.dtype("float32"))
