"""A masked array would lose its mask without a word: it is refused by name, with the remedy. Other subclasses pass."""

import re
from typing import Any

import convx
import numpy as np
import pytest
from checks import run_python
from convx import reference
from every_call import CALLS, ONNX_CALLS, Call

REFUSAL = r"must not be a masked array, .* \(pass its \.filled\(value\) or \.data\), got MaskedArray"
ARRAYS = [
    pytest.param(call, name, id=f"{call.name}-{name}")
    for call in CALLS + ONNX_CALLS
    for name, value in call.arguments.items()
    if isinstance(value, np.ndarray)
]


@pytest.mark.parametrize(("call", "name"), ARRAYS)
def test_masked_arrays_are_refused(call: Call, name: str) -> None:
    for mask in (np.ma.nomask, True):
        masked = np.ma.array(call.arguments[name], mask=mask)
        with pytest.raises(TypeError) as raised:
            call(**{name: masked})
        text = (
            rf"(\w+: )?{name} must not be a masked array, .* \(pass its \.filled\(value\) or \.data\), got MaskedArray"
        )
        assert re.fullmatch(text, str(raised.value)), raised.value
        call(**{name: masked.data})


@pytest.mark.parametrize("call", [call for call in CALLS if "out" in call.arguments], ids=lambda call: call.name)
def test_masked_out_is_refused(call: Call) -> None:
    result = call()
    out = tuple(map(np.ma.array, result)) if isinstance(result, tuple) else np.ma.array(result)
    with pytest.raises(
        TypeError,
        match=r": out must not be a masked array, .* \(pass its \.filled\(value\) or \.data\), got MaskedArray$",
    ):
        call(out=out)


@pytest.mark.parametrize(("call", "name"), ARRAYS)
def test_the_reference_refuses_them(call: Call, name: str) -> None:
    function = getattr(reference, call.name.split()[0], None)
    if function is None:
        pytest.skip("not in the reference")
    few = {k: v for k, v in call.arguments.items() if k not in ("out", "algorithm")}
    function(**few)
    with pytest.raises(TypeError, match=rf"{name} must not be a masked array"):
        function(**{**few, name: np.ma.array(few[name])})


def test_other_subclasses_pass() -> None:
    class Kind(np.ndarray[Any, Any]):
        pass

    x, w = np.arange(8.0).reshape(2, 4), np.ones((1, 2, 2))
    expected = convx.conv1d(x, w)
    for value in (x.view(np.matrix), x.view(Kind), x.view(np.recarray)):
        np.testing.assert_array_equal(np.asarray(convx.conv1d(value, w)), expected)


def test_numpy_ma_is_not_imported_for_it() -> None:
    done = run_python(
        "import sys, numpy as np, convx; sys.modules.pop('numpy.ma', None); Kind = type('Kind', (np.ndarray,), {}); "
        "convx.avg_pool1d(np.ones((1, 4)).view(Kind), 2); assert 'numpy.ma' not in sys.modules"
    )
    assert done.returncode == 0, done.stderr
