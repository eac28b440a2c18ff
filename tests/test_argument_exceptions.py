"""Exceptions that arise inside of an argument come out as they are, whichever argument of whichever function it is."""

import inspect
import itertools
from typing import Any

import convx
import numpy as np
import pytest
from convx import onnx
from every_call import CALLS, ONNX_CALLS, Call

METHODS = {
    "__float__": (),
    "__index__": (),
    "__bool__": (),
    "__array__": (),
    "__dlpack__": (),
    "__repr__": (),
    "__len__": ("__getitem__",),
    "__getitem__": ("__len__",),
    "__iter__": ("__len__", "__getitem__"),
}
EVERY = CALLS + ONNX_CALLS
BY_ARGUMENT = [pytest.param(call, name, id=f"{call.name}-{name}") for call in EVERY for name in call.arguments]


def hostile(method: str, error: BaseException, raised: list[BaseException]) -> Any:
    """An object one of whose methods raises, with what makes it look like an argument."""

    def fails(*arguments: Any, **more: Any) -> Any:
        raised.append(error)
        raise error

    parts: dict[str, Any] = {method: fails}
    if "__len__" in METHODS[method]:
        parts["__len__"] = lambda self: 2
    if "__getitem__" in METHODS[method]:
        parts["__getitem__"] = lambda self, i: 1 if i < 2 else [][i]
    return type("Hostile", (), parts)()


def outcome(call: Call, **changed: Any) -> BaseException | None:
    """What a call raises."""
    try:
        call(**changed)
    except BaseException as error:
        return error
    return None


@pytest.mark.parametrize(("call", "name"), BY_ARGUMENT)
def test_it_comes_out(call: Call, name: str) -> None:
    for kind, method in itertools.product([KeyboardInterrupt, MemoryError, OSError], METHODS):
        error, raised = kind("of its own"), list[BaseException]()
        seen = outcome(call, **{name: hostile(method, error, raised)})
        if raised:
            assert seen is error, f"{method}: {seen!r}"
        else:  # no method was called that raises: not what the argument must be, or ignored
            assert seen is None or type(seen) in (TypeError, ValueError), f"{method}: {seen!r}"


@pytest.mark.parametrize(("call", "name"), BY_ARGUMENT)
def test_it_comes_out_of_entries(call: Call, name: str) -> None:
    """The same within a list, and behind a name as in an activation. NumPy hushes up len() of what a list holds."""
    for method in ("__float__", "__index__", "__array__", "__repr__"):
        for before in ([], [1], ["clamp", 0], ["leaky_relu"]):
            error, raised = KeyboardInterrupt("of its own"), list[BaseException]()
            seen = outcome(call, **{name: [*before, hostile(method, error, raised)]})
            if raised:
                assert seen is error, f"{method}: {seen!r}"


ARRAYS = [p for p in BY_ARGUMENT if p.values[1] != "out" and isinstance(p.values[0].arguments[p.values[1]], np.ndarray)]


@pytest.mark.parametrize(("call", "name"), ARRAYS)
def test_it_comes_out_of_the_look_for_a_protocol(call: Call, name: str) -> None:
    class Lazy:
        def __getattr__(self, name: str) -> Any:
            raise KeyboardInterrupt if name == looked_up else AttributeError(name)

    for looked_up in ("__array__", "__array_interface__"):
        assert isinstance(outcome(call, **{name: Lazy()}), KeyboardInterrupt), looked_up


def test_type_errors_are_translated_and_keep_their_cause() -> None:
    for kind in (TypeError, ValueError):
        cause = kind("not a number today")
        with pytest.raises(TypeError, match=r"^lp_pool2d: norm_type must be a real number, got") as raised:
            convx.lp_pool2d(np.ones((1, 4, 4)), hostile("__float__", cause, []), 2)
        assert raised.value.__cause__ is cause
        with pytest.raises(TypeError, match=r"^conv2d: stride must be an int or a sequence of ints, got") as raised:
            convx.conv2d(np.ones((1, 4, 4)), np.ones((1, 1, 2, 2)), stride=hostile("__index__", cause, []))
        assert raised.value.__cause__ is cause


def test_numbers_beyond_float64() -> None:
    for value in (10**400, -(10**400)):
        with pytest.raises(ValueError, match=r"^lp_pool1d: norm_type must be within the range of float64, got -?1000"):
            convx.lp_pool1d(np.ones((1, 4)), value, 2)
        with pytest.raises(ValueError, match=r"^conv1d: activation must be within the range of float64, got"):
            convx.conv1d(np.ones((1, 4)), np.ones((1, 1, 2)), activation=("leaky_relu", value))


@pytest.mark.parametrize("name", ["padding", "algorithm", "activation", "padding_mode", "data_format"])
def test_names_that_no_utf8_holds(name: str) -> None:
    for text in ("\ud800", "same\udcff"):
        with pytest.raises(ValueError, match=rf"^conv1d: {name} must .*\\ud"):
            convx.conv1d(np.ones((1, 4)), np.ones((1, 1, 2)), **{name: text})  # type: ignore[arg-type]


def test_an_activation_is_read_once() -> None:
    class Fickle:
        asked = 0

        def __len__(self) -> int:
            return 3

        def __getitem__(self, i: int) -> Any:
            self.asked += i == 2
            return ("clamp", 0, 9 if self.asked < 2 else "nine", *[])[i]

    integers = np.ones((1, 4), "int32"), np.ones((1, 1, 2), "int32")
    np.testing.assert_array_equal(convx.conv1d(*integers, activation=Fickle()), [[2, 2, 2]])  # type: ignore[arg-type]


def test_every_function_is_called_with_every_argument() -> None:
    """A function or argument to come must be added to every_call.py."""
    takes_none = {
        "__version__",
        "ndimage",
        "networks",
        "onnx",
        "reference",
        "get_num_threads",
        "set_num_threads",
        "num_threads",
    }
    takes_none |= {
        "explain",
        "get_winograd",
        "set_winograd",
        "get_wisdom",
        "forget_wisdom",
        "save_wisdom",
        "load_wisdom",
        "trace",
    }
    assert {call.name.split()[0] for call in CALLS} == set(convx.__all__) - takes_none
    assert {call.name[5:] for call in ONNX_CALLS} == set(onnx.__all__) - {"InferenceSession", "reference_ops"}
    for call in EVERY:
        function = getattr(onnx if call.name.startswith("onnx.") else convx, call.name.removeprefix("onnx.").split()[0])
        names = set(inspect.signature(function).parameters)
        if isinstance(function, type):
            names |= set(inspect.signature(function.__call__).parameters) - {"self"}
        assert set(call.arguments) == names, call.name
        call()
