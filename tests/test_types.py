"""Stubs, docstrings and their examples agree with what is there."""

import ast
import contextlib
import doctest
import importlib
import importlib.util
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

import convx
import numpy as np
import pytest
from convx import _core, _types, reference

PACKAGE = Path(convx.__file__).parent
STUB = ast.parse((PACKAGE / "_core.pyi").read_text())
TOOLS = {"explain", "trace"}
"""What tells of the others and computes nothing that could have a twin."""
PUBLIC = [name for name in convx.__all__ if callable(getattr(convx, name))]


def stub_functions(body: list[ast.stmt]) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def stub_classes() -> dict[str, ast.ClassDef]:
    classes = [node for node in STUB.body if isinstance(node, ast.ClassDef)]
    return {node.name: node for node in classes if "type_check_only" not in map(ast.unparse, node.decorator_list)}


def parameter_names(node: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]


def test_stub_names_what_the_core_holds() -> None:
    declared = set(stub_functions(STUB.body)) | set(stub_classes())
    held = {name for name in vars(_core) if not name.startswith("_")}
    assert declared == held


@pytest.mark.parametrize("name", sorted(stub_classes()))
def test_stub_classes_hold_the_same_members(name: str) -> None:
    declared = set(stub_functions(stub_classes()[name].body)) - {"__init__", "__call__"}
    held = {member for member in vars(getattr(_core, name)) if not member.startswith("_")}
    assert declared == held
    assert callable(getattr(_core, name).__call__)


@pytest.mark.parametrize("name", sorted(stub_functions(STUB.body)))
def test_core_functions_take_as_many_arguments_as_the_stub_says(name: str) -> None:
    """One argument too many, or one of an unknown name, is refused before anything is looked at."""
    expected = len(parameter_names(stub_functions(STUB.body)[name]))
    function = getattr(_core, name)
    for count in (expected + 1, *([expected - 1] if expected else [])):
        with pytest.raises(TypeError, match=r"takes|missing"):
            function(*[object()] * count)
    with pytest.raises(TypeError, match="unexpected" if expected else "takes"):
        function(*[object()] * (expected - 1), nobody=1)


@pytest.mark.parametrize("name", sorted(stub_functions(STUB.body)))
def test_core_functions_take_the_names_that_the_stub_says(name: str) -> None:
    """In its order, and all by name or by place."""
    parameters = inspect.signature(getattr(_core, name)).parameters
    assert list(parameters) == parameter_names(stub_functions(STUB.body)[name])
    assert all(p.kind == p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in parameters.values())


def test_core_functions_sort_their_arguments() -> None:
    """Names in any order, and names that are no interned strings, give what places give."""
    parameters = list(inspect.signature(_core.avg_pool).parameters)
    x = np.arange(12.0).reshape(1, 3, 4)
    values = ("f", 1, x, 2, 1, ((1, 1),), 1, False, True, None, None, "channels_first", False)
    expected = _core.avg_pool(*values)
    named = dict(zip(parameters, values, strict=True))
    for given in (named, dict(reversed(named.items())), {"".join(name): named[name] for name in parameters}):
        assert np.array_equal(_core.avg_pool(**given), expected)
        later = {name: value for name, value in given.items() if name not in parameters[:4]}
        assert np.array_equal(_core.avg_pool(*values[:4], **later), expected)
    with pytest.raises(TypeError, match="argument 'rank' is given twice"):
        _core.avg_pool(*values[:2], **{name: named[name] for name in parameters[1:-1]})
    for name in parameters:
        with pytest.raises(TypeError, match=f"argument '{name}' is missing"):
            _core.avg_pool(**{other: value for other, value in named.items() if other != name})


def test_core_returns_the_types_of_the_stub() -> None:
    info = next(node for node in STUB.body if isinstance(node, ast.ClassDef) and node.name == "_Info")
    declared = {node.target.id: ast.unparse(node.annotation) for node in info.body if isinstance(node, ast.AnnAssign)}
    held = _core.info()
    assert set(declared) == set(held)
    kinds = {"str": str, "int": int, "list[str]": list, "dict[str, str]": dict, "tuple[int, int, int]": tuple}
    for key, annotation in declared.items():
        assert type(held[key]) is kinds[annotation], key
    weight, names = np.ones((2, 3, 3)), ("auto", "zeros", "channels_first")
    plan = _core.conv_plan("Conv1d", 1, weight, None, 1, 1, 1, 1, None, *names, None)
    assert (plan.weight_shape, plan.stride, plan.padding, plan.dilation) == ((2, 3, 3), (1,), ((1, 1),), (1,))
    assert (plan.groups, plan.algorithm, plan.dtype) == (1, "auto", np.dtype("float64"))
    assert type(plan.groups) is int


