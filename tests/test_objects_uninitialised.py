"""Objects of the core made without __init__, or by copy and pickle: exceptions, never a signal; in children."""

import json

import pytest
from checks import run_python
from convx import _core

CLASSES = [name for name, value in vars(_core).items() if isinstance(value, type)]
MAKERS = (
    "C.__new__(C)",
    "C.__mro__[1].__new__(C)",
    "object.__new__(C)",
    "copyreg.__newobj__(C)",
    "copyreg._reconstructor(C, object, None)",
    "copy.copy(C.__new__(C))",
    "copy.deepcopy(C.__new__(C))",
    "pickle.loads(pickle.dumps(C.__new__(C)))",
    "failed(C)",
    "badly(C)",
)

CHILD = """
import copy, copyreg, gc, json, pickle, sys, weakref
import numpy as np
from convx import _core

C = getattr(_core, sys.argv[1])
ONES = np.ones((1, 1, 5, 5), "float32")
ARGUMENTS = [(), (None,), (ONES,), (ONES, None), (np.ones(3), None), ((1, 1, 5, 5),), (0,), (ONES,) * 3, ({},)]

def failed(cls):
    o = cls.__new__(cls)
    try:
        o.__init__()
    except TypeError:
        pass
    return o

def badly(cls):
    o = cls.__new__(cls)
    try:
        o.__init__(*[object()] * 20)
    except Exception:
        pass
    for count in range(20):
        try:
            o.__init__("f", 2, *[None] * count)
        except Exception:
            pass
    return o

def attempt(label, body):
    print(label, flush=True)
    try:
        body()
    except Exception as error:
        return type(error).__name__
    return None

def try_all(o):
    for name in dir(C):
        if name in ("__init__", "__class__"):
            continue
        attempt(f"get {name}", lambda: getattr(o, name))
        attempt(f"set {name}", lambda: setattr(o, name, None))
        attempt(f"delete {name}", lambda: delattr(o, name))
        for arguments in ARGUMENTS:
            attempt(f"call {name} of {len(arguments)}", lambda: getattr(o, name)(*arguments))
            attempt(f"call unbound {name}", lambda: getattr(C, name)(o, *arguments))
    for arguments in ARGUMENTS:
        error = attempt("call", lambda: o(*arguments))
        assert error, arguments
    for body in (repr, str, hash, bool, len, iter, copy.copy, copy.deepcopy, pickle.dumps, weakref.ref, vars, dir):
        attempt(body.__name__, lambda: body(o))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        attempt(f"pickle {protocol}", lambda: pickle.loads(pickle.dumps(o, protocol)))
    # As an argument of the core.
    attempt("argument", lambda: _core.conv("f", 2, o, o, *[None] * 11))
    attempt("method of another", lambda: _core.Plan.__call__(o, ONES, None))

for maker in json.loads(sys.argv[2]):
    print(maker, flush=True)
    try:
        made = eval(maker)
    except Exception as error:
        continue
    # Parameters that were never given have no values to tell.
    for name, value in vars(C).items():
        if isinstance(value, property):
            assert attempt(f"property {name} after {maker}", lambda: getattr(made, name)), (maker, name)
    try_all(made)
    del made
    gc.collect()
"""


@pytest.mark.parametrize("name", CLASSES)
def test_object_never_initialised(name: str) -> None:
    done = run_python(CHILD, name, json.dumps(MAKERS), timeout=60)
    last = done.stdout.strip().rpartition("\n")[2]
    assert done.returncode >= 0, f"killed by signal {-done.returncode} in: {last}"
    assert done.returncode == 0, f"{last}: {done.stderr[-2000:]}"


def test_there_are_classes() -> None:
    assert CLASSES == ["Plan"]


BASES = """
import sys
from convx import _core
for cls in getattr(_core, sys.argv[1]).__mro__[1:-1]:
    try:
        cls()
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.mark.parametrize("name", CLASSES)
def test_bases_cannot_be_made(name: str) -> None:
    """To reduce an object by an old protocol Python calls its class's base."""
    done = run_python(BASES, name, timeout=60)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    assert done.stdout.split() == ["TypeError"] * len(getattr(_core, name).__mro__[1:-1])


CORES = """
import copy, pickle, sys
from test_shared_plans import plan_table
make, x = plan_table()[sys.argv[1]]()
plan = make()
cores = [getattr(plan, name, None) for name in ("_core", "_run")]
for core in [getattr(value, "__self__", value) for value in cores]:
    if type(core).__module__ != "convx._core":
        continue
    bodies = [lambda n=n: pickle.loads(pickle.dumps(core, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)]
    for body in (*bodies, lambda: copy.copy(core), lambda: copy.deepcopy(core)):
        try:
            made = body()
        except TypeError:
            print("TypeError", flush=True)
        else:
            print(made)
"""


@pytest.mark.parametrize(
    "plan",
    [
        "Conv2d-auto-float32-of-float32",
        "ConvTranspose2d-float32-of-float32",
        "Conv2d-int8-of-int8",
        "QLinearConv-uint8-int8",
    ],
)
def test_core_of_a_plan_refuses_copy_and_pickle(plan: str) -> None:
    """The plan itself can do both, see test_plan_copies.py; what it holds is made anew."""
    done = run_python(CORES, plan, timeout=60)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    refused = done.stdout.splitlines()
    assert refused
    assert set(refused) == {"TypeError"}


SUBCLASS = """
import sys
import numpy as np
from convx import _core
C = getattr(_core, sys.argv[1])
for body in (lambda: type("D", (C,), {"__init__": lambda self: None}), lambda: type("D", (C, dict), {})):
    try:
        body()()(np.ones(3), None)
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.mark.parametrize("name", CLASSES)
def test_subclass_that_forgets_init(name: str) -> None:
    done = run_python(SUBCLASS, name, timeout=60)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    assert done.stdout.split() == ["TypeError"] * 2
