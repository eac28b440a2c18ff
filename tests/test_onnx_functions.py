"""The operators of convx.onnx: attributes that break a rule, and what ONNX means where torch means something else.

Needs no package beside NumPy; ONNX's own cases stand in test_onnx_nodes.py.
"""

import inspect
import re
from typing import Any

import convx
import numpy as np
import pytest
from checks import assert_equal_values, run_python
from convx import onnx

IMAGE = np.ones((2, 4, 7, 8), "float32")
BYTES = np.ones((2, 4, 7, 8), "uint8")
ONE, ZERO = np.float32(1), np.uint8(0)
GOOD: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "AveragePool": ([IMAGE], {"kernel_shape": [3, 3]}),
    "CausalConvWithState": ([IMAGE[0], np.ones((7, 1, 3), "float32")[:7]], {}),
    "Col2Im": ([np.ones((2, 8, 6), "float32"), [3, 4], [2, 2]], {}),
    "Conv": ([IMAGE, np.ones((6, 2, 3, 3), "float32")], {"group": 2}),
    "ConvInteger": ([BYTES, np.ones((6, 2, 3, 3), "uint8")], {"group": 2}),
    "ConvTranspose": ([IMAGE, np.ones((4, 3, 3, 3), "float32")], {"group": 2}),
    "DeformConv": ([IMAGE, np.ones((6, 2, 3, 3), "float32"), np.zeros((2, 18, 5, 6), "float32")], {"group": 2}),
    "GlobalAveragePool": ([IMAGE], {}),
    "GlobalLpPool": ([IMAGE], {}),
    "GlobalMaxPool": ([IMAGE], {}),
    "LpPool": ([IMAGE], {"kernel_shape": [3, 3]}),
    "MaxPool": ([IMAGE], {"kernel_shape": [3, 3]}),
    "MaxUnpool": ([IMAGE[:1, :1, :1, :2], np.array([[[[1, 2]]]])], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "QLinearConv": ([BYTES, ONE, ZERO, np.ones((6, 4, 3, 3), "uint8"), ONE, ZERO, ONE, ZERO], {}),
}
OPERATORS = [name for name in onnx.__all__ if name not in ("InferenceSession", "reference_ops")]
WINDOWS = ("AveragePool", "Conv", "ConvInteger", "LpPool", "MaxPool", "QLinearConv")
STRIDED = (*WINDOWS, "Col2Im", "ConvTranspose", "DeformConv", "MaxUnpool")
GROUPED = ("Conv", "ConvInteger", "ConvTranspose", "DeformConv", "QLinearConv")
POOLS = ("AveragePool", "LpPool", "MaxPool")

Row = tuple[str, str, dict[str, Any], type[Exception], str]
BAD: list[Row] = []


def bad(name: str, operators: tuple[str, ...], attributes: dict[str, Any], error: type[Exception], rule: str) -> None:
    BAD.extend((name, operator, attributes, error, rule) for operator in operators)


