"""ONNX's own test cases, inputs and outputs as shipped: through the functions and through ReferenceEvaluator."""

from pathlib import Path
from typing import Any

import convx
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")

from onnx import numpy_helper  # noqa: E402
from onnx.backend.test.loader import load_model_tests  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402
from onnx_cases import OPERATORS, assert_as_shipped, attributes_of, holds, node_cases  # noqa: E402

CASES = {case.name: case for case in node_cases()}
SINGLE = {name: case for name, case in CASES.items() if len(case.model.graph.node) == 1}
KINDS = ("pytorch-converted", "pytorch-operator")
CONVERTED = {
    f"{kind}-{case.name}": case
    for kind in KINDS
    for case in load_model_tests(kind=kind)
    if holds(onnx.load(str(Path(case.model_dir) / "model.onnx")))
}


def evaluator(model: Any) -> Any:
    return ReferenceEvaluator(model, new_ops=convx.onnx.reference_ops())


def values(path: Path, stem: str) -> list[Any]:
    """The tensors stem_0.pb, stem_1.pb ... of a stored case."""
    files = sorted(path.glob(f"{stem}_*.pb"), key=lambda file: int(file.stem.rpartition("_")[2]))
    return [numpy_helper.to_array(onnx.load_tensor(str(file))) for file in files]


def test_the_cases_are_there() -> None:
    """Every operator has cases; onnx 1.23 ships 108 for them, 46 of its stored models use them."""
    used = {case.model.graph.node[0].op_type for case in SINGLE.values()}
    assert used == OPERATORS - {"GlobalLpPool"}, "of which ONNX has no case"
    assert len(CASES) >= 90
    assert len(CONVERTED) >= 40


@pytest.mark.parametrize("name", SINGLE)
def test_function(name: str) -> None:
    case = SINGLE[name]
    node = case.model.graph.node[0]
    for inputs, outputs in case.data_sets:
        given = iter(inputs)
        arguments = [next(given) if name else None for name in node.input]
        attributes = attributes_of(node)
        if node.op_type == "MaxPool":
            attributes["return_indices"] = len(node.output) == 2
        result = getattr(convx.onnx, node.op_type)(*arguments, **attributes)
        results = result if isinstance(result, tuple) else (result,)
        assert len(results) == len(outputs)
        for actual, expected in zip(results, outputs, strict=True):
            assert_as_shipped(actual, expected, case)


@pytest.mark.parametrize("name", CASES)
def test_reference_evaluator(name: str) -> None:
    case = CASES[name]
    session = evaluator(case.model)
    for inputs, outputs in case.data_sets:
        results = session.run(None, dict(zip(session.input_names, inputs, strict=True)))
        for actual, expected in zip(results, outputs, strict=True):
            assert_as_shipped(actual, expected, case)


@pytest.mark.parametrize("name", CONVERTED)
def test_converted_model(name: str) -> None:
    """Models of opset 6 to 9 that PyTorch once exported."""
    case = CONVERTED[name]
    folder = Path(case.model_dir)
    model = onnx.load(str(folder / "model.onnx"))
    session = evaluator(model)
    weights = {tensor.name for tensor in model.graph.initializer}  # inputs too, at that time
    names = [name for name in session.input_names if name not in weights]
    for data in sorted(folder.glob("test_data_set_*")):
        results = session.run(None, dict(zip(names, values(data, "input"), strict=True)))
        for actual, expected in zip(results, values(data, "output"), strict=True):
            assert_as_shipped(actual, expected, case)


@pytest.mark.conformance
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of the other operators' cases
def test_no_case_is_missed() -> None:
    """With every module of cases imported there is none that the ones above lack."""
    assert {case.name for case in load_model_tests(kind="node") if holds(case.model)} == set(CASES)


def test_operators_run_on_convx() -> None:
    """The evaluator takes the classes given, not its own."""
    graph = SINGLE["test_basic_conv_with_padding"].model
    assert type(evaluator(graph).rt_nodes_[0]).__name__ == "Conv"
    classes = {cls.__name__: cls for cls in convx.onnx.reference_ops()}
    assert set(classes) == OPERATORS
    assert type(evaluator(graph).rt_nodes_[0])._run.__module__ == "convx.onnx.evaluator"