def test_all_names_exactly_what_is_public() -> None:
    assert len(set(convx.__all__)) == len(convx.__all__)
    expected = {f"{kind}{rank}d" for kind in ("conv", "Conv", "max_pool", "avg_pool") for rank in (1, 2, 3)}
    expected |= {"maxout", "set_num_threads", "get_num_threads", "num_threads", "reference", "__version__"}
    assert set(convx.__all__) >= expected
    settings = r"[gs]et_\w+|num_threads|(save|load|forget)_wisdom"
    functions = {name for name in PUBLIC if not inspect.isclass(getattr(convx, name))} - TOOLS
    assert set(reference.__all__) == {name for name in functions if not re.fullmatch(settings, name)}
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", convx.__version__)


def test_literals_of_algorithms_are_those_of_the_core() -> None:
    assert get_args(_types.Algorithm) == _core.algorithms()
    assert get_args(_types.GradientAlgorithm) == _core.conv_weight_algorithms()


NAMES = [
    ("padding", _types.PaddingName),
    ("padding_mode", _types.PaddingMode),
    ("data_format", _types.DataFormat),
    ("activation", next(t for t in get_args(_types.Activation) if get_origin(t) is Literal)),
]


@pytest.mark.parametrize(("argument", "literal"), NAMES, ids=[argument for argument, _ in NAMES])
def test_literals_are_the_names_that_are_taken(argument: str, literal: Any) -> None:
    x, w = np.ones((2, 2, 2)), np.ones((2, 2, 2))
    for name in get_args(literal):
        convx.conv1d(x, w, **{argument: name})
    with pytest.raises(ValueError, match=argument) as refused:
        convx.conv1d(x, w, **{argument: "no such"})
    told = set(re.findall(r"'(\w+)'|\b(\w+)(?=,|$| or)", str(refused.value)))
    assert {name for pair in told for name in pair} >= set(get_args(literal))


def test_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def sections(documented: Any) -> set[str]:
    return set(re.findall(r"^(\w[\w ]*)\n-{3,}$", inspect.getdoc(documented) or "", re.MULTILINE))


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_has_its_sections(name: str) -> None:
    documented = getattr(convx, name)
    signature = inspect.signature(documented)
    needed = {"Examples"}
    if signature.parameters:
        needed |= {"Parameters", "Raises"}
    gives = signature.return_annotation
    if not inspect.isclass(documented) and gives not in (None, "None") and "Iterator" not in str(gives):
        needed |= {"Returns"}
    assert needed <= sections(documented)


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_explains_every_parameter(name: str) -> None:
    text = inspect.getdoc(getattr(convx, name)) or ""
    for parameter in inspect.signature(getattr(convx, name)).parameters:
        assert re.search(rf"^(\w+, )*(\*\*)?{parameter}(, \w+)* : ", text, re.MULTILINE), parameter


@pytest.mark.parametrize("name", reference.__all__)
def test_reference_takes_the_same_arguments(name: str) -> None:
    ours = inspect.signature(getattr(convx, name)).parameters
    theirs = inspect.signature(getattr(reference, name)).parameters
    expected = [(p.name, p.default, p.kind) for p in ours.values() if p.name not in ("algorithm", "out")]
    assert [(p.name, p.default, p.kind) for p in theirs.values()] == expected


def test_plans_take_the_arguments_of_the_functions() -> None:
    for rank in (1, 2, 3):
        function = inspect.signature(getattr(convx, f"conv{rank}d")).parameters
        plan = inspect.signature(getattr(convx, f"Conv{rank}d")).parameters
        expected = [
            (p.name, p.default, p.kind) for p in function.values() if p.name not in ("input", "residual", "out")
        ]
        assert [(p.name, p.default, p.kind) for p in plan.values()] == expected


def modules() -> list[ModuleType]:
    names = [found.name for found in pkgutil.walk_packages(convx.__path__, "convx.")]
    unused = r"\._|\.__main__$|\.cli$" + ("" if importlib.util.find_spec("dask") else r"|\.dask\b")
    wanted = [name for name in names if not re.search(unused, name)]
    return [convx, *(importlib.import_module(name) for name in wanted)]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_examples_in_docstrings_run(module: ModuleType) -> None:
    with contextlib.ExitStack() as stack:
        stack.callback(convx.set_num_threads, convx.get_num_threads())
        stack.callback(convx.set_winograd, convx.get_winograd())
        result = doctest.testmod(module)
    assert result.failed == 0


def test_examples_in_docstrings_are_found() -> None:
    """Otherwise the test above would pass by finding nothing."""
    found = sum(len(test.examples) for module in modules() for test in doctest.DocTestFinder().find(module))
    assert found >= 2 * len(PUBLIC)
