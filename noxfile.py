import json
import platform
import shutil
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "types", "tests"]

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml("pyproject.toml")


def group(name: str) -> list[str]:
    return list(nox.project.dependency_groups(PYPROJECT, name))


ISAS = ["none", "baseline", "avx2", "avx512", "avx512vnni", "neon"]


@nox.session
@nox.parametrize("isa", ISAS, ids=ISAS)
def tests(session: nox.Session, isa: str) -> None:
    """Run the suite; an isa other than none is forced through CONVX_ISA."""
    session.install(".[test]")
    env = {}
    if isa != "none":
        query = "from convx import _core; print(*_core.isas())"
        usable = session.run("python", "-c", query, silent=True, env={"CONVX_ISA": ""})
        if isa not in str(usable).split():
            session.skip(f"{isa} is not usable here")
        env["CONVX_ISA"] = isa
    session.run("pytest", *session.posargs, env=env)


def files(names: str) -> list[str]:
    return [f"tests/test_{name}.py" for name in names.split()]


# What runs under ASan and UBSan: every family, the small files whole, of the large ones the tests that PART selects.
SANITIZED = files(
    """
    array_protocols bad_transpose deform gradient_bad_input guard_pages half integers maxout plan pool_gradient
    pool_padding quantized runtime threads unfold unpool weight_gradient winograd workspace
    """
)
SANITIZED_PART = files(
    """
    activation adaptive_pool bad_input conv_input conv_reference conv_transpose data_format depthwise determinism
    elementwise fft graph_random hostile_models image layouts lp_pool ndimage out padding_mode pool pool_indices
    pool_paths residual separable
    """
)
PART = ["-k", "not float64 and not baseline"]


def preload(*libraries: str) -> str:
    """LD_PRELOAD: an instrumented module in an ordinary Python needs its runtimes loaded first."""
    asked = [["g++", f"-print-file-name={library}"] for library in libraries]
    return " ".join(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip() for ask in asked)


def install_instrumented(session: nox.Session, preset: str) -> None:
    session.install(
        ".[test]", f"--config-settings=cmake.args=--preset={preset}", "--config-settings=cmake.build-type=Debug"
    )


