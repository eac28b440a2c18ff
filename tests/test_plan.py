"""Plans: the same bits as the functions, reusable, independent of the arrays they were made from."""

import pickle
from typing import Any

import convx
import numpy as np
import pytest
from cases import CONV_BY_NAME, ConvCase
from checks import Array, assert_integers, assert_same_bits, assert_within, run_python, use_isa
from convx import _core


def check(actual: Array, expected: Array, algorithm: str, label: str = "") -> None:
    """The same bits where the algorithm is named; auto may choose another for many calls than for one."""
    if algorithm == "auto":
        assert actual.dtype == expected.dtype
        assert_within(actual, expected, 1e-5 * float(np.abs(expected).max(initial=1)), label)
    else:
        assert_same_bits(actual, expected, label)


NAMES = (
    "1d_kernel129 1d_causal_dil3 1d_unbatched 1x1_c64_k27 3x3_c17_k15 3x3_c300_k31 3x3_stride4x2_dil2x1 3x3_same "
    "3x3_pad_asym 11x11_stride4 groups2 depthwise_c17 depthwise_x3_stride2 3x3_one_output 3d_asym 3d_depthwise"
)
CASES = [CONV_BY_NAME[name] for name in NAMES.split()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_plan_equals_function(algorithm: str, isa: str, dtype: np.dtype, case: ConvCase) -> None:
    x, w, b = case.data(dtype)
    for activation in (None, ("leaky_relu", 0.3)):
        arguments = {**case.parameters, "activation": activation, "algorithm": algorithm}
        expected = getattr(convx, case.function)(x, w, b, **arguments)
        plan = getattr(convx, case.plan)(w, b, **arguments)
        check(plan(x), expected, algorithm)
        assert_same_bits(plan(x), plan(x), "second call")
        assert plan.output_shape(case.input) == expected.shape


def test_plan_takes_inputs_of_different_shapes(algorithm: str, isa: str, dtype: np.dtype) -> None:
    rng = np.random.default_rng(0)
    w, b = rng.standard_normal((14, 5, 3, 3)).astype(dtype), rng.standard_normal(14).astype(dtype)
    plan = convx.Conv2d(w, b, 2, "same", algorithm=algorithm)
    for shape in [(1, 5, 8, 9), (3, 5, 20, 33), (5, 1, 1), (0, 5, 4, 4), (2, 5, 3, 70), (1, 5, 8, 9)]:
        x = rng.standard_normal(shape).astype(dtype)
        expected = convx.conv2d(x, w, b, 2, "same", algorithm=algorithm)
        check(plan(x), expected, algorithm, f"input {shape}")
        assert plan.output_shape(shape) == expected.shape


def test_plan_copies_weight_and_bias(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, w, b = CONV_BY_NAME["3x3_c17_k15"].data(dtype)
    expected = convx.conv2d(x, w, b, padding=1, algorithm=algorithm)
    packed, late = (convx.Conv2d(w, b, padding=1, algorithm=algorithm) for _ in range(2))
    check(packed(x), expected, algorithm)
    w[:] = np.nan
    b[:] = np.nan
    check(packed(x), expected, algorithm, "changed after a call")
    check(late(x), expected, algorithm, "changed before the first call")


def test_plan_outlives_its_arrays(algorithm: str) -> None:
    x, w, b = CONV_BY_NAME["3x3_c17_k15"].data("float32")
    expected = convx.conv2d(x, w, b, padding=1, algorithm=algorithm)
    plan = convx.Conv2d(w.copy(), b.copy(), padding=1, algorithm=algorithm)  # type: ignore[union-attr]
    junk = [np.full_like(w, np.nan) for _ in range(8)]
    check(plan(x), expected, algorithm)
    assert all(np.isnan(a).all() for a in junk)


def test_plan_writes_to_out(algorithm: str, isa: str, dtype: np.dtype) -> None:
    x, w, b = CONV_BY_NAME["3x3_c17_k15"].data(dtype)
    plan = convx.Conv2d(w, b, padding=1, algorithm=algorithm)
    out = np.full(plan.output_shape(x.shape), np.nan, dtype)
    assert plan(x, out=out) is out
    assert_same_bits(out, plan(x))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_plan_follows_a_change_of_isa(algorithm: str, case: ConvCase) -> None:
    """Weights are packed per instruction set: one plan, used under each, there and back."""
    x, w, b = case.data("float32")
    plan = getattr(convx, case.plan)(w, b, **case.parameters, algorithm=algorithm)
    for isa in [*_core.isas(), *reversed(_core.isas())]:
        with use_isa(isa):
            expected = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=algorithm)
            check(plan(x), expected, algorithm, isa)


def test_plan_promotes_like_the_function(algorithm: str, isa: str) -> None:
    x, w, b = CONV_BY_NAME["3x3_c17_k15"].data("float32", integers=True)
    assert b is not None
    wide = convx.Conv2d(w, b.astype("float64"), algorithm=algorithm)
    assert wide.dtype == np.float64
    assert_integers(wide(x), convx.conv2d(x, w, b, algorithm="reference"), algorithm)
    assert wide(x).dtype == np.float64
    narrow = convx.Conv2d(w, b, algorithm=algorithm)
    assert narrow.dtype == np.float32
    result = narrow(x.astype("float64"))
    assert result.dtype == np.float64
    assert_integers(result, convx.conv2d(x, w, b, algorithm="reference"), algorithm)


def test_plan_promoted_by_its_input_keeps_precision(algorithm: str, isa: str) -> None:
    """A float64 input to a float32 plan is computed in float64, as the function does."""
    x, w, b = CONV_BY_NAME["3x3_c17_k15"].data("float64")
    w32, b32 = w.astype("float32"), b.astype("float32")  # type: ignore[union-attr]
    plan = convx.Conv2d(w32, b32, algorithm=algorithm)
    plan(x.astype("float32"))
    check(plan(x), convx.conv2d(x, w32, b32, algorithm=algorithm), algorithm)


ATTRIBUTES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "Conv2d",
        {},
        {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1, "activation": None},
    ),
    (
        "Conv2d",
        {"stride": (2, 1), "padding": ((0, 1), (2, 3)), "dilation": 3, "groups": 2, "activation": "relu"},
        {"stride": (2, 1), "padding": ((0, 1), (2, 3)), "dilation": (3, 3), "groups": 2, "activation": "relu"},
    ),
    (
        "Conv1d",
        {"stride": 2, "padding": "same", "activation": ("clamp", -1.0, 1.0), "algorithm": "direct"},
        {"stride": (2,), "padding": "same", "activation": ("clamp", -1.0, 1.0), "algorithm": "direct"},
    ),
    (
        "Conv3d",
        {"padding": (1, 0, 2), "activation": ("leaky_relu", 0.25)},
        {"stride": (1, 1, 1), "padding": ((1, 1), (0, 0), (2, 2)), "activation": ("leaky_relu", 0.25)},
    ),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), ATTRIBUTES, ids=["defaults", "pairs", "named", "3d"])