bad(
    "auto_pad",
    (*WINDOWS, "ConvTranspose"),
    {"auto_pad": "SAME"},
    ValueError,
    "auto_pad must be one of NOTSET, SAME_UPPER",
)
bad(
    "auto_pad_and_pads",
    WINDOWS,
    {"auto_pad": "VALID", "pads": [1, 0, 0, 0]},
    ValueError,
    "pads must be 0 with auto_pad",
)
bad("pads_short", STRIDED, {"pads": [1, 1]}, ValueError, r"pads must hold 4 ints, got \(1, 1\)")
bad("pads_negative", STRIDED, {"pads": [0, 0, -1, 0]}, ValueError, r"pads must be >= 0, got \(0, 0, -1, 0\)")
bad("pads_int", STRIDED, {"pads": 1}, TypeError, "pads must be a sequence of ints, got 1")
bad("strides_zero", STRIDED, {"strides": [1, 0]}, ValueError, r"strides must be >= 1, got \(1, 0\)")
bad("strides_long", STRIDED, {"strides": [1, 1, 1]}, ValueError, "strides must hold 2 ints")
bad("strides_float", STRIDED, {"strides": [1.5, 1]}, TypeError, "strides must hold ints, got")
bad("strides_bool", STRIDED, {"strides": [True, 1]}, TypeError, "strides must hold ints, got")
bad("strides_str", STRIDED, {"strides": "11"}, TypeError, "strides must be a sequence of ints, got '11'")
bad("strides_huge", POOLS, {"strides": [2**31, 1]}, ValueError, "strides must be < 2")
DILATED = tuple(name for name in STRIDED if name != "MaxUnpool")
bad("dilations_zero", DILATED, {"dilations": [0, 1]}, ValueError, r"dilations must be >= 1, got \(0, 1\)")
bad("group_zero", GROUPED, {"group": 0}, ValueError, "group must be >= 1, got 0")
bad("group_wrong", GROUPED, {"group": 3}, ValueError, "must")
bad("group_float", GROUPED, {"group": 1.5}, TypeError, "group must hold ints")
bad(
    "kernel_shape_of_weight",
    GROUPED,
    {"kernel_shape": [3, 2]},
    ValueError,
    r"kernel_shape must be that of [Ww], \(3, 3\), got \(3, 2\)",
)
bad("kernel_shape_zero", (*POOLS, "MaxUnpool"), {"kernel_shape": [0, 2]}, ValueError, "kernel_shape must be >= 1")
bad("kernel_shape_none", POOLS, {"kernel_shape": None}, ValueError, "kernel_shape must be present")
bad("kernel_shape_large", POOLS, {"kernel_shape": [9, 2]}, ValueError, "kernel_shape must fit the padded input")
bad("ceil_mode", POOLS, {"ceil_mode": 2}, ValueError, "ceil_mode must be 0 or 1, got 2")
bad("count_include_pad", ("AveragePool",), {"count_include_pad": -1}, ValueError, "count_include_pad must be 0 or 1")
bad("storage_order", ("MaxPool",), {"storage_order": 3}, ValueError, "storage_order must be 0 or 1, got 3")
bad("p", ("LpPool", "GlobalLpPool"), {"p": 0}, ValueError, "p must be >= 1, got 0")
bad(
    "output_padding",
    ("ConvTranspose",),
    {"output_padding": [1, 0]},
    ValueError,
    "output_padding must be less than strides",
)
bad("output_shape", ("ConvTranspose",), {"output_shape": [0, 9]}, ValueError, "output_shape must be >= 1")
bad("pads_of_all", ("ConvTranspose",), {"pads": [9, 9, 9, 9]}, ValueError, "pads must leave something")
bad(
    "offset_group",
    ("DeformConv",),
    {"offset_group": 3},
    ValueError,
    "offset_group must divide the 4 channels of X, got 3",
)
bad(
    "offset_groups",
    ("DeformConv",),
    {"offset_group": 2},
    ValueError,
    r"offset must have 4 axes, with 36 channels, got shape",
)
bad(
    "activation",
    ("CausalConvWithState",),
    {"activation": "relu"},
    ValueError,
    "activation must be one of none, silu, swish",
)
bad(
    "past",
    ("CausalConvWithState",),
    {"past_state": np.ones((4, 7, 3))},
    ValueError,
    r"past_state must have shape \(4, 7, 2\)",
)


def call(operator: str, **attributes: Any) -> Any:
    inputs, usual = GOOD[operator]
    return getattr(onnx, operator)(*inputs, **{**usual, **attributes})


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_good_call_is_good(operator: str) -> None:
    result = call(operator)
    assert all(isinstance(array, np.ndarray) for array in (result if isinstance(result, tuple) else (result,)))


