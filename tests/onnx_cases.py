"""ONNX's own node cases for the operators of convx.onnx, as the onnx package ships them."""

import importlib
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from convx import onnx as operators
from onnx.backend.test.case import node as case_modules

OPERATORS = frozenset(operators.__all__) - {"InferenceSession", "reference_ops"}


def holds(model: Any) -> bool:
    """Whether some node of the model is an operator of convx.onnx."""
    return any(node.op_type in OPERATORS and not node.domain for node in model.graph.node)


def node_cases() -> list[Any]:
    """Every case that ONNX makes for one of the operators.

    A case registers itself when its module is imported. All modules take many seconds: only those that name an operator
    are imported; test_no_case_is_missed imports the others too.
    """
    named = re.compile(r"""["'](""" + "|".join(OPERATORS) + r""")["']""")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of their NumPy
        for path in sorted(Path(case_modules.__file__).parent.glob("*.py")):
            if path.stem != "__init__" and named.search(path.read_text(encoding="utf-8")):
                importlib.import_module(f"{case_modules.__name__}.{path.stem}")
        return [case for case in case_modules._NodeTestCases if holds(case.model)]


def attributes_of(node: Any) -> dict[str, Any]:
    """The attributes of a node as keyword arguments."""
    values = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in values.items()}


def assert_as_shipped(actual: Any, expected: Any, case: Any) -> None:
    """Shape and dtype equal, values within the case's own tolerance; integers exactly."""
    assert isinstance(actual, np.ndarray)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    if expected.dtype.kind in "iub":
        np.testing.assert_array_equal(actual, expected)
    else:
        np.testing.assert_allclose(actual.astype("float64"), expected.astype("float64"), rtol=case.rtol, atol=case.atol)
