"""The objects of an instruction set define nothing that the linker could share with others.

A weak symbol compiled with AVX-512 may be kept for everyone, and an older CPU dies of it. CONVX_BUILD_DIR names a build
tree; without one a kernel is compiled here.
"""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sources import CPP, sources

X86 = platform.machine().lower() in ("x86_64", "amd64")
ARM = platform.machine().lower() in ("aarch64", "arm64")
MARCH = {
    "avx512vnni": ["-march=x86-64-v4", "-mavx512vnni"],
    "avx512": ["-march=x86-64-v4"],
    "avx2": ["-march=x86-64-v3"],
    "baseline": ["-march=x86-64"] if X86 else [],
    "neon": [],
}
OTHERS = {"neon"} if X86 else {"avx512vnni", "avx512", "avx2", "baseline" if ARM else "neon"}


def tool(*names: str) -> str:
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    pytest.skip(f"no {' or '.join(names)} on this machine")


def weak_symbols(path: Path) -> list[str]:
    """Demangled names that the object defines weakly: inline functions, templates, their tables."""
    listing = subprocess.run([tool("nm"), "-C", str(path)], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^[0-9a-f]+ [WVu] (.*)$", listing, re.MULTILINE)


def build_tree() -> Path | None:
    name = os.environ.get("CONVX_BUILD_DIR")
    return Path(name) if name else None


def isa_objects(tree: Path, isa: str) -> list[Path]:
    return [path for path in tree.rglob("*.o") if f"convx_{isa}.dir" in path.parts]


@pytest.mark.parametrize("target", MARCH)
def test_kernel_objects_define_nothing_shared(target: str, tmp_path: Path) -> None:
    if target in OTHERS:
        pytest.skip(f"{target} is an instruction set of another CPU")
    tree = build_tree()
    if tree:
        objects = isa_objects(tree, target)
        assert objects, f"no objects of convx_{target} in CONVX_BUILD_DIR"
    else:
        if not CPP.is_dir():
            pytest.skip("the C++ sources are not beside the tests")
        compiler = os.environ.get("CXX") or tool("g++", "c++", "clang++")
        # The kernel with most templates; the build tree's objects, where given, are checked all.
        units = [path for path in sources("kernels") if path.suffix == ".cpp"]
        source = max(units, key=lambda path: path.read_text().count("template"))
        flags = ["-std=c++17", "-O3", "-ffp-contract=fast", "-fno-exceptions", "-fvisibility=hidden"]
        flags.append(f"-DCONVX_ISA={target}")
        objects = [tmp_path / f"{source.stem}.o"]
        flags += MARCH[target]
        subprocess.run([compiler, *flags, "-c", str(source), "-o", str(objects[0])], check=True, timeout=300)
    for path in objects:
        outside = [name for name in weak_symbols(path) if f"convx::{target}::" not in name]
        assert not outside, f"{path.name}: {outside}"


def test_weak_symbols_are_found(tmp_path: Path) -> None:
    """The listing above would show a shared inline function, and the name of its namespace."""
    compiler = os.environ.get("CXX") or tool("g++", "c++", "clang++")
    source = tmp_path / "weak.cpp"
    source.write_text(
        "namespace a { inline int f(int x) { static int n; return n += x; } }\n"
        "template <class T> struct S { static int v; }; template <class T> int S<T>::v = 3;\n"
        "int strong(int x) { return x; }\nint (*use())(int) { S<int>::v++; return a::f; }\n"
    )
    subprocess.run([compiler, "-O0", "-c", str(source), "-o", str(tmp_path / "weak.o")], check=True, timeout=300)
    names = weak_symbols(tmp_path / "weak.o")
    assert "a::f(int)" in names
    assert "S<int>::v" in names
    assert not [name for name in names if "strong" in name]


@pytest.mark.skipif(not X86, reason="reads x86 registers")
@pytest.mark.skipif(not os.environ.get("CONVX_BUILD_DIR"), reason="CONVX_BUILD_DIR names no build tree")
def test_wide_registers_stay_in_their_objects() -> None:
    """Outside of avx2 and avx512, nothing is compiled for more than the baseline CPU."""
    tree = build_tree()
    assert tree
    special = {path for isa in ("avx2", "avx512", "avx512vnni") for path in isa_objects(tree, isa)}
    plain = [path for path in tree.rglob("*.o") if path not in special and "CompilerId" not in str(path)]
    assert plain
    assert special
    dump = tool("objdump")
    for path in plain:
        code = subprocess.run([dump, "-d", str(path)], capture_output=True, text=True, check=True).stdout
        assert not re.search(r"%[yz]mm\d", code), path.name
    wide = [subprocess.run([dump, "-d", str(p)], capture_output=True, text=True, check=True).stdout for p in special]
    assert any("%zmm" in code for code in wide)