@pytest.mark.parametrize("row", BAD, ids=lambda row: f"{row[1]}-{row[0]}")
def test_bad_attribute(row: Row) -> None:
    _, operator, attributes, error, rule = row
    with pytest.raises(error, match=f"^{operator}: .*{rule}"):
        call(operator, **attributes)


@pytest.mark.parametrize("operator", OPERATORS)
def test_input_that_is_no_image(operator: str) -> None:
    inputs, attributes = GOOD[operator]
    with pytest.raises(ValueError, match=f"^{operator}: .* must have 3 .*axes"):
        getattr(onnx, operator)(inputs[0][0, 0], *inputs[1:], **attributes)


@pytest.mark.parametrize("operator", OPERATORS)
def test_input_of_another_type(operator: str) -> None:
    inputs, attributes = GOOD[operator]
    with pytest.raises(TypeError, match=rf"^{operator}: "):
        getattr(onnx, operator)(inputs[0].astype(complex), *inputs[1:], **attributes)


@pytest.mark.parametrize("operator", OPERATORS)
def test_signature_is_onnx(operator: str) -> None:
    """Inputs by position, attributes as keywords, in the order of the alphabet but for those without default."""
    parameters = inspect.signature(getattr(onnx, operator)).parameters.values()
    inputs = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    attributes = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty]
    assert inputs
    known = [name for name in attributes if name != "return_indices"]
    assert known == sorted(known)