def test_plan_attributes(name: str, arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    rank = int(name[4])
    w = np.ones((4, 3, *(2, 3, 4)[:rank]), "float64")
    plan = getattr(convx, name)(w, **arguments)
    assert plan.weight_shape == w.shape
    assert plan.dtype == np.dtype("float64")
    assert plan.algorithm == arguments.get("algorithm", "auto")
    for attribute, value in expected.items():
        assert getattr(plan, attribute) == value, attribute
    text = repr(plan)
    assert text.startswith(f"{name}(")
    for attribute in ("weight_shape", "stride", "padding", "dilation", "groups", "activation", "algorithm"):
        assert str(getattr(plan, attribute)) in text, attribute


@pytest.mark.parametrize(
    "attribute", ["weight_shape", "stride", "padding", "dilation", "groups", "activation", "algorithm", "dtype"]
)
def test_plan_attributes_are_read_only(attribute: str) -> None:
    plan = convx.Conv2d(np.ones((2, 3, 3, 3)), stride=2)
    before = getattr(plan, attribute)
    with pytest.raises(AttributeError):
        setattr(plan, attribute, before)
    assert getattr(plan, attribute) == before


def test_plan_output_shape_checks_its_argument() -> None:
    plan = convx.Conv2d(np.ones((2, 3, 3, 3)))
    assert plan.output_shape((7, 3, 10, 11)) == (7, 2, 8, 9)
    assert plan.output_shape((3, 10, 11)) == (2, 8, 9)
    with pytest.raises(ValueError, match=r"^Conv2d: input must .*groups \* weight\.shape\[1\].* 4 channels"):
        plan.output_shape((7, 4, 10, 11))
    with pytest.raises(ValueError, match="output size would be 0"):
        plan.output_shape((7, 3, 10, 2))


def test_plan_workspace_is_bounded(any_algorithm: str, isa: str, keep_threads: int) -> None:
    """Nothing grows with the image: a whole im2col matrix would take 1.8 GB here."""
    plan = convx.Conv2d(np.zeros((256, 256, 3, 3), "float32"), padding=1, algorithm=any_algorithm)
    for threads in (1, 2):
        convx.set_num_threads(threads)
        large = plan.workspace_bytes((1, 256, 448, 448))
        assert 0 <= large <= threads * 2**23
        assert plan.workspace_bytes((16, 256, 448, 448)) <= 1.1 * large


def test_plan_algorithm_for_names_what_a_call_takes(isa: str) -> None:
    for case in CASES:
        x, w, b = case.data("float32")
        plan = getattr(convx, case.plan)(w, b, **case.parameters)
        name = plan.algorithm_for(case.input)
        assert name in _core.algorithms()[1:]
        expected = getattr(convx, case.function)(x, w, b, **case.parameters, algorithm=name)
        assert_same_bits(plan(x), expected, case.name)
        named = getattr(convx, case.plan)(w, b, **case.parameters, algorithm="direct")
        assert named.algorithm_for(case.input) == "direct"


def test_plan_survives_pickle_and_copy_or_refuses() -> None:
    """A plan that cannot be pickled must say so, not come back empty."""
    x, w, b = CONV_BY_NAME["3x3_c17_k15"].data("float32")
    plan = convx.Conv2d(w, b)
    try:
        twin = pickle.loads(pickle.dumps(plan))
    except TypeError:
        return
    assert_same_bits(twin(x), plan(x))


@pytest.mark.parametrize("kind", ["float32", "float64", "int8"])
def test_plan_tells_of_an_empty_batch(any_algorithm: str, kind: str) -> None:
    """In a process of its own: a division by the number of images would end it."""
    algorithm = "auto" if kind == "int8" else any_algorithm
    code = (
        f"import convx, numpy; plan = convx.Conv2d(numpy.ones((4, 3, 3, 3), {kind!r}), algorithm={algorithm!r});"
        "convx.set_num_threads(2); print(plan.algorithm_for((0, 3, 9, 9)), plan.workspace_bytes((0, 3, 9, 9)) >= 0)"
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1] == "True"
