"""What compiler and linker promise against an exploit, read from the installed module; with CONVX_BUILD_DIR, also from
the objects it was linked of.
"""

import os
import platform
import re
import subprocess
from pathlib import Path

import pytest
from convx import _core
from test_objects import X86, build_tree, isa_objects, tool

MODULE = Path(_core.__file__)
ARM = platform.machine().lower() in ("aarch64", "arm64")
# What each processor calls its protection of indirect calls and of returns, as the linker notes it.
BRANCHES = {"IBT", "SHSTK"} if X86 else {"BTI", "PAC"} if ARM else set()

with MODULE.open("rb") as file:
    pytestmark = pytest.mark.skipif(file.read(4) != b"\x7fELF", reason="reads ELF")

needs_tree = pytest.mark.skipif(not os.environ.get("CONVX_BUILD_DIR"), reason="CONVX_BUILD_DIR names no build tree")
optimised = pytest.mark.skipif(_core.info()["build_type"] == "Debug", reason="a debug build")


def run(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def readelf(option: str, path: Path = MODULE) -> str:
    return run(tool("readelf"), "-W", option, path)


def imported() -> set[str]:
    """The functions that the module asks of others, without their versions."""
    listing = run(tool("nm"), "-D", "--undefined-only", MODULE)
    return {name.partition("@")[0] for name in re.findall(r"[Uwv] (\S+)$", listing, re.MULTILINE)}


def noted(path: Path) -> set[str]:
    """The protections that every object linked into this file has."""
    match = re.search(r"(?:x86|AArch64) feature: (.*)", readelf("--notes", path))
    return set(re.split(r",\s*", match[1].strip())) if match else set()


def segments(name: str) -> list[str]:
    """The flags of the program headers of this name, such as 'RW' or 'R E'."""
    return [
        flags.strip() for flags in re.findall(rf"^\s+{name}(?:\s+0x\w+){{5}}\s+(.{{3}})", readelf("--segments"), re.M)
    ]


def objects_of_core() -> list[Path]:
    tree = build_tree()
    assert tree
    return [path for path in tree.rglob("*.o") if {"_core.dir", "convx_core.dir"} & {*path.parts}]


def objects_of_kernels() -> list[Path]:
    tree = build_tree()
    assert tree
    return [path for isa in ("baseline", "avx2", "avx512", "avx512vnni") for path in isa_objects(tree, isa)]


def test_only_the_start_of_the_module_is_exported() -> None:
    """No other module's templates of the standard library are taken for ours, nor ours for theirs."""
    listing = run(tool("nm"), "-D", "--defined-only", MODULE)
    assert [line.split()[-1] for line in listing.splitlines()] == ["PyInit__core"]


def test_addresses_are_read_only_once_bound() -> None:
    """Full RELRO: everything is bound at load, then the table of addresses is write-protected."""
    assert segments("GNU_RELRO") == ["R"]
    assert re.search(r"\((FLAGS|FLAGS_1|BIND_NOW)\).*\b(BIND_)?NOW\b|\(BIND_NOW\)", readelf("--dynamic"))


def test_nothing_is_both_written_and_executed() -> None:
    assert segments("GNU_STACK") == ["RW"]
    loaded = segments("LOAD")
    assert loaded
    assert not [flags for flags in loaded if "W" in flags and "E" in flags]


def test_code_moves_without_being_written() -> None:
    """Position-independent, as a process with random addresses wants it: no relocation lies in the code."""
    assert re.search(r"Type:\s+DYN\b", readelf("--file-header"))
    assert "TEXTREL" not in readelf("--dynamic")


def test_libraries_come_from_the_system_alone() -> None:
    """No directory of the machine that built it is searched for libraries."""
    assert not re.search(r"\((RPATH|RUNPATH)\).*", readelf("--dynamic"))


@pytest.mark.skipif(not BRANCHES, reason="knows the notes of x86-64 and AArch64")
def test_branches_are_protected() -> None:
    """Indirect calls land on marked places and returns where they came from, where CPU and kernel check it.

    The C library's start-up objects are part of the module too: without landing marks of their own, as in Debian's,
    the linker must not promise any.
    """
    library = re.search(r"/\S*/(libc[.-]|ld-musl-)\S*$", Path("/proc/self/maps").read_text(), re.MULTILINE)
    assert library
    assert noted(MODULE) >= BRANCHES & ({"SHSTK"} | noted(Path(library[0])))


@needs_tree
@pytest.mark.skipif(not BRANCHES, reason="knows the notes of x86-64 and AArch64")
def test_branches_are_protected_in_every_object() -> None:
    objects = objects_of_core() + objects_of_kernels()
    assert len(objects) > 60
    assert not [path.name for path in objects if not noted(path) >= BRANCHES]


@optimised
def test_stack_is_guarded() -> None:
    assert "__stack_chk_fail" in imported()


@needs_tree
@optimised
def test_stack_is_guarded_in_core_and_bindings_alone() -> None:
    """Kernels have no guard: they write by computed bounds into the caller's arrays, and their registers are full."""

    def guarded(path: Path) -> bool:
        return "__stack_chk_fail" in run(tool("nm"), "--undefined-only", path)

    for folder in ("bindings", "convx"):
        files = [path for path in objects_of_core() if folder in path.parts]
        # Not every file has an array on its stack.
        assert sum(map(guarded, files)) > len(files) / 2, folder
    assert not [path.name for path in objects_of_kernels() if guarded(path)]


def test_no_unbounded_call_is_imported() -> None:
    """No C function that writes as long as its input lasts, so nothing of them that a checked twin would stop."""
    unbounded = {"strcpy", "stpcpy", "strcat", "sprintf", "vsprintf", "gets", "scanf", "sscanf", "realpath", "alloca"}
    assert not imported() & unbounded


PROBE = """
#include <cstdio>
#include <cstring>
extern "C" size_t length();
extern "C" void use(char*);
void copy(const char* from) { char to[16]; std::memcpy(to, from, length()); use(to); }
void fill() { char to[16]; std::memset(to, 0, length()); use(to); }
void print(int x) { char to[16]; std::snprintf(to, length(), "%d", x); use(to); }
"""


def flags_of_core() -> list[str]:
    """The flags that one file of the core was compiled with, as the build tree has them."""
    tree = build_tree()
    assert tree
    ninja, make = tree / "build.ninja", tree / "CMakeFiles/_core.dir/flags.make"
    text = ninja.read_text() if ninja.exists() else make.read_text()
    block = text.partition("_core.dir/cpp/convx/shape/shape.cpp.o:")[2] if ninja.exists() else text
    match = re.search(r"^\s*(?:CXX_)?FLAGS = (.*)$", block, re.MULTILINE)
    assert match
    return match[1].split()


@needs_tree
@optimised
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="this C library has no checked calls")
def test_calls_with_known_sizes_are_checked(tmp_path: Path) -> None:
    """FORTIFY does its work under the module's own flags.

    The module itself has no call that it could check: what has a known size is of constant length, and everything else
    lies in NumPy's arrays. So a probe has such calls, compiled as the core is: their checked twins must be called.
    """
    source, target = tmp_path / "probe.cpp", tmp_path / "probe.o"
    source.write_text(PROBE)
    compiler = os.environ.get("CXX") or tool("g++", "c++", "clang++")
    run(compiler, *flags_of_core(), "-c", source, "-o", target)
    called = run(tool("nm"), "--undefined-only", target)
    for name in ("__memcpy_chk", "__memset_chk", "__snprintf_chk"):
        assert name in called
