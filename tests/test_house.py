"""The rules of the house, kept over the C++ sources."""

import re

import pytest
from checks import ROOT
from sources import CPP, code_of, includes, matches, sources

pytestmark = pytest.mark.skipif(not CPP.is_dir(), reason="the C++ sources are not beside the tests")

C_HEADERS = {f"<{name}.h>" for name in ("stdint", "stddef", "string", "math", "float", "limits", "stdbool")}
C_HEADERS |= {f"<c{name[1:-3]}>" for name in C_HEADERS}
KERNELS = CPP / "kernels"
CPU_NAMES = r"__builtin_cpu_(supports|init|is)|\b__get_cpuid|\bcpuid\b|getauxval|\bxgetbv\b"


def everything() -> list:
    return sources("bindings") + sources("convx") + sources("kernels")


def test_sources_are_found() -> None:
    assert len(sources("bindings")) >= 3
    assert len(sources("convx")) >= 10
    assert len(sources("kernels")) >= 5
    strays = {path for path in CPP.rglob("*") if path.suffix in (".cpp", ".h")} - set(everything())
    assert not strays, "every source lies in bindings, convx or kernels"


def test_comments_and_strings_are_no_code() -> None:
    text = 'int a = 1\'000; // new\n/* throw\n new */ f("throw", \'"\'); #include "x.h"\nauto r = R"(new)"; throw 1;\n'
    code = code_of(text)
    assert code.count("\n") == text.count("\n")
    assert "new" not in code
    assert code.count("throw") == 1
    assert '#include "x.h"' in code
    assert "int a = 1000;" in code


def test_pybind11_only_in_bindings() -> None:
    assert not matches(sources("convx") + sources("kernels"), r"pybind11|\bpy::|Python\.h|\bPy[A-Z]\w+|numpy")
    assert matches(sources("bindings"), r"pybind11")


def test_pybind11s_templates_in_two_files() -> None:
    """They cost every file that includes them five seconds of compilation; handles to objects cost nothing."""
    whole = [
        path.name
        for path in sources("bindings")
        if set(includes(path)) & {"<pybind11/pybind11.h>", "<pybind11/numpy.h>"}
    ]
    assert whole == ["arrays.cpp", "module.cpp"]
    allowed = {"<pybind11/pytypes.h>", "<pybind11/pybind11.h>", "<pybind11/numpy.h>"}
    for path in sources("bindings"):
        assert {name for name in includes(path) if "pybind11" in name} <= allowed, path.name
    others = [path for path in sources("bindings") if path.name not in whole]
    assert not matches(others, r"\berror_already_set\b|\bpy::(cast|arg|module_|class_|array|dtype)\b|\.attr\(")


def test_arguments_have_names() -> None:
    """Every function of the core is a row of a table, and each of its arguments is read by its name."""
    rows = matches(sources("bindings"), r"constexpr Function FUNCTIONS\[\]")
    assert len(rows) >= 8
    assert not matches(sources("bindings"), r"\bPyArg_\w+|PyTuple_GetItem\b")


def test_openmp_only_in_the_core() -> None:
    pattern = r"#\s*pragma\s+omp|_Pragma\s*\(\s*\"omp|<omp\.h>|\bomp_\w+|\bGOMP_"
    assert not matches(sources("bindings") + sources("kernels"), pattern)
    assert matches(sources("convx"), r"#\s*pragma\s+omp")


def test_one_parallel_region() -> None:
    """All parallel work goes through one loop: no second region, no barrier, no reduction whose order may vary."""
    regions = matches(sources("convx"), r"#\s*pragma\s+omp\s+.*\bparallel\b")
    assert len({line.partition(":")[0] for line in regions}) == 1, regions
    assert not matches(sources("convx"), r"#\s*pragma\s+omp\s+.*\b(reduction|atomic|critical)\b")


def test_kernels_include_only_their_own_and_c_headers() -> None:
    own = {f'"{path.relative_to(KERNELS).as_posix()}"' for path in sources("kernels") if path.suffix == ".h"}
    own |= {f'"{path.name}"' for path in (KERNELS / "contracts").iterdir()} | {'"kernels.inc"'}
    for path in sources("kernels"):
        instructions = {"<immintrin.h>"} if path.name == "dot.h" else set()
        assert set(includes(path)) <= C_HEADERS | own | instructions, path.name