def test_schema_of_onnx() -> None:
    """Names and order of the inputs, names and defaults of the attributes, as the onnx package has them."""
    package = pytest.importorskip("onnx", reason="onnx is not installed")
    for operator in OPERATORS:
        schema = package.defs.get_schema(operator)
        parameters = inspect.signature(getattr(onnx, operator)).parameters
        positional = [p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert positional == [value.name for value in schema.inputs], operator
        keywords = {p.name: p.default for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
        keywords.pop("return_indices", None)
        assert set(keywords) == set(schema.attributes), operator
        for name, attribute in schema.attributes.items():
            if attribute.required:
                assert keywords[name] is inspect.Parameter.empty
            elif attribute.default_value.name:
                default = package.helper.get_attribute_value(attribute.default_value)
                assert keywords[name] == (default.decode() if isinstance(default, bytes) else default), (operator, name)
            else:
                assert keywords[name] is None


def test_pools_of_onnx_have_other_defaults() -> None:
    """Stride 1 instead of the kernel, padding that does not count, indices into the whole tensor."""
    x = np.arange(2.0 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    assert_equal_values(onnx.MaxPool(x, kernel_shape=[2, 2]), convx.max_pool2d(x, 2, 1))
    padded = onnx.AveragePool(x, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    assert_equal_values(padded, convx.avg_pool2d(x, 3, 1, 1, count_include_pad=False))
    _, indices = onnx.MaxPool(x, kernel_shape=[2, 2], strides=[2, 2], return_indices=True)
    assert_equal_values(x.ravel()[indices], onnx.MaxPool(x, kernel_shape=[2, 2], strides=[2, 2]))
    _, by_columns = onnx.MaxPool(x, kernel_shape=[2, 2], strides=[2, 2], storage_order=1, return_indices=True)
    fortran = np.swapaxes(x, 2, 3).ravel()
    assert_equal_values(fortran[by_columns], onnx.MaxPool(x, kernel_shape=[2, 2], strides=[2, 2]))


def test_unpool_undoes_the_indices_of_pool() -> None:
    x = np.random.default_rng(0).permutation(2 * 3 * 4 * 6).reshape(2, 3, 4, 6).astype("float32")
    window: Any = {"kernel_shape": [2, 3], "strides": [2, 3]}
    values, indices = onnx.MaxPool(x, **window, return_indices=True)
    restored = onnx.MaxUnpool(values, indices, **window)
    assert_equal_values(restored, np.where(np.isin(x, values), x, 0))
    larger = onnx.MaxUnpool(values, indices, np.array([2, 3, 5, 8]), **window)
    assert larger.shape == (2, 3, 5, 8)
    assert_equal_values(larger[:, :, :4, :6], restored)
    assert not larger[:, :, 4:].any()
    assert not larger[..., 6:].any()
    with pytest.raises(ValueError, match="MaxUnpool: I must point into each element's own map"):
        onnx.MaxUnpool(values, indices[::-1], **window)
    with pytest.raises(ValueError, match="MaxUnpool: output_shape must be at least"):
        onnx.MaxUnpool(values, indices, np.array([2, 3, 4, 5]), **window)


@pytest.mark.parametrize("upper", [False, True])
def test_odd_padding_of_a_transposed_convolution(upper: bool) -> None:
    """The larger half is cut at the beginning unless SAME_UPPER."""
    x, w = np.arange(1.0, 4).reshape(1, 1, 3), np.array([[[1.0, 10, 100]]])
    whole = onnx.ConvTranspose(x, w, strides=[2])
    assert whole.ravel().tolist() == [1, 10, 102, 20, 203, 30, 300]
    cut = onnx.ConvTranspose(x, w, strides=[2], output_shape=[4], auto_pad="SAME_UPPER" if upper else "NOTSET")
    assert_equal_values(cut, whole[..., 1:5] if upper else whole[..., 2:6])


def test_transposed_convolution_larger_than_what_it_reaches() -> None:
    """What no element of X reaches holds the bias."""
    x, w, b = np.ones((1, 1, 2), "float32"), np.ones((1, 2, 1), "float32"), np.array([5, 7], "float32")
    y = onnx.ConvTranspose(x, w, b, output_shape=[6])
    assert y.dtype == np.float32
    assert y.tolist() == [[[6, 6, 5, 5, 5, 5], [8, 8, 7, 7, 7, 7]]]


def test_causal_state_carries_over() -> None:
    """In pieces or as a whole: the same signal."""
    rng = np.random.default_rng(0)
    x, w, b = rng.integers(-9, 9, (2, 5, 23)), rng.integers(-9, 9, (5, 1, 4)), rng.integers(-9, 9, 5)
    x, w, b = (a.astype("float64") for a in (x, w, b))
    whole, state = onnx.CausalConvWithState(x, w, b)
    assert_equal_values(state, x[..., -3:])
    past, pieces = None, []
    for start, stop in ((0, 1), (1, 3), (3, 10), (10, 23)):
        piece, past = onnx.CausalConvWithState(x[..., start:stop], w, b, past)
        pieces.append(piece)
    assert_equal_values(np.concatenate(pieces, axis=2), whole)
    assert past is not None
    assert_equal_values(past, state)


def test_silu() -> None:
    x, w = np.array([[[-1e4, -1.0, 0.0, 1.0, 1e4]]]), np.ones((1, 1, 1))
    y, _ = onnx.CausalConvWithState(x, w, activation="silu")
    expected = np.array([[[0.0, -1 / (1 + np.e), 0.0, 1 / (1 + np.exp(-1)), 1e4]]])
    np.testing.assert_allclose(y, expected, atol=1e-15)
    half, _ = onnx.CausalConvWithState(x.astype("float16"), w.astype("float16"), activation="swish")
    assert half.dtype == np.float16
    np.testing.assert_array_equal(half, expected.astype("float16"))


def test_importing_needs_no_onnx() -> None:
    """Nor does anything but reference_ops, which says what it lacks."""
    code = (
        "import sys; sys.modules['onnx'] = None\n"
        "import numpy as np, convx.onnx\n"
        "assert convx.onnx.Conv(np.ones((1, 1, 3)), np.ones((1, 1, 3))).item() == 3\n"
        "try: convx.onnx.reference_ops()\n"
        "except ImportError as error: print(error)\n"
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    assert re.match(r"convx.onnx.reference_ops needs the onnx package", done.stdout)