@nox.session
def sanitize(session: nox.Session) -> None:
    """Run a part of the suite on an ASan + UBSan build (GCC); arguments after -- replace the part."""
    install_instrumented(session, "debug")
    env = {
        "LD_PRELOAD": preload("libasan.so", "libubsan.so", "libstdc++.so"),
        # The interpreter leaks too, tests/leaks.py looks for ours; signals and failed allocations are the tests' own.
        "ASAN_OPTIONS": "detect_leaks=0:handle_segv=0:handle_sigbus=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
    for arguments in [session.posargs] if session.posargs else [SANITIZED, [*SANITIZED_PART, *PART]]:
        session.run("pytest", "-q", *arguments, env=env)
    session.run("python", "tests/leaks.py", env=env)


@nox.session
def tsan(session: nox.Session) -> None:
    """Share plans and arrays between threads on a TSan build; arguments after -- are pytest's and replace the script.

    GCC's own OpenMP tells TSan nothing of its barriers. LLVM's takes GCC's calls too, and tells TSan through archer.
    """
    runtimes = sorted(Path("/usr/lib").glob("llvm-*/lib/libarcher.so"), key=lambda path: len(str(path)))
    if not runtimes:
        session.error("no libarcher.so: install LLVM's OpenMP, libomp-dev in Debian")
    folder = runtimes[-1].parent
    install_instrumented(session, "thread")
    env = {
        "LD_PRELOAD": f"{preload('libtsan.so')} {folder / 'libomp.so'}",
        "OMP_WAIT_POLICY": "passive",  # LLVM's threads spin for 0.2 s else, many of them for ever on few cores
        "OMP_TOOL_LIBRARIES": str(folder / "libarcher.so"),
        # After a race memory may be in use that was given back: the first report ends the run.
        "TSAN_OPTIONS": "ignore_noninstrumented_modules=1 history_size=4 exitcode=66 halt_on_error=1",
    }
    session.run(*(["pytest", *session.posargs] if session.posargs else ["python", "tests/races.py"]), env=env)


def need(session: nox.Session, *tools: str) -> None:
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        session.skip(f"not installed: {', '.join(missing)}")


@nox.session
def clang(session: nox.Session) -> None:
    """Run the suite on a build by Clang."""
    need(session, "clang", "clang++")
    env = {"CC": "clang", "CXX": "clang++"}
    session.install(".[test]", env=env)
    session.run("pytest", *session.posargs, env=env)


def native(session: nox.Session, preset: str, emulator: list[str]) -> None:
    """Build tests/kernels and tests/native as a preset says and run them; arguments after -- are the latter's."""
    session.install("cmake>=3.21", "ninja")
    session.run("cmake", "--preset", preset)
    session.run("cmake", "--build", "--preset", preset)
    session.run(*emulator, f"build/{preset}/tests/kernels/convx_kernel_tests", external=True)
    session.run(*emulator, f"build/{preset}/tests/native/convx_native", *session.posargs, external=True)


@nox.session
def alone(session: nox.Session) -> None:
    """Run the native tests on every instruction set of this CPU."""
    native(session, "native", [])


@nox.session
def aarch64(session: nox.Session) -> None:
    """Run the native tests of an aarch64 build under qemu."""
    need(session, "aarch64-linux-gnu-g++", "qemu-aarch64")
    native(session, "aarch64", ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"])


@nox.session
def old_cpu(session: nox.Session) -> None:
    """Run the native tests on an emulated x86-64 CPU of 2006, which has no AVX."""
    if platform.machine() not in ("x86_64", "AMD64"):
        session.skip("builds for the CPU it runs on, which is not x86-64")
    need(session, "qemu-x86_64")
    native(session, "native", ["qemu-x86_64", "-cpu", "core2duo"])


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
    folders = [ROOT / "cpp", ROOT / "tests" / "kernels", ROOT / "tests" / "native", ROOT / "benchmarks" / "kernels"]
    sources = [str(path) for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".cpp", ".h")]
    if sources:
        session.run("clang-format", "--dry-run", "--Werror", *sources)
    session.run("codespell")


@nox.session
def tidy(session: nox.Session) -> None:
    """Read every C++ source with clang-tidy; arguments after -- are the files instead."""
    session.install(*group("tidy"), "cmake>=3.21", "ninja", "pybind11>=3")
    where = session.run("python", "-m", "pybind11", "--cmakedir", silent=True)
    # Without OpenMP, whose header comes with each compiler; the pragma of the one loop is then read as none.
    found = ["-DCONVX_OPENMP=OFF", f"-Dpybind11_DIR={str(where).strip()}"]
    session.run("cmake", "--preset", "default", "-B", "build/tidy", *found, silent=True)
    database = ROOT / "build/tidy/compile_commands.json"
    commands = json.loads(database.read_text())
    # Of a kernel one instruction set, the last, is enough.
    database.write_text(json.dumps(list({command["file"]: command for command in commands}.values())))
    files = session.posargs or [str(path) for path in sorted((ROOT / "cpp").rglob("*.cpp"))]
    session.run("run-clang-tidy.py", "-quiet", "-p", "build/tidy", *files)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the package."""
    session.install(*group("types"), "numpy>=2")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site into docs/_build/html, warnings being errors, and check the links within it."""
    session.install(".[examples]", *group("docs"))
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html", *session.posargs)
    session.run("python", "docs/check_links.py", "docs/_build/html")


@nox.session
def optional(session: nox.Session) -> None:
    """Run the suite with every package that parts of it skip without; Chromium and LibreOffice are the system's."""
    session.install(".[test,image,examples,trace,progress,conformance]", *group("optional"))
    session.run("pytest", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Run the microbenchmarks; arguments after -- go to pytest."""
    session.install(".[test]")
    session.run("pytest", "benchmarks", "--benchmark-only", *session.posargs)