def rows() -> list[tuple[str, ...]]:
    """Types, result, name and contract of every kernel."""
    pattern = r"^CONVX_(\w+)_KERNEL\((\w+), (\w+), (\w+)\)$"
    return re.findall(pattern, (KERNELS / "kernels.inc").read_text(), re.MULTILINE)


def test_a_kernel_is_its_file_its_contract_and_one_row() -> None:
    """Nothing else lists kernels: declarations, fields, entries and instantiations are made from the row."""
    code = {path: code_of(path.read_text()) for path in sources("kernels")}
    contracts = "".join(text for path, text in code.items() if path.parent.name == "contracts")
    names = [name for _, _, name, _ in rows()]
    assert len(names) == len(set(names)) >= 40
    for types, result, name, contract in rows():
        definition = rf"^{result} {types.capitalize()}(<[\w, ]+>)?::{name}\(const {contract}(<T>)?& \w+\) {{$"
        files = [path for path, text in code.items() if re.search(definition, text, re.MULTILINE)]
        assert len(files) == 1, name
        assert re.search(rf"^struct {contract} {{$", contracts, re.MULTILINE), contract
    for folder in ("tests", "benchmarks"):  # a test and a measurement of each, without which they do not link
        cases = "".join(path.read_text() for path in sorted((ROOT / folder / "kernels").glob("*.cpp")))
        assert not [name for name in names if f"::{name}(" not in cases], folder
    for path, text in code.items():
        kernel = bool(re.search(r"^\w+ \w+(<[\w, ]+>)?::\w+\(const", text, re.MULTILINE))
        assert kernel == (path.suffix == ".cpp" and includes(path)[-1] == '"instances.h"'), path.name
    lists = "".join(path.read_text() for path in [ROOT / "CMakeLists.txt", *KERNELS.rglob("*.h")])
    assert not [name for name in names if re.search(rf"\b{name}(\.cpp|\(const)", lists)]


def test_one_list_of_types() -> None:
    """A type of elements is a word in types.h: whoever instantiates for all of a kind applies its list."""
    paths = [path for path in everything() if path.name != "types.h"]
    one = r"\b(float|double|u?int\d+_t)\b"
    instance = r"^\s*(extern\s+)?template\s+[^<\s]"
    written_out = rf"{instance}.*(<(const\s+)?{one}|\b(float|double)\*)|\bCONVX_\w+\({one}\)"
    dots = "cpp/kernels/instances.h"  # their words of integers come with products, not alone
    assert not [line for line in matches(paths, written_out) if not line.startswith(dots) or "Dot<" not in line]
    lists = re.findall(r"^#define (CONVX_\w+)\(EACH\)", (KERNELS / "types.h").read_text(), re.MULTILINE)
    assert lists
    for name in lists:
        assert matches(paths, rf"\b{name}\(CONVX_\w+\)"), name


def test_kernels_allocate_and_throw_nothing() -> None:
    pattern = (
        r"\bnew\b|\bdelete\b|\b(m|c|re|aligned_)?alloc\s*\(|\bfree\s*\(|\bthrow\b|\btry\b|\bcatch\b|\bstd::|\bstatic_cast<std"
        r"|\bvirtual\b|\bthread_local\b|\bdynamic_cast\b|\btypeid\b"
    )
    assert not matches(sources("kernels"), pattern)


def test_kernels_open_the_namespace_of_their_instruction_set() -> None:
    for path in sources("kernels"):
        if path.suffix == ".cpp":
            assert re.search(r"namespace\s+convx::CONVX_ISA\s*\{", code_of(path.read_text())), path.name


def test_kernels_name_no_instruction() -> None:
    """Vector extensions only: an intrinsic would tie a source to one instruction set.

    The dot product of 8-bit and 16-bit parts is what they cannot say; it has a header of its own.
    """
    pattern = r"\b_mm\d*_\w+|\b__m\d+|immintrin|arm_neon|\basm\b|__builtin_ia32"
    assert not matches([path for path in sources("kernels") if path.name != "dot.h"], pattern)
    dot = [path for path in sources("kernels") if path.name == "dot.h"]
    assert not matches(dot, r"_mm(?!\d*_(dpbusd|dpwssd|madd)_epi(16|32)\b)\d*_\w+")
    assert len(dot[0].read_text().splitlines()) < 60


def test_core_knows_no_kernel_but_through_the_table() -> None:
    known = re.compile(r'(kernels|table|types|contracts/\w+)\.h"')
    for path in sources("convx") + sources("bindings"):
        inner = [name.rpartition("/kernels/")[2] for name in includes(path) if "/kernels/" in name]
        assert not [name for name in inner if not known.fullmatch(name)], path.name


