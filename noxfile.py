import re
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "types", "tests"]

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml("pyproject.toml")


def group(name: str) -> list[str]:
    return list(nox.project.dependency_groups(PYPROJECT, name))


ISAS = ["none", "baseline", "avx2", "avx512", "avx512vnni"]


@nox.session
@nox.parametrize("isa", ISAS, ids=ISAS)
def tests(session: nox.Session, isa: str) -> None:
    """Run the suite; an isa other than none is forced through CONVX_ISA."""
    session.install(".[test]")
    env = {}
    if isa != "none":
        query = "from convx import _core; print(*_core.isas())"
        usable = session.run("python", "-c", query, silent=True, env={"CONVX_ISA": "baseline"})
        if isa not in str(usable).split():
            session.skip(f"{isa} is not usable here")
        env["CONVX_ISA"] = isa
    session.run("pytest", *session.posargs, env=env)


@nox.session
def sanitize(session: nox.Session) -> None:
    """Run the suite on an ASan + UBSan build (GCC)."""
    session.install(
        ".[test]", "--config-settings=cmake.args=--preset=debug", "--config-settings=cmake.build-type=Debug"
    )
    # An instrumented module in an ordinary Python: the runtimes must be loaded first.
    preload = [
        subprocess.run(["g++", f"-print-file-name={lib}"], check=True, capture_output=True, text=True).stdout.strip()
        for lib in ("libasan.so", "libubsan.so", "libstdc++.so")
    ]
    env = {
        "LD_PRELOAD": " ".join(preload),
        "ASAN_OPTIONS": "detect_leaks=0",  # the interpreter itself leaks
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    }
    session.run("pytest", *session.posargs, env=env)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and spelling."""
    session.install(*group("lint"))
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    differing = [pin for pin in group("lint") + group("types") if pin not in hooks]
    if differing:
        session.error(f".pre-commit-config.yaml pins another version than pyproject.toml of {differing}")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    sources = [str(path) for path in sorted((ROOT / "cpp").rglob("*")) if re.fullmatch(r"\.(cpp|h)", path.suffix)]
    if sources:
        session.run("clang-format", "--dry-run", "--Werror", *sources)
    session.run("codespell")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the package."""
    session.install(*group("types"), "numpy>=2")
    session.run("mypy")


@nox.session
def bench(session: nox.Session) -> None:
    """Run the microbenchmarks; arguments after -- go to pytest."""
    session.install(".[test]")
    session.run("pytest", "benchmarks", "--benchmark-only", *session.posargs)
