"""Three functions from one definition: each is a function of its own, and what tells them apart is checked too."""

import inspect
import pickle
from typing import Any

import convx
import pytest
from every_call import CALLS, Call

RANKED = [call for call in CALLS if "_rank" in (getattr(getattr(convx, call.name, None), "__kwdefaults__", None) or {})]


def test_most_functions_are_found() -> None:
    assert len(RANKED) >= 30
    assert {call.name[:-2] for call in RANKED} >= {"conv", "max_pool", "conv_transpose", "max_unpool"}


@pytest.mark.parametrize("call", RANKED, ids=lambda call: call.name)
def test_no_rank_but_its_own_is_taken(call: Call) -> None:
    """The parameters that tell the functions apart are hidden, not out of reach."""
    ranks: list[Any] = [0, -1, 4, 5, 7, 2**31, 2**70, "2", None]
    for rank in ranks:
        with pytest.raises((TypeError, ValueError), match="rank must be"):
            call(_rank=rank)


@pytest.mark.parametrize("call", RANKED, ids=lambda call: call.name)
def test_it_is_a_function_of_its_own(call: Call) -> None:
    function = getattr(convx, call.name)
    assert inspect.isfunction(function)
    assert function.__name__ == function.__qualname__ == call.name
    assert pickle.loads(pickle.dumps(function)) is function
    assert not [name for name in inspect.signature(function).parameters if name.startswith("_")]
    assert "*spatial" not in function.__doc__
    with pytest.raises(TypeError, match=rf"^{call.name}\(\) missing"):
        function()