def test_core_does_not_include_bindings() -> None:
    for path in sources("convx"):
        assert not [name for name in includes(path) if "bindings" in name], path.name


# The folders of the core, and what each may include beside itself and the kernels' contracts.
SHARED = {"shape", "runtime", "data"}
LAYERS: dict[str, set[str]] = {
    "shape": set(),
    "runtime": {"shape"},
    "data": {"shape", "runtime"},
    "conv": SHARED,
    "pool": SHARED,
    "filter": SHARED,
    "columns": SHARED | {"conv"},
    "elementwise": SHARED,
    "gradient": SHARED | {"conv"},
    "image": SHARED,
    "integer": SHARED | {"conv"},
    "matrix": SHARED,
    "pooled": SHARED | {"conv", "pool"},
    "transposed": SHARED | {"conv"},
}


def test_folders_of_the_core_include_downwards() -> None:
    core = CPP / "convx"
    for path in sources("convx"):
        folder = path.relative_to(core).parts[0]
        included = {(path.parent / name.strip('"')).resolve() for name in includes(path) if name.startswith('"')}
        folders = {target.relative_to(core).parts[0] for target in included if core in target.parents}
        assert folders <= LAYERS[folder] | {folder}, path.name


def test_only_isa_knows_cpu_names() -> None:
    others = [path for path in everything() if path.stem != "isa"]
    assert not matches(others, CPU_NAMES)
    assert matches([path for path in everything() if path.stem == "isa"], CPU_NAMES)
    # tile.h asks the compiler, not the CPU, what it compiles for.
    assert not matches([path for path in others if path.name != "tile.h"], r"__AVX|__SSE|__FMA__|__ARM_NEON|x86-64-v")


def test_isa_names_choose_nothing_outside_of_isa() -> None:
    """No second dispatch: the namespaces of the instruction sets are named by isa.cpp alone."""
    others = [path for path in everything() if path.stem != "isa"]
    names = "(avx2|avx512(vnni)?|neon|baseline)"
    assert not matches(others, rf"\b{names}::|namespace\s+{names}\b")


def test_sizes_of_vectors_stand_for_nothing_else() -> None:
    """NEON's vectors are as short as SSE2's: whether there is an FMA, or half vectors, is a trait of its own."""
    assert not matches(sources("kernels"), r"VECTOR_BYTES\s*==\s*16|LANES<T>\s*==\s*4\b")
    assert not matches(sources("convx"), r"\blanes\s*\*\s*[^;,]*\b(element|sizeof)\b[^;]*(==|[<>]=?)\s*\d")


def test_one_place_decides() -> None:
    """Instruction set and threads of a call: the core decides them as a call enters it, bindings never do."""
    deciding = {"context.cpp", "context.h", "isa.cpp", "isa.h", "threads.cpp", "threads.h"}
    others = [path for path in sources("bindings") + sources("convx") if path.name not in deciding]
    setting = [path for path in others if path.name != "runtime.cpp"]  # tells and sets what is active
    assert not matches(setting, r"\bactive_isa\b|\bset_isa\b")
    assert not matches(others, r"\bkernels_of\b|\bthreads_for\b")
    assert not matches(sources("bindings"), r"\bKernels(Of)?<|\bKernelTable\b|\bWORK\b|\bwork\b|\bdecide\b")


def test_native_tests_know_the_core_alone() -> None:
    folders = [ROOT / "tests" / "native", ROOT / "tests" / "kernels", ROOT / "benchmarks" / "kernels"]
    paths = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in (".cpp", ".h")]
    assert len(paths) >= 25
    assert not matches(paths, r"pybind11|Python\.h|\bPy[A-Z]\w+")
    for path in paths:
        assert not [name for name in includes(path) if "bindings" in name], path.name
        assert len(path.read_text().splitlines()) <= 300, path.name


def test_build_flags_keep_the_promises() -> None:
    text = (ROOT / "CMakeLists.txt").read_text()
    code = re.sub(r"#[^\n]*", "", text)
    for flag in ("-ffast-math", "-march=native", "-Ofast", "-funsafe-math-optimizations", "-mtune=native"):
        assert flag not in code
    for flag in ("x86-64-v3", "x86-64-v4", "-ffp-contract=fast", "-fno-exceptions"):
        assert flag in code


def test_no_source_is_too_long() -> None:
    """One idea to a file."""
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in everything()}
    assert not {name: lines for name, lines in lengths.items() if lines > 300}
